"""What the tests of the client have in common."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from crm.access import Access
from crm.client import SalesforceClient, Subrequest
from crm.errors import CrmError
from tests.crm.hostile import HostileOrg

KEY = "Jtel_Callback_ID__c"
DEADLINE = 0.4  # seconds, for calls that are meant to miss it
AT_ONCE = 10.0  # far above the deadline, far below what a listener without one would take
WELL_SAID = '{"sobjects": "/services/data/v62.0/sobjects"}'


def access(url: str, **changes: str) -> Access:
    given = {
        "api_version": "62.0",
        "client_id": "id",
        "client_secret": "not-to-be-seen",
        "username": "",
        "private_key": "",
    }
    return Access(url=url, **(given | changes))


def client_of(org: HostileOrg, **changes: str) -> SalesforceClient:
    return SalesforceClient(access(org.url, **changes))


def create(client: SalesforceClient, *keys: str, **fields: Any) -> Subrequest:
    records = [{"attributes": {"type": "Case"}, KEY: key, **fields} for key in keys]
    body = {"allOrNone": False, "records": records}
    headers = {"Sforce-Auto-Assign": "FALSE"}
    return Subrequest("POST", client.data_path("composite/sobjects"), "create", body, headers)


def read_back(client: SalesforceClient, key: str) -> Subrequest:
    query = f"query?q=SELECT+Id,CaseNumber+FROM+Case+WHERE+{KEY}='{key}'"
    return Subrequest("GET", client.data_path(query), "readBack")


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(CrmError) as caught:
        call()
    return caught.value.code


@lru_cache
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
