"""The way back: what agents have done with the Cases of our callbacks.

By the org's clock: asked for is what changed since the newest change that we know of, and a little
before it, because what is being saved just then shows up later, with an earlier time.
"""

import time
from datetime import datetime, timedelta

import structlog

from callbacks.models import Callback
from crm import flow, keyed
from crm.asking import heed, may_ask
from crm.client import SalesforceClient
from crm.draft import Target
from crm.errors import CrmError
from crm.models import Org
from crm.news import News
from crm.outcomes import Chance
from crm.targets import targets

log = structlog.get_logger()

OVERLAP = timedelta(minutes=5)
MOST_ASKED_FOR = 200  # by id, in one query; of the others the nightly comparison tells
BEFORE_THE_FIRST = timedelta(days=1)  # the org's clock may be behind ours


def pull_cases(client: SalesforceClient, *, until: float, chance: Chance) -> int:
    """Bring home how our Cases stand. Returns how many callbacks learned something.

    One API call for each kind of record. Ends at `until` on the monotonic clock; the next pull
    goes on from there.
    """
    if not Callback.objects.filter(status="synced").exists() or not may_ask(client, chance):
        return 0
    changed = sum(_pulled(client, target, until, chance) for target in targets())
    if changed:
        log.info("Cases pulled", changed=changed)
    return changed


def _pulled(client: SalesforceClient, target: Target, until: float, chance: Chance) -> int:
    name, news = f"{target.sobject}.{target.key_field}", News(client, target)
    try:
        also = list(news.followed)[:MOST_ASKED_FOR]
        for page in keyed.pages(client, target, by="SystemModstamp", since=_since(name), also=also):
            news.take(page)
            if page:
                Org.note_pulled(name, page[-1].modified_at)
            if time.monotonic() > until or flow.quota_reserve_reached(client):
                break
    except CrmError as error:
        heed(error, chance)
        log.warning("Cases not pulled", object=target.sobject, error=str(error))
    return news.changed


def _since(name: str) -> datetime:
    if known := Org.objects.current().pulled_until.get(name):
        return datetime.fromisoformat(known) - OVERLAP
    oldest = Callback.objects.order_by("received_at").values_list("received_at", flat=True)
    return oldest[0] - BEFORE_THE_FIRST
