"""An ACD at a served installation, for tests of what is passed through."""

from dataclasses import dataclass
from typing import Any

import requests

from crm.models import PassThroughResource
from tests.factories import ClientFactory

DIAL = "jtelACD/onClickToDial"
STATISTICS = "jtelACD/writeCallStatistics"
SECRET = {"Authorization": "Bearer a secret"}  # of the factory's clients


@dataclass
class Caller:
    url: str

    def asks(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **what: Any
    ) -> requests.Response:
        url = f"{self.url}/services/apexrest/{path}"
        sent = SECRET if headers is None else headers
        return requests.request(
            method, url, headers=sent, timeout=30, allow_redirects=False, **what
        )

    def dials(self, **query: str) -> requests.Response:
        return self.asks("GET", DIAL, params=query)


def an_acd(url: str, **facts: Any) -> Caller:
    ClientFactory.create(**facts)
    return Caller(url)


def listed(path: str = DIAL, **facts: Any) -> PassThroughResource:
    """On the list, as given; the migrations' own entries are gone where a server ran before."""
    return PassThroughResource.objects.update_or_create(path=path, defaults=facts)[0]
