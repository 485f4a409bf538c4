from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from callbacks.signals import template_checked

API_NAME = RegexValidator(r"\A[A-Za-z]\w*\Z", _("The API name of an object or field."))
CALLER_OBJECTS = RegexValidator(
    r"\A(?:Contact|Lead|Account)(?:, ?(?:Contact|Lead|Account)){0,2}\Z",
    _("Contact, Lead and Account, in any order, with commas between them."),
)


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

    class Meta:
        verbose_name = _("service number")
        verbose_name_plural = _("service numbers")
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.name} ({self.number})" if self.name else self.number


class FunctionRoute(models.Model):
    """What becomes of requests for a service number and a function. The most specific wins."""

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
        template_checked.send(sender=FieldMapping, template=self.template)
