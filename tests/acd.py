"""What a telephone system that was built to talk to Salesforce does, as a small program.

Told a URL, an id and a secret it signs in, and calls the resources below the `instance_url` that it
is given with the token that it is given; with another token after a 401, as the vendor describes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import requests

RESOURCES = "services/apexrest/jtelACD"
TIMEOUT = 30


@dataclass
class Acd:
    url: str
    client_id: str
    client_secret: str
    more: dict[str, str] = field(default_factory=dict)  # of the form, such as another grant_type
    access_token: str = ""
    instance_url: str = ""

    def sign_in(self) -> dict[str, Any]:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        }
        url = f"{self.url}/services/oauth2/token"
        answer = requests.post(url, data=form | self.more, timeout=TIMEOUT)
        answer.raise_for_status()
        body: dict[str, Any] = answer.json()
        self.access_token, self.instance_url = body["access_token"], body["instance_url"]
        return body

    def post(self, resource: str, **what: Any) -> requests.Response:
        """POST to a resource of the drop-in interface, signed in."""
        return self._ask("POST", resource, **what)

    def get(self, resource: str, **query: str) -> requests.Response:
        """GET one, with these parameters."""
        return self._ask("GET", resource, params=query)

    @property
    def authorization(self) -> str:
        return f"Bearer {self.access_token}"

    def call(self, method: str, resource: str, **what: Any) -> requests.Response:
        """Once, with the token that is at hand."""
        url = f"{self.instance_url}/{RESOURCES}/{resource}"
        headers = {"Authorization": self.authorization}
        return requests.request(method, url, headers=headers, timeout=TIMEOUT, **what)

    def _ask(self, method: str, resource: str, **what: Any) -> requests.Response:
        if not self.access_token:
            self.sign_in()
        answer = self.call(method, resource, **what)
        if answer.status_code == requests.codes.unauthorized:
            self.sign_in()
            answer = self.call(method, resource, **what)
        return answer


Variable = str | int | float | bool | None


def variables(answer: requests.Response) -> dict[str, Variable]:
    """What a call flow gets of an answer: `$SalesForce.Contact.Name` is here `Contact.Name`."""
    return dict(_flat("", answer.json()))


def _flat(prefix: str, said: dict[str, Any]) -> Iterator[tuple[str, Variable]]:
    for name, value in said.items():
        if isinstance(value, dict):
            yield from _flat(f"{prefix}{name}.", value)
        else:
            assert not isinstance(value, list), f"a call flow cannot reach into {name}"
            yield f"{prefix}{name}", value
