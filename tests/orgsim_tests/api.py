"""A plain HTTP client of the data API, without a library's opinions."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

import requests

if TYPE_CHECKING:
    from tests.orgsim.process import Org

KEY = "Jtel_Callback_ID__c"
V = "/services/data/v62.0"


class Api:
    """Talks to one org, signed in as the integration user."""

    def __init__(self, org: Org, token: str | None = None) -> None:
        self.url = org.url
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Authorization"] = f"Bearer {token or org.token()}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        """Call a path below the pinned version, or an absolute one."""
        url = self.url + (path if path.startswith("/services") else V + path)
        given = {k.replace("_", "-"): v for k, v in headers.items()}
        return self.session.request(
            method, url, json=body, headers=given, timeout=20, allow_redirects=False
        )

    def get(self, path: str, **headers: str) -> requests.Response:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> requests.Response:
        return self.ask("POST", path, body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> requests.Response:
        return self.ask("PATCH", path, body, **headers)

    def delete(self, path: str) -> requests.Response:
        return self.ask("DELETE", path)

    def query(self, soql: str) -> Any:
        """Run a statement."""
        return self.get("/query?q=" + quote(soql)).json()

    def rows(self, soql: str) -> list[dict[str, Any]]:
        """Run a statement and give its records without attributes."""
        found = self.query(soql)
        assert isinstance(found, dict), found
        return [{k: v for k, v in r.items() if k != "attributes"} for r in found["records"]]

    def case(self, **fields: Any) -> str:
        """Create a Case and give its id."""
        answer = self.post("/sobjects/Case", fields)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def made(self, sobject: str, **fields: Any) -> str:
        """Create a record and give its id."""
        answer = self.post(f"/sobjects/{sobject}", fields)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def create_many(self, records: list[dict[str, Any]], **more: Any) -> Any:
        """Create Cases in one collection."""
        return self.post("/composite/sobjects", {**collection(records), **more}).json()


def collection(records: list[dict[str, Any]], sobject: str = "Case") -> dict[str, Any]:
    """Make the body of a collection."""
    return {"records": [{"attributes": {"type": sobject}, **r} for r in records]}


def key() -> str:
    """Make a fresh key."""
    return str(uuid.uuid4())


def create_and_read_back(keys: list[str], **fields: Any) -> dict[str, Any]:
    """Make the call that creates Cases and reads them back by key."""
    soql = f"SELECT Id, CaseNumber, {KEY} FROM Case WHERE {KEY} IN ({quoted(keys)})"
    return {
        "allOrNone": False,
        "collateSubrequests": False,
        "compositeRequest": [
            {
                "method": "POST",
                "url": f"{V}/composite/sobjects",
                "referenceId": "create",
                "body": {"allOrNone": False, **collection([{KEY: k, **fields} for k in keys])},
            },
            {"method": "GET", "url": f"{V}/query?q={quote(soql)}", "referenceId": "found"},
        ],
    }


def quoted(values: list[str]) -> str:
    """Write a list of SOQL texts."""
    return ", ".join(f"'{v}'" for v in values)
