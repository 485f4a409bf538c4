"""What the ACD is told about a callback: one flat object, always the same keys in this order.

An ACD-event request is answered with 200 whatever was found, because that dialect knows 200 and
500 only; what became of it is in the answer.
"""

from datetime import UTC
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from callbacks.intake import Accepted
from callbacks.models import Callback

Answer = tuple[dict[str, Any], int]  # and its HTTP status

MESSAGES = {
    Callback.Status.PENDING: "The callback is stored and on its way.",
    Callback.Status.SYNCED: "The callback is in Salesforce.",
    Callback.Status.HELD: "The callback is stored; no route is configured for it yet.",
    Callback.Status.FAILED: "The callback is stored; staff has to look at it.",
    Callback.Status.DISMISSED: "The callback was dismissed by staff.",
    Callback.Status.MERGED: "The callback was merged into an open one of the same caller.",
    Callback.Status.ANSWERED: "The request is stored; there is nothing to send.",
}
NO_LOOK_UPS = "Nothing is looked up here; this installation only stores requests."
OK, SEVERAL, NONE = 200, 300, 404


def record(callback: Callback, *, duplicate: bool) -> dict[str, Any]:
    """What is merged, or on its way to be, has the Case of the callback that it was merged into."""
    first = callback.merged_into if callback.merged_into_id else None
    is_merged = first and callback.status in {Callback.Status.PENDING, Callback.Status.MERGED}
    status = Callback.Status.MERGED if is_merged else Callback.Status(callback.status)
    case = first if is_merged and first else callback
    return {
        "CallbackID": str(callback.id),
        "Status": str(status),
        "Duplicate": duplicate,
        "CallerID": callback.caller_number or None,
        "CallbackNumber": callback.number_to_dial or None,
        "ServiceNumber": callback.service_number or None,
        "ServiceName": callback.service_name or None,
        "Function": callback.function or None,
        "ReceivedAt": callback.received_at.astimezone(UTC).isoformat(timespec="microseconds")[:26]
        + "Z",
        "CaseID": case.case_id or None,
        "CaseNumber": case.case_number or None,
        "CaseStatus": case.case_status or None,
        "CaseURL": case.case_url or None,
        "ContactID": callback.contact_id or None,
        "ContactName": callback.contact_name or None,
        "Message": MESSAGES[status],
    }


def respond(accepted: Accepted, *, began: float) -> Answer:
    """What the responder of the settings says; `began` is the request's, on the monotonic clock."""
    answer: Answer = _responder(settings.ACD_RESPONDER)(accepted, began=began)
    return answer


@lru_cache
def _responder(path: str) -> Any:
    return import_string(path)


def stored(accepted: Accepted, *, began: float) -> Answer:  # noqa: ARG001 - a responder's signature
    """The answer to an accepted request of which nothing is known but that it is stored."""
    callback, route = accepted.callback, accepted.route
    answer = record(callback, duplicate=accepted.duplicate)
    if callback.status == Callback.Status.HELD:
        status = in_dialect(callback, NONE)
        return answer if status == OK else answer | {"Error": "no_route"}, status
    if route and route.looks_up:
        return not_known(callback, "no_look_ups", NO_LOOK_UPS, status=route.late_status)
    return answer, OK


def not_known(callback: Callback, code: str, sentence: str, *, status: int) -> Answer:
    """The answer to a look-up that brought none. With 300 no record is named, not even the own."""
    said = {"Error": code, "Message": sentence}
    if status == SEVERAL:
        return {"Count": None} | said, in_dialect(callback, status)
    return record(callback, duplicate=False) | said, in_dialect(callback, status)


def in_dialect(callback: Callback, status: int) -> int:
    """The status as the request's dialect understands it."""
    return OK if callback.dialect == Callback.Dialect.ACD_EVENT else status
