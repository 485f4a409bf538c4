"""What would become of a callback: the exact request, and what the org would say to it.

Nothing is written, neither here nor there. The org is asked in one transaction with a second
create that cannot be, so that all of it is undone. What an org does by itself after a commit
(e-mail, calls to others) is not part of that, and remains unknown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from time import monotonic
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from callbacks.models import Callback, Correction, FunctionRoute
from callbacks.models.queue import NOBODY, Caller
from callbacks.routing import RouteTable
from crm import commenting, exchange, updating
from crm.canary import NO_CONTACT
from crm.client import CALL_SECONDS as DESCRIBE_SECONDS
from crm.client import SalesforceClient, Subrequest
from crm.contacts import callers_of
from crm.draft import Draft
from crm.drafting import SEARCH_SECONDS, draft, wish_of
from crm.errors import CrmError, CrmMisconfigured, CrmUnavailable, from_response, meaning_of
from crm.mapping import CallbackFacts, MappingError
from crm.meanings import Meaning
from crm.models import ObjectDescription, Org
from crm.places import OF_ITS_OWN, Known, Place, placed, updates
from crm.preconditions import check_described
from crm.recipes import Outlook, recipe_of
from crm.timing import CALL_SECONDS
from crm.transport import left
from crm.wire import composite_body

JSON = "application/json"
PATIENT_SECONDS = 150.0  # of whoever waits at a console
NONSENSE = {"Case": {"ContactId": NO_CONTACT}, "CaseComment": {"ParentId": "500000000000000AAA"}}


class Verdict(StrEnum):
    TAKEN = "taken"  # the org would make the record
    REFUSED = "refused"  # the org would not
    UNFIT = "unfit"  # the route makes something that does not fit; it would not be sent
    UNROUTED = "unrouted"  # no route wants it: it would be held
    NOTHING_TO_SEND = "nothing_to_send"  # the route does something else
    NOT_ASKED = "not_asked"  # the org is away, or not ours


SENTENCES = {
    Verdict.TAKEN: _("Salesforce would make the record."),
    Verdict.REFUSED: _("Salesforce would refuse the record."),
    Verdict.UNFIT: _("It would not be sent: what the route makes does not fit."),
    Verdict.UNROUTED: _("No route applies: it would be held."),
    Verdict.NOTHING_TO_SEND: _("Its route sends nothing to Salesforce."),
    Verdict.NOT_ASKED: _("Salesforce could not be asked."),
}


@dataclass(frozen=True)
class _Question:
    """The key under which the org is asked, and until when on the monotonic clock."""

    trial: UUID
    ends: float

    def left(self, most: float = DESCRIBE_SECONDS) -> float:
        return min(left(self.ends), most)


@dataclass(frozen=True)
class SentRequest:
    """As it would be sent, but for the token."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class DryRun:
    """`code` and `detail` say why it would not be made; `known_at` is set without the org."""

    callback: Callback
    verdict: Verdict
    route: FunctionRoute | None = None
    caller: Caller = NOBODY
    request: SentRequest | None = None
    code: str = ""
    detail: str = ""
    known_at: datetime | None = None
    is_comment: bool = False

    @property
    def meaning(self) -> Meaning:
        return meaning_of(self.code, self.detail)


def dry_run(
    callback: Callback, client: SalesforceClient, *, trial: UUID, seconds: float = PATIENT_SECONDS
) -> DryRun:
    """`trial` is a key that no callback has: under it the org is asked, in so many seconds."""
    route = RouteTable.load().match(callback.service_number, callback.function)
    if route is None:
        return DryRun(callback, Verdict.UNROUTED)
    return try_route(callback, route, client, trial=trial, seconds=seconds)


def try_route(
    callback: Callback,
    route: FunctionRoute,
    client: SalesforceClient,
    *,
    trial: UUID,
    seconds: float = PATIENT_SECONDS,
) -> DryRun:
    """The same by this route, which need not be stored, nor the one that applies."""
    if not route.sends:
        return DryRun(callback, Verdict.NOTHING_TO_SEND, route)
    run = DryRun(callback, Verdict.NOT_ASKED, route)
    try:
        return _with_the_org(run, route, client, _Question(trial, monotonic() + seconds))
    except CrmError as error:
        run = replace(run, code=error.code, detail=error.detail)
        return _without_the_org(run, route, client)


def _with_the_org(
    run: DryRun, route: FunctionRoute, client: SalesforceClient, question: _Question
) -> DryRun:
    _check_org(client, question)
    wish = wish_of(run.callback, route)
    caller = callers_of(client, [wish], deadline=question.left(SEARCH_SECONDS))[run.callback.id]
    run = replace(run, caller=caller)
    place = _place(run, route, client, question)
    if updates(route) and place.is_nowhere:
        return replace(run, verdict=Verdict.NOTHING_TO_SEND)
    run = replace(run, is_comment=place.comment is not None)
    try:
        drafted = _draft(run, route, Outlook.fresh(client, ends=question.ends), place)
    except MappingError as error:
        return _unfit(run, error)
    run = replace(run, request=_request(client, drafted, client.identity().instance_url))
    return _judged(run, client, drafted, question)


def _without_the_org(run: DryRun, route: FunctionRoute, client: SalesforceClient) -> DryRun:
    """By what is known of it from before, without looking for the caller."""
    described = ObjectDescription.objects.filter(name=route.target).first()
    if described is None or updates(route):  # whose Case it is, only the org knows
        return run
    run = replace(run, caller=NOBODY, known_at=described.described_at)
    try:
        drafted = _draft(run, route, Outlook.remembered())
    except MappingError as error:
        return _unfit(run, error)
    return replace(run, request=_request(client, drafted, client.access.url))


def _check_org(client: SalesforceClient, question: _Question) -> None:
    """As before every call, but nothing is pinned."""
    org_id = client.identity(deadline=question.left()).org_id
    if Org.objects.exclude(org_id="").exclude(org_id=org_id).exists():
        raise CrmMisconfigured("ANOTHER_ORG", f"signed in to {org_id}")
    check_described(client.describe("Case", deadline=question.left()))


def _place(
    run: DryRun, route: FunctionRoute, client: SalesforceClient, question: _Question
) -> Place:
    """The Case on which it would be a comment, if the route wants that."""
    key, known = run.callback.id, Known.of([(run.callback, route)])
    deadline = question.left(SEARCH_SECONDS)
    return known.places(client, {key: run.caller}, deadline=deadline).get(key, OF_ITS_OWN)


def _draft(run: DryRun, route: FunctionRoute, outlook: Outlook, place: Place = OF_ITS_OWN) -> Draft:
    zone = ZoneInfo(run.callback.client.timezone or settings.JTEL_TIMEZONE)
    corrected = Correction.objects.overlays([run.callback.id])[run.callback.id]
    facts = CallbackFacts(run.callback, zone, run.caller, ", ".join(place.others), corrected)
    return placed(draft(facts, *recipe_of(route, outlook)), place, facts, route)


def _requests(client: SalesforceClient, drafted: Draft) -> list[Subrequest]:
    if drafted.comment:
        return commenting.requests_of(client, [drafted])
    if drafted.update:
        return updating.requests_of(client, [drafted])
    return exchange.requests_of(client, [drafted])


def _unfit(run: DryRun, error: MappingError) -> DryRun:
    return replace(run, verdict=Verdict.UNFIT, code=error.code, detail=str(error))


def _request(client: SalesforceClient, drafted: Draft, address: str) -> SentRequest:
    return SentRequest(
        method="POST",
        url=address + client.data_path("composite"),
        headers={"Authorization": "Bearer […]", "Content-Type": JSON},
        body=orjson.loads(composite_body(_requests(client, drafted))),
    )


# --- what the org would say


def _judged(run: DryRun, client: SalesforceClient, drafted: Draft, question: _Question) -> DryRun:
    asked = _trial(client, drafted, question.trial)
    answer, undone = client.all_or_none(asked, deadline=question.left(CALL_SECONDS))
    if answer.status < 300 or undone.status < 300:  # noqa: PLR2004 - HTTP
        raise CrmUnavailable("UNREADABLE_ANSWER", "what had to be undone was not")
    error = from_response(answer.status, answer.body)
    if error.code == "PROCESSING_HALTED":
        return replace(run, verdict=Verdict.TAKEN)
    return replace(run, verdict=Verdict.REFUSED, code=error.code, detail=error.detail)


def _trial(client: SalesforceClient, drafted: Draft, trial: UUID) -> list[Subrequest]:
    """The record under another key; then one that its unique key forbids, whatever is mended of it.

    A comment has no such key: the second one is on a Case that cannot be.
    """
    headers = _requests(client, drafted)[0].headers
    sobject = "CaseComment" if drafted.comment else drafted.target.sobject
    key = {} if drafted.comment else {drafted.target.key_field: str(trial)}
    doomed = key | NONSENSE.get(sobject, {})
    url = client.data_path(f"sobjects/{sobject}")
    wanted = Subrequest("POST", url, "wanted", {**drafted.fields, **key}, headers)
    if drafted.update:
        case = f"{url}/{drafted.update.case_id}"
        wanted = Subrequest("PATCH", case, "wanted", drafted.fields, headers)
    return [wanted, Subrequest("POST", url, "doomed", doomed, headers)]
