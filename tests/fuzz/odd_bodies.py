"""Bodies that telephone systems send, or could send on a bad day, as bytes and media type."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_from_bytes, quote_plus

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
BOUNDARY = "limit"
KNOWN_CALLERS = {"4989555010": ["Meier"], "4989555011": ["Fuchs", "Fuchs"]}  # contacts by number
FITTING = {"Query": ["contacts"], "Param1": ["Meier", "Fuchs"]}  # a query that finds some of them
BASE = ("CallerID", "ServiceNumber", "ServiceName", "Function", "UserData", "UserData2")
EVENT = (
    *("Caller", "CallbackNumber", "ServiceNumbersNumber", "ServiceNumbersName", "AcdGroupsID"),
    *("AcdGroupsForeignSystemID", "dtCallStart", "dtCallEnd", "AcdEventsID", "Subject", "Body"),
)
QUERY = ("Query", "Param1", "Param2", "Param3", "Param4")

Body = tuple[bytes, str]
Field = tuple[str, Any]


def nested(depth: int) -> bytes:
    return b'{"CallerID": ' + b"[" * depth + b"]" * depth + b"}"


# Lone surrogates and NUL too: hardly any would come if all characters were alike.
characters = st.characters(exclude_categories=()) | st.sampled_from(
    "\x00\ud83d\udc1d\ufeff\u00f6&="
)
anything = st.text(characters, max_size=40)
digits = st.text("0123456789", min_size=1, max_size=17)
numbers = st.one_of(
    digits,
    st.sampled_from([*KNOWN_CALLERS]),
    digits.map("49{}".format),
    st.tuples(
        st.sampled_from(["+", "00", "0", "+49 (0) ", "tel:", "\N{FULLWIDTH PLUS SIGN}"]), digits
    ).map("".join),
    st.sampled_from(
        ["", " ", "anonymous", "unknown", "0", "217", "*31#", "+", "\N{ARABIC-INDIC DIGIT FOUR}"]
    ),
    st.integers(min_value=0, max_value=10**15),
    st.integers(min_value=-(10**60), max_value=10**60),
    st.integers(min_value=1, max_value=5_000).map(lambda length: "4" * length),
    st.floats(),
    anything,
)
times = st.one_of(
    st.datetimes().map(lambda moment: moment.isoformat(timespec="seconds")),
    st.sampled_from(
        ["2026-10-25T02:30:00", "2026-03-29T02:30:00", "0001-01-01T00:00:00", "9999-12-31T23:59:59"]
    ),
    st.sampled_from(["2099-12-31T23:59:59-23:59", "2026-02-30T00:00:00", "20261120", "now", ""]),
    anything,
)
values: SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | numbers | times,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(anything, inner, max_size=3),
    max_leaves=6,
)
strange_json = st.one_of(
    st.sampled_from(
        [b"", b"null", b"[]", b'"CallerID"', b"{", b"{}", b"\xef\xbb\xbf", b"\x00", b"NaN"]
    ),
    st.sampled_from([50, 51, 300, 100_000]).map(nested),
    st.sampled_from(["1e400", "-0", "1E-999", "-Infinity", "9" * 5_000, "0." + "3" * 400]).map(
        lambda number: f'{{"CallerID": {number}, "UserData": {number}}}'.encode()
    ),
    st.binary(max_size=80),
)


def fields(names: tuple[str, ...]) -> SearchStrategy[list[Field]]:
    """Some of these, in any order, also twice, and some that nobody knows."""
    known = st.sampled_from(names).flatmap(lambda name: st.tuples(st.just(name), value_of(name)))
    return st.lists(known | st.tuples(anything, values), min_size=1, max_size=10)


def value_of(name: str) -> SearchStrategy[Any]:
    if name.startswith("dt"):
        return times | values
    if name in FITTING:
        return st.sampled_from(FITTING[name]) | values
    return numbers | values | st.integers(min_value=1, max_value=3)  # a few, so that some repeat


@st.composite
def json_bodies(draw: DrawFn, names: tuple[str, ...]) -> Body:
    ascii_only = draw(st.booleans())
    pairs = [
        f"{json.dumps(name, ensure_ascii=ascii_only)}: {json.dumps(value, ensure_ascii=ascii_only)}"
        for name, value in draw(fields(names))
    ]
    body = draw(encodings)("{" + ", ".join(pairs) + "}")  # a key may come twice
    cut = draw(st.none() | st.integers(min_value=0, max_value=len(body)))
    media_type = draw(st.sampled_from([JSON, JSON, f"{JSON}; charset=utf-8", "text/json", ""]))
    return body[:cut], media_type


def encoded(encoding: str, errors: str = "surrogatepass") -> Callable[[str], bytes]:
    return lambda text: text.encode(encoding, errors)


encodings = st.sampled_from(
    [encoded("utf-8")] * 4
    + [encoded(name) for name in ("utf-8-sig", "utf-16", "utf-16-le", "utf-32")]
    + [encoded("cp1252", "replace"), encoded("latin-1", "replace")]
)


@st.composite
def form_bodies(draw: DrawFn, names: tuple[str, ...]) -> Body:
    """Percent-encoded, or as raw bytes; in UTF-8, or in Latin-1 as old releases send it."""
    encode = draw(encodings)
    escape = draw(st.sampled_from([escaped, as_it_is]))
    pairs = [
        escape(encode(name)) + b"=" + escape(encode(str(value)))
        for name, value in draw(fields(names))
    ]
    body = b"&".join(pairs) * draw(st.sampled_from([1, 1, 1, 200]))
    return body, draw(st.sampled_from([FORM, FORM, f"{FORM}; charset=iso-8859-1", ""]))


def as_it_is(text: bytes) -> bytes:
    return text


def escaped(text: bytes) -> bytes:
    return quote_from_bytes(text).encode()


@st.composite
def multipart_bodies(draw: DrawFn, names: tuple[str, ...]) -> Body:
    encode = draw(encodings)
    parts = [
        b'--%s\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
        % (BOUNDARY.encode(), encode(name), draw(dispositions), encode(str(value)))
        for name, value in draw(fields(names))
    ]
    end = draw(st.sampled_from([b"--%s--\r\n" % BOUNDARY.encode(), b"", b"--"]))
    boundary = draw(st.sampled_from([f"; boundary={BOUNDARY}"] * 3 + ["", "; boundary=x"]))
    return b"".join(parts) + end, f"multipart/form-data{boundary}"


dispositions = st.sampled_from(
    [b"", b"", b'; filename="a"', b"\r\nContent-Transfer-Encoding: base64", b"\r\nContent-Type: x"]
)


def bodies(*names: tuple[str, ...]) -> SearchStrategy[Body]:
    """In one of these vocabularies, or in all of them mixed."""
    words = (*names, tuple(name for each in names for name in each))
    made = [kind(each) for kind in (json_bodies, form_bodies, multipart_bodies) for each in words]
    types = st.sampled_from([JSON, FORM, "text/xml", "", "application/json; charset=\xff", "/"])
    usual, strange = st.one_of(*made), st.tuples(strange_json, st.just(JSON) | types)
    return st.sampled_from([usual, usual, strange]).flatmap(lambda kind: kind)


@st.composite
def query_strings(draw: DrawFn, names: tuple[str, ...]) -> str:
    pairs = [
        quote_plus(name, errors="surrogatepass")
        + "="
        + quote_plus(str(value), errors="surrogatepass")
        for name, value in draw(fields(names))
    ]
    return "&".join(
        [*pairs, *draw(st.lists(st.sampled_from(["%", "%zz", "=", "&", "%00", "%FF"]), max_size=2))]
    )
