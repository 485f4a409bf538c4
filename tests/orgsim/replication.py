"""Which records changed or went in a span of time."""

from datetime import datetime, timedelta

from . import clock
from .calls import Answer, Call
from .errors import ApiError
from .org import Org
from .records import sobject_named

LONGEST = timedelta(days=30)


def updated(org: Org, call: Call, name: str) -> Answer:
    """GET /sobjects/{name}/updated."""
    sobject = sobject_named(call, name)
    start, end = span(org, call)
    sql = (
        f'SELECT Id FROM "{sobject.name}" WHERE SystemModstamp >= ? AND SystemModstamp < ? '
        "AND IsDeleted = 0 ORDER BY SystemModstamp, Id"
    )
    ids = [row[0] for row in org.store.db.execute(sql, (start, end))]
    return Answer(200, {"ids": ids, "latestDateCovered": end})


def deleted(org: Org, call: Call, name: str) -> Answer:
    """GET /sobjects/{name}/deleted."""
    sobject = sobject_named(call, name)
    start, end = span(org, call)
    sql = (
        f'SELECT Id, SystemModstamp FROM "{sobject.name}" WHERE SystemModstamp >= ? '
        "AND SystemModstamp < ? AND IsDeleted = 1 ORDER BY SystemModstamp, Id"
    )
    gone = [
        {"deletedDate": stamp, "id": record_id}
        for record_id, stamp in org.store.db.execute(sql, (start, end))
    ]
    earliest = clock.written(org.clock.now() - LONGEST)
    body = {"deletedRecords": gone, "earliestDateAvailable": earliest, "latestDateCovered": end}
    return Answer(200, body)


def span(org: Org, call: Call) -> tuple[str, str]:
    """Read start and end, seconds ignored; 30 days back at most (D)."""
    start, end = moment(call, "start"), moment(call, "end")
    if start >= end:
        raise refused("startDate before endDate")
    if start < org.clock.now() - LONGEST:
        raise refused("startDate cannot be more than 30 days ago")
    return clock.written(start), clock.written(end)


def moment(call: Call, name: str) -> datetime:
    """Read one of the two times; a `+` in a URL may have become a blank."""
    found = clock.read(call.query.get(name, "").replace(" ", "+"))
    if found is None:
        raise refused(f"{name} is missing or not a date with time")
    return found.replace(second=0, microsecond=0)


def refused(message: str) -> ApiError:
    """Refuse a span of time (D for the code)."""
    return ApiError(400, "INVALID_REPLICATION_DATE", message)
