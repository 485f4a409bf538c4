"""The part of the control plane that stands for administrators, and for Salesforce itself."""

import sqlite3
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from . import drift
from .actions import ControlError, refuse_unknown_keys
from .describe import field_described
from .faults import whole
from .org import Org
from .plane import answering, body
from .schema import SObject


class Administration:
    """Changes of the schema, of the org behind the URL, and of its quota."""

    def __init__(self, org: Org) -> None:
        self.org = org

    def routes(self) -> list[Route]:
        """List the resources."""
        return [
            Route("/schema/{sobject}", answering(self.add), methods=["POST"]),
            Route("/schema/{sobject}/{field}", answering(self.alter), methods=["PATCH"]),
            Route("/schema/{sobject}/{field}", answering(self.remove), methods=["DELETE"]),
            Route("/swap", answering(self.swap), methods=["POST"]),
            Route("/calls", answering(self.calls), methods=["POST"]),
        ]

    async def add(self, request: Request) -> Any:
        """Add a custom field, or give one another name."""
        return self.made(drift.addition(self.sobject(request), await body(request)))

    async def alter(self, request: Request) -> Any:
        """Make a field different."""
        name, said = request.path_params["field"], await body(request)
        return self.made(drift.alteration(self.sobject(request), name, said))

    async def remove(self, request: Request) -> Any:
        """Take a field away."""
        self.made(drift.removal(self.sobject(request), request.path_params["field"]))
        return {}

    def sobject(self, request: Request) -> SObject:
        """Find the sObject that a path names."""
        found = self.org.schema.find(request.path_params["sobject"])
        if found is None:
            raise ControlError("sobject", "no such sObject")
        return found

    def made(self, change: drift.Change) -> Any:
        """Make a change and show the field as describe does."""
        try:
            self.org.change_schema(change)
        except sqlite3.IntegrityError:
            raise ControlError("unique", "there are doubled values") from None
        field = self.org.schema.sobjects[change["sobject"]].find(
            change.get("to") or change["field"]
        )
        return field and field_described(field)

    async def swap(self, _request: Request) -> Any:
        """Put another org behind the same URL, or the first one again."""
        self.org.swap()
        return {"org_id": self.org.id}

    async def calls(self, request: Request) -> Any:
        """Say how many calls the last 24 hours saw."""
        said = await body(request)
        refuse_unknown_keys(said, {"used"}, "")
        used = whole(said, "used", least=0)
        if used is None:
            raise ControlError("used", "is required")
        self.org.calls.become(used)
        return {"used": self.org.calls.used}
