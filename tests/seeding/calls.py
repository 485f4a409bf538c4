"""Callbacks in every state, over some days, with what happened to each."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import cycle
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import timezone

from callbacks.models import AcdClient, Callback, SyncAttempt
from crm.meanings import MEANINGS
from crm.signature import signature_of
from tests.seeding.people import Staff
from tests.seeding.telephony import BERLIN, CONTRACTS, FRANKFURT, MUNICH, NAMES, SOUTH, UNNAMED

ORG = "https://acme.my.salesforce.com/lightning/r"
BUSY = {6: 3, 7: 6, 8: 10, 9: 12, 10: 12, 11: 11, 12: 7, 13: 8, 14: 10, 15: 9, 16: 7, 17: 4, 18: 2}
SHARES = {MUNICH: 34, SOUTH: 24, BERLIN: 20, CONTRACTS: 16, FRANKFURT: 5, UNNAMED: 1}
ROUTELESS = {FRANKFURT, UNNAMED}
FUNCTIONS = ("Rückruf", "Rückruf", "Störung", "Vertrag", "Termin", "")
PEOPLE = (
    *("Anna Fischer", "Paul Becker", "Maria Weber", "Thomas Schneider", "Leyla Demir"),
    *("Lukas Schmidt", "Ingrid Hofmann", "Piotr Nowak", "Sofia Rossi", "Jürgen Krüger"),
)
CLOSED = "Geschlossen"
CASE_STATES = ("Neu", "In Arbeit", "Eskaliert", CLOSED, CLOSED, CLOSED)
FOLLOWING = 7  # so many of the latest have no outcome yet


class Refusal(NamedTuple):
    code: str
    words: str
    fields: tuple[str, ...]


LONG = Refusal("STRING_TOO_LONG", "Betreff: Datenwert zu groß (max. Länge=40)", ("Subject",))
OWNER = Refusal("INVALID_CROSS_REFERENCE_KEY", "Owner-ID: ungültige ID", ("OwnerId",))
RULE = Refusal("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Bitte das Produkt angeben.", ("Product__c",))
LACKING = Refusal("REQUIRED_FIELD_MISSING", "Pflichtfeld fehlt: [Origin]", ("Origin",))
REFUSALS = (LONG, OWNER, RULE, LONG, LACKING, LONG, OWNER, LONG)
LATELY = timedelta(hours=30)  # what is older has been dealt with
REFUSED = 6  # one of so many


def history(
    clients: Sequence[AcdClient], chance: Random, now: datetime, *, a_day: int, days: int
) -> None:
    found = [
        _callback(clients[chance.random() < 0.3], chance, moment)
        for moment in _moments(chance, now, a_day, days)
    ]
    refusals = cycle(REFUSALS)
    for number, callback in enumerate(found[:-FOLLOWING]):
        is_new = now - callback.received_at < LATELY
        if is_new and callback.service_number in ROUTELESS:
            callback.status = Callback.Status.HELD
        elif is_new and number % REFUSED == 0:
            _refuse(callback, next(refusals))
        else:
            _bring(callback, chance, is_new=is_new)
    for number, callback in enumerate(found[-FOLLOWING:]):
        callback.received_at = now - timedelta(seconds=8 + 50 * (FOLLOWING - number))
    Callback.objects.bulk_create(found, batch_size=500)
    SyncAttempt.objects.bulk_create(
        [attempt for callback in found for attempt in _attempts(callback, chance)], batch_size=500
    )


def _moments(chance: Random, now: datetime, a_day: int, days: int) -> list[datetime]:
    """By the hours at which people call; nothing in the future."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    hours = chance.choices(list(BUSY), list(BUSY.values()), k=a_day * days)
    moments = (
        midnight - timedelta(days=number % days) + timedelta(hours=hour + chance.random())
        for number, hour in enumerate(hours)
    )
    return sorted(moment for moment in moments if moment < now)


def _callback(client: AcdClient, chance: Random, moment: datetime) -> Callback:
    number = chance.choices(list(SHARES), list(SHARES.values()))[0]
    caller = f"49171392{chance.randrange(10_000):04d}"
    function = chance.choice(FUNCTIONS)
    fields = {
        "CallerID": f"+{caller}",
        "ServiceNumber": number,
        "ServiceName": NAMES[number],
        "Function": function,
        "UserData": f"Kundennummer {chance.randrange(10_000, 99_999)}",
    }
    return Callback(
        id=UUID(int=chance.getrandbits(128), version=4),
        client=client,
        dialect=Callback.Dialect.BASE,
        received_at=moment,
        caller_text=f"+{caller}",
        caller_number=caller,
        service_number=number,
        service_name=NAMES[number],
        function=function,
        payload=fields,
        raw_body=json.dumps(fields, ensure_ascii=False).encode(),
        content_type="application/json",
        contact_name=chance.choice((*PEOPLE, "", "", "", "")),
    )


def _refuse(callback: Callback, refusal: Refusal) -> None:
    meaning = MEANINGS[refusal.code]
    callback.status, callback.failures = Callback.Status.FAILED, 1
    callback.failure_class = meaning.trouble
    callback.failure_code, callback.failure_detail = refusal.code, refusal.words
    callback.failure_reason = meaning.reason
    callback.failure_next_step = meaning.next_step
    callback.failure_signature = signature_of(refusal.code, refusal.words, fields=refusal.fields)


def _bring(callback: Callback, chance: Random, *, is_new: bool = True) -> None:
    number = chance.randrange(1000, 10**6)
    callback.status = Callback.Status.SYNCED
    callback.case_id = f"500Ab{number:010d}AAA"
    callback.case_number = f"{number:08d}"
    callback.case_url = f"{ORG}/Case/{callback.case_id}/view"
    callback.case_object, callback.case_owner = "Case", "Kundenservice"
    callback.case_status = chance.choice(CASE_STATES) if is_new else CLOSED
    callback.synced_at = callback.received_at + timedelta(seconds=chance.uniform(0.4, 3.2))
    if callback.contact_name:
        callback.contact_id = f"003Ab{number:010d}AAA"
    if callback.case_status == CLOSED:
        callback.case_closed_at = callback.received_at + timedelta(minutes=40)


def _attempts(callback: Callback, chance: Random) -> Iterator[SyncAttempt]:
    def attempt(seconds: float, outcome: SyncAttempt.Outcome, **words: str) -> SyncAttempt:
        return SyncAttempt(
            callback=callback,
            lease_no=1,
            started_at=callback.received_at + timedelta(seconds=seconds),
            duration_ms=chance.randrange(180, 900),
            outcome=outcome,
            **words,
        )

    if callback.status == Callback.Status.FAILED:
        words = {"code": callback.failure_code, "detail": callback.failure_detail}
        yield attempt(1.1, SyncAttempt.Outcome.FAILED, **words)
    if callback.status == Callback.Status.SYNCED:
        if chance.random() < 0.05:
            busy = MEANINGS["UNABLE_TO_LOCK_ROW"].reason
            yield attempt(0.3, SyncAttempt.Outcome.PUT_OFF, code="UNABLE_TO_LOCK_ROW", detail=busy)
        yield attempt(0.9, SyncAttempt.Outcome.SYNCED)


def _put_off(one: Callable[..., Callback], now: datetime) -> None:
    """Its key is the last one: of those that wait it is looked at."""
    waits = one(
        4,
        id=UUID(int=2**128 - 1),
        status="pending",
        asked_again=1,
        lease_no=2,
        failures=2,
        due_at=now + timedelta(minutes=19),
    )
    one(3, status="merged", merged_into=waits, caller_number=waits.caller_number)
    busy = {"code": "UNABLE_TO_LOCK_ROW", "detail": MEANINGS["UNABLE_TO_LOCK_ROW"].reason}
    SyncAttempt.objects.bulk_create(
        SyncAttempt(
            callback=waits,
            lease_no=lease_no,
            started_at=waits.received_at + timedelta(minutes=lease_no - 1, seconds=1),
            duration_ms=318,
            outcome=SyncAttempt.Outcome.PUT_OFF,
            **busy,
        )
        for lease_no in (1, 2)
    )


def curiosities(client: AcdClient, staff: Staff, now: datetime) -> None:
    """What is rare, one of each."""

    def one(minutes: int, **facts: Any) -> Callback:
        usual = {
            "client": client,
            "dialect": Callback.Dialect.ACD_EVENT,
            "received_at": now - timedelta(minutes=minutes),
            "caller_text": f"0171 39200{minutes:02d}",
            "caller_number": f"4917139200{minutes:02d}",
            "service_number": MUNICH,
            "service_name": NAMES[MUNICH],
        }
        callback = Callback(**(usual | facts))
        if "status" not in facts:
            _bring(callback, Random(minutes))
        callback.save()
        return callback

    first = one(50, asked_again=1, repeats=2, repeated_at=now - timedelta(minutes=49))
    one(44, status="merged", merged_into=first, caller_number=first.caller_number)
    _put_off(one, now)
    one(42, status="answered", function="Kontakt", contact_name="Anna Fischer")
    one(
        40, status="held", service_number=FRANKFURT, service_name=NAMES[FRANKFURT], kind="voicemail"
    )
    one(38, caller_text="anonymous", caller_number="", callback_text="0171 3920038")
    one(
        36,
        status="dismissed",
        dismissed_at=now - timedelta(minutes=30),
        dismissed_by=staff.clerk,
        dismiss_reason="Testanruf",
        key_reused=True,
        time_flag="unreadable",
    )
    one(
        34,
        candidates=[
            {"object": "Contact", "id": f"003Ab000000000{n}AAA", "name": name}
            for n, name in enumerate(PEOPLE[:2], start=1)
        ],
    )
