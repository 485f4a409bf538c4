"""A plain HTTP client of the data API, without a library's opinions."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

import requests

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "Jtel_Callback_ID__c"
V = "/services/data/v62.0"
PATIENCE_S = 60


class Client:
    """Talks to one org with one token."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Authorization"] = f"Bearer {token}"
        self.created: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        """Call a path below the pinned version, or one that starts with /services."""
        url = self.url + (path if path.startswith("/services") else V + path)
        given = {k.replace("_", "-"): v for k, v in headers.items()}
        answer = self.session.request(
            method, url, json=body, headers=given, timeout=PATIENCE_S, allow_redirects=False
        )
        if method in {"POST", "PATCH"} and "json" in answer.headers.get("Content-Type", ""):
            self.created += created_ids(answer.json())
        return answer

    def get(self, path: str, **headers: str) -> requests.Response:
        """GET a path."""
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> requests.Response:
        """POST a JSON value."""
        return self.ask("POST", path, body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> requests.Response:
        """PATCH with a JSON value."""
        return self.ask("PATCH", path, body, **headers)

    def delete(self, path: str) -> requests.Response:
        """DELETE a path."""
        return self.ask("DELETE", path)

    def query(self, soql: str) -> Any:
        """Run a statement."""
        return self.get("/query?q=" + quote(soql)).json()

    def rows(self, soql: str) -> list[dict[str, Any]]:
        """Run a statement and give its records without attributes."""
        found = self.query(soql)
        assert isinstance(found, dict), found
        return [{k: v for k, v in r.items() if k != "attributes"} for r in found["records"]]

    def made(self, sobject: str, **fields: Any) -> str:
        """Create a record and give its id."""
        answer = self.post(f"/sobjects/{sobject}", fields)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def case(self, **fields: Any) -> str:
        """Create a Case and give its id."""
        return self.made("Case", **fields)

    def create_many(self, records: list[dict[str, Any]], **more: Any) -> Any:
        """Create Cases in one collection."""
        return self.post("/composite/sobjects", {**collection(records), **more}).json()


def created_ids(told: Any) -> Iterator[str]:
    """Yield the ids of the records that an answer says were created."""
    if isinstance(told, list):
        for entry in told:
            yield from created_ids(entry)
    elif isinstance(told, dict):
        if told.get("success") is True and told.get("created") is not False and told.get("id"):
            yield str(told["id"])
        for value in told.values():
            yield from created_ids(value)


def sign_in(url: str, client_id: str, client_secret: str) -> requests.Response:
    """Ask for a token with client credentials."""
    form = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": client_secret,
    }
    return requests.post(f"{url}/services/oauth2/token", data=form, timeout=PATIENCE_S)


def collection(records: list[dict[str, Any]], sobject: str = "Case") -> dict[str, Any]:
    """Make the body of a collection."""
    return {"records": [{"attributes": {"type": sobject}, **r} for r in records]}


def key() -> str:
    """Make a fresh key."""
    return str(uuid.uuid4())


def quoted(values: list[str]) -> str:
    """Write a list of SOQL texts."""
    return ", ".join(f"'{v}'" for v in values)


def part(method: str, path: str, reference: str, **more: Any) -> dict[str, Any]:
    """Make one subrequest of a composite call."""
    return {"method": method, "url": V + path, "referenceId": reference, **more}


def composite(*parts: dict[str, Any], **flags: bool) -> dict[str, Any]:
    """Make the body of a composite call, flags off unless said otherwise."""
    return {
        "allOrNone": False,
        "collateSubrequests": False,
        **flags,
        "compositeRequest": list(parts),
    }


def create_and_read_back(keys: list[str], **fields: Any) -> dict[str, Any]:
    """Make the call that creates Cases and reads them back by key."""
    soql = f"SELECT Id, CaseNumber, {KEY} FROM Case WHERE {KEY} IN ({quoted(keys)})"
    body = {"allOrNone": False, **collection([{KEY: k, **fields} for k in keys])}
    return composite(
        part("POST", "/composite/sobjects", "create", body=body),
        part("GET", "/query?q=" + quote(soql), "found"),
    )
