"""Thousands are sent again from the page, while the worker dies and the page is closed."""

import time
from collections.abc import Callable

import pytest
from django.urls import reverse
from selenium.webdriver import Chrome

from tests.browser.chrome import IS_INSTALLED
from tests.browser.conftest import chrome  # noqa: F401 - a fixture
from tests.browser.visitor import Visitor
from tests.faults.kills import reborn
from tests.faults.scene import Scene
from tests.processes import until

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.browser,
    pytest.mark.skipif(not IS_INSTALLED, reason="needs chromium and chromedriver"),
]

REFUSED_OF_A_HUNDRED = 2
PASSWORD = "a quiet password"
# Each asks for a priority; of every hundred two ask for one that Salesforce does not have.
SEED = f"""
import uuid
from datetime import timedelta
from django.contrib.auth.models import User
from django.utils import timezone
from callbacks.models import AcdClient, Callback, FunctionRoute
User.objects.create_superuser("petra", password="{PASSWORD}")
route = FunctionRoute.objects.get()
route.find_caller_in = ""
route.save()
route.mappings.create(field="Priority", template="{{{{ user_data }}}}")
now, client = timezone.now(), AcdClient.objects.get()
Callback.objects.bulk_create((
    Callback(
        id=uuid.UUID(int=number), client=client, dialect="base", caller_number=str(4989000000 + number),
        received_at=now - timedelta(seconds=number), service_number="498946134180",
        payload={{"UserData": "Urgent" if number % 100 < {REFUSED_OF_A_HUNDRED} else "High"}},
        status="failed", lease_no=1, failures=1, failure_code="STRING_TOO_LONG",
        failure_signature="STRING_TOO_LONG Subject", failure_reason="A text is too long.",
    )
    for number in range(COUNT)
), batch_size=500)
"""


def signed_in(scene: Scene, driver: Chrome) -> Visitor:
    visitor = Visitor(driver, scene.site.url)
    visitor.opens(reverse("admin:login"))
    visitor.types("[name=username]", "petra")
    visitor.types("[name=password]", PASSWORD)
    visitor.presses("[type=submit]")
    visitor.sees(".jb-tiles, .jb-page")
    return visitor


def percent(visitor: Visitor) -> int:
    """What the bar on the page says."""
    bar = "return document.querySelector('[role=progressbar]').ariaValueNow"
    return int(visitor.runs(bar))


def state(visitor: Visitor) -> str:
    return str(visitor.runs("return document.querySelector('[data-progress]')?.dataset.state"))


def begins_the_replay(visitor: Visitor, count: int) -> str:
    """From the group to the page of its replay; returns the address of that."""
    visitor.opens(reverse("admin:callbacks_failedsync_changelist"))
    assert f"{count:,}" in visitor.sees(".jb-count").text
    visitor.presses(".jb-fails .jb-btn.primary")
    visitor.waits_until("document.querySelector('[name=rate][value=fast]')")
    visitor.presses("[name=rate][value=fast]")
    visitor.presses("form .jb-btn.primary")
    visitor.waits_until("document.querySelector('[role=progressbar]')")
    return str(visitor.runs("return location.pathname"))


def watched(visitor: Visitor, end: Callable[[], bool], seconds: float) -> list[int]:
    """The percentages that the page shows until then, each once."""
    seen: dict[int, None] = {}

    def has_ended() -> bool:
        seen[percent(visitor)] = None
        return end()

    until(has_ended, seconds=seconds, every=0.2)
    return list(seen)


def seconds_until_its_case(scene: Scene, key: str) -> float:
    """By the database's clock."""
    took = "EXTRACT(EPOCH FROM synced_at - received_at)"
    return float(
        scene.site.query(f"SELECT {took} FROM callbacks_callback WHERE id = '{key}'")[0][0]
    )


@pytest.mark.parametrize(
    ("count", "latency_ms", "killed_at", "seconds"),
    [(600, 2_000, 1, 120), pytest.param(20_000, 300, 40, 900, marks=pytest.mark.faults)],
)
def test_a_replay_survives_the_death_of_the_worker_and_of_its_page(
    scene: Scene,
    chrome: Chrome,  # noqa: F811 - the fixture
    count: int,
    latency_ms: int,
    killed_at: int,
    seconds: int,
) -> None:
    site, org = scene.site, scene.org
    site.python(SEED.replace("COUNT", str(count)))
    refused = sum(number % 100 < REFUSED_OF_A_HUNDRED for number in range(count))
    org.arm({"action": "latency", "params": {"ms": latency_ms}})
    site.start_web()
    site.start_beat()
    worker = site.start_worker()

    visitor = signed_in(scene, chrome)
    began = time.monotonic()
    page = begins_the_replay(visitor, count)
    seen = watched(visitor, lambda: percent(visitor) >= killed_at, seconds)
    visitor.opens("/healthz")  # the page is closed
    reborn(worker)()
    until(lambda: worker.log.read_text(errors="replace").count("ready.") > 1, seconds=60)
    new = site.post({"CallerID": "4989555010", "UserData": "High"}).json()["CallbackID"]
    until(lambda: site.get(new)["Status"] == "synced", seconds=60)
    waited = seconds_until_its_case(scene, new)
    visitor.opens(page)
    site.execute(
        "UPDATE callbacks_callback SET due_at = now() WHERE status = 'pending' AND lease_no > 2"
    )
    seen += watched(visitor, lambda: state(visitor) == "done", seconds)
    took = time.monotonic() - began

    scene.show("callbacks replayed", count)
    scene.show("seconds", took)
    scene.show("a minute", count / took * 60)
    scene.show("percentages seen on the page", len(seen))
    scene.show("a new callback waited, s", waited)
    assert len(seen) > 2
    assert seen == sorted(seen)
    assert percent(visitor) == 100
    assert site.counts() == {"synced": count - refused + 1, "failed": refused}
    items = dict(site.query("SELECT outcome, COUNT(*) FROM callbacks_replayitem GROUP BY outcome"))
    assert items == {"synced": count - refused, "failed": refused}
    synced = site.query("SELECT id FROM callbacks_callback WHERE status = 'synced'")
    scene.judge(str(key) for (key,) in synced)
    assert f"{count - refused:,} arrived in Salesforce" in visitor.reads()
