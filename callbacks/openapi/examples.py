"""One caller's way through the resources, as the document shows it. All numbers are made up."""

from typing import Any

from callbacks.models import Callback
from callbacks.openapi.schemas import Json
from callbacks.responders import MESSAGES

BASE: Json = {
    "CallerID": "49199123456789",
    "ServiceNumber": "498946134180",
    "ServiceName": "Service Hotline",
    "Function": "CALLBACK",
    "UserData": "4711",
    "UserData2": "",
    "UserData3": "",
}
EVENT: Json = {
    "Caller": "+49199123456789",
    "CallbackNumber": "+4989555010",
    "ServiceNumbersNumber": "498946134180",
    "ServiceNumbersName": "Service Hotline",
    "AcdGroupsID": 12,
    "AcdGroupsName": "B2B",
    "AcdGroupsForeignSystemID": "SERVICE_B2B",
    "dtCallStart": "2026-11-20T09:12:04",
    "dtCallEnd": "2026-11-20T09:14:31",
    "AcdEventsID": 48211,
    "Subject": "Callback",
    "Body": "Please call back about the invoice.",
}
ACCEPTED: Json = {
    "CallbackID": "0b6ff6dc-1d2f-4d0c-9c53-5b3c3b8e7a10",
    "Status": "pending",
    "Duplicate": False,
    "CallerID": "49199123456789",
    "CallbackNumber": "49199123456789",
    "ServiceNumber": "498946134180",
    "ServiceName": "Service Hotline",
    "Function": "CALLBACK",
    "ReceivedAt": "2026-11-20T08:14:31.218000Z",
    "CaseID": None,
    "CaseNumber": None,
    "CaseStatus": None,
    "CaseURL": None,
    "ContactID": None,
    "ContactName": None,
    "Message": MESSAGES[Callback.Status.PENDING],
}
SYNCED = ACCEPTED | {
    "Status": "synced",
    "CaseID": "500QW00000ABCDEYA5",
    "CaseNumber": "00001027",
    "CaseStatus": "New",
    "CaseURL": "https://acme.my.salesforce.com/500QW00000ABCDEYA5",
    "ContactID": "003QW00000FGHIJYA5",
    "ContactName": "Eva Meier",
    "Message": MESSAGES[Callback.Status.SYNCED],
}


def standing(status: Callback.Status, of: Json = ACCEPTED) -> Json:
    """The record in that state."""
    return of | {"Status": status.value, "Message": MESSAGES[status]}


COMMENTED = SYNCED | {"CaseStatus": "Working"}
MERGED = standing(Callback.Status.MERGED, SYNCED)
MERGED_EARLY = standing(Callback.Status.MERGED)
HELD = standing(Callback.Status.HELD)
NO_ROUTE = HELD | {"Error": "no_route"}
SEVERAL: Json = {"Count": 3, "Message": "Several records were found."}
UNKNOWN_AS_SEVERAL: Json = {
    "Count": None,
    "Error": "too_late",
    "Message": "Salesforce did not answer in time.",
}

CLIENT_ID, CLIENT_SECRET = "acd-3f9k2m7q1x8z", "the secret that was shown once"
SIGN_IN: Json = {
    "grant_type": "client_credentials",
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
}
OLD_SIGN_IN = SIGN_IN | {
    "grant_type": "password",
    "username": "acd@example.com",
    "password": "password and security token run together",
}
TOKEN: Json = {
    "access_token": "jtb_…",
    "signature": "dGhlIHNpZ25hdHVyZSBvZiBpZCBhbmQgdGltZQ==",
    "scope": "api",
    "instance_url": "https://callbacks.example.com",
    "id": f"https://callbacks.example.com/id/jtelbridge/{CLIENT_ID}",
    "token_type": "Bearer",
    "issued_at": "1795162471218",
}


def named(bodies: dict[str, Any]) -> Json:
    """Examples by a summary of each, as the document lists them."""
    return {
        summary.replace(" ", "-"): {"summary": summary, "value": body}
        for summary, body in bodies.items()
    }
