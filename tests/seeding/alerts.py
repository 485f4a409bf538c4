"""What people were told, and what stands otherwise than it should."""

from datetime import datetime, timedelta
from uuid import NAMESPACE_OID, uuid5

from callbacks.models import Alert, AlertMessage, AlertRules, NumberWatch, ServiceNumber
from tests.seeding.telephony import FRANKFURT, MUNICH, SOUTH

IT = "edv@example.com"


def told(now: datetime) -> None:
    rules = AlertRules.objects.current()
    south = ServiceNumber.objects.get(number=SOUTH)
    NumberWatch.objects.create(rules=rules, service_number=south, unserved_hours=8)
    _stands("decisions", "", now - timedelta(minutes=50), {"failed": 6, "held": 4})
    for number in (FRANKFURT, SOUTH):
        _stands("unserved", number, now - timedelta(hours=3), {})
    _over("silent", MUNICH, now - timedelta(days=3))
    _sent("Rückrufe warten auf eine Entscheidung", now - timedelta(minutes=45))
    _sent("Ein Anrufer wartet zu lange auf Antwort: Störungsannahme Süd", now - timedelta(hours=3))
    _sent("Rückrufe vom Vortag", now - timedelta(hours=5), error="421 try again later")


def _stands(kind: str, subject: str, began: datetime, facts: dict[str, int]) -> None:
    Alert.objects.create(
        kind=kind,
        subject=subject,
        is_on=True,
        changed_at=began,
        began_at=began,
        facts=facts | {"since": (began - timedelta(days=1)).isoformat()},
        told_on=True,
        told_at=began + timedelta(minutes=5),
    )


def _over(kind: str, subject: str, ended: datetime) -> None:
    began = ended - timedelta(hours=1)
    Alert.objects.create(
        kind=kind, subject=subject, changed_at=ended, began_at=began, told_at=ended
    )


def _sent(subject: str, at: datetime, error: str = "") -> None:
    AlertMessage.objects.create(
        key=uuid5(NAMESPACE_OID, subject),
        channel="mail",
        receiver=IT,
        subject=f"[jtelbridge] {subject}",
        text=subject,
        created_at=at,
        sent_at=None if error else at,
        error=error,
    )
