"""The telephone's side: numbers that callers dial, what becomes of them, and who asks."""

from datetime import datetime, timedelta

from callbacks.models import (
    AcdClient,
    FieldMapping,
    FunctionRoute,
    RejectedRequest,
    ServiceNumber,
)
from callbacks.models.route import AnswerField
from tests.factories import ClientFactory
from tests.seeding.people import Staff

MUNICH, SOUTH, BERLIN, CONTRACTS, FRANKFURT, UNNAMED = (
    *("498999998100", "498999998200", "493023125300"),
    *("492214710400", "496990009444", "494066969555"),
)
NAMES = {
    UNNAMED: "",
    SOUTH: "Störungsannahme Süd",
    BERLIN: "Kundenservice Berlin",
    CONTRACTS: "Vertragsabteilung",
    FRANKFURT: "Hotline Frankfurt",
    MUNICH: "Kundenservice München",
}
CUT_OFF = b'{\n  "CallerID": "0171 3920011",\n  "ServiceNumber" "089 99998100"\n}'
NOBODY = b'{\n  "ServiceNumber": "089 99998100",\n  "Function": "Termin"\n}'
REFUSALS = (
    (400, "unreadable", "The text is not JSON: line 3, character 19.", CUT_OFF),
    (400, "invalid", "The request names no caller: CallerID, Caller or CallbackNumber.", NOBODY),
    (
        415,
        "media_type_not_understood",
        "The media type text/xml is not understood; send JSON or a form.",
        b"<CallerID>0171 3920012</CallerID>",
    ),
)


def numbers_and_routes(now: datetime) -> None:
    """All that comes to Frankfurt waits, for nobody has made a route there."""
    FunctionRoute.objects.update(enabled=False, name="Jeder Rückruf")
    numbers = {number: _number(number, now) for number in NAMES}
    for number in (MUNICH, BERLIN):
        _route(f"Rückrufe {NAMES[number][14:]}", numbers[number], owner="Kundenservice")
    _route("Vertragsfragen", numbers[CONTRACTS], owner="Vertrag")
    _route("Rückruf Süd", numbers[SOUTH])
    known = _route("Wer ruft an?", None, "Kontakt", action="find_caller")
    south = _route("Störung Süd", numbers[SOUTH], "Störung", owner="Stoerung_Sued")
    FieldMapping.objects.bulk_create(
        FieldMapping(route=south, field=field, template=template)
        for field, template in (
            ("Priority", "High"),
            ("Subject", "Störung: bitte {{ caller_number }} zurückrufen ({{ service_name }})"),
            ("Description", "{{ user_data }}"),
        )
    )
    AnswerField.objects.create(route=known, name="Contact.Name", template="{{ contact_name }}")


def _number(number: str, now: datetime) -> ServiceNumber:
    name = NAMES[number]
    return ServiceNumber.objects.create(
        number=number,
        name=name,
        adopted=bool(name),
        merge_minutes=60 if number == MUNICH else 0,
        seen_at=now - timedelta(minutes=5),
    )


def _route(
    name: str, number: ServiceNumber | None, function: str = "", **more: str
) -> FunctionRoute:
    return FunctionRoute.objects.create(name=name, service_number=number, function=function, **more)


def clients(now: datetime) -> list[AcdClient]:
    recently = now - timedelta(minutes=1)
    return [
        ClientFactory.create(
            name="ACD München", last_used_at=recently, secret_changed_at=now - timedelta(days=40)
        ),
        ClientFactory.create(
            name="ACD Berlin",
            last_used_at=recently,
            previous_secret_digest="before",
            allowed_networks="192.0.2.0/24",
        ),
        ClientFactory.create(name="Auswertung", kind="reader", enabled=False),
    ]


def made_before(staff: Staff, now: datetime) -> None:
    """By somebody, weeks ago, one record after the other."""
    for weeks, model in enumerate((FunctionRoute, AcdClient, ServiceNumber), start=1):
        records = model.history.all()  # type: ignore[attr-defined]
        for number, record in enumerate(records):
            record.history_user = staff.administrator
            record.person_name = staff.administrator.get_full_name()
            record.history_date = now - timedelta(weeks=weeks, minutes=7 * number)
            record.save()


def rejected(client: AcdClient, now: datetime) -> None:
    RejectedRequest.objects.bulk_create(
        RejectedRequest(
            received_at=now - timedelta(hours=hours),
            client=client,
            status=status,
            code=code,
            reason=reason,
            method="POST",
            path="/api/v1/callbacks",
            content_type="text/xml" if status == 415 else "application/json",
            body=body,
            body_size=len(body),
        )
        for hours, (status, code, reason, body) in enumerate(REFUSALS, start=1)
    )
