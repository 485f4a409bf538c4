"""How the control plane is spoken to: JSON in, JSON out, and a wrong request names its key."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from .actions import ControlError
from .records import json_value
from .schema import SObject
from .store import Row

Handling = Callable[[Request], Awaitable[Any]]


def shown(sobject: SObject, row: Row) -> dict[str, Any]:
    """Write a record with all its fields."""
    return {f.name: json_value(f, row.get(f.name)) for f in sobject.fields}


async def body(request: Request) -> Any:
    """Read a JSON body."""
    try:
        return orjson.loads(await request.body() or b"{}")
    except orjson.JSONDecodeError as wrong:
        raise ControlError("body", f"not JSON: {wrong}") from None


def answering(handle: Handling) -> Handling:
    """Answer with JSON; a wrong request gets a 400 that names the key."""

    async def answered(request: Request) -> Response:
        try:
            status, told = 200, await handle(request)
        except ControlError as wrong:
            status, told = 400, {"key": wrong.key, "error": f"{wrong.key}: {wrong}"}
        return Response(orjson.dumps(told), status, media_type="application/json")

    return answered
