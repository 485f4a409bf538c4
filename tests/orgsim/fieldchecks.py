"""Check what a client wants to store, field by field, in the platform's order."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from . import clock, ids
from .errors import RowError, unreadable_json
from .schema import Field, SObject

EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")

Checked = tuple[Any, RowError | None]


def check(
    sobject: SObject, values: Mapping[str, Any], *, creating: bool
) -> tuple[dict[str, Any], list[RowError]]:
    """Give the values as they are stored, and what is wrong with them.

    Unknown fields come first, then those that may not be written, then values: what is
    wrong on an earlier level hides the later ones (M).
    """
    fields: list[tuple[Field, Any]] = []
    for name, value in values.items():
        if name == "attributes":
            continue
        field = sobject.by_exact_name.get(name) or sobject.find(name)
        if field is None:
            return {}, [no_such_column(name, sobject)]
        fields.append((field, value))
    locked = [f.name for f, _ in fields if not (f.createable if creating else f.updateable)]
    if locked:
        return {}, [not_writable(locked, creating=creating)]
    return check_values(fields)


def check_values(fields: list[tuple[Field, Any]]) -> tuple[dict[str, Any], list[RowError]]:
    """Check values one by one and collect what is wrong."""
    stored: dict[str, Any] = {}
    errors: list[RowError] = []
    for field, value in fields:
        good, error = stored_form(field, value)
        stored[field.name] = good
        if error is not None:
            errors.append(error)
    return stored, errors


def no_such_column(name: str, sobject: SObject) -> RowError:
    """Say that a field does not exist, or is hidden from the user: both read alike (D)."""
    return RowError("INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}")


def not_writable(names: list[str], *, creating: bool) -> RowError:
    """Say that fields cannot be written by this user."""
    message = (
        f"Unable to create/update fields: {', '.join(names)}. Please check the security "
        "settings of this field and verify that it is read/write for your profile or "
        "permission set."
    )
    return RowError("INVALID_FIELD_FOR_INSERT_UPDATE", message, tuple(names) if creating else ())


def missing(sobject: SObject, values: Mapping[str, Any], *, creating: bool) -> list[RowError]:
    """Say which required fields have no value; a change may leave them out, not clear them."""
    names = [
        name
        for name in sobject.required
        if values.get(name) is None and (creating or name in values)
    ]
    if not names:
        return []
    message = f"Required fields are missing: [{', '.join(names)}]"
    return [RowError("REQUIRED_FIELD_MISSING", message, tuple(names))]


def stored_form(field: Field, value: Any) -> Checked:
    """Give one value as it is stored; null and the empty text both clear a field (D)."""
    if value is None or value == "":
        return cleared(field), None
    return CHECKS[field.type](field, value)


def cleared(field: Field) -> Any:
    """Give what a field holds when it holds nothing: a checkbox is false then (D)."""
    return 0 if field.type == "boolean" else None


def check_text(field: Field, value: Any) -> Checked:
    """Check a text: trailing blanks go (M), line ends stay, length is counted in characters."""
    if not isinstance(value, str):
        value = scalar_as_text(field, value)
    value = CONTROL.sub("", value.rstrip(" ")) or None
    if value is not None and field.length and utf16_length(value) > field.length:
        return value, too_long(field, value)
    return value, None


def utf16_length(value: str) -> int:
    """Count as the platform does, in UTF-16 units (M)."""
    if value.isascii():
        return len(value)
    return len(value.encode("utf-16-le", "surrogatepass")) // 2


def too_long(field: Field, value: str) -> RowError:
    """Say that a text is too long; the message repeats the text (D)."""
    message = f"{field.name}: data value too large: {value} (max length={field.length})"
    return RowError("STRING_TOO_LONG", message, (field.name,))


def scalar_as_text(field: Field, value: Any) -> str:
    """Take a JSON number for a text field; lists and objects are a parser's error (M)."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    raise wrong_type(field, value)


def wrong_type(field: Field, value: Any) -> Exception:
    """Refuse a value that the parser cannot take for the field's type."""
    return unreadable_json(
        f"Cannot deserialize instance of {field.type} from value {value!r} "
        f"or request may be missing a required field: {field.name}"
    )


def folded(unique: Field, value: Any) -> Any:
    """Give a value as uniqueness sees it: without letter case unless the field minds it (D)."""
    return value.lower() if isinstance(value, str) and not unique.case_sensitive else value


def check_email(field: Field, value: Any) -> Checked:
    """Check an e-mail address."""
    stored, error = check_text(field, value)
    if error is None and stored is not None and not EMAIL.fullmatch(stored):
        message = f"{field.label or field.name}: invalid email address: {stored}"
        error = RowError("INVALID_EMAIL_ADDRESS", message, (field.name,))
    return stored, error


def check_picklist(field: Field, value: Any) -> Checked:
    """Check a picklist: only a restricted one minds unknown values (D)."""
    stored, error = check_text(field, value)
    if error is None and field.restricted and stored not in field.picklist:
        message = f"bad value for restricted picklist field: {stored}"
        error = RowError("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, (field.name,))
    return stored, error


def check_boolean(field: Field, value: Any) -> Checked:
    """Check a checkbox."""
    if isinstance(value, bool):
        return int(value), None
    if isinstance(value, str) and value.lower() in {"true", "false", "1", "0"}:
        return int(value.lower() in {"true", "1"}), None
    raise wrong_type(field, value)


def check_number(field: Field, value: Any) -> Checked:
    """Check a number."""
    if isinstance(value, bool):
        raise wrong_type(field, value)
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise wrong_type(field, value) from None
    if field.precision and abs(number) >= 10 ** (field.precision - field.scale):
        return number, out_of_range(field, value)
    return int(number) if field.type == "int" else number, None


def out_of_range(field: Field, value: Any) -> RowError:
    """Say that a number has more digits than its field (D for the code)."""
    message = f"{field.label or field.name}: value outside of valid range on numeric field: {value}"
    return RowError("NUMBER_OUTSIDE_VALID_RANGE", message, (field.name,))


def check_datetime(field: Field, value: Any) -> Checked:
    """Check a date with time: it needs an offset, and is stored in UTC."""
    moment = clock.read(value) if isinstance(value, str) else None
    if moment is None:
        raise wrong_type(field, value)
    return clock.written(moment), None


def check_date(field: Field, value: Any) -> Checked:
    """Check a date."""
    day = clock.read_day(value[:10]) if isinstance(value, str) else None
    if day is None:
        raise wrong_type(field, value)
    return day.isoformat(), None


def check_reference(field: Field, value: Any) -> Checked:
    """Check the form of an id; whether it exists is asked of the store later."""
    long_id = ids.lengthen(value)
    if long_id is None:
        message = f"{field.label or field.name}: id value of incorrect type: {value}"
        return value, RowError("MALFORMED_ID", message, (field.name,))
    return long_id, None


CHECKS: dict[str, Callable[[Field, Any], Checked]] = {
    "string": check_text,
    "textarea": check_text,
    "phone": check_text,
    "url": check_text,
    "picklist": check_picklist,
    "multipicklist": check_text,
    "email": check_email,
    "boolean": check_boolean,
    "double": check_number,
    "currency": check_number,
    "percent": check_number,
    "int": check_number,
    "datetime": check_datetime,
    "date": check_date,
    "reference": check_reference,
    "id": check_reference,
}
