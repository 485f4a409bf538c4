"""Armed faults that act after the work is done: delays, spoiled answers, lost ones."""

import asyncio
from collections.abc import Iterable
from random import Random
from typing import Any

from starlette.responses import Response

from . import early
from .calls import Answer, Work
from .faults import Fault
from .wire import Cut, Drip, Wires


def floor_s(faults: Iterable[Fault]) -> float:
    """Give the least time from arrival to answer."""
    waits = [delay_ms(f) for f in faults if f.action in {"latency", "slow_auth"}]
    return max(waits, default=0.0) / 1000


def delay_ms(fault: Fault) -> float:
    """Give one delay: fixed, or drawn between `low` and `high`."""
    drawn = fault.params.get("dist")
    if drawn is None:
        return float(fault.params["ms"])
    return between(fault.chance, drawn)


def between(chance: Random, bounds: dict[str, float]) -> float:
    """Draw a number evenly between two bounds."""
    return chance.uniform(float(bounds["low"]), float(bounds["high"]))


def spoiled(work: Work, answer: Answer) -> Answer:
    """Change an answer after the work was committed."""
    for fault in work.faults:
        if fault.action == "commit_then_503":
            answer = early.html(503)
        elif fault.action == "result_truncated":
            answer.body = truncated(answer.body, int(fault.params["missing"]))
        elif fault.action == "instance_move" and isinstance(answer.body, dict):
            answer.body = {**answer.body, "instance_url": fault.params["url"]}
    return answer


def truncated(body: Any, rows: int) -> Any:
    """Leave out the last rows of a collection's results, also inside a composite answer."""
    if isinstance(body, list):
        return body[:-rows]
    if isinstance(body, dict) and "compositeResponse" in body:
        parts = [
            {**p, "body": truncated(p["body"], rows)} if isinstance(p["body"], list) else p
            for p in body["compositeResponse"]
        ]
        return {**body, "compositeResponse": parts}
    return body


async def delivery(faults: Iterable[Fault], wires: Wires, response: Response) -> Response:
    """Send an answer on its way: whole, slowly, in half, or never."""
    for fault in faults:
        if fault.action == "commit_then_drop":
            return Cut(wires, response if fault.params["half"] else None)
        if fault.action == "commit_then_timeout":
            await asyncio.sleep(fault.params["s"])
            return Cut(wires)
        if fault.action == "drip":
            return Drip(response, fault.params["bytes_per_s"])
    return response
