from functools import cached_property

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from callbacks.models.change import Changes
from callbacks.models.route import MOST_BUDGET_MS, AnswerTemplate
from crm.parameters import trouble_with


class NamedQuery(models.Model):
    """What the ACD may ask Salesforce for by a name. It fills in values, never words."""

    name = models.CharField(
        _("name"), max_length=80, help_text=_("What the call flow sends as Query.")
    )
    soql = models.TextField(
        _("query"),
        help_text=_(
            "SOQL with :Param1 to :Param4 where values belong, without quotes and without LIMIT:"
            " SELECT Id, Name FROM Account WHERE AccountNumber = :Param1. As numbers and dates:"
            " :Param1:number, :Param1:date. What it selects becomes variables of the call flow."
        ),
    )
    budget_ms = models.PositiveIntegerField(
        _("time budget in ms"),
        default=1_500,
        validators=[MinValueValidator(100), MaxValueValidator(MOST_BUDGET_MS)],
        help_text=_("So long a caller waits at most for what is looked up or changed."),
    )
    enabled = models.BooleanField(_("enabled"), default=True)

    history = Changes()

    class Meta:
        verbose_name = _("named query")
        verbose_name_plural = _("named queries")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="one_query_per_name",
                violation_error_message=_("There is a query with this name."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if trouble := trouble_with(self.soql):
            raise ValidationError({"soql": trouble})

    @cached_property
    def answer_templates(self) -> dict[str, str]:
        """The answer's own variables and their templates."""
        return {field.name: field.template for field in self.answer_fields.all()}


class QueryAnswerField(AnswerTemplate):
    """A variable in the answers to a named query."""

    query = models.ForeignKey(NamedQuery, on_delete=models.CASCADE, related_name="answer_fields")

    history = Changes()

    class Meta:
        verbose_name = _("answer field")
        verbose_name_plural = _("answer fields")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                models.F("query"),
                Lower("name"),
                name="one_answer_field_per_query_and_name",
                violation_error_message=_("This query answers the variable already."),
            ),
        ]
