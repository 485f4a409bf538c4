"""One HTTP request, from its arrival to the last byte of its answer."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime

from starlette.requests import Request
from starlette.responses import Response

from . import apexrest, envelope, late
from .ahead import locked_by, schema_seen, seen_keys
from .calls import Answer, Call, Work
from .composite import outer_answer, parts_of
from .early import DropConnectionError, early_answer
from .errors import ApiError, session_expired, too_many_calls, too_many_long_calls
from .journal import Entry, clipped
from .org import Org
from .routes import MethodNotAllowedError
from .wire import Cut, Wires

Acting = Callable[["Exchange"], Awaitable[Answer]]


@dataclass
class Exchange:
    """What is known of one request while it is served."""

    org: Org
    wires: Wires
    request: Request
    call: Call
    started: float

    def __post_init__(self) -> None:
        self.work: Work = self.call.work
        self.calls = [self.call, *readable_parts(self.call)]
        self.work.faults = self.org.faults.draw(self.calls)
        self.note = self.told = ""

    async def serve(self, act: Acting) -> Response:
        """Answer, unless a fault does so first; then let faults spoil what was answered."""
        self.org.under_way[self.started] += 1
        try:
            answer = self.early() or late.spoiled(self.work, await self.answered(act))
            response = self.response(answer)
            await self.wait(late.floor_s(self.work.faults))
            response = await self.delivered(response)
        except DropConnectionError:
            response = Cut(self.wires)
        finally:
            self.org.under_way[self.started] -= 1
            self.org.under_way += Counter()
        self.remember(response)
        return response

    def early(self) -> Answer | None:
        """Let a fault answer instead of the org; some of them also kill the token."""
        answer = envelope.too_large(self.request) or early_answer(self.work.faults)
        for fault in self.work.faults:
            if fault.action == "token_expired" and fault.params["mode"] == "once":
                self.org.tokens.revoke(bearer(self.call))
            if fault.action == "shared_session_revoke":
                self.org.tokens.revoke_all()
        return answer

    async def answered(self, act: Acting) -> Answer:
        """Do what is asked, or say no."""
        try:
            return await act(self)
        except MethodNotAllowedError as wrong:
            return Answer(wrong.status, wrong.body(), {"Allow": wrong.allow})
        except ApiError as wrong:
            return Answer(wrong.status, wrong.body())

    def response(self, answer: Answer) -> Response:
        """Write an answer as HTTP."""
        if answer.body is None:
            return Response(b"", answer.status, {**self.usual_headers(), **answer.headers})
        pretty = self.call.header("x-prettyprint") == "1"
        content = envelope.written(answer.body, pretty=pretty)
        self.told = clipped(content)
        content, encoding = envelope.packed(content, self.call.header("accept-encoding"))
        headers = {"Content-Type": envelope.JSON, **encoding, **self.usual_headers()}
        return Response(content, answer.status, {**headers, **answer.headers})

    def usual_headers(self) -> dict[str, str]:
        """Give the headers that every answer of the data API carries (D)."""
        headers = envelope.cookie(self.request.cookies)
        headers["Cache-Control"] = "no-cache,must-revalidate,max-age=0,no-store,private"
        if self.work.user_id:
            used, most = self.org.calls.used, self.org.behaviour.daily_limit
            headers["Sforce-Limit-Info"] = f"api-usage={used}/{most}"
        skew = sum(f.params["s"] for f in self.work.faults if f.action == "clock_skew")
        moment = self.org.clock.now() + timedelta(seconds=skew)
        headers["Date"] = format_datetime(moment, usegmt=True)
        return headers

    async def wait(self, floor_s: float) -> None:
        """Wait until a time after the arrival: the org's own work is part of a latency."""
        left = self.started + floor_s - time.monotonic()
        if left > 0:
            await asyncio.sleep(left)

    async def delivered(self, response: Response) -> Response:
        """Let faults of the delivery act; count what the client will never know (commits)."""
        sent = await late.delivery(self.work.faults, self.wires, response)
        lost = isinstance(sent, Cut) or sent.status_code >= 500
        if self.work.committed and (lost or self.wires.gone(self.request)):
            self.note = f"{self.work.committed} rows committed, client saw an error"
            name = "rows lost"
            self.org.store.keep(name, self.org.store.fact(name, 0) + self.work.committed)
        return sent

    def remember(self, response: Response) -> None:
        """Write the request into the journal."""
        cut = isinstance(response, Cut)
        self.org.journal.add(
            Entry(
                at=self.org.clock.now().isoformat(timespec="milliseconds"),
                method=self.request.method,
                path=self.request.url.path,
                query=self.request.url.query,
                status=None if cut else response.status_code,
                ms=round((time.monotonic() - self.started) * 1000, 1),
                faults=[f"{f.id} {f.action}" for f in self.work.faults],
                request=clipped(self.call.raw) if self.call.op != "token" else "",
                response=self.told if self.call.op != "token" else "",
                note=self.note,
            )
        )


def readable_parts(call: Call) -> list[Call]:
    """Give the calls inside a call; none if its body cannot be read."""
    try:
        return parts_of(call)
    except ApiError:
        return []


async def data_answer(exchange: Exchange) -> Answer:
    """Answer a call of the data API: who, how many today, then the work itself."""
    org, call = exchange.org, exchange.call
    begin(org, call)
    org.calls.add()
    if org.calls.used > org.behaviour.daily_limit and not org.behaviour.soft_quota:
        raise too_many_calls()
    refuse_too_many_long_calls(org)
    call.work.seen_keys, pause_s = seen_keys(org, exchange.calls)
    if pause_s:
        await asyncio.sleep(pause_s)
        begin(org, call)
    envelope.refuse_other_than_json(call)
    if call.op == "apex":
        return apexrest.answer_to(org, call)
    if not org.behaviour.txn_ms:
        return outer_answer(org, call)
    wait_s = org.behaviour.lock_wait_ms / 1000
    async with org.locks.held(locked_by(org, exchange.calls), wait_s) as refused:
        begin(org, call)
        call.work.locked_out = refused
        answer = outer_answer(org, call)
        await asyncio.sleep(org.behaviour.txn_ms / 1000)
    return answer


def begin(org: Org, call: Call) -> None:
    """Look who calls and what they see; again after a wait, in which the org may have changed."""
    call.work.user_id = signed_in(org, call)
    call.work.schema = schema_seen(org.schema, call.work.faults)


def refuse_too_many_long_calls(org: Org) -> None:
    """Refuse a call while 25 others have been under way for 20 s (D); short ones never count."""
    since = time.monotonic() - org.behaviour.long_call_s
    if sum(n for t, n in org.under_way.items() if t <= since) >= org.behaviour.most_long_calls:
        raise too_many_long_calls()


def signed_in(org: Org, call: Call) -> str:
    """Give the user of the call's token, or refuse (R)."""
    scheme = call.header("authorization").partition(" ")[0].lower()
    if scheme and scheme not in {"bearer", "oauth"}:
        raise ApiError(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE")
    user_id = org.tokens.holder(bearer(call))
    if user_id is None or org.frozen:
        raise session_expired()
    return user_id


def bearer(call: Call) -> str:
    """Give the token that a call brings; `OAuth x` is as good as `Bearer x` (D)."""
    return call.header("authorization").partition(" ")[2].strip()
