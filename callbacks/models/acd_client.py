import hashlib
import secrets
from ipaddress import ip_address, ip_network
from zoneinfo import available_timezones

import phonenumbers
from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from callbacks.models.change import Changes

SECRETS = ("secret_digest", "previous_secret_digest", "sign_in_password")


def digest(secret: str) -> str:
    """SHA-256 of a secret. Enough, because secrets are random 32-byte values, never chosen."""
    return hashlib.sha256(secret.encode()).hexdigest()


def check_networks(text: str) -> None:
    for word in text.split():
        try:
            ip_network(word)
        except ValueError as error:
            raise ValidationError(
                _("“%(word)s” is no network; 192.0.2.0/24 is one."), params={"word": word}
            ) from error


def check_timezone(text: str) -> None:
    if text not in available_timezones():
        raise ValidationError(_("No such time zone; Europe/Berlin is one."))


def check_region(text: str) -> None:
    if text not in phonenumbers.SUPPORTED_REGIONS:
        raise ValidationError(_("No such region; two capital letters such as DE are one."))


def new_client_id() -> str:
    return f"acd-{get_random_string(12).lower()}"


class AcdClient(models.Model):
    """Who may send us requests. Two secrets can be valid at once, so that one can be rotated."""

    class Kind(models.TextChoices):
        ACD = "acd", _("Telephone system: all resources")
        READER = "reader", _("Reader: may only look up records")

    name = models.CharField(_("name"), max_length=80, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.ACD)
    client_id = models.CharField(
        _("client id"), max_length=40, unique=True, default=new_client_id, editable=False
    )
    secret_digest = models.CharField(max_length=64, editable=False)
    previous_secret_digest = models.CharField(max_length=64, blank=True, editable=False)
    secret_changed_at = models.DateTimeField(
        _("secret changed"), default=timezone.now, editable=False
    )
    token_generation = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    sign_in_name = models.CharField(
        _("user name"),
        max_length=120,
        blank=True,
        default="",
        db_default="",
        help_text=_(
            "Only for a telephone system that cannot do without: it then signs in with user name"
            " and password besides id and secret. Empty: such a sign-in is refused."
        ),
    )
    sign_in_password = models.CharField(
        max_length=128, blank=True, default="", db_default="", editable=False
    )
    enabled = models.BooleanField(_("enabled"), default=True)
    allowed_networks = models.TextField(
        _("allowed networks"),
        blank=True,
        validators=[check_networks],
        help_text=_("One a line, such as 192.0.2.0/24. Empty: from anywhere."),
    )
    timezone = models.CharField(
        _("time zone"),
        max_length=64,
        blank=True,
        validators=[check_timezone],
        help_text=_("For times without offset. Empty: the setting JTEL_TIMEZONE."),
    )
    region = models.CharField(
        _("region"),
        max_length=2,
        blank=True,
        validators=[check_region],
        help_text=_("For national numbers. Empty: the setting JTEL_DEFAULT_REGION."),
    )
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)

    history = Changes(without=[*SECRETS, "last_used_at"])

    class Meta:
        verbose_name = _("ACD client")
        verbose_name_plural = _("ACD clients")
        ordering = ["name"]
        permissions = [("rotate_acdclient", "Can make and revoke secrets of ACD clients")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_authenticated(self) -> bool:
        """What Django REST framework asks of whoever sends a request."""
        return True

    @property
    def secret_digests(self) -> list[str]:
        return [value for value in (self.secret_digest, self.previous_secret_digest) if value]

    def new_secret(self) -> str:
        """Make a secret; the one before stays valid. Returned once, stored hashed; not saved."""
        secret = secrets.token_urlsafe(32)
        self.previous_secret_digest = self.secret_digest
        self.secret_digest = digest(secret)
        self.secret_changed_at = timezone.now()
        return secret

    def revoke_previous_secret(self) -> None:
        self.previous_secret_digest = ""

    def set_sign_in_password(self, password: str) -> None:
        """Chosen by a person, so unlike a secret it needs a slow hash. Not saved."""
        self.sign_in_password = make_password(password) if password else ""

    def takes_password(self, name: str, password: str) -> bool:
        """Slow on purpose: ask only for a client that has shown its secret."""
        known = bool(self.sign_in_name and name == self.sign_in_name)
        return known and check_password(password, self.sign_in_password)

    def allows_address(self, address: str) -> bool:
        networks = self.allowed_networks.split()
        if not networks:
            return True
        try:
            came_from = ip_address(address)
        except ValueError:
            return False
        return any(came_from in ip_network(network) for network in networks)
