"""What goes over the wire and comes back, typed. Knows the JSON, not how it travels."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson

from crm.errors import CrmRejected, CrmUnavailable


@dataclass(frozen=True)
class Identity:
    """Who we are to the org. Both ids have 18 characters."""

    org_id: str
    user_id: str
    instance_url: str


@dataclass(frozen=True)
class ApiUsage:
    """API calls of the whole org in a rolling 24 hours, as it said last; lags a little."""

    used: int
    maximum: int


@dataclass(frozen=True)
class Allowance:
    maximum: int
    remaining: int


@dataclass(frozen=True)
class Subrequest:
    """`url` is a path such as `data_path("query?q=…")`."""

    method: str
    url: str
    reference_id: str
    body: Any = None
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Subresponse:
    reference_id: str
    status: int
    body: Any


@dataclass(frozen=True)
class FieldInfo:
    """`length` counts characters and is 0 where there is none."""

    name: str
    label: str
    type: str
    length: int
    unique: bool
    external_id: bool
    createable: bool
    updateable: bool
    nillable: bool
    defaulted_on_create: bool
    picklist_values: tuple[str, ...]
    restricted: bool


@contextmanager
def well_formed() -> Iterator[None]:
    """An answer of another shape than Salesforce's is no answer: the outcome is unknown."""
    try:
        yield
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        raise CrmUnavailable("UNREADABLE_ANSWER", "not the JSON that was expected") from None


def composite_body(subrequests: Sequence[Subrequest]) -> bytes:
    body = {
        "allOrNone": False,
        "collateSubrequests": False,  # true by default since v49, and order is lost
        "compositeRequest": [_written(subrequest) for subrequest in subrequests],
    }
    try:
        return orjson.dumps(body)
    except TypeError:
        raise CrmRejected("UNSENDABLE") from None


def _written(subrequest: Subrequest) -> dict[str, Any]:
    raw: dict[str, Any] = {
        "method": subrequest.method,
        "url": subrequest.url,
        "referenceId": subrequest.reference_id,
    }
    if subrequest.body is not None:
        raw["body"] = subrequest.body
    if subrequest.headers:
        raw["httpHeaders"] = dict(subrequest.headers)
    return raw


def subresponses(answer: Any, subrequests: Sequence[Subrequest]) -> list[Subresponse]:
    """In the order in which they were asked; all of them, or the answer is unreadable."""
    with well_formed():
        found = {raw["referenceId"]: raw for raw in answer["compositeResponse"]}
        return [
            Subresponse(name, int(found[name]["httpStatusCode"]), found[name]["body"])
            for name in (subrequest.reference_id for subrequest in subrequests)
        ]


def fields_of(answer: Any) -> dict[str, FieldInfo]:
    """The fields of a describe, by API name."""
    with well_formed():
        return {raw["name"]: _field_info(raw) for raw in answer["fields"]}


def _field_info(raw: dict[str, Any]) -> FieldInfo:
    return FieldInfo(
        name=str(raw["name"]),
        label=str(raw["label"]),
        type=str(raw["type"]),
        length=int(raw["length"]),
        unique=bool(raw["unique"]),
        external_id=bool(raw["externalId"]),
        createable=bool(raw["createable"]),
        updateable=bool(raw["updateable"]),
        nillable=bool(raw["nillable"]),
        defaulted_on_create=bool(raw["defaultedOnCreate"]),
        picklist_values=tuple(
            str(value["value"]) for value in raw["picklistValues"] if value["active"]
        ),
        restricted=bool(raw["restrictedPicklist"]),
    )
