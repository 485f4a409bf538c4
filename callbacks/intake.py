"""From a request to a row. One statement for a new callback; the rest only for repeats."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from django.conf import settings
from django.db.models import F

from callbacks import dialects, sightings
from callbacks.merging import merge_new
from callbacks.models import AcdClient, Callback, FunctionRoute
from callbacks.models.columns import insert_if_new
from callbacks.parsers import Arrival
from callbacks.phone import to_e164
from callbacks.routing import route_table
from callbacks.signals import callback_accepted

MAX_ROUNDS = 5
MOST_CHARACTERS = 255  # of what is searched for: an index takes no long texts; the payload does
MERGEABLE = (Callback.Status.PENDING, Callback.Status.HELD)


class KeyContestedError(Exception):
    """The idempotency key changed hands in every round; repeating the request is safe."""


@dataclass(frozen=True)
class Accepted:
    """`route` is what applies to the request now; None if nothing does."""

    callback: Callback
    duplicate: bool
    route: FunctionRoute | None


@dataclass(frozen=True)
class Key:
    """What makes a repeat recognisable. A fingerprint holds for a window, the others for good."""

    text: str
    expires: bool


def accept(
    arrival: Arrival, *, client: AcdClient, kind: str, idempotency_key: str, now: datetime
) -> Accepted:
    """Store the request, or find the callback that it repeats. Committed when it returns."""
    facts = dialects.facts_of(arrival.fields)
    callback, route = build(facts, arrival, client=client, kind=kind, now=now)
    if route and route.looks_up:
        insert_if_new(callback)  # without a key: a question may come again
        stored, duplicate = callback, False
    else:
        stored, duplicate = _store(callback, key_of(facts, arrival, idempotency_key))
    sightings.note(client, stored.service_number, now)
    minutes = route_table.get().windows.get(stored.service_number)
    if minutes and not duplicate and callback.status in MERGEABLE:
        merge_new(callback, minutes=minutes, route=route)
    is_due = not duplicate and callback.status == Callback.Status.PENDING
    if is_due and not (route and route.patience_ms):  # else its request brings it on the way
        callback_accepted.send(sender=Callback, callback=callback)
    return Accepted(stored, duplicate, route)


def question(
    arrival: Arrival, *, client: AcdClient, now: datetime
) -> tuple[Callback, FunctionRoute | None]:
    """Read a look-up that asks and leaves nothing behind: what it says, and the route for it."""
    facts = dialects.facts_of(arrival.fields)
    callback, route = build(facts, arrival, client=client, kind=Callback.Kind.CALLBACK, now=now)
    callback.status = Callback.Status.ANSWERED.value
    callback.dialect = Callback.Dialect.BASE  # there is one for look-ups
    sightings.note(client, callback.service_number, now)
    return callback, route


def build(
    facts: dialects.Facts, arrival: Arrival, *, client: AcdClient, kind: str, now: datetime
) -> tuple[Callback, FunctionRoute | None]:
    """The callback that a request means, not stored yet, and the route for it."""
    region = client.region or settings.JTEL_DEFAULT_REGION
    zone = _zone(client.timezone or settings.JTEL_TIMEZONE)
    started_at, start_flag = dialects.to_utc(facts.call_start, zone)
    ended_at, end_flag = dialects.to_utc(facts.call_end, zone)
    service_number = to_e164(facts.service_number, region) or _cut(facts.service_number)
    function = _cut(facts.function)
    table = route_table.get()
    route = table.match(service_number, function)
    callback = Callback.arriving(
        client=client,
        kind=str(kind),
        dialect=facts.dialect,
        status=_first_status(route).value,
        received_at=now,
        caller_text=_cut(facts.caller),
        caller_number=to_e164(facts.caller, region),
        callback_text=_cut(facts.callback_number),
        callback_number=to_e164(facts.callback_number, region),
        service_number=service_number,
        service_name=facts.service_name or table.names.get(service_number, ""),
        function=function,
        call_started_at=started_at,
        call_ended_at=ended_at,
        time_flag=end_flag or start_flag,
        payload=arrival.fields,
        raw_body=arrival.body,
        raw_query=arrival.query,
        content_type=arrival.content_type,
    )
    return callback, route


def _cut(text: str) -> str:
    return text[:MOST_CHARACTERS]


def _first_status(route: FunctionRoute | None) -> Callback.Status:
    if route is None:
        return Callback.Status.HELD
    return Callback.Status.PENDING if route.sends else Callback.Status.ANSWERED


def key_of(facts: dialects.Facts, arrival: Arrival, idempotency_key: str) -> Key:
    if idempotency_key:
        return Key(f"header:{_hash(idempotency_key)}", expires=False)
    if facts.event_id:
        return Key(f"event:{_hash(facts.event_id)}", expires=False)
    return Key(f"fields:{_hash(arrival.fields)}", expires=True)


def _store(callback: Callback, key: Key) -> tuple[Callback, bool]:
    """Insert; on a clash look at who holds the key. Each round another reason can apply.

    Returns what is stored, and whether the request was a repeat of it.
    """
    callback.idempotency_key = key.text
    for _round in range(MAX_ROUNDS):
        if insert_if_new(callback):
            return callback, False
        holder = _holder_of_key(callback)
        if holder is None or (key.expires and _released(holder, callback.received_at)):
            continue
        if holder.id == callback.id:  # our own insert, whose answer a lost connection took away
            return callback, False
        if not _same_wish(holder, callback):
            callback.idempotency_key = f"{key.text}:{_hash(_wish(callback))}"
            callback.key_reused = True
            continue
        return _noted(holder, callback), True
    raise KeyContestedError


def _holder_of_key(callback: Callback) -> Callback | None:
    return Callback.objects.filter(
        client=callback.client, kind=callback.kind, idempotency_key=callback.idempotency_key
    ).first()


def _released(holder: Callback, now: datetime) -> bool:
    """Take the key from a callback older than the window: the same words are a new wish."""
    window = timedelta(seconds=settings.CALLBACK_DEDUPE_SECONDS)
    if now - holder.received_at <= window:
        return False
    Callback.objects.filter(id=holder.id, idempotency_key=holder.idempotency_key).update(
        idempotency_key=None
    )
    return True


def _same_wish(one: Callback, other: Callback) -> bool:
    return _wish(one) == _wish(other)


def _wish(callback: Callback) -> list[str]:
    """Who wants to be called back, by which service."""
    return [callback.caller_number or callback.caller_text, callback.service_number]


def _noted(holder: Callback, repeat: Callback) -> Callback:
    changes: dict[str, Any] = {"repeats": F("repeats") + 1, "repeated_at": repeat.received_at}
    if holder.payload != repeat.payload:
        changes["repeat_differed"] = True
    Callback.objects.filter(id=holder.id).update(**changes)
    return holder


def _hash(value: Any) -> str:
    canonical = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(canonical).hexdigest()


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
