"""aiosalesforce against the simulated org."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
from aiosalesforce import Salesforce
from aiosalesforce.auth import Auth, ClientCredentialsFlow, JwtBearerFlow, SoapLogin

from tests.orgsim.process import Org, running

from .api import KEY, key
from .certificate import private_pem, public_file
from .detour import AsyncDetour

BASE = "https://demo.my.salesforce.com"


def with_client(org: Org, auth: Auth, act: Callable[[Salesforce], Awaitable[Any]]) -> Any:
    """Run something with a client of an org."""

    async def run() -> Any:
        async with httpx.AsyncClient(transport=AsyncDetour(org.url), trust_env=False) as http:
            return await act(Salesforce(http, base_url=BASE, auth=auth, version="62.0"))

    return asyncio.run(run())


def client_credentials() -> Auth:
    """Sign in as the client itself."""
    return ClientCredentialsFlow("demo-client", "demo-secret")


async def limits(client: Salesforce) -> Any:
    """Read the limits."""
    return (await client.get_limits())["DailyApiRequests"]["Max"]


def test_its_ways_to_sign_in_lead_in(db: Path) -> None:
    private = db.parent / "private.pem"
    private.write_bytes(private_pem())
    options = ("--jwt-key", str(public_file(db.parent)), "--password", "secret123token")
    with running(db, options=options) as org:
        for auth in (
            client_credentials(),
            JwtBearerFlow("demo-client", "integration@example.com", private),
            SoapLogin("integration@example.com", "secret123", "token"),
        ):
            assert with_client(org, auth, limits) == 100_000


def test_records_are_made_changed_and_found(org: Org) -> None:
    async def act(client: Salesforce) -> None:
        case = await client.sobject.create("Case", {"Subject": "Call me"})
        await client.sobject.update("Case", case, {"Subject": "Call me now"})
        assert (await client.sobject.get("Case", case))["Subject"] == "Call me now"
        again = key()
        first = await client.sobject.upsert("Case", again, KEY, {"Priority": "Low"})
        second = await client.sobject.upsert("Case", again, KEY, {"Priority": "High"})
        assert (first.created, second.created, first.id) == (True, False, second.id)
        found = [r["Id"] async for r in client.query("SELECT Id FROM Case ORDER BY Id")]
        assert found == [case, first.id]
        await client.sobject.delete("Case", case)

    with_client(org, client_credentials(), act)
    assert len(org.records("Case")) == 1


def test_its_composite_requests_refer_to_each_other(org: Org) -> None:
    async def act(client: Salesforce) -> None:
        async with client.composite(all_or_none=True) as composite:
            account = composite.sobject.create("Account", {"Name": "Meier GmbH"})
            # Written out, because orjson does not ask a subclass of str how it is written.
            owner = str(account.reference.id)
            contact = composite.sobject.create("Contact", {"LastName": "Meier", "AccountId": owner})
        assert contact.id.startswith("003")

    with_client(org, client_credentials(), act)
    [contact] = org.records("Contact")
    assert contact["AccountId"] == org.records("Account")[0]["Id"]


def test_its_batches_run(org: Org) -> None:
    async def act(client: Salesforce) -> None:
        async with client.composite.batch(halt_on_error=True) as batch:
            query = batch.query("SELECT Id FROM User")
            batch.sobject.create("Case", {"Subject": "in a batch"})
        assert len(query.records) == 3

    with_client(org, client_credentials(), act)
    assert [c["Subject"] for c in org.records("Case")] == ["in a batch"]
