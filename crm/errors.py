"""What can go wrong in the conversation with Salesforce, said once and acted on in one place.

Two questions, two answers. A call as a whole fails with one of four exceptions, made by
`from_response`. A single record is refused with a code, and `meaning_of` says whose trouble that
is and what staff should do. Both go by code, from one table, in `meanings`.
"""

import re
from enum import StrEnum
from typing import Any, Self

from callbacks.parsers import storable
from crm.meanings import MEANINGS, NO_MEANING, NO_MEANING_OF_ORG, Meaning, Trouble

__all__ = [
    "CURED_IN_ROUTE",
    "CrmError",
    "CrmLimitReached",
    "CrmMisconfigured",
    "CrmRejected",
    "CrmUnavailable",
    "Limit",
    "Meaning",
    "Trouble",
    "for_log",
    "from_response",
    "meaning_of",
]


class Limit(StrEnum):
    DAILY = "daily"  # of a rolling 24 hours
    CONCURRENT = "concurrent"  # passes within seconds to minutes


class CrmError(Exception):
    """`detail` is the org's words, free of secrets but not of personal data: not for logs.

    `str()` is safe to log: it holds the code and our own sentence only.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = storable(without_tokens(detail))

    def __str__(self) -> str:
        return f"{self.code}: {self.meaning.reason}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.code!r})"

    @property
    def nothing_was_done(self) -> bool:
        """Surely, because nothing arrived or the org was past taking calls."""
        return self.code in {"NO_CONNECTION", "TOO_MANY_SIGN_INS", "REQUEST_LIMIT_EXCEEDED"}

    def again(self) -> Self:
        """The same failure for another thread: an exception carries one traceback."""
        return type(self)(self.code, self.detail)

    @property
    def meaning(self) -> Meaning:
        return meaning_of(self.code, self.detail)


class CrmUnavailable(CrmError):  # noqa: N818 - says what is so
    """No usable answer: what was sent may or may not have been done. Later."""


class CrmLimitReached(CrmError):  # noqa: N818 - says what is so
    """The org takes no more calls for now; nothing was done."""

    @property
    def limit(self) -> Limit:
        # By text, because both limits have the same code (help article 000389067).
        return Limit.CONCURRENT if "concurrent" in self.detail.lower() else Limit.DAILY


class CrmRejected(CrmError):  # noqa: N818 - says what is so
    """The org understood who we are and refuses this request."""


class CrmMisconfigured(CrmError):  # noqa: N818 - says what is so
    """Nothing will work until a person changes something here or in the org."""

    @property
    def meaning(self) -> Meaning:
        found = super().meaning
        return NO_MEANING_OF_ORG if found is NO_MEANING else found


# Text decides in two places, because the codes do not tell. First: an automation that could not
# lock a record reports its own failure and wraps the cause. Second: up to three internal tries of
# a partly refused batch, under whatever code.
_WRAPPING_CODES = {"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "CANNOT_EXECUTE_FLOW_TRIGGER"}
_WRAPPED_LOCK = re.compile(r"UNABLE_TO_LOCK_ROW|Record Currently Unavailable", re.IGNORECASE)
_BATCH_RETRIES = "Too many batch retries"


def meaning_of(code: str, message: str) -> Meaning:
    """Say what a refusal of one record, or a failed call, means to staff."""
    wrapped = code in _WRAPPING_CODES and _WRAPPED_LOCK.search(message)
    if wrapped or _BATCH_RETRIES in message:
        return MEANINGS["UNABLE_TO_LOCK_ROW"]
    return MEANINGS.get(code, NO_MEANING)


# Whose next step leads to the route, and not to somebody who administers the org, or to nobody.
_ELSEWHERE = {MEANINGS[code].next_step for code in ("DUPLICATES_DETECTED", "UNSENDABLE")}
CURED_IN_ROUTE = frozenset(
    code
    for code, meaning in MEANINGS.items()
    if meaning.trouble is Trouble.ROW_NEEDS_PERSON and meaning.next_step not in _ELSEWHERE
)

_CLASS_OF_CODE: dict[str, type[CrmError]] = {
    "REQUEST_LIMIT_EXCEEDED": CrmLimitReached,
    **dict.fromkeys(
        (
            "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE",
            "SERVER_UNAVAILABLE",
            "SERVICE_UNAVAILABLE",
            "QUERY_TIMEOUT",
            "UNKNOWN_EXCEPTION",
            "rate_limit_exceeded",
            "inactive_org",
            "REDIRECTED",
            "UNREADABLE_ANSWER",
        ),
        CrmUnavailable,
    ),
    # Of a whole request these speak of our own fields: one is missing, or hidden from our user.
    **dict.fromkeys(("INVALID_FIELD", "INVALID_AUTH_HEADER"), CrmMisconfigured),
}
_CODE_LENGTH = 80
_CODE_OF_STATUS = {
    401: "INVALID_SESSION_ID",
    404: "NOT_AN_ORG",
    410: "UNSUPPORTED_API_VERSION",
    413: "REQUEST_TOO_LARGE",
    414: "REQUEST_TOO_LARGE",
    431: "REQUEST_TOO_LARGE",
}


def from_response(status: int, body: Any) -> CrmError:
    """Class an answer that is a refusal. `body` is the parsed JSON, or the text if it is none."""
    code, message = _code_and_message(body)
    if not code:
        redirected = 300 <= status < 400  # noqa: PLR2004 - HTTP
        code = _CODE_OF_STATUS.get(status, "REDIRECTED" if redirected else "UNREADABLE_ANSWER")
        message = f"HTTP {status}"
    return _class_of(status, code)(code, message)


def _class_of(status: int, code: str) -> type[CrmError]:
    if code in _CLASS_OF_CODE:
        return _CLASS_OF_CODE[code]
    if status >= 500:  # noqa: PLR2004 - HTTP
        return CrmUnavailable
    if status in {401, 403} or MEANINGS.get(code, NO_MEANING).trouble is Trouble.ORG:
        return CrmMisconfigured
    return CrmRejected


def _code_and_message(body: Any) -> tuple[str, str]:
    """Read a REST error (a list, or one row's object) or a sign-in error (an object of its own)."""
    error = body[0] if isinstance(body, list) and body else body
    if not isinstance(error, dict):
        return "", ""
    code = error.get("errorCode") or error.get("statusCode") or error.get("error")
    message = error.get("message") or error.get("error_description")
    return str(code or "")[:_CODE_LENGTH], str(message or "")


_TOKEN = re.compile(r"00D\w{12,15}![\w.]+")


def without_tokens(text: str) -> str:
    return _TOKEN.sub("[token]", text)


_ECHOES = (
    (re.compile(r"(too large: ).*( \(max length)", re.DOTALL), r"\1[…]\2"),
    (re.compile(r"(external id specified: ).*", re.DOTALL), r"\1[…]"),
    (re.compile(r"(?P<quote>['\"]).*?(?P=quote)", re.DOTALL), "[…]"),
    (re.compile(r"\S+@\S+"), "[…]"),
    (re.compile(r"\b(?=\w*\d)[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?\b"), "[id]"),
    (re.compile(r"\+?\d[\d ()/-]{5,}"), "[…]"),
)


def for_log(text: str) -> str:
    """The org's words without what they echo: values, record ids, addresses, numbers."""
    for pattern, replacement in _ECHOES:
        text = pattern.sub(replacement, text)
    return without_tokens(text)
