"""Stored requests reach the org in their order, at least once, and none is lost."""

import json
from datetime import timedelta
from time import monotonic

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils import timezone
from pytest_django import Settings

from crm.client import SalesforceClient
from crm.models import Org, PassThroughResource, StoredRequest
from crm.models.stored_request import Trouble
from crm.passthrough import delivery
from crm.passthrough.retention import erase_received_before
from crm.tasks import erase_stored
from tests.crm.calls import AT_ONCE, client_of
from tests.crm.hostile import hostile, never
from tests.crm.passing import DIAL, STATISTICS
from tests.orgsim import process as orgsim

pytestmark = pytest.mark.django_db

LEASE = 150.0
TROUBLE = Trouble("HTTP 500", "", answered=True)


def stored(*parts: int, path: str = STATISTICS) -> list[StoredRequest]:
    return [
        StoredRequest.objects.create(
            method="POST",
            path=path,
            content_type="application/json",
            body=json.dumps({"jtelStatisticsPartAID": part}).encode(),
        )
        for part in parts
    ]


def forward(client: SalesforceClient) -> None:
    """As the worker does, with every wait over: chance 0 is no wait at all."""
    delivery.forward_due(client, until=monotonic() + AT_ONCE, chance=lambda: 0.0)


def arrived(org: orgsim.Org) -> list[int]:
    """The parts as they came, repeats included."""
    tasks = sorted(org.records("Task"), key=lambda task: str(task["Id"]))
    return [json.loads(task["Description"])["jtelStatisticsPartAID"] for task in tasks]


def states(*, of: str = STATISTICS) -> list[str]:
    return list(
        StoredRequest.objects.filter(path=of).order_by("id").values_list("status", flat=True)
    )


def one() -> StoredRequest:
    return StoredRequest.objects.get()


def refuse(org: orgsim.Org, status: int, *, times: int) -> None:
    words = {"body": "json", "code": "NO", "message": "refused by a test"}
    fault = {"action": "status", "match": {"op": "apex"}, "params": {"status": status, **words}}
    org.arm(fault | {"count": times})


def test_the_vendors_resources_are_listed_from_the_start() -> None:
    listed = PassThroughResource.objects.values_list("path", "methods", "mode", "enabled")
    assert set(listed) == {(DIAL, "GET", "live", True), (STATISTICS, "POST", "store", True)}


def test_they_arrive_in_the_order_in_which_they_came(
    client: SalesforceClient, org: orgsim.Org
) -> None:
    stored(*range(5))
    forward(client)
    assert arrived(org) == list(range(5))
    assert states() == ["delivered"] * 5
    assert set(StoredRequest.objects.values_list("attempts", "unanswered", "code")) == {
        (1, 0, "HTTP 200")
    }


def test_what_came_is_what_is_sent(client: SalesforceClient, org: orgsim.Org) -> None:
    stored(7)
    StoredRequest.objects.update(query="part=1&x=%2B")
    forward(client)
    entry = next(entry for entry in org.log() if "apexrest" in entry["path"])
    assert (entry["method"], entry["query"]) == ("POST", "part=1&x=%2B")
    assert entry["request"] == '{"jtelStatisticsPartAID": 7}'


def test_nobody_overtakes_while_the_first_waits(client: SalesforceClient, org: orgsim.Org) -> None:
    first, _ = stored(1, 2)
    leased = StoredRequest.objects.lease_next(STATISTICS, seconds=LEASE)
    assert leased == first
    assert StoredRequest.objects.lease_next(STATISTICS, seconds=LEASE) is None
    forward(client)
    assert arrived(org) == []
    StoredRequest.objects.mark_put_off(leased, TROUBLE, seconds=LEASE, failures=1)
    forward(client)
    assert arrived(org) == []


def test_resources_do_not_wait_for_each_other(client: SalesforceClient, org: orgsim.Org) -> None:
    stored(1, 2)
    stored(3, path="jtelACD/createCallback")
    StoredRequest.objects.lease_next("jtelACD/createCallback", seconds=LEASE)
    forward(client)
    assert arrived(org) == [1, 2]


def test_the_order_outlives_an_outage(client: SalesforceClient, org: orgsim.Org) -> None:
    stored(*range(4))
    client.identity()  # so that the resource itself is the first to tell
    org.arm({"action": "status", "params": {"status": 503}})
    forward(client)
    assert arrived(org) == []
    assert states() == ["pending"] * 4
    assert Org.objects.current().retry_at is not None
    org.clear()
    forward(client)  # paused: nobody asks before the callbacks' own probe
    assert arrived(org) == []
    Org.note_well()
    forward(client)
    assert arrived(org) == list(range(4))
    assert set(StoredRequest.objects.values_list("failures", flat=True)) == {0}
    assert StoredRequest.objects.earliest("id").attempts == 2


def test_a_persons_pause_holds_them(client: SalesforceClient, org: orgsim.Org) -> None:
    stored(1)
    Org.objects.current()
    Org.objects.update(paused_at=timezone.now())
    forward(client)
    assert (arrived(org), states()) == ([], ["pending"])


@pytest.mark.parametrize("status", [400, 403, 404, 409])
def test_a_refusal_is_final_and_holds_nobody(
    status: int, client: SalesforceClient, org: orgsim.Org
) -> None:
    stored(1, 2)
    refuse(org, status, times=1)
    forward(client)
    refused = StoredRequest.objects.order_by("id")[0]
    assert (refused.status, refused.code) == ("failed", f"HTTP {status}")
    assert "refused by a test" in refused.detail
    assert (arrived(org), states()) == ([2], ["failed", "delivered"])


@pytest.mark.parametrize("status", [500, 503, 429])
def test_one_that_always_fails_holds_the_others_for_a_while(
    status: int, client: SalesforceClient, org: orgsim.Org
) -> None:
    stored(1, 2)
    refuse(org, status, times=delivery.MOST_FAILURES)
    for n in range(delivery.MOST_FAILURES):
        assert (states(), arrived(org)) == (["pending", "pending"], [])
        assert StoredRequest.objects.order_by("id")[0].failures == n
        forward(client)
    assert (states(), arrived(org)) == (["failed", "delivered"], [2])
    assert Org.objects.current().retry_at is None


def test_a_lost_answer_makes_a_second_that_is_counted(
    client: SalesforceClient, org: orgsim.Org
) -> None:
    stored(1, 2)
    org.arm({"action": "commit_then_drop", "match": {"op": "apex"}, "count": 1})
    forward(client)
    forward(client)
    assert arrived(org) == [1, 1, 2]
    counted = StoredRequest.objects.order_by("id").values_list("attempts", "unanswered")
    assert list(counted) == [(2, 1), (1, 0)]


def test_what_never_left_is_not_counted_as_lost() -> None:
    stored(1)
    with hostile(never) as org:
        client = client_of(org)
        client.identity()
    forward(client)
    assert (one().attempts, one().unanswered, one().code) == (1, 0, "NO_CONNECTION")


def test_a_session_that_ended_is_no_attempt_of_its_own(
    client: SalesforceClient, org: orgsim.Org
) -> None:
    stored(1)
    client.identity()
    org.arm({"action": "token_expired", "count": 1})
    forward(client)
    assert (arrived(org), one().attempts, one().failures) == ([1], 1, 0)


def test_another_org_gets_nothing(client: SalesforceClient, org: orgsim.Org) -> None:
    stored(1)
    client.identity()
    Org.objects.create(org_id="00D000000000000AAA")
    forward(client)
    assert (arrived(org), states()) == ([], ["pending"])
    assert Org.objects.current().trouble_code == "ANOTHER_ORG"


def test_an_org_that_is_swapped_between_two_requests_gets_nothing(
    client: SalesforceClient, org: orgsim.Org
) -> None:
    stored(1)
    Org.objects.create(org_id=client.identity().org_id)
    org.swap()
    forward(client)
    assert (arrived(org), states()) == ([], ["pending"])
    assert Org.objects.current().trouble_code == "ANOTHER_ORG"


def test_a_dead_workers_request_falls_due_again(client: SalesforceClient, org: orgsim.Org) -> None:
    stored(1, 2)
    StoredRequest.objects.lease_next(STATISTICS, seconds=-1)
    forward(client)
    assert arrived(org) == [1, 2]
    assert StoredRequest.objects.order_by("id")[0].unanswered == 1


def test_who_lost_the_lease_changes_nothing_but_that_it_arrived() -> None:
    stored(1)
    late = StoredRequest.objects.lease_next(STATISTICS, seconds=-1)
    assert late
    assert StoredRequest.objects.lease_next(STATISTICS, seconds=LEASE)
    assert StoredRequest.objects.mark_failed(late, TROUBLE) == 0
    assert StoredRequest.objects.mark_put_off(late, TROUBLE, seconds=0, failures=1) == 0
    assert StoredRequest.objects.mark_delivered(late, status=200) == 1
    assert (one().status, one().unanswered) == ("delivered", 1)


def test_a_lease_that_is_nearly_over_is_not_used(
    client: SalesforceClient, org: orgsim.Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(1)
    monkeypatch.setattr(delivery, "LEASE_SECONDS", delivery.CALL_SECONDS)
    forward(client)
    assert arrived(org) == []


def test_staff_sends_again_at_the_old_place(client: SalesforceClient, org: orgsim.Org) -> None:
    stored(1)
    refuse(org, 400, times=1)
    forward(client)
    stored(2)
    assert StoredRequest.objects.requeue() == 1
    forward(client)
    assert arrived(org) == [1, 2]
    assert StoredRequest.objects.requeue() == 0


def test_what_was_dismissed_is_not_sent(client: SalesforceClient, org: orgsim.Org) -> None:
    stored(1, 2)
    person = User.objects.create_user("someone")
    first = StoredRequest.objects.filter(pk=StoredRequest.objects.earliest("id").pk)
    assert first.dismiss(by=person, reason="twice") == 1
    assert first.dismiss(by=person, reason="again") == 0
    forward(client)
    assert arrived(org) == [2]
    assert (first.get().dismissed_by, first.get().dismiss_reason) == (person, "twice")


def test_nothing_personal_outlives_the_retention(settings: Settings) -> None:
    requests = stored(*range(4))
    for request, status in zip(
        requests, ["delivered", "dismissed", "failed", "pending"], strict=True
    ):
        StoredRequest.objects.filter(pk=request.pk).update(status=status)
    settings.RETENTION_DAYS = 10
    erase_stored()
    assert len(states()) == 4
    received = timezone.now() - timedelta(days=11)
    StoredRequest.objects.update(received_at=received)
    erase_stored()
    assert states() == ["failed", "pending"]


def test_erasing_goes_chunk_by_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm.passthrough.retention.CHUNK", 2)
    stored(*range(5))
    StoredRequest.objects.update(status="delivered")
    assert erase_received_before(timezone.now()) == 5


@pytest.mark.parametrize(("mode", "methods"), [("store", "GET"), ("store", "POST GET")])
def test_who_waits_for_an_answer_is_not_put_off(mode: str, methods: str) -> None:
    with pytest.raises(ValidationError, match="live only"):
        PassThroughResource(path="x", mode=mode, methods=methods).full_clean()


@pytest.mark.parametrize(
    ("path", "methods"),
    [("../data", "GET"), ("a//b", "GET"), ("/a", "GET"), ("a?b", "GET"), ("a.b", "GET"),
     ("a", "OPTIONS"), ("a", " "), ("a", "get,post")],
)  # fmt: skip
def test_nonsense_is_not_listed(path: str, methods: str) -> None:
    with pytest.raises(ValidationError):
        PassThroughResource(path=path, methods=methods).full_clean()
