"""The web application: OAuth, the data API, the control plane and pages for people."""

import time
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from . import envelope, oauth, soap, versions
from .calls import Answer, Call, Work, located
from .control import Control
from .errors import not_found
from .gateway import Acting, Exchange, data_answer, signed_in
from .org import Org
from .pages import Pages
from .wire import Wires

ANY = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def application(org: Org, wires: Wires, control: Control) -> Starlette:
    """Put the application together."""

    def door(act: Acting, *path: str) -> Callable[[Request], Awaitable[Response]]:
        """Serve requests by an act; a path names the operation where the URL does not."""

        async def served(request: Request) -> Response:
            exchange = await exchange_of(org, wires, request, path)
            return await exchange.serve(act)

        return served

    return Starlette(
        routes=[
            Route("/services/oauth2/token", door(token, "token"), methods=["POST"]),
            Route("/services/Soap/u/{version}", door(soap_login, "token"), methods=["POST"]),
            Route("/services/oauth2/revoke", door(revoke, "revoke"), methods=["GET", "POST"]),
            Route("/services/oauth2/introspect", door(introspect, "introspect"), methods=["POST"]),
            Route("/services/oauth2/userinfo", door(userinfo, "userinfo"), methods=["GET", "POST"]),
            Route("/id/{org}/{user}", door(identity, "identity"), methods=["GET"]),
            Route("/services/apexrest/{rest:path}", door(data_answer), methods=ANY),
            Route("/services/data", door(version_list), methods=ANY),
            Route("/services/data/", door(version_list), methods=ANY),
            Route("/services/data/{rest:path}", door(data_answer), methods=ANY),
            Mount("/__sim__", routes=control.routes()),
            *Pages(org).routes(),
            Route("/{rest:path}", door(elsewhere), methods=ANY),
        ]
    )


async def exchange_of(org: Org, wires: Wires, request: Request, path: tuple[str, ...]) -> Exchange:
    """Read a request whole; its arrival is when its latency starts."""
    started = time.monotonic()
    encoding = request.headers.get("content-encoding", "")
    raw = envelope.unpacked(await request.body(), encoding)
    target = request.scope["raw_path"].decode("latin-1")
    version, segments, query = located(f"{target}?{request.url.query}")
    headers = {name.lower(): value for name, value in request.headers.items()}
    work = Work(schema=org.schema)
    call = Call(request.method, version, path or segments, query, headers, raw, work)
    return Exchange(org, wires, request, call, started)


async def version_list(_exchange: Exchange) -> Answer:
    """GET /services/data: for anybody, and not counted (D)."""
    return Answer(200, versions.listed())


async def elsewhere(exchange: Exchange) -> Answer:
    """Serve paths with doubled slashes as if they were clean; the rest leads nowhere."""
    if exchange.call.version:
        return await data_answer(exchange)
    raise not_found()


async def token(exchange: Exchange) -> Answer:
    """POST /services/oauth2/token."""
    authorization = exchange.call.header("authorization")
    return oauth.token(exchange.org, base_url(exchange), form_of(exchange), authorization)


async def soap_login(exchange: Exchange) -> Answer:
    """POST /services/Soap/u/{version}: the sign-in alone."""
    version = exchange.request.path_params["version"]
    return soap.login(exchange.org, base_url(exchange), version, exchange.call.raw)


async def revoke(exchange: Exchange) -> Answer:
    """GET and POST /services/oauth2/revoke."""
    return oauth.revoke(exchange.org, form_of(exchange))


async def introspect(exchange: Exchange) -> Answer:
    """POST /services/oauth2/introspect."""
    authorization = exchange.call.header("authorization")
    return oauth.introspect(exchange.org, form_of(exchange), authorization)


async def userinfo(exchange: Exchange) -> Answer:
    """GET /services/oauth2/userinfo."""
    user_id = signed_in(exchange.org, exchange.call)
    return oauth.userinfo(exchange.org, base_url(exchange), user_id)


async def identity(exchange: Exchange) -> Answer:
    """GET /id/{org}/{user}."""
    user_id = signed_in(exchange.org, exchange.call)
    return oauth.identity(exchange.org, base_url(exchange), user_id)


def form_of(exchange: Exchange) -> dict[str, str]:
    """Read a form body, and what the query adds to it."""
    body = exchange.call.raw.decode("utf-8", "replace")
    return {**exchange.call.query, **dict(parse_qsl(body))}


def base_url(exchange: Exchange) -> str:
    """Give the URL that the client reached the org by."""
    request = exchange.request
    return f"{request.url.scheme}://{request.headers.get('host', request.url.netloc)}"
