"""An installation in the middle of its day, so that every page has something to show.

The same seed makes the same names, numbers and shares; only times follow the clock.
"""

from datetime import datetime
from random import Random

from django.utils import timezone

from callbacks.admin import attention
from tests.seeding import alerts, calls, conversation, people, replays, telephony, work


def everything(*, a_day: int = 40, days: int = 14, now: datetime | None = None) -> None:
    """So many callbacks a day, for so many days until now."""
    now, chance = now or timezone.now(), Random(4711)
    staff = people.staff()
    telephony.numbers_and_routes(now)
    clients = telephony.clients(now)
    telephony.rejected(clients[0], now)
    telephony.made_before(staff, now)
    calls.history(clients, chance, now, a_day=a_day, days=days)
    calls.curiosities(clients[0], staff, now)
    work.of_today(staff, now)
    replays.stopped(staff, now)
    replays.correction(staff, now)
    work.spread(now)
    conversation.org_and_its_day(now)
    conversation.described(now)
    conversation.comparisons_and_findings(now)
    conversation.schedule()
    conversation.passed_through(clients[0], now)
    alerts.told(now)
    attention.forget()
