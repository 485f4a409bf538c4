from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from callbacks.models.acd_client import AcdClient


class AccessTokenQuerySet(models.QuerySet["AccessToken"]):
    def expired(self, now: datetime) -> "AccessTokenQuerySet":
        return self.filter(expires_at__lte=now)

    def valid(self, client: AcdClient, now: datetime) -> "AccessTokenQuerySet":
        """Those with which the client may send requests now."""
        return self.filter(
            client=client,
            secret_digest__in=client.secret_digests,
            generation__gte=client.token_generation,
            expires_at__gt=now,
        )


class AccessToken(models.Model):
    """What a client got for its secret: good until it expires, or until the secret is revoked.

    Never changed. Revoking all tokens of a client raises the client's `token_generation`.
    """

    digest = models.CharField(max_length=64)  # SHA-256 of the token
    client = models.ForeignKey(AcdClient, on_delete=models.CASCADE, related_name="tokens")
    secret_digest = models.CharField(max_length=64)
    generation = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    objects = AccessTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")
        default_permissions = ()  # there is no screen for them
        constraints = [
            # Not unique=True, which on PostgreSQL makes a second index for LIKE.
            models.UniqueConstraint(fields=["digest"], name="one_token_per_digest"),
        ]

    def __str__(self) -> str:
        return f"{self.client_id}, {self.created_at:%Y-%m-%d %H:%M}"
