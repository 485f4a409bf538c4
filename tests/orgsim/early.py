"""Armed faults that answer instead of the org; nothing is done then."""

from collections.abc import Callable
from http import HTTPStatus

from .calls import Answer
from .errors import ApiError, session_expired, too_many_calls, too_many_long_calls
from .faults import Fault

SPECIAL_HTML = (
    "<html><head><title>{title}</title></head><body><h1>{title}</h1>"
    "<p>This page comes from a simulated org.</p></body></html>"
)


class DropConnectionError(Exception):
    """The connection is cut without an answer."""


def html(status: int) -> Answer:
    """Answer with a page instead of JSON, as proxies and maintenance do (D)."""
    title = f"HTTP {status} {HTTPStatus(status).phrase}"
    return Answer(status, SPECIAL_HTML.format(title=title), {"Content-Type": "text/html"})


def refusal(error: ApiError) -> Answer:
    """Answer with an error of the API."""
    return Answer(error.status, error.body())


def status(fault: Fault) -> Answer:
    """Answer with a status, as a page or as an error of the API."""
    number = int(fault.params["status"])
    code, message = fault.params["code"], fault.params["message"]
    if fault.params["body"] == "html" and code is None:
        return html(number)
    known = {500: "UNKNOWN_EXCEPTION", 503: "SERVER_UNAVAILABLE", 502: "SERVER_UNAVAILABLE"}
    text = (
        message
        or "An unexpected error occurred. Please include this ErrorId if you contact support: 123-456 (789)"
    )
    return refusal(ApiError(number, code or known.get(number, "UNKNOWN_EXCEPTION"), text))


def drop(_fault: Fault) -> Answer:
    """Cut the connection before anything is done."""
    raise DropConnectionError


def expired(_fault: Fault) -> Answer:
    """Refuse the token (R)."""
    return refusal(session_expired())


def not_for_rest(_fault: Fault) -> Answer:
    """Refuse a session that the REST API does not take (R)."""
    message = "This session is not valid for use with the REST API"
    return refusal(ApiError(401, "INVALID_SESSION_ID", message))


def oauth_error(status_code: int, error: str, description: str) -> Answer:
    """Answer with an object, as the token endpoint does (D)."""
    return Answer(status_code, {"error": error, "error_description": description})


def auth_down(fault: Fault) -> Answer:
    """Let the token endpoint fail."""
    number = int(fault.params["status"])
    return (
        html(number)
        if number >= 500
        else oauth_error(number, "invalid_grant", "authentication failure")
    )


def frozen(_fault: Fault) -> Answer:
    """Refuse a sign-in of a frozen user (M for the words)."""
    return oauth_error(400, "invalid_grant", "user is frozen")


def ip_restricted(_fault: Fault) -> Answer:
    """Refuse a sign-in from a forbidden address (D)."""
    return oauth_error(400, "invalid_grant", "ip restricted")


def daily(_fault: Fault) -> Answer:
    """Refuse for the day (R)."""
    return refusal(too_many_calls())


def concurrent(_fault: Fault) -> Answer:
    """Refuse for the moment (D)."""
    return refusal(too_many_long_calls())


def read_only(_fault: Fault) -> Answer:
    """Refuse writes during maintenance (R)."""
    code = "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE"
    message = "Updates can't be made during maintenance. Try again when maintenance is complete."
    return refusal(ApiError(503, code, message))


def api_disabled(_fault: Fault) -> Answer:
    """Refuse because the org has no API (D)."""
    message = "API is not enabled for this Organization or Partner"
    return refusal(ApiError(403, "API_DISABLED_FOR_ORG", message))


def redirect(fault: Fault) -> Answer:
    """Send the client elsewhere."""
    return Answer(302, "", {"Location": fault.params["location"], "Content-Type": "text/html"})


ANSWERS: dict[str, Callable[[Fault], Answer]] = {
    "status": status,
    "drop_before": drop,
    "token_expired": expired,
    "shared_session_revoke": expired,
    "session_invalid_for_rest": not_for_rest,
    "auth_down": auth_down,
    "frozen_user": frozen,
    "ip_restricted": ip_restricted,
    "limit_daily": daily,
    "limit_concurrent": concurrent,
    "maintenance": lambda _: html(503),
    "readonly_maintenance": read_only,
    "api_disabled": api_disabled,
    "garbage_200": lambda _: html(200),
    "redirect_302": redirect,
}


def early_answer(faults: tuple[Fault, ...]) -> Answer | None:
    """Give the answer of the first fault that acts before the org does."""
    for fault in faults:
        if fault.action in ANSWERS and not fault.params.get("inner"):
            return ANSWERS[fault.action](fault)
    return None
