"""What the ACD is told about a callback: one flat object, always the same keys in this order."""

from typing import Any

from callbacks.intake import Accepted
from callbacks.models import Callback

MESSAGES = {
    Callback.Status.PENDING: "The callback is stored and on its way.",
    Callback.Status.SYNCED: "The callback is in Salesforce.",
    Callback.Status.HELD: "The callback is stored; no route is configured for it yet.",
    Callback.Status.FAILED: "The callback is stored; staff has to look at it.",
    Callback.Status.DISMISSED: "The callback was dismissed by staff.",
    Callback.Status.MERGED: "The callback was merged into an open one of the same caller.",
    Callback.Status.ANSWERED: "The request was answered in the call.",
}


def record(callback: Callback, *, duplicate: bool) -> dict[str, Any]:
    return {
        "CallbackID": str(callback.id),
        "Status": str(callback.status),
        "Duplicate": duplicate,
        "CallerID": callback.caller_number or None,
        "CallbackNumber": callback.number_to_dial or None,
        "ServiceNumber": callback.service_number or None,
        "ServiceName": callback.service_name or None,
        "Function": callback.function or None,
        "ReceivedAt": callback.received_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "CaseID": callback.case_id or None,
        "CaseNumber": callback.case_number or None,
        "CaseStatus": callback.case_status or None,
        "CaseURL": callback.case_url or None,
        "ContactID": callback.contact_id or None,
        "ContactName": callback.contact_name or None,
        "Message": MESSAGES[Callback.Status(callback.status)],
    }


def stored(accepted: Accepted) -> tuple[dict[str, Any], int]:
    """The answer to an accepted request, and its status as the request's dialect understands it."""
    answer = record(accepted.callback, duplicate=accepted.duplicate)
    if accepted.callback.status != Callback.Status.HELD:
        return answer, 200
    if accepted.callback.dialect == Callback.Dialect.ACD_EVENT:
        return answer, 200  # this dialect knows 200 and 500 only
    return answer | {"Error": "no_route"}, 404
