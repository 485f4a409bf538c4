"""What a telephone system that was built to talk to Salesforce does, as a small program.

Told a URL, an id and a secret it signs in, and calls the resources below the `instance_url` that it
is given with the token that it is given; with another token after a 401, as the vendor describes.
"""

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
        if not self.access_token:
            self.sign_in()
        answer = self._post(resource, **what)
        if answer.status_code == requests.codes.unauthorized:
            self.sign_in()
            answer = self._post(resource, **what)
        return answer

    @property
    def authorization(self) -> str:
        return f"Bearer {self.access_token}"

    def _post(self, resource: str, **what: Any) -> requests.Response:
        url = f"{self.instance_url}/{RESOURCES}/{resource}"
        headers = {"Authorization": self.authorization}
        return requests.post(url, headers=headers, timeout=TIMEOUT, **what)
