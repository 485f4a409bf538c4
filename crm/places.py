"""Where a callback goes that is to be a comment: its caller's one open Case, or one of its own.

Nobody is guessed: with none or several open Cases it becomes a Case of its own, which names them.
What was sent before is looked for where it was sent to.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any, Self
from uuid import UUID

from django.conf import settings

from callbacks.models import Callback
from callbacks.models.queue import NOBODY, Caller
from crm.client import SalesforceClient
from crm.default_case import sent
from crm.draft import Comment, Draft
from crm.keyed import chunks
from crm.lookups import MOST, case_number_in, phone_forms
from crm.models import SentComment
from crm.soql import listed
from crm.transport import left
from crm.values import clipped
from crm.wire import well_formed

CALLBACKS_PER_QUERY = 10  # an address holds 16 kB
MOST_CHARACTERS = 4_000  # of a comment


@dataclass(frozen=True)
class Place:
    """`comment` is None for a record of its own; `cases` are those that nobody chose from."""

    comment: Comment | None = None
    cases: tuple[tuple[str, str], ...] = ()  # id and number

    @property
    def others(self) -> list[str]:
        return [number for _, number in self.cases]


OF_ITS_OWN = Place()


@dataclass(frozen=True)
class Wanted:
    """By what a callback's Case is recognised."""

    key: str
    case_number: str = ""
    phones: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    own: tuple[str, ...] = ()

    def is_met_by(self, case: Mapping[str, Any]) -> bool:
        if self.case_number:
            return bool(case["CaseNumber"] == self.case_number)
        return (
            case["SuppliedPhone"] in self.phones
            or case["ContactId"] in self.contacts
            or case["Id"] in self.own
        )


@dataclass(frozen=True)
class Known:
    """What our own rows tell of callbacks: Cases of the same callers, and what was sent."""

    callbacks: Sequence[Callback] = ()
    own: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    firsts: Mapping[UUID, str] = field(default_factory=dict)
    sent: Mapping[UUID, tuple[str, bool]] = field(default_factory=dict)

    @classmethod
    def of(cls, callbacks: Sequence[Callback]) -> Self:
        if not callbacks:
            return cls()
        numbers = {callback.caller_number for callback in callbacks} - {""}
        keys = [callback.id for callback in callbacks]
        return cls(callbacks, own_cases(numbers), _firsts(callbacks), SentComment.of(keys))

    def places(
        self, client: SalesforceClient, callers: Mapping[UUID, Caller], *, deadline: float
    ) -> dict[UUID, Place]:
        """CrmError if the org does not tell. `deadline` is in seconds from now."""
        ends = monotonic() + deadline
        places = {
            key: Place(Comment(case_id, was_sent=True, may_come=may_come))
            for key, (case_id, may_come) in self.sent.items()
        }
        wanted = {
            callback.id: self._wanted(callback, callers.get(callback.id, NOBODY))
            for callback in self.callbacks
            if callback.id not in places
        }
        for some in chunks(wanted.items(), CALLBACKS_PER_QUERY):
            cases = client.query(_soql([one for _, one in some]), deadline=left(ends))
            with well_formed():
                places |= {key: _place(one, cases) for key, one in some}
        return places

    def _wanted(self, callback: Callback, caller: Caller) -> Wanted:
        if callback.merged_into_id:
            case = self.firsts.get(callback.merged_into_id)
            return Wanted(key=str(callback.id), own=(case,) if case else ())
        number = callback.caller_number or callback.callback_number
        candidates = [one["id"] for one in caller.candidates if one["object"] == "Contact"]
        contacts = [caller.contact_id] if caller.contact_id else candidates
        return Wanted(
            key=str(callback.id),
            case_number=case_number_in(sent(callback, "UserData")),
            phones=tuple(phone_forms(number)),
            contacts=tuple(contacts),
            own=self.own.get(callback.caller_number, ()),
        )


def own_cases(numbers: set[str]) -> dict[str, tuple[str, ...]]:
    """Cases that we made for these callers and that are open as far as we know, newest first."""
    ours = (
        Callback.objects.filter(
            caller_number__in=numbers,
            status=Callback.Status.SYNCED,
            case_closed_at=None,
            case_object__in=["Case", ""],
        )
        .exclude(case_gone=Callback.Gone.DELETED)
        .order_by("-received_at")
    )
    cases: dict[str, dict[str, None]] = defaultdict(dict)
    for number, case_id in ours.values_list("caller_number", "case_id"):
        if len(cases[number]) < MOST:
            cases[number][case_id] = None
    return {number: tuple(ids) for number, ids in cases.items()}


def _firsts(callbacks: Sequence[Callback]) -> dict[UUID, str]:
    """Cases of the callbacks that these were merged into."""
    keys = {c.merged_into_id for c in callbacks if c.merged_into_id}
    firsts = Callback.objects.filter(id__in=keys).exclude(case_id="")
    return dict(firsts.values_list("id", "case_id")) if keys else {}


def on_its_place(draft: Draft, place: Place) -> Draft:
    """The draft of a Case, as a comment if it is to be one: what the Case would describe."""
    if place.comment is None:
        return draft
    key = f"\n\nCallback {draft.key}"
    text = clipped(str(draft.fields.get("Description") or ""), MOST_CHARACTERS - len(key))
    fields = {"ParentId": place.comment.case_id, "CommentBody": text + key}
    return replace(draft, fields=fields, comment=place.comment)


def as_update(draft: Draft, place: Place) -> Draft:
    """The draft as a change of the Case that was found; our key stays what it is there."""
    fields = {n: v for n, v in draft.fields.items() if n != draft.target.key_field}
    return replace(draft, fields=fields, updates=place.comment.case_id if place.comment else "")


def named(place: Place) -> list[dict[str, str]]:
    """The Cases that could be meant, as candidates are kept."""
    return [{"object": "Case", "id": case_id, "name": name} for case_id, name in place.cases]


def _place(wanted: Wanted, cases: Sequence[Mapping[str, Any]]) -> Place:
    key_field = settings.SALESFORCE_KEY_FIELD
    if any((case[key_field] or "").lower() == wanted.key for case in cases):
        return OF_ITS_OWN  # made in an attempt before
    found = [case for case in cases if not case["IsClosed"] and wanted.is_met_by(case)]
    if len(found) != 1:
        return Place(cases=tuple((str(c["Id"]), str(c["CaseNumber"])) for c in found[:MOST]))
    [case] = found
    return Place(Comment(str(case["Id"]), str(case["CaseNumber"]), str(case["Status"] or "")))


def _soql(wanted: Sequence[Wanted]) -> str:
    fields = "Id, CaseNumber, Status, IsClosed, ContactId, SuppliedPhone"
    key_field = settings.SALESFORCE_KEY_FIELD
    is_its = f"{key_field} IN {listed(one.key for one in wanted)}"
    which = f"(IsClosed = false AND ({' OR '.join(_conditions(wanted))})) OR {is_its}"
    if not any(_conditions(wanted)):
        which = is_its
    return (
        f"SELECT {fields}, {key_field} FROM Case WHERE {which} ORDER BY CreatedDate DESC, Id DESC"  # noqa: S608 - literals
    )


def _conditions(wanted: Sequence[Wanted]) -> Iterator[str]:
    named = {one.case_number for one in wanted if one.case_number}
    others = [one for one in wanted if not one.case_number]
    places = {
        "CaseNumber": named,
        "ContactId": {each for one in others for each in one.contacts},
        "SuppliedPhone": {each for one in others for each in one.phones},
        "Id": {each for one in others for each in one.own},
    }
    for name, values in places.items():
        if values:
            yield f"{name} IN {listed(sorted(values))}"
