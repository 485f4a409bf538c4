"""An ACD that asks during a call, and what is asked about."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from callbacks.authentication import clients_by_digest
from callbacks.models import AnswerField, FunctionRoute
from callbacks.routing import route_table
from crm import client as client_module
from crm import live, queries
from crm.passthrough.org_state import org_state
from tests.factories import ClientFactory
from tests.orgsim.process import Org

CALLBACKS, CALLERS, QUERY = "/api/v1/callbacks", "/api/v1/callers", "/api/v1/query"
EVA = "4989555010"


@dataclass
class Acd:
    http: Client

    def posts(self, path: str = CALLBACKS, **fields: Any) -> Any:
        return self.http.post(path, json.dumps(fields), "application/json")

    def asks(self, path: str = CALLERS, **fields: str) -> Any:
        return self.http.get(path, fields)


def an_acd(**facts: Any) -> Acd:
    ClientFactory.create(**facts)
    clients_by_digest.expire()  # as on commit
    return Acd(Client(headers={"Authorization": "Bearer a secret"}))


def a_route(action: str, *, answers: dict[str, str] | None = None, **facts: Any) -> FunctionRoute:
    """The one that applies to everything."""
    FunctionRoute.objects.filter(service_number=None, function="").delete()
    route = FunctionRoute.objects.create(name="All", action=action, **facts)
    for name, template in (answers or {}).items():
        AnswerField.objects.create(route=route, name=name, template=template)
    route_table.expire()
    return route


def enter_contact(org: Org, name: str = "Meier", **fields: str) -> str:
    phone = {} if fields else {"Phone": "+49 89 555010"}
    return str(org.create("Contact", LastName=name, **phone, **fields)["Id"])


def enter_case(org: Org, subject: str = "Heating is out", **fields: Any) -> dict[str, Any]:
    return org.create("Case", Subject=subject, **fields)


def calls(org: Org) -> int:
    return int(org.state()["api_calls"])


def forget_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process remembers of the org, its sign-in included."""
    live.recent.forget()
    org_state.expire()
    queries.queries.expire()
    monkeypatch.setattr(client_module, "_shared", None)
