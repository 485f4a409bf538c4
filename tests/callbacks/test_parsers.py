import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbacks.parsers import (
    UnreadableError,
    parse_form,
    parse_json,
    parse_multipart,
)

BOUNDARY = b"-----X"


def multipart(value: bytes) -> bytes:
    head = b"--" + BOUNDARY + b'\r\nContent-Disposition: form-data; name="ServiceName"\r\n\r\n'
    return head + value + b"\r\n--" + BOUNDARY + b"--\r\n"


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"v": "St\xc3\xb6rung"}', "Störung"),
        (b'\xef\xbb\xbf{"v": "bom"}', "bom"),
        (b'{"v": "St\xf6rung"}', "Störung"),
        ('{"v": "utf-16"}'.encode("utf-16"), "utf-16"),
        (b'{"v": "\\ud800"}', "�"),
        (b'{"v": "a\\u0000b"}', "a�b"),
        (b'{"v": 123456789012345678901234}', "123456789012345678901234"),
        (b'{"v": 4989555015}', 4989555015),
        (b'{"v": 1, "v": 2}', 2),
        (b'{"v": NaN}', "NaN"),
        (b'{"v": {"a": [1, "\\u0000"]}}', {"a": [1, "�"]}),
    ],
)
def test_json_as_acds_write_it_is_read_without_loss(body: bytes, value: object) -> None:
    assert parse_json(body, "application/json") == {"v": value}


@pytest.mark.parametrize(
    "body",
    [b"{", b"[1]", b'"text"', b"", b'{"v": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", b"\xff\xfe"],
)
def test_json_that_is_no_object_is_refused_with_a_sentence(body: bytes) -> None:
    with pytest.raises(UnreadableError, match=r"^The .*\.$"):
        parse_json(body, "application/json")


def test_the_place_of_a_mistake_is_named() -> None:
    with pytest.raises(UnreadableError, match="line 2, character"):
        parse_json(b'{"CallerID": "1",\n "ServiceNumber" 2}', "application/json")


@given(st.dictionaries(st.text(), st.text(), max_size=5))
def test_any_text_in_json_comes_back_storable(fields: dict[str, str]) -> None:
    parsed = parse_json(json.dumps(fields).encode(), "application/json")
    assert not any("\x00" in text for pair in parsed.items() for text in pair)
    assert len(parsed) <= len(fields)


@given(st.binary())
def test_any_bytes_give_fields_or_are_refused(body: bytes) -> None:
    for parse in (parse_json, parse_form):
        with contextlib.suppress(UnreadableError):
            assert isinstance(parse(body, ""), dict)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"v=St%C3%B6rung", "Störung"),
        (b"v=St%F6rung", "Störung"),
        (b"v=St\xf6rung", "Störung"),
        (b"v=St\xc3\xb6rung", "Störung"),
        (b"v=10%80", "10€"),
        (b"v=%81", "\x81"),
        (b"v=a%26b+c", "a&b c"),
        (b"v=", ""),
        (b"v=a%00b", "a�b"),
    ],
)
def test_a_form_is_utf_8_or_what_old_releases_send(body: bytes, value: str) -> None:
    assert parse_form(body, "") == {"v": value}


@pytest.mark.parametrize("value", ["Störung".encode(), "Störung".encode("latin-1")])
def test_multipart_is_read_in_either_encoding(value: bytes) -> None:
    content_type = "multipart/form-data; boundary=" + BOUNDARY.decode()
    assert parse_multipart(multipart(value), content_type) == {"ServiceName": "Störung"}


@pytest.mark.parametrize("body", [multipart(b"x"), b""])
def test_multipart_without_its_boundary_is_refused(body: bytes) -> None:
    with pytest.raises(UnreadableError, match="damaged or cut off"):
        parse_multipart(body, "multipart/form-data")
