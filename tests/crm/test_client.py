"""The client and a simulated org, over a socket."""

from typing import Any

import pytest
from pytest_django import Settings

import crm.client
from crm.client import SalesforceClient, Subrequest, get_client
from crm.errors import (
    CrmError,
    CrmLimitReached,
    CrmMisconfigured,
    CrmRejected,
    CrmUnavailable,
    Limit,
)
from crm.wire import Allowance, ApiUsage, Identity
from tests.crm.calls import KEY, client_of, create, read_back
from tests.crm.hostile import ORG_ID, USER_ID, HostileOrg, hostile, http, says
from tests.orgsim.process import Org


def test_one_call_creates_and_reads_back(client: SalesforceClient, org: Org) -> None:
    requests = [create(client, "k-1", Subject="Call me"), read_back(client, "k-1")]
    created, found = client.composite(requests, deadline=10)
    assert (created.reference_id, found.reference_id) == ("create", "readBack")
    assert found.body["records"][0]["Id"] == created.body[0]["id"]
    assert org.records()[0]["Subject"] == "Call me"
    assert org.state()["api_calls"] == 1


def test_a_refused_subrequest_stops_no_other(client: SalesforceClient) -> None:
    wrong = Subrequest("GET", client.data_path("query?q=SELECT+Nope+FROM+Case"), "wrong")
    refused, created = client.composite([wrong, create(client, "k-1")], deadline=10)
    assert refused.status == 400
    assert refused.body[0]["errorCode"] == "INVALID_FIELD"
    assert created.body[0]["success"]


def test_describe_tells_what_a_field_can_hold(client: SalesforceClient) -> None:
    fields = client.describe("Case").fields
    assert (fields[KEY].length, fields[KEY].unique, fields[KEY].external_id) == (64, True, True)
    assert "Phone" in fields["Origin"].picklist_values
    assert not fields["CaseNumber"].createable


def test_limits_and_versions_are_told(client: SalesforceClient) -> None:
    assert client.limits()["DailyApiRequests"] == Allowance(100_000, 99_999)
    assert "62.0" in client.versions()


def test_the_org_is_known_by_its_ids(client: SalesforceClient, org: Org) -> None:
    assert client.identity() == Identity(ORG_ID, USER_ID, org.url)
    assert client.record_url("5008d00") == f"{org.url}/lightning/r/Case/5008d00/view"


def test_a_query_brings_all_its_pages() -> None:
    def pages(_org: HostileOrg, connection: Any, request: Any) -> None:
        more = {"done": False, "nextRecordsUrl": "/services/data/v62.0/query/01g-2"}
        last = {"done": True, "records": [{"Id": "2"}]}
        first = more | {"records": [{"Id": "1"}]}
        connection.sendall(http(200, last if request.path.endswith("01g-2") else first))

    with hostile(pages) as org:
        assert client_of(org).query("SELECT Id FROM Case") == [{"Id": "1"}, {"Id": "2"}]


def test_usage_is_known_after_each_answer(client: SalesforceClient) -> None:
    assert client.api_usage is None
    client.probe()
    assert client.api_usage == ApiUsage(1, 100_000)


def test_usage_is_known_from_a_refusal_too() -> None:
    info = {"Sforce_Limit_Info": "api-usage=101/100; per-app-api-usage=17/250(appName=x)"}
    body = [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]
    with hostile(says(403, body, **info)) as org:
        client = client_of(org)
        with pytest.raises(CrmLimitReached) as caught:
            client.probe()
        assert caught.value.limit is Limit.DAILY
        assert client.api_usage == ApiUsage(101, 100)


def test_our_calls_are_marked_in_the_orgs_logs() -> None:
    with hostile(says(200, {"sobjects": "/"})) as org:
        client_of(org).probe()
    assert org.calls[0].headers["sforce-call-options"].startswith("client=jtelbridge/")


def test_what_json_cannot_hold_is_the_records_fault(client: SalesforceClient) -> None:
    with pytest.raises(CrmRejected) as caught:
        client.composite([create(client, "k", Subject="\ud800")], deadline=10)
    assert caught.value.code == "UNSENDABLE"


# --- the simulated org's faults


def test_a_lost_answer_is_not_sent_again(client: SalesforceClient, org: Org) -> None:
    org.arm({"action": "commit_then_drop", "match": {"op": "create"}, "count": 1})
    with pytest.raises(CrmUnavailable):
        client.composite([create(client, "k-1")], deadline=10)
    assert org.state()["records"]["Case"] == 1
    [again] = client.composite([create(client, "k-1")], deadline=10)
    assert again.body[0]["errors"][0]["statusCode"] == "DUPLICATE_VALUE"
    assert org.state()["records"]["Case"] == 1


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        ({"action": "maintenance"}, CrmUnavailable),
        ({"action": "garbage_200"}, CrmUnavailable),
        ({"action": "redirect_302"}, CrmUnavailable),
        ({"action": "drop_before"}, CrmUnavailable),
        ({"action": "status", "params": {"status": 503}}, CrmUnavailable),
        ({"action": "auth_down"}, CrmUnavailable),
        ({"action": "limit_daily"}, CrmLimitReached),
        ({"action": "limit_concurrent"}, CrmLimitReached),
        ({"action": "api_disabled"}, CrmMisconfigured),
        ({"action": "session_invalid_for_rest"}, CrmMisconfigured),
        ({"action": "frozen_user"}, CrmMisconfigured),
        ({"action": "ip_restricted"}, CrmMisconfigured),
        ({"action": "token_expired", "params": {"mode": "always"}}, CrmMisconfigured),
    ],
)
def test_the_orgs_troubles_are_told_apart(
    client: SalesforceClient, org: Org, fault: dict[str, Any], trouble: type[CrmError]
) -> None:
    org.arm(fault)
    with pytest.raises(trouble):
        client.probe()
    org.clear()
    client.probe()


def test_an_expired_token_is_nobodys_trouble(client: SalesforceClient, org: Org) -> None:
    client.probe()
    org.arm({"action": "token_expired"})
    client.probe()
    assert client.generation == 2


# --- one client per process


def test_a_process_has_one_client_for_the_same_settings(org: Org, settings: Settings) -> None:
    client = get_client()
    assert get_client() is client
    settings.SALESFORCE_API_VERSION = "61.0"
    assert get_client() is not client


def test_a_child_process_makes_its_own_client(org: Org) -> None:
    client = get_client()
    crm.client._forget_parent()
    assert get_client() is not client


def test_without_an_org_nothing_is_misunderstood(settings: Settings) -> None:
    settings.SALESFORCE_URL = ""
    with pytest.raises(CrmMisconfigured) as caught:
        get_client()
    assert caught.value.code == "NOT_CONFIGURED"
