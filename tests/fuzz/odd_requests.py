"""Whole requests to each resource, by hypothesis."""

import base64
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.crm.passing import DIAL, STATISTICS
from tests.fuzz.odd_bodies import BASE, EVENT, FORM, QUERY, anything, bodies, query_strings

TAKING = (
    *("/api/v1/callbacks", "/services/apexrest/jtelACD/createCallback"),
    *("/api/v1/voicemails", "/services/apexrest/jtelACD/createVoiceMail"),
)
READING, TOKEN = "/api/v1/callbacks/{CallbackID}", "/services/oauth2/token"
ASKING = ("/api/v1/callers", "/services/apexrest/jtelACD/getCallerInformation")
QUERYING = ("/api/v1/query", "/services/apexrest/jtelACD/query")
PASSING = "/services/apexrest/{resource}"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
SIGNED_IN = None  # as the sender of the request is

# What HTTP lets a header hold.
header_text = st.text(
    st.characters(
        min_codepoint=0x20,
        max_codepoint=0xFF,
        exclude_characters="\x7f",
    ),
    max_size=60,
).map(str.strip)


@dataclass(frozen=True)
class Request:
    """`resource` is the path as the OpenAPI document names it; `path` with what is filled in."""

    method: str
    resource: str
    path: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    authorization: str | None = SIGNED_IN
    in_chunks: bool = False


@st.composite
def callbacks(draw: DrawFn) -> Request:
    """In both dialects, mixed, in the body and in the query string, repeated or not."""
    resource = draw(st.sampled_from(TAKING))
    body, media_type = draw(bodies(BASE, EVENT))
    query = draw(st.just("") | query_strings(BASE + EVENT))
    keys = st.sampled_from([{}, {}, {"Idempotency-Key": "1"}]) | header_text.map(
        lambda key: {"Idempotency-Key": key}
    )
    return Request(
        "POST",
        resource,
        f"{resource}{draw(slashes)}{'?' + query if query else ''}",
        body,
        draw(keys) | {"Content-Type": media_type},
        in_chunks=draw(st.integers(0, 9)) == 0,
    )


slashes = st.sampled_from(["", "/"])


@st.composite
def records(draw: DrawFn) -> Request:
    key = draw(st.uuids().map(str) | anything.filter(bool))
    path = READING.replace("{CallbackID}", quote(key, safe="", errors="surrogatepass"))
    return Request("GET", READING, path + draw(slashes))


@st.composite
def questions(draw: DrawFn) -> Request:
    resource = draw(st.sampled_from(ASKING))
    return Request("GET", resource, f"{resource}{draw(slashes)}?{draw(query_strings(BASE))}")


@st.composite
def queries(draw: DrawFn) -> Request:
    resource = draw(st.sampled_from(QUERYING))
    body, media_type = draw(bodies(QUERY))
    return Request("POST", resource, resource, body, {"Content-Type": media_type})


@st.composite
def passed_through(draw: DrawFn) -> Request:
    name = draw(st.sampled_from([DIAL, STATISTICS]) | anything.filter(bool))
    query = draw(query_strings(("SalesForceID", "CallerID", "_HttpMethod")))
    path = PASSING.replace("{resource}", quote(name, safe="/", errors="surrogatepass"))
    method = draw(st.sampled_from(METHODS))
    body, media_type = draw(bodies(BASE)) if method not in {"GET", "DELETE"} else (b"", "")
    return Request(method, PASSING, f"{path}?{query}", body, {"Content-Type": media_type})


@st.composite
def sign_ins(draw: DrawFn, client: tuple[str, str]) -> Request:
    """With the right id and secret, and with anything in their place."""
    client_id, secret = client
    words = {
        "grant_type": st.sampled_from(["client_credentials", "password", ""]) | anything,
        "client_id": st.just(client_id) | anything,
        "client_secret": st.just(secret) | anything,
        "username": anything,
        "password": anything,
    }
    right = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    forms = (st.just(right) | st.fixed_dictionaries({}, optional=words)).map(
        lambda form: (urlencode(form, errors="surrogatepass").encode(), FORM)
    )
    body, media_type = draw(forms | bodies(tuple(words)))
    header = basic(f"{client_id}:{secret}".encode())
    sender = draw(st.sampled_from(["", "", header]) | authorizations)
    return Request("POST", TOKEN, TOKEN, body, {"Content-Type": media_type}, authorization=sender)


def basic(credentials: bytes) -> str:
    return f"Basic {base64.b64encode(credentials).decode()}"


authorizations = st.one_of(
    header_text,
    header_text.map("Bearer {}".format),
    header_text.map("Bearer jtb_{}.x".format),
    header_text.map("Basic {}".format),
    st.binary(max_size=40).map(basic),
)


@st.composite
def strangers(draw: DrawFn, token: str) -> Request:
    """Requests that are well formed, from senders who are not, or nearly."""
    at = draw(st.integers(min_value=0, max_value=len(token) - 1))
    damaged = f"Bearer {token[:at]}{'A' if token[at] != 'A' else 'B'}{token[at + 1 :]}"
    sender = draw(authorizations | st.sampled_from([damaged, f"bearer  {token} "]))
    resource = draw(st.sampled_from(TAKING + QUERYING))
    body = b'{"CallerID": "4989555010"}'
    headers = {"Content-Type": "application/json"}
    return Request("POST", resource, resource, body, headers, authorization=sender)


def shares(client: tuple[str, str], token: str) -> dict[SearchStrategy[Request], int]:
    """Every kind of request, and how often it comes among the others."""
    return {
        callbacks(): 4,
        records(): 1,
        questions(): 1,
        queries(): 1,
        passed_through(): 1,
        sign_ins(client): 1,
        strangers(token): 1,
    }
