"""The org's clock: real time plus an offset that tests may advance."""

from datetime import UTC, date, datetime, timedelta

YEARS = range(1700, 4001)


class Clock:
    """Tells the org's time, in whole seconds as Salesforce stores it (R)."""

    def __init__(self, offset_s: float = 0) -> None:
        self.offset_s = offset_s

    def now(self) -> datetime:
        """Give the org's time, UTC."""
        return datetime.now(UTC) + timedelta(seconds=self.offset_s)

    def epoch(self) -> float:
        """Give the org's time in seconds since 1970."""
        return self.now().timestamp()

    def stamp(self) -> str:
        """Give the org's time as the REST API writes datetimes."""
        return written(self.now())


def written(moment: datetime) -> str:
    """Write a datetime as `2026-11-23T03:03:27.000+0000` (R)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def read(text: str) -> datetime | None:
    """Read an ISO 8601 datetime with an offset, of the years 1700 to 4000 (D); else None."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo and moment.year in YEARS else None


def read_day(text: str) -> date | None:
    """Read an ISO 8601 date of the same years; else None."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None
