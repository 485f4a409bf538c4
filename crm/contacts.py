"""Who is calling: the contacts, leads and accounts that have a number, found in few searches.

The org's index finds digits as they were typed, and lags behind by 1 to 10 minutes: somebody who
was entered or changed just before the call is not found, and nothing here can bridge that.
What is found is looked at again, digit by digit. Nobody is guessed.
"""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from time import monotonic
from uuid import UUID
from weakref import WeakKeyDictionary

import structlog

from callbacks.models.queue import NOBODY, Caller
from crm.client import SalesforceClient
from crm.errors import CrmError, CrmMisconfigured, CrmRejected, CrmUnavailable
from crm.numbers import ways_of
from crm.phone_search import (
    PHONE_FIELDS,
    WANTED_FIELDS,
    Finding,
    Key,
    Match,
    findings,
    halves,
    parameters,
    portions,
)
from crm.schema import UNKNOWN_OBJECT
from crm.transport import left
from crm.wire import well_formed

log = structlog.get_logger()

MOST_AT_ONCE = 8  # of all batches of a process
MOST_HALVES = 24  # of searches that found too much, in a batch
MOST_CANDIDATES = 10
KEPT_SECONDS = 60.0
REST_SECONDS = 600.0
MOST_KEPT = 10_000


@dataclass(frozen=True)
class Wish:
    """One callback whose caller is to be found.

    `numbers` are E.164 without `+`, the caller's first; what is no such number is not searched.
    `objects` are some of Contact, Lead, Account: the first in which somebody has one of the
    numbers decides.
    """

    key: UUID
    numbers: tuple[str, ...]
    objects: tuple[str, ...]


def callers_of(
    client: SalesforceClient, wishes: Sequence[Wish], *, deadline: float
) -> dict[UUID, Caller]:
    """Who is behind each wish; `deadline` is seconds from now for everything.

    Raises CrmLimitReached or CrmMisconfigured if the org takes nothing from us at all. A search
    that brings no answer only leaves its callers uncertain: if more than the search is down, the
    call that makes the Cases shows it, and nobody waits for a Case because of a search.
    """
    memory = _memory_of(client)
    wanted = dict.fromkeys(key for wish in wishes for key in _keys_of(wish))
    found = memory.recall(client.generation, wanted)
    missing = [key for key in wanted if key not in found]
    if missing:
        search = _Search(client, memory, monotonic() + deadline)
        found |= search.run(missing)
    return {wish.key: _caller(wish, found, memory) for wish in wishes}


def _keys_of(wish: Wish) -> list[Key]:
    numbers = [number for number in wish.numbers if ways_of(number)]
    return [(name, number) for name in wish.objects for number in numbers]


# --- from findings to a caller


def _caller(wish: Wish, found: Mapping[Key, Finding], memory: "_Memory") -> Caller:
    keys, passed_over = _keys_of(wish), False
    for name in dict.fromkeys(name for name, _ in keys):
        if not memory.fields_of(name):
            passed_over = True
            continue
        told = [found.get(key) for key in keys if key[0] == name]
        matches = {match.id: match for finding in told if finding for match in finding.matches}
        is_certain = all(finding and finding.is_complete for finding in told)
        if matches or not is_certain:
            return _decided(list(matches.values()), is_certain=is_certain)
    return Caller(is_uncertain=True) if passed_over else NOBODY


def _decided(matches: list[Match], *, is_certain: bool) -> Caller:
    """One is the caller, several are candidates; one of perhaps several is nobody."""
    if len(matches) > 1:
        several = sorted(matches, key=lambda match: (match.name, match.id))
        return Caller(candidates=_candidates(several), is_uncertain=not is_certain)
    if not is_certain:
        return Caller(is_uncertain=True)
    [match] = matches
    if match.object == "Contact":
        return Caller(contact_id=match.id, account_id=match.account_id, name=match.name)
    if match.object == "Account":
        return Caller(account_id=match.id, name=match.name)
    return Caller(name=match.name, candidates=_candidates(matches))  # a Case has no field for leads


def _candidates(matches: Iterable[Match]) -> tuple[dict[str, str], ...]:
    return tuple(
        {"object": match.object, "id": match.id, "name": match.name}
        for match in list(matches)[:MOST_CANDIDATES]
    )


# --- the searches of a batch


class _Search:
    def __init__(self, client: SalesforceClient, memory: "_Memory", ends: float) -> None:
        self._client = client
        self._memory = memory
        self._ends = ends

    def run(self, missing: Sequence[Key]) -> dict[Key, Finding]:
        """What could be found out; it is remembered."""
        names = tuple(dict.fromkeys(name for name, _ in missing))
        try:
            found = self._with_what_may_be_read(names, missing)
        except CrmUnavailable as error:
            log.warning("callers not found out", error=str(error))
            found = {}
        self._memory.keep(self._client.generation, found)
        return found

    def _with_what_may_be_read(
        self, names: tuple[str, ...], missing: Sequence[Key]
    ) -> dict[Key, Finding]:
        """A refusal tells of one object or field, not which: look at what there is, once."""
        try:
            return self._rounds(names, missing)
        except (CrmRejected, CrmMisconfigured) as refusal:
            log.warning("search refused", error=str(refusal))
        for name in names:
            self._memory.limit(name, self._readable(name))
        try:
            return self._rounds(names, missing)
        except (CrmRejected, CrmMisconfigured) as refusal:
            log.warning("search refused again, rests", error=str(refusal))
        for name in names:
            self._memory.limit(name, ())
        return {}

    def _readable(self, name: str) -> tuple[str, ...]:
        """The fields that our user may read. Other trouble than that is the org's own: raised."""
        try:
            seen = self._client.describe(name, deadline=left(self._ends)).fields
        except CrmError as error:
            if error.code not in UNKNOWN_OBJECT:
                raise
            return ()
        has_numbers = any(field in seen for field in PHONE_FIELDS[name])
        return tuple(filter(seen.__contains__, WANTED_FIELDS[name])) if has_numbers else ()

    def _rounds(self, names: Sequence[str], missing: Sequence[Key]) -> dict[Key, Finding]:
        """Search; where an object came to its limit, halve the numbers and search again."""
        fields = {name: wanted for name in names if (wanted := self._memory.fields_of(name))}
        numbers = dict.fromkeys(number for name, number in missing if name in fields)
        pending: list[Sequence[str]] = list(portions(numbers))
        halves_left, found = MOST_HALVES, dict[Key, Finding]()
        while pending:
            answers = self._side_by_side(fields, pending)
            crowded = []
            for portion, answer in zip(pending, answers, strict=True):
                found |= answer or {}
                if answer is not None and len(answer) < len(portion) * len(fields):
                    crowded.append(portion)
            pending = [half for portion in crowded for half in halves(portion)][:halves_left]
            halves_left -= len(pending)
        return found

    def _side_by_side(
        self, fields: Mapping[str, Sequence[str]], asked_for: Sequence[Sequence[str]]
    ) -> list[dict[Key, Finding] | None]:
        ask = partial(self._asked, fields)
        others = self._memory.pool.map(ask, asked_for[1:])
        return [ask(asked_for[0]), *others]

    def _asked(
        self, fields: Mapping[str, Sequence[str]], numbers: Sequence[str]
    ) -> dict[Key, Finding] | None:
        """What one search says; None if it brings no answer."""
        try:
            records = self._client.search(parameters(numbers, fields), deadline=left(self._ends))
            with well_formed():
                return findings(records, numbers, fields)
        except CrmUnavailable as error:
            log.warning("search without an answer", error=str(error), numbers=len(numbers))
            return None


# --- what was found lately


class _Memory:
    """Of one client: findings for a minute, for some minutes what our user may not read, threads."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.clock = clock
        self.pool = ThreadPoolExecutor(MOST_AT_ONCE, "search")
        self._lock = threading.Lock()
        self._findings: dict[tuple[int, Key], tuple[float, Finding]] = {}
        self._limits: dict[str, tuple[float, tuple[str, ...]]] = {}

    def recall(self, generation: int, keys: Iterable[Key]) -> dict[Key, Finding]:
        """What was found under this sign-in: the next one may be to another org."""
        since = self.clock() - KEPT_SECONDS
        with self._lock:
            kept = {key: self._findings.get((generation, key)) for key in keys}
        return {key: known[1] for key, known in kept.items() if known and known[0] > since}

    def keep(self, generation: int, found: Mapping[Key, Finding]) -> None:
        now = self.clock()
        with self._lock:
            for key, finding in found.items():
                self._findings.pop((generation, key), None)  # the oldest come first
                self._findings[generation, key] = (now, finding)
            while len(self._findings) > MOST_KEPT:
                del self._findings[next(iter(self._findings))]

    def limit(self, name: str, fields: tuple[str, ...]) -> None:
        """Search this object by these fields only, or not at all, for some minutes."""
        self._limits[name] = (self.clock(), fields)

    def fields_of(self, name: str) -> tuple[str, ...]:
        limit = self._limits.get(name)
        if limit is None or self.clock() - limit[0] > REST_SECONDS:
            return WANTED_FIELDS[name]
        return limit[1]


_memories: WeakKeyDictionary[SalesforceClient, _Memory] = WeakKeyDictionary()
_remembering = threading.Lock()


def _memory_of(client: SalesforceClient) -> _Memory:
    with _remembering:
        return _memories.setdefault(client, _Memory())
