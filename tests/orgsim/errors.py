"""How the API says no: one class for whole requests, one for single rows."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RowError:
    """Why one record was not saved. In collections its code is named `statusCode` (D)."""

    code: str
    message: str
    fields: tuple[str, ...] = ()

    def in_collection(self) -> dict[str, object]:
        """Write it as an element of a collection's `errors`."""
        return {"statusCode": self.code, "message": self.message, "fields": list(self.fields)}


class ApiError(Exception):
    """Why a whole request was refused. Its code is named `errorCode` (D)."""

    def __init__(
        self, status: int, code: str, message: str, fields: tuple[str, ...] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.fields = status, code, message, fields

    def body(self) -> list[dict[str, object]]:
        """Write it as the REST API does: a list of one; `fields` on data errors only (D)."""
        error: dict[str, object] = {"errorCode": self.code, "message": self.message}
        if self.fields is not None:
            error["fields"] = list(self.fields)
        return [error]


def from_row(error: RowError) -> ApiError:
    """Make a row's error the answer of a request about that one record."""
    if error.code == "UNABLE_TO_LOCK_ROW":
        return ApiError(400, error.code, error.message, error.fields)
    if error.code == "ENTITY_IS_DELETED":
        return ApiError(404, error.code, error.message, error.fields)
    if error.code == "INVALID_FIELD":
        return ApiError(400, error.code, error.message)
    return ApiError(400, error.code, error.message, error.fields)


def not_found(message: str = "The requested resource does not exist") -> ApiError:
    """Refuse a path that leads nowhere (D)."""
    return ApiError(404, "NOT_FOUND", message)


def session_expired() -> ApiError:
    """Refuse a token that is unknown, expired or revoked (R)."""
    return ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid")


def too_many_calls() -> ApiError:
    """Refuse because the rolling day's calls are used up (R)."""
    return ApiError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")


def too_many_long_calls() -> ApiError:
    """Refuse because too many long calls are under way (D)."""
    message = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
    return ApiError(403, "REQUEST_LIMIT_EXCEEDED", message)


def unreadable_json(reason: str) -> ApiError:
    """Refuse a body that is not JSON, or not of the expected shape."""
    return ApiError(400, "JSON_PARSER_ERROR", reason)
