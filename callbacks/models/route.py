from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from callbacks.models.change import Changes
from callbacks.signals import route_checked, template_checked

API_NAME = RegexValidator(r"\A[A-Za-z]\w*\Z", _("The API name of an object or field."))
CALLER_OBJECTS = RegexValidator(
    r"\A(?:Contact|Lead|Account)(?:, ?(?:Contact|Lead|Account)){0,2}\Z",
    _("Contact, Lead and Account, in any order, with commas between them."),
)
VARIABLE = RegexValidator(
    r"\A[A-Z][A-Za-z0-9]*(?:\.[A-Z][A-Za-z0-9]*)?\Z",
    _("Words that begin with capitals, at most one point: ContactName or Contact.Name."),
)
# What every answer says in the same way; a call flow relies on it.
OURS = (
    *("CallbackID", "Status", "Duplicate", "CallerID", "CallbackNumber", "ServiceNumber"),
    *("ServiceName", "Function", "ReceivedAt", "CaseID", "CaseNumber", "CaseStatus", "CaseURL"),
    *("ContactID", "ContactName", "Count", "Error"),
)
MOST_BUDGET_MS = 10_000


class Action(models.TextChoices):
    """What a request does that the route applies to."""

    CREATE = "create", _("Create a record")
    FIND_CALLER = "find_caller", _("Find the caller")
    FIND_CASE = "find_case", _("Find the open Case of the caller")
    COMMENT = "comment", _("Comment on the open Case, else create one")
    UPDATE = "update", _("Update the Case that is found")
    STORE = "store", _("Only store it")


LOOK_UPS = (Action.FIND_CALLER, Action.FIND_CASE)


class Reach(StrEnum):
    """To what a route applies."""

    PAIR = "pair"  # one service number and one function
    NUMBER = "number"  # all functions of a service number
    FUNCTION = "function"  # a function of all service numbers
    ALL = "all"


class LateStatus(models.IntegerChoices):
    """What the ACD is told if there is no answer in time."""

    NONE_FOUND = 404, _("404: none found")
    SEVERAL_FOUND = 300, _("300: several found")
    FOUND = 200, _("200: found")


class ServiceNumber(models.Model):
    """A number that callers dial (DNIS). One that was only ever seen waits to be adopted."""

    number = models.CharField(
        _("number"),
        max_length=40,
        unique=True,
        help_text=_("International, digits only, without +: 498946134180."),
    )
    name = models.CharField(_("name"), max_length=120, blank=True)
    adopted = models.BooleanField(
        _("adopted"),
        default=True,
        help_text=_("Off: seen in requests, but nobody has configured it yet."),
    )
    seen_at = models.DateTimeField(_("last seen"), null=True, editable=False)
    merge_minutes = models.PositiveIntegerField(
        _("same caller again within minutes"),
        default=0,
        validators=[MaxValueValidator(43_200)],
        help_text=_(
            "A second wish of the same caller within so many minutes joins the first, while that is"
            " open. 0: every wish is a new one."
        ),
    )

    history = Changes(without=["seen_at"])

    class Meta:
        verbose_name = _("service number")
        verbose_name_plural = _("service numbers")
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.name} ({self.number})" if self.name else self.number


class FunctionRoute(models.Model):
    """What becomes of requests for a service number and a function. The most specific wins."""

    Action: TypeAlias = Action
    LateStatus: TypeAlias = LateStatus

    name = models.CharField(_("name"), max_length=120)
    service_number = models.ForeignKey(
        ServiceNumber,
        verbose_name=_("service number"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="routes",
        help_text=_("Empty: any service number."),
    )
    function = models.CharField(
        _("function"), max_length=120, blank=True, help_text=_("Empty: any function.")
    )
    enabled = models.BooleanField(_("enabled"), default=True)
    action = models.CharField(
        _("action"), max_length=20, choices=Action.choices, default=Action.CREATE
    )
    budget_ms = models.PositiveIntegerField(
        _("time budget in ms"),
        default=1_500,
        validators=[MinValueValidator(100), MaxValueValidator(MOST_BUDGET_MS)],
        help_text=_("So long a caller waits at most for what is looked up or changed."),
    )
    wait_ms = models.PositiveIntegerField(
        _("wait for the Case number, ms"),
        default=0,
        validators=[MaxValueValidator(MOST_BUDGET_MS)],
        help_text=_("So long a caller waits at most for the number of a new Case. 0: not at all."),
    )
    late_status = models.PositiveSmallIntegerField(
        _("answer when it takes too long"),
        choices=LateStatus.choices,
        default=LateStatus.NONE_FOUND,
        help_text=_("Also while Salesforce cannot be reached."),
    )
    record_when_several = models.BooleanField(
        _("name one of several"),
        default=False,
        help_text=_("From ACD release 3.30 on, the answer to several records may carry one."),
    )
    target = models.CharField(
        _("kind of record"),
        max_length=80,
        default="Case",
        validators=[API_NAME],
        help_text=_("API name of what is made in Salesforce: Case, or another object."),
    )
    key_field = models.CharField(
        _("key field"),
        max_length=80,
        blank=True,
        validators=[API_NAME],
        help_text=_("Its unique external-id field for our key. Empty: the usual one."),
    )
    record_type = models.CharField(
        _("record type"),
        max_length=80,
        blank=True,
        help_text=_("API name or id. Empty: the default of our user."),
    )
    owner = models.CharField(
        _("owner"),
        max_length=80,
        blank=True,
        help_text=_(
            "API name of a queue, or the id of a queue or user. Empty: by assignment rule."
        ),
    )
    find_caller_in = models.CharField(
        _("find caller in"),
        max_length=120,
        blank=True,
        default="Contact",
        validators=[CALLER_OBJECTS],
        help_text=_(
            "Objects to search for the number, in this order: Contact, Lead, Account. Empty: none."
        ),
    )
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    history = Changes(without=["changed_at"])

    class Meta:
        verbose_name = _("function route")
        verbose_name_plural = _("function routes")
        ordering = ["service_number__number", "function"]
        constraints = [
            models.UniqueConstraint(
                models.F("service_number"),
                Lower("function"),
                name="one_route_per_number_and_function",
                violation_error_message=_("There is a route for this number and function."),
            ),
            models.UniqueConstraint(
                Lower("function"),
                condition=models.Q(service_number=None),
                name="one_route_per_function_for_any_number",
                violation_error_message=_("There is a route for any number and this function."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        route_checked.send(sender=FunctionRoute, route=self)

    @property
    def reach(self) -> str:
        """How much it applies to: the narrower one wins over the wider ones."""
        if self.service_number_id is None:
            return Reach.FUNCTION if self.function else Reach.ALL
        return Reach.PAIR if self.function else Reach.NUMBER

    @property
    def looks_up(self) -> bool:
        """Whether a request is a question, answered in the call and never a repeat."""
        return self.action in LOOK_UPS

    @property
    def sends(self) -> bool:
        """Whether a request has anything to bring to Salesforce later."""
        return not self.looks_up and self.action != Action.STORE

    @property
    def patience_ms(self) -> int:
        """For how long a request waits for what it brings to Salesforce; 0: not at all."""
        if self.action == Action.UPDATE:
            return self.budget_ms
        return self.wait_ms if self.sends else 0

    @cached_property
    def templates(self) -> dict[str, str]:
        """Its fields and what fills them; may be set for a route that is only tried."""
        if self.pk is None:
            return {}
        return {mapping.field: mapping.template for mapping in self.mappings.all()}

    @cached_property
    def answer_templates(self) -> dict[str, str]:
        """The answer's own variables and their templates. A route that is not stored has none."""
        if self.pk is None:
            return {}
        return {field.name: field.template for field in self.answer_fields.all()}


class FieldMapping(models.Model):
    """A field of the target record and the template that fills it; overrides the default's."""

    route = models.ForeignKey(FunctionRoute, on_delete=models.CASCADE, related_name="mappings")
    field = models.CharField(
        _("field"),
        max_length=80,
        validators=[
            RegexValidator(r"\A[A-Za-z]\w*\Z", _("The API name of a field, such as Priority."))
        ],
        help_text=_("API name, such as Subject, Priority or OwnerId."),
    )
    template = models.TextField(
        _("template"),
        blank=True,
        help_text=_(
            "Text with variables, such as “Callback for {{ service_name }}”. Empty: no value."
        ),
    )

    history = Changes()

    class Meta:
        verbose_name = _("field mapping")
        verbose_name_plural = _("field mappings")
        ordering = ["field"]
        constraints = [
            models.UniqueConstraint(
                models.F("route"),
                Lower("field"),
                name="one_mapping_per_route_and_field",
                violation_error_message=_("This route fills the field already."),
            ),
        ]

    def __str__(self) -> str:
        return self.field

    def clean(self) -> None:
        template_checked.send(sender=FieldMapping, template=self.template, mapping=self)


class AnswerTemplate(models.Model):
    """A variable of its own in an answer to the ACD, and the template that fills it."""

    name = models.CharField(
        _("variable"),
        max_length=80,
        validators=[VARIABLE],
        help_text=_("As the call flow reads it: ContactName, or Contact.Name."),
    )
    template = models.TextField(
        _("template"), blank=True, help_text=_("Text with variables. Empty: no value.")
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.name in OURS:
            raise ValidationError({"name": _("Every answer has this variable already.")})
        template_checked.send(sender=type(self), template=self.template)


class AnswerField(AnswerTemplate):
    """A variable in the answers of a route."""

    route = models.ForeignKey(FunctionRoute, on_delete=models.CASCADE, related_name="answer_fields")

    history = Changes()

    class Meta:
        verbose_name = _("answer field")
        verbose_name_plural = _("answer fields")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                models.F("route"),
                Lower("name"),
                name="one_answer_field_per_route_and_name",
                violation_error_message=_("This route answers the variable already."),
            ),
        ]
