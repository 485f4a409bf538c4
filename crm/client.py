"""The only door to Salesforce, and the only file that knows which libraries speak HTTP.

Every call is bounded in time as a whole, signs in by itself, signs in again exactly once when the
org ended the session, and either returns typed data or raises one of the four errors of `errors`.
Nothing is ever sent twice after it may have arrived: sending again is the caller's decision.
"""

import os
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from re import compile as pattern
from time import monotonic
from typing import Any, TypeVar

import orjson
import requests
from simple_salesforce.api import Salesforce

from crm import usage
from crm.access import Access
from crm.apex import ApexAnswer, ApexRequest
from crm.errors import CrmError, CrmMisconfigured, CrmRejected, CrmUnavailable
from crm.transport import (
    apex_answer,
    body_of,
    guarded,
    http_session,
    left,
    secured,
    timeout_of,
    trusted,
)
from crm.wire import (
    Allowance,
    ApiUsage,
    Description,
    FieldInfo,
    Identity,
    Subrequest,
    Subresponse,
    composite_body,
    description_of,
    subresponses,
    well_formed,
)

__all__ = [
    "Access",
    "Allowance",
    "ApiUsage",
    "FieldInfo",
    "Identity",
    "SalesforceClient",
    "Subrequest",
    "Subresponse",
    "get_client",
]

CALL_SECONDS = 30.0
SIGN_IN_SECONDS = 15.0
USAGE_SECONDS = 60.0
# Salesforce blocks a user after 3,600 sign-ins an hour; several processes share one user.
SIGN_INS_PER_MINUTE = 10

T = TypeVar("T")


@dataclass(frozen=True)
class _Session:
    identity: Identity
    token: str = field(repr=False)
    library: Salesforce = field(repr=False)
    generation: int


class SalesforceClient:
    """One org, one user; shared by all threads of a process."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self.api_usage: ApiUsage | None = None
        self._usage_heard_at = float("-inf")
        self.generation = 0  # raised by each sign-in
        self._http = http_session(access)
        self._http.hooks["response"].append(self._note_usage)
        self._session: _Session | None = None
        self._signing_in = threading.Lock()
        self._sign_ins: deque[float] = deque(maxlen=SIGN_INS_PER_MINUTE)
        self._failure: CrmError | None = None
        self._failed_at = 0.0

    def composite(
        self, subrequests: Sequence[Subrequest], *, deadline: float, generation: int | None = None
    ) -> list[Subresponse]:
        """Send up to 25 subrequests, at most 5 of them queries and collections, as one API call.

        Each is on its own: a refusal of one is in its `status` and `body`, and raises nothing.
        `deadline` is seconds from now for everything, sign-in included. With `generation` the
        call is made under that sign-in or not at all: CrmUnavailable("SESSION_CHANGED").
        """
        data = composite_body(subrequests)
        return subresponses(
            self._call("composite", deadline, generation, method="POST", data=data), subrequests
        )

    def all_or_none(
        self, subrequests: Sequence[Subrequest], *, deadline: float
    ) -> list[Subresponse]:
        """The same as one transaction: a refusal undoes the others, as PROCESSING_HALTED."""
        data = composite_body(subrequests, all_or_none=True)
        return subresponses(
            self._call("composite", deadline, method="POST", data=data), subrequests
        )

    def describe(self, sobject: str, *, deadline: float = CALL_SECONDS) -> Description:
        return description_of(self._call(f"sobjects/{sobject}/describe", deadline))

    def query(
        self, soql: str, *, deleted: bool = False, deadline: float = CALL_SECONDS
    ) -> list[dict[str, Any]]:
        """Every record that the query finds, page by page; also deleted ones if asked for."""
        ends = monotonic() + deadline
        records: list[dict[str, Any]] = []
        page = self._call("queryAll" if deleted else "query", deadline, params={"q": soql})
        while True:
            with well_formed():
                records += page["records"]
                following = None if page["done"] else str(page["nextRecordsUrl"])
            if following is None:
                return records
            page = self._call(following.removeprefix(self.data_path("")), left(ends))

    def search(
        self, parameters: Mapping[str, Any], *, deadline: float = CALL_SECONDS
    ) -> list[dict[str, Any]]:
        """What a parameterized search finds; `parameters` as in its POST form. One API call."""
        data = orjson.dumps(parameters)
        answer = self._call("parameterizedSearch/", deadline, method="POST", data=data)
        with well_formed():
            return list(answer["searchRecords"])

    def limits(self, *, deadline: float = CALL_SECONDS) -> dict[str, Allowance]:
        """What the org allows, by name; needs the permission "View Setup and Configuration"."""
        answer = self._call("limits", deadline)
        with well_formed():
            return {
                name: Allowance(int(raw["Max"]), int(raw["Remaining"]))
                for name, raw in answer.items()
            }

    def versions(self, *, deadline: float = CALL_SECONDS) -> list[str]:
        """The API versions that the org offers, oldest first. Costs no API call."""
        url = f"{secured(self.access.url)}/services/data/"
        get = partial(self._http.get, url, timeout=timeout_of(deadline), allow_redirects=False)
        body = guarded(lambda: body_of(get()))
        with well_formed():
            return [str(raw["version"]) for raw in body]

    def apex(
        self, request: ApexRequest, *, deadline: float, most_bytes: int, only_org: str = ""
    ) -> ApexAnswer:
        """Ask an Apex REST resource of the org's own; its answer as it is, whatever its status.

        Never by a redirect, and never of another org than `only_org`, if that is given.
        """
        ends = monotonic() + deadline

        def ask(session: _Session) -> ApexAnswer:
            if only_org not in {"", session.identity.org_id}:
                raise CrmMisconfigured("ANOTHER_ORG", f"signed in to {session.identity.org_id}")
            return self._ask_apex(session, request, ends, most_bytes)

        return self._in_session(ends, ask)

    def probe(self, *, deadline: float = CALL_SECONDS) -> None:
        """Return if the org lets us in and answers, whatever we last sent. One API call."""
        self._call("", deadline)

    def fresh_api_usage(self) -> ApiUsage | None:
        """What the org said within the last minute, if anything: later, others have used more."""
        is_fresh = monotonic() - self._usage_heard_at < USAGE_SECONDS
        return self.api_usage if is_fresh else None

    @property
    def is_signed_in(self) -> bool:
        """As far as we know: the org ends sessions without a word."""
        return self._session is not None

    def identity(self, *, deadline: float = CALL_SECONDS) -> Identity:
        return self._signed_in(monotonic() + deadline).identity

    def sign_out(self) -> None:
        """Forget the session, so that the next call signs in anew.

        It is not revoked: other clients of the same user may share it.
        """
        self._session = None

    def record_url(self, record_id: str, sobject: str = "Case") -> str:
        return f"{self.identity().instance_url}/lightning/r/{sobject}/{record_id}/view"

    def data_path(self, suffix: str) -> str:
        return f"/services/data/v{self.access.api_version}/{suffix}"

    def _call(
        self, path: str, seconds: float, generation: int | None = None, **options: Any
    ) -> Any:
        ends = monotonic() + seconds
        return self._in_session(
            ends, lambda session: self._ask(session, path, ends, **options), generation
        )

    def _in_session(
        self, ends: float, ask: Callable[[_Session], T], generation: int | None = None
    ) -> T:
        session = self._signed_in(ends)
        if generation not in {None, session.generation}:
            raise CrmUnavailable("SESSION_CHANGED")
        try:
            return ask(session)
        except CrmMisconfigured as refusal:
            if refusal.code != "INVALID_SESSION_ID":
                raise
        # Sessions end at any time, and only this refusal tells. Once: a second is an answer.
        session = self._signed_in(ends, refused=session)
        if generation is not None:
            raise CrmUnavailable("SESSION_CHANGED")
        return ask(session)

    def _ask(self, session: _Session, path: str, ends: float, **options: Any) -> Any:
        call = partial(session.library.restful, path, allow_redirects=False, **options)
        return guarded(lambda: call(timeout=timeout_of(left(ends))), [session.token])

    def _ask_apex(
        self, session: _Session, request: ApexRequest, ends: float, most_bytes: int
    ) -> ApexAnswer:
        url = secured(session.identity.instance_url) + request.target
        call = partial(
            self._http.request,
            *(request.method, url),
            data=request.body,
            headers={**request.headers, "Authorization": f"Bearer {session.token}"},
            allow_redirects=False,
            stream=True,
        )
        answer: ApexAnswer = guarded(
            lambda: apex_answer(call(timeout=timeout_of(left(ends))), most_bytes), [session.token]
        )
        return answer

    def _signed_in(self, ends: float, *, refused: _Session | None = None) -> _Session:
        """The session of all threads; while one signs in, the others wait for its outcome."""
        session = self._session
        if session is not None and session is not refused:
            return session
        asked_at = monotonic()
        if not self._signing_in.acquire(timeout=left(ends)):
            raise CrmUnavailable("NO_ANSWER", "waiting for the sign-in of another thread")
        try:
            if self._session is not None and self._session is not refused:
                return self._session
            if self._failure and self._failed_at > asked_at:
                raise self._failure.again()
            return self._renewed(ends)
        finally:
            self._signing_in.release()

    def _renewed(self, ends: float) -> _Session:
        self._session = None
        try:
            self._spend_sign_in()
            session = self._sign_in(ends)
        except CrmError as failure:
            self._failure, self._failed_at = failure, monotonic()
            raise
        self._failure = None
        self.generation = session.generation
        self._session = session
        return session

    def _spend_sign_in(self) -> None:
        """A program that signs in for ever locks its user out, and every other one with it."""
        now = monotonic()
        if len(self._sign_ins) == SIGN_INS_PER_MINUTE and now - self._sign_ins[0] < 60:  # noqa: PLR2004
            raise self._failure.again() if self._failure else CrmUnavailable("TOO_MANY_SIGN_INS")
        self._sign_ins.append(now)

    def _sign_in(self, ends: float) -> _Session:
        url, form = secured(self.access.token_url), self.access.token_form()
        timeout = timeout_of(min(left(ends), SIGN_IN_SECONDS))
        post = partial(self._http.post, url, form, timeout=timeout, allow_redirects=False)
        try:
            body = guarded(lambda: body_of(post()), self.access.secrets)
        except CrmRejected as refusal:
            # No record is at fault here, whatever the code.
            raise CrmMisconfigured(refusal.code, refusal.detail) from None
        with well_formed():
            return self._session_of(body)

    def _session_of(self, body: Any) -> _Session:
        """Read the token answer; its `id` is a URL that ends in org id and user id."""
        instance_url = trusted(str(body["instance_url"]), plain=self.access.is_plain)
        org_id, user_id = str(body["id"]).split("/")[-2:]
        token = str(body["access_token"])
        library = Salesforce(
            session_id=token,
            instance_url=instance_url,
            version=self.access.api_version,
            session=self._http,
            object_pairs_hook=None,
        )
        # Its own address has lost the brackets of an IPv6 one.
        library.base_url = secured(instance_url) + self.data_path("")
        library.headers.pop("X-PrettyPrint")  # twice the bytes, for nobody's eyes
        identity = Identity(org_id, user_id, instance_url)
        return _Session(identity, token, library, self.generation + 1)

    def _note_usage(self, answer: requests.Response, **_: Any) -> None:
        """From refusals too: they are when it matters."""
        if found := _API_USAGE.search(answer.headers.get("Sforce-Limit-Info", "")):
            self.api_usage = ApiUsage(used=int(found[1]), maximum=int(found[2]))
            self._usage_heard_at = monotonic()
            usage.hear(used=self.api_usage.used, maximum=self.api_usage.maximum)


_API_USAGE = pattern(r"(?<!-)\bapi-usage=(\d+)/(\d+)")


# --- one client per process

_shared: SalesforceClient | None = None
_sharing = threading.Lock()


def get_client() -> SalesforceClient:
    """Give this process's client; made anew when the settings differ. Touches no network."""
    global _shared  # noqa: PLW0603 - one per process is the point
    access = Access.from_settings()
    if not access.url:
        raise CrmMisconfigured("NOT_CONFIGURED")
    with _sharing:
        if _shared is None or _shared.access != access:
            _shared = SalesforceClient(access)
        return _shared


def _forget_parent() -> None:
    """A forked child must not share the parent's sockets, nor a lock that nobody will release."""
    global _shared, _sharing
    _shared, _sharing = None, threading.Lock()


os.register_at_fork(after_in_child=_forget_parent)
