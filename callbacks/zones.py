"""In which zone each telephone system tells its times, held in memory: every callback needs it."""

from zoneinfo import ZoneInfo

from django.conf import settings

from callbacks.models import AcdClient
from callbacks.snapshot import Snapshot

MAX_AGE_SECONDS = 10


def default_zone() -> ZoneInfo:
    return ZoneInfo(settings.JTEL_TIMEZONE)


def _by_client() -> dict[int, ZoneInfo]:
    """The zones of clients that have one of their own."""
    named = AcdClient.objects.exclude(timezone="").values_list("pk", "timezone")
    return {pk: ZoneInfo(name) for pk, name in named}


zones_by_client = Snapshot(_by_client, max_age=MAX_AGE_SECONDS)
