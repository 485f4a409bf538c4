from typing import TypeAlias

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from callbacks.models.change import Changes

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# No dots: a path of these letters leads nowhere but below /services/apexrest/.
RESOURCE_PATH = RegexValidator(
    r"\A[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*\Z",
    _("Letters, digits, - and _, parts with one / between them: jtelACD/onClickToDial."),
)


def check_methods(text: str) -> None:
    words = set(text.upper().split())
    if not words or words - set(METHODS):
        raise ValidationError(_("GET, POST, PUT, PATCH or DELETE; several with blanks between."))


class Mode(models.TextChoices):
    LIVE = "live", _("Answer live")
    STORE = "store", _("Store and forward")


class PassThroughResource(models.Model):
    """An Apex REST resource of the org that the ACD may reach through us. Only what is listed."""

    Mode: TypeAlias = Mode

    path = models.CharField(
        _("resource"),
        max_length=200,
        unique=True,
        validators=[RESOURCE_PATH],
        help_text=_("What follows /services/apexrest/, with capitals as in Salesforce."),
    )
    methods = models.CharField(
        _("methods"),
        max_length=40,
        default="GET",
        validators=[check_methods],
        help_text=_("GET, POST, PUT, PATCH or DELETE; several with blanks between."),
    )
    mode = models.CharField(
        _("answer"),
        max_length=10,
        choices=Mode.choices,
        default=Mode.LIVE,
        help_text=_(
            "Live: the ACD gets what Salesforce answers. Store and forward: it gets 200 at once,"
            " and the request is delivered later, in order and at least once. If an answer of"
            " Salesforce is lost, the same request arrives there a second time."
        ),
    )
    budget_ms = models.PositiveIntegerField(
        _("time budget in ms"),
        default=1_500,
        validators=[MinValueValidator(100), MaxValueValidator(10_000)],
        help_text=_("Live only: without an answer after so long, the ACD gets 504."),
    )
    most_bytes = models.PositiveIntegerField(
        _("largest body in bytes"),
        default=262_144,
        validators=[MinValueValidator(1), MaxValueValidator(6_000_000)],
        help_text=_("Of a request and of its answer; MAX_BODY_BYTES limits requests as well."),
    )
    enabled = models.BooleanField(_("enabled"), default=True)

    history = Changes()

    class Meta:
        verbose_name = _("passed-through resource")
        verbose_name_plural = _("passed-through resources")
        ordering = ["path"]

    def __str__(self) -> str:
        return self.path

    def clean(self) -> None:
        self.methods = " ".join(self.methods.upper().split())
        if self.mode == Mode.STORE and self.allows("GET"):
            raise ValidationError({"mode": _("Who asks with GET wants the answer: live only.")})

    def allows(self, method: str) -> bool:
        return method in self.methods.split()

    @property
    def budget_seconds(self) -> float:
        return self.budget_ms / 1000
