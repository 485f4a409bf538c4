"""SIGKILL at random moments, to everyone who takes part: nothing is lost, nothing doubled."""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.faults.callers import Acd, at_a_pace
from tests.faults.kills import carried_out, planned, reborn
from tests.faults.scene import Scene
from tests.faults.servers import OwnPostgres, OwnRabbit, OwnRedis
from tests.orgsim.process import Org
from tests.processes import Installation

pytestmark = pytest.mark.postgres

PER_SECOND = 50
VICTIMS = ["web", "worker", "beat", "the broker", "PostgreSQL", "a session of PostgreSQL"]
WITH_RABBIT = pytest.mark.skipif(not OwnRabbit.BINARY, reason="needs rabbitmq-server")

Broker = OwnRedis | OwnRabbit


@pytest.fixture
def postgres() -> Iterator[OwnPostgres]:
    with tempfile.TemporaryDirectory(prefix="jtelbridge-postgres-") as folder, ExitStack() as end:
        server = OwnPostgres(Path(folder) / "cluster")
        end.callback(server.stop)
        yield server


@pytest.fixture
def mortal_broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Broker]:
    server: Broker = request.param(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def mortal(
    tmp_path: Path,
    org: Org,
    postgres: OwnPostgres,
    mortal_broker: Broker,
    record_property: Callable[[str, object], None],
) -> Iterator[Scene]:
    """A scene in which even the database and the broker may die."""
    site = Installation(
        tmp_path, postgres.url, mortal_broker.url, {"ACD_REQUESTS_PER_SECOND": "100000"}
    )
    site.talk_to(org)
    site.prepare()
    yield Scene(site, org, Acd(site), record_property)
    for running in site.running:
        running.kill()


@pytest.mark.parametrize(
    ("mortal_broker", "kills", "seconds"),
    [
        (OwnRedis, 6, 6),
        pytest.param(OwnRedis, 102, 240, marks=pytest.mark.faults),
        pytest.param(OwnRabbit, 102, 240, marks=[pytest.mark.faults, WITH_RABBIT]),
    ],
    indirect=["mortal_broker"],
)
def test_whoever_is_killed_each_acknowledged_callback_gets_its_case(
    mortal: Scene,
    postgres: OwnPostgres,
    mortal_broker: Broker,
    seed: int,
    kills: int,
    seconds: int,
) -> None:
    site, org = mortal.site, mortal.org
    org.arm({"action": "latency", "params": {"ms": 100}})  # so that some die in mid-call
    deaths = {
        "web": reborn(site.start_web()),
        "worker": reborn(site.start_worker()),
        "beat": reborn(site.start_beat()),
        "the broker": reborn(mortal_broker),
        "PostgreSQL": reborn(postgres),
        "a session of PostgreSQL": postgres.kill_a_session,
    }
    plan = planned(seed, VICTIMS, kills=kills, seconds=seconds)
    with ThreadPoolExecutor(1) as killer:
        killing = killer.submit(carried_out, plan, deaths)
        stored = at_a_pace(mortal.acd.insist, range(PER_SECOND * seconds), per_second=PER_SECOND)
        killing.result()
    site.expire_leases()
    mortal.all_settle(len(stored))

    for victim, count in Counter(kill.victim for kill in plan).items():
        mortal.show(f"killed: {victim}", count)
    mortal.show("posted again until confirmed", sum(one.tries > 1 for one in stored))
    mortal.show_answers(killing=stored)
    [(leased_again,)] = site.query("SELECT COUNT(*) FROM callbacks_callback WHERE lease_no > 2")
    mortal.show("leased more than once", leased_again)
    mortal.judge(one.key for one in stored)
    assert len({one.key for one in stored}) == len(stored)
