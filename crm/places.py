"""Where a callback goes that is to be a comment or a change: its caller's one open Case.

Nobody is guessed: with none or several open Cases a comment becomes a Case of its own, which names
them, and a change is not made. What was sent before is finished where it was sent to.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any, Self
from uuid import UUID

from django.conf import settings

from callbacks.models import Callback, FunctionRoute
from callbacks.models.queue import NOBODY, Caller
from crm.client import SalesforceClient
from crm.default_case import sent
from crm.draft import Comment, Draft, Update
from crm.keyed import chunks
from crm.lookups import MOST, case_number_in, phone_forms
from crm.mapping import CallbackFacts
from crm.models import CaseUpdate, SentComment
from crm.soql import listed
from crm.targets import usual_target
from crm.transport import left
from crm.values import clipped
from crm.wire import well_formed

CASE_FIELDS = ("Id", "CaseNumber", "Status", "IsClosed", "ContactId", "SuppliedPhone")
STANDING = ("LastModifiedDate", "LastModifiedById")
CALLBACKS_PER_QUERY = 10  # an address holds 16 kB
MOST_CHARACTERS = 4_000  # of a comment

Routed = tuple[Callback, FunctionRoute]


def updates(route: FunctionRoute) -> bool:
    return route.action == FunctionRoute.Action.UPDATE


def comments(callback: Callback, route: FunctionRoute) -> bool:
    """Whether a Case that is there is looked for, to be commented on or changed."""
    wants = route.action == FunctionRoute.Action.COMMENT or callback.merged_into_id
    return updates(route) or (bool(wants) and route.target == "Case")


def number_of_case(callback: Callback) -> str:
    """Of the Case that the request names, or ""."""
    return case_number_in(sent(callback, "UserData"))


def standing(case: Mapping[str, Any]) -> str:
    """By which it is seen that somebody changed a Case; the org's times are whole seconds."""
    return " ".join(str(case[name]) for name in STANDING)


@dataclass(frozen=True)
class Place:
    """With neither a comment nor a change it is a record of its own, which `is_made` perhaps.

    `cases` are those that nobody chose from, each with its number.
    """

    comment: Comment | None = None
    update: Update | None = None
    is_made: bool = False
    cases: tuple[tuple[str, str], ...] = ()

    @property
    def is_nowhere(self) -> bool:
        """Nothing that is there already, and could be changed or was made."""
        return not (self.comment or self.update or self.is_made)

    @property
    def others(self) -> list[str]:
        return [number for _, number in self.cases]


OF_ITS_OWN = Place()
MADE_BEFORE = Place(is_made=True)


@dataclass(frozen=True)
class Wanted:
    """By what a callback's Case is recognised."""

    key: str
    changes: bool = False
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
    changing: Collection[UUID] = ()  # those of them that are to change a Case
    own: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    firsts: Mapping[UUID, str] = field(default_factory=dict)
    begun: Mapping[UUID, Place] = field(default_factory=dict)

    @classmethod
    def of(cls, routed: Sequence[Routed]) -> Self:
        begun = _begun([each for each in routed if each[0].lease_no > 1])
        new = [each for each in routed if each[0].id not in begun]
        callbacks = [callback for callback, route in new if comments(callback, route)]
        if not callbacks:
            return cls(begun=begun)
        changing = {callback.id for callback, route in new if updates(route)}
        numbers = {callback.caller_number for callback in callbacks} - {""}
        return cls(callbacks, changing, own_cases(numbers), _firsts(callbacks), begun)

    def places(
        self, client: SalesforceClient, callers: Mapping[UUID, Caller], *, deadline: float
    ) -> dict[UUID, Place]:
        """CrmError if the org does not tell. `deadline` is in seconds from now."""
        ends = monotonic() + deadline
        places = dict(self.begun)
        wanted = {
            callback.id: self._wanted(callback, callers.get(callback.id, NOBODY))
            for callback in self.callbacks
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
            changes=callback.id in self.changing,
            case_number=number_of_case(callback),
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


def _begun(routed: Sequence[Routed]) -> dict[UUID, Place]:
    """Where those go that left before: to the same Case, whatever became of that.

    A comment also whatever the route makes today: it may be there, or come.
    """
    if not routed:
        return {}
    sent = SentComment.of([callback.id for callback, _ in routed])
    comments = {
        key: Place(Comment(case_id, was_sent=True, may_come=may_come))
        for key, (case_id, may_come) in sent.items()
    }
    changing = [callback.id for callback, route in routed if updates(route)]
    changes = {
        key: Place(update=Update(change.case_id, change.stood, was_sent=True))
        for key, change in CaseUpdate.left(changing).items()
    }
    return changes | comments


def placed(draft: Draft, place: Place, facts: CallbackFacts, route: FunctionRoute) -> Draft:
    """The draft as a comment or a change, if it is to be one.

    A comment says what the Case would describe. Of a change our key stays what it is there.
    """
    if place.comment:
        is_of_a_case = route.target == "Case" and not updates(route)
        says = draft.fields.get("Description") if is_of_a_case else facts.default("Description")
        key = f"\n\nCallback {draft.key}"
        text = clipped(str(says or ""), MOST_CHARACTERS - len(key))
        fields = {"ParentId": place.comment.case_id, "CommentBody": text + key}
        return replace(draft, target=usual_target(), fields=fields, comment=place.comment)
    if place.update:
        fields = {n: v for n, v in draft.fields.items() if n != draft.target.key_field}
        return replace(draft, fields=fields, update=place.update)
    return draft


def named(place: Place) -> list[dict[str, str]]:
    """The Cases that could be meant, as candidates are kept."""
    return [{"object": "Case", "id": case_id, "name": name} for case_id, name in place.cases]


def _place(wanted: Wanted, cases: Sequence[Mapping[str, Any]]) -> Place:
    key_field = settings.SALESFORCE_KEY_FIELD
    if any((case[key_field] or "").lower() == wanted.key for case in cases):
        return MADE_BEFORE
    found = [case for case in cases if not case["IsClosed"] and wanted.is_met_by(case)]
    if len(found) != 1:
        return Place(cases=tuple((str(c["Id"]), str(c["CaseNumber"])) for c in found[:MOST]))
    [case] = found
    if wanted.changes:
        return Place(update=Update(str(case["Id"]), standing(case)))
    return Place(Comment(str(case["Id"]), str(case["CaseNumber"]), str(case["Status"] or "")))


def _soql(wanted: Sequence[Wanted]) -> str:
    fields = ", ".join([*CASE_FIELDS, *STANDING])
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
