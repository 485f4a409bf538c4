"""What goes over the wire and comes back, typed. Knows the JSON, not how it travels."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
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
    """`length` counts characters and is 0 where there is none; so are a number's digits.

    `precision` is of all digits, `scale` of those behind the point.
    """

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
    reference_to: tuple[str, ...] = ()
    precision: int = 0
    scale: int = 0


@dataclass(frozen=True)
class Description:
    """An object of the org, as our user may see it.

    `record_types` are those that our user may use, by developer name. `name_field` is what people
    call a record by, "" if there is none.
    """

    name: str
    label: str
    key_prefix: str
    fields: Mapping[str, FieldInfo]
    record_types: Mapping[str, str]
    name_field: str

    def field(self, name: str) -> FieldInfo | None:
        """By its API name in any case."""
        return self.fields.get(name) or self._by_lower_name.get(name.lower())

    @cached_property
    def _by_lower_name(self) -> dict[str, FieldInfo]:
        return {name.lower(): field for name, field in self.fields.items()}


@contextmanager
def well_formed() -> Iterator[None]:
    """An answer of another shape than Salesforce's is no answer: the outcome is unknown."""
    try:
        yield
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        raise CrmUnavailable("UNREADABLE_ANSWER", "not the JSON that was expected") from None


def composite_body(subrequests: Sequence[Subrequest], *, all_or_none: bool = False) -> bytes:
    body = {
        "allOrNone": all_or_none,
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


def description_of(answer: Any) -> Description:
    """What a describe says."""
    with well_formed():
        fields = answer["fields"]
        return Description(
            name=str(answer["name"]),
            label=str(answer["label"]),
            key_prefix=str(answer["keyPrefix"] or ""),
            fields={raw["name"]: _field_info(raw) for raw in fields},
            record_types={
                str(raw["developerName"]): str(raw["recordTypeId"])
                for raw in answer["recordTypeInfos"]
                if raw["available"] and raw["active"] and not raw["master"]
            },
            name_field=next((str(raw["name"]) for raw in fields if raw["nameField"]), ""),
        )


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
        reference_to=tuple(str(name) for name in raw["referenceTo"]),
        precision=int(raw["precision"] or raw["digits"]),
        scale=int(raw["scale"]),
    )


def stored_description(stored: Any) -> Description | None:
    """From `asdict` through JSON; None if another release wrote it."""
    try:
        fields = {name: FieldInfo(**_with_tuples(raw)) for name, raw in stored["fields"].items()}
        return Description(**(stored | {"fields": fields}))
    except (AttributeError, KeyError, TypeError):
        return None


def _with_tuples(raw: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(v) if isinstance(v, list) else v for name, v in raw.items()}
