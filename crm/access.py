"""Where the org is, and what we show to be let in."""

import time
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

import jwt
from django.conf import settings

from crm.errors import CrmMisconfigured

_JWT_SECONDS = 180  # Salesforce takes three to five minutes, clock differences included
# A My Domain below one of these is a test org's, whatever it is called.
_TEST_PARTITIONS = (".sandbox.", ".scratch.")


@dataclass(frozen=True)
class Access:
    """Where the org is and how we sign in."""

    url: str
    api_version: str
    client_id: str
    client_secret: str = field(repr=False)
    username: str
    private_key: str = field(repr=False)

    @classmethod
    def from_settings(cls) -> Self:
        return cls(
            url=settings.SALESFORCE_URL,
            api_version=settings.SALESFORCE_API_VERSION,
            client_id=settings.SALESFORCE_CLIENT_ID,
            client_secret=settings.SALESFORCE_CLIENT_SECRET,
            username=settings.SALESFORCE_USERNAME,
            private_key=settings.SALESFORCE_PRIVATE_KEY,
        )

    @property
    def token_url(self) -> str:
        return f"{self.url}/services/oauth2/token"

    @property
    def secrets(self) -> tuple[str, ...]:
        return tuple(secret for secret in (self.client_secret, self.private_key) if secret)

    @property
    def is_plain(self) -> bool:
        return self.url.startswith("http://")

    def token_form(self) -> dict[str, str]:
        """The form for the token URL: a signed assertion if there is a key, else the secret."""
        if self.private_key:
            grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer"
            return {"grant_type": grant_type, "assertion": self._assertion()}
        return {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        }

    def _assertion(self) -> str:
        claims = {
            "iss": self.client_id,
            "sub": self.username,
            "aud": self._audience(),
            "exp": int(time.time()) + _JWT_SECONDS,
        }
        try:
            return jwt.encode(claims, self.private_key, algorithm="RS256")
        except (ValueError, TypeError, jwt.PyJWTError):
            raise CrmMisconfigured("BAD_PRIVATE_KEY") from None

    def _audience(self) -> str:
        host = urlsplit(self.url).hostname or ""
        is_test = any(partition in host for partition in _TEST_PARTITIONS)
        return f"https://{'test' if is_test else 'login'}.salesforce.com"
