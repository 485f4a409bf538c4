"""The control plane, `/__sim__/`: for tests and demos, never for clients of the org."""

import time
from dataclasses import asdict, fields
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from . import agent
from .actions import ControlError, number, refuse_unknown_keys, text
from .administration import Administration
from .audit import KEY_FIELD, audit
from .org import Behaviour, Org
from .plane import answering, body, shown
from .scenarios import SCENARIOS, seeded
from .seed import sow
from .server import Listener

TEN_YEARS_S = 10 * 365 * 86_400


class Control:
    """The resources of the control plane."""

    def __init__(self, org: Org, listener: Listener) -> None:
        self.org, self.listener = org, listener

    def routes(self) -> list[Route]:
        """List the resources."""
        return [
            Route("/state", answering(self.state), methods=["GET"]),
            Route("/records/{sobject}", answering(self.records), methods=["GET"]),
            Route("/faults", answering(self.arm), methods=["POST"]),
            Route("/faults", answering(self.armed), methods=["GET"]),
            Route("/faults", answering(self.disarm), methods=["DELETE"]),
            Route("/faults/{id}", answering(self.disarm), methods=["DELETE"]),
            Route("/records/{name}", answering(self.save), methods=["POST"]),
            Route("/records/{id}", answering(self.delete), methods=["DELETE"]),
            Route("/merge", answering(self.merge), methods=["POST"]),
            Route("/leads/{id}/convert", answering(self.convert), methods=["POST"]),
            Route("/scenarios/{name}", answering(self.play), methods=["POST"]),
            Route("/seed", answering(self.seed), methods=["POST"]),
            Route("/clock", answering(self.advance), methods=["POST"]),
            Route("/users/integration", answering(self.freeze), methods=["POST"]),
            Route("/apex/{name:path}", answering(self.can), methods=["POST"]),
            Route("/settings", answering(self.change), methods=["POST"]),
            Route("/reset", answering(self.reset), methods=["POST"]),
            Route("/log", answering(self.log), methods=["GET"]),
            Route("/audit", answering(self.audit), methods=["GET"]),
            *Administration(self.org).routes(),
        ]

    async def state(self, _request: Request) -> Any:
        """Count calls and living records, and show how the org behaves."""
        store = self.org.store
        count = 'SELECT COUNT(*) FROM "{}" WHERE IsDeleted = 0'
        return {
            "org_id": self.org.id,
            "api_calls": self.org.calls.used,
            "records": {n: store.value(count.format(n)) for n in self.org.schema.sobjects},
            "now": self.org.clock.stamp(),
            "started_after_cpu_s": self.listener.started_after_cpu_s,
            "cpu_s": time.process_time(),
            "behaviour": asdict(self.org.behaviour),
            "faults": self.org.faults.shown(),
        }

    async def records(self, request: Request) -> Any:
        """List all living records of an sObject with all their fields, oldest first."""
        sobject = self.org.schema.find(request.path_params["sobject"])
        if sobject is None:
            raise ControlError("sobject", "no such sObject")
        sql = f'SELECT * FROM "{sobject.name}" WHERE IsDeleted = 0 ORDER BY Id'
        return [shown(sobject, row) for row in self.org.store.rows(sql)]

    async def save(self, request: Request) -> Any:
        """Let an agent enter a record of an sObject, or change the one with an id."""
        name, fields = request.path_params["name"], await body(request)
        if not isinstance(fields, dict):
            raise ControlError("body", "must be an object")
        if sobject := self.org.schema.find(name):
            return shown(sobject, agent.create(self.org, sobject, fields))
        return shown(*agent.edit(self.org, name, fields))

    async def delete(self, request: Request) -> Any:
        """Let an agent put a record into the recycle bin."""
        return shown(*agent.delete(self.org, request.path_params["id"]))

    async def merge(self, request: Request) -> Any:
        """Let an agent merge records; give the one that was kept."""
        said = await body(request)
        refuse_unknown_keys(said, {"master", "losers"}, "")
        losers = said.get("losers")
        if not isinstance(losers, list):
            raise ControlError("losers", "must be a list of ids")
        return shown(*agent.merge(self.org, text(said, "master", required=True), losers))

    async def convert(self, request: Request) -> Any:
        """Let an agent convert a lead."""
        return shown(*agent.convert(self.org, request.path_params["id"]))

    async def play(self, request: Request) -> Any:
        """Arm a scenario instead of all that is armed."""
        name = request.path_params["name"]
        if name not in SCENARIOS:
            raise ControlError("name", f"unknown scenario; known: {', '.join(SCENARIOS)}")
        said = await body(request)
        refuse_unknown_keys(said, {"seed"}, "")
        self.org.faults.clear()
        for fault in seeded(name, int(said.get("seed", 1))):
            self.org.faults.arm(fault)
        return self.org.faults.shown()

    async def seed(self, _request: Request) -> Any:
        """Make people to call back, unless there are some."""
        sow(self.org)
        return {}

    async def advance(self, request: Request) -> Any:
        """Move the org's clock forward."""
        said = await body(request)
        refuse_unknown_keys(said, {"advance_s"}, "")
        self.org.advance(number(said, "advance_s", above=0, most=TEN_YEARS_S) or 0)
        return {"now": self.org.clock.stamp()}

    async def freeze(self, request: Request) -> Any:
        """Freeze or unfreeze the integration user."""
        said = await body(request)
        refuse_unknown_keys(said, {"frozen"}, "")
        if not isinstance(said.get("frozen"), bool):
            raise ControlError("frozen", "must be true or false")
        self.org.store.keep("frozen", int(said["frozen"]))
        return {"frozen": self.org.frozen}

    async def can(self, request: Request) -> Any:
        """Replace the canned answer of an Apex REST resource."""
        said = await body(request)
        refuse_unknown_keys(said, {"status", "body"}, "")
        if not isinstance(said.get("status", 200), int):
            raise ControlError("status", "must be a status of HTTP")
        name = request.path_params["name"]
        self.org.apex_answers[name] = (said.get("status", 200), said.get("body", {}))
        return {"name": name}

    async def arm(self, request: Request) -> Any:
        """Arm one fault."""
        fault = self.org.faults.arm(await body(request))
        if fault.action == "connect_refuse":
            self.org.faults.clear(fault.id)
            await self.listener.refuse_for(fault.params["s"])
        return fault.shown()

    async def armed(self, _request: Request) -> Any:
        """List the armed faults."""
        return self.org.faults.shown()

    async def disarm(self, request: Request) -> Any:
        """Disarm one fault, or all."""
        self.org.faults.clear(request.path_params.get("id"))
        return {}

    async def change(self, request: Request) -> Any:
        """Change how the org behaves."""
        said = await body(request)
        known = {f.name: f.type for f in fields(Behaviour)}
        refuse_unknown_keys(said, set(known), "")
        for name, value in said.items():
            old = getattr(self.org.behaviour, name)
            same = isinstance(value, bool) == isinstance(old, bool)
            if not same or not isinstance(value, int | float):
                raise ControlError(name, f"must be like {old!r}")
            setattr(self.org.behaviour, name, value)
        return asdict(self.org.behaviour)

    async def reset(self, _request: Request) -> Any:
        """Empty the org."""
        self.org.reset()
        return {}

    async def log(self, _request: Request) -> Any:
        """Show the last requests."""
        return self.org.journal.shown()

    async def audit(self, request: Request) -> Any:
        """Tell what really happened; a field that is gone still has its values here."""
        name = request.query_params.get("object", "Case")
        field = request.query_params.get("field", KEY_FIELD)
        if name not in self.org.schema.sobjects:
            raise ControlError("object", "no such sObject")
        if field not in self.org.store.columns(name):
            raise ControlError("field", f"no such field of {name}")
        return audit(self.org.store, name, field)
