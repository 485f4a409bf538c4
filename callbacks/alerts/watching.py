"""One look, as the schedule asks for it every minute: see, tell, bring."""

import threading
from datetime import datetime

from callbacks.alerts.delivery import deliver
from callbacks.alerts.observing import observe
from callbacks.alerts.summary import tell_summary
from callbacks.alerts.telling import tell_changes
from callbacks.models import AlertRules

_looking = threading.Lock()  # a slow mail server holds one thread of a worker, never all


def watch(now: datetime) -> int:
    """Returns how many changes were told. One look at a time in a process."""
    if not _looking.acquire(blocking=False):
        return 0
    try:
        return _told(now)
    finally:
        _looking.release()


def _told(now: datetime) -> int:
    """What was told before goes out, whatever becomes of this look."""
    rules = AlertRules.objects.current()
    try:
        observe(rules, now)
        told = tell_changes(rules, now)
        tell_summary(rules, now)
    finally:
        deliver()
    return told
