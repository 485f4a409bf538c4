"""The org makes the Case, its answer is lost, and an agent is quicker than our next attempt."""

import pytest

from tests.faults.scene import KEY, Scene
from tests.orgsim.triggers import AGENT

pytestmark = pytest.mark.postgres

LOST = {"action": "commit_then_drop", "match": {"op": "create"}, "count": 1}


def test_what_the_agent_did_stays_and_the_callback_finds_its_case(scene: Scene) -> None:
    scene.org.arm(LOST)
    scene.site.start_web()
    key = scene.acd.insist(1).key
    scene.site.manage("sync_now")
    assert scene.site.get(key)["Status"] == "pending"
    [case] = scene.org.records("Case")
    scene.org.edit(case["Id"], Status="Closed", OwnerId=AGENT, Priority="Low")

    scene.site.expire_leases()
    scene.site.manage("sync_now")
    told = scene.site.get(key)
    assert (told["Status"], told["CaseID"]) == ("synced", case["Id"])
    [kept] = scene.org.records("Case")
    assert (kept["Status"], kept["OwnerId"], kept["Priority"]) == ("Closed", AGENT, "Low")
    assert kept[KEY] == key
    audit = scene.org.audit()
    assert audit["reassigned_after_owner_change"] == audit["status_overwritten"] == []
    assert audit["rows_committed_but_client_saw_error"] == 1
