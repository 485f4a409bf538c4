"""Date literals: what TODAY or LAST_N_DAYS:3 mean, in UTC days (the org's users are on UTC)."""

from datetime import datetime, timedelta

Span = tuple[datetime, datetime]


def span(literal: str, now: datetime) -> Span:
    """Give the start and the end (exclusive) of a period."""
    name, _, count = literal.partition(":")
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if name == "LAST_N_DAYS":
        return today - timedelta(days=int(count)), today + timedelta(days=1)
    if name == "NEXT_N_DAYS":
        return today + timedelta(days=1), today + timedelta(days=int(count) + 1)
    if name == "N_DAYS_AGO":
        return one_day(today - timedelta(days=int(count)))
    return plain(name, today)


def plain(name: str, today: datetime) -> Span:
    """Give the span of a period without a count."""
    if name.endswith("_MONTH"):
        return month(today, back=name == "LAST_MONTH")
    if name.endswith("_WEEK"):
        # Weeks start on Sunday in an org with the en_US locale (M).
        sunday = today - timedelta(days=(today.weekday() + 1) % 7)
        start = sunday - timedelta(days=7 if name == "LAST_WEEK" else 0)
        return start, start + timedelta(days=7)
    shift = {"TODAY": 0, "YESTERDAY": -1, "TOMORROW": 1}[name]
    return one_day(today + timedelta(days=shift))


def one_day(day: datetime) -> Span:
    """Give the span of one day."""
    return day, day + timedelta(days=1)


def month(today: datetime, *, back: bool) -> Span:
    """Give the span of this month or the one before."""
    start = today.replace(day=1)
    if back:
        return (start - timedelta(days=1)).replace(day=1), start
    return start, (start + timedelta(days=32)).replace(day=1)
