"""The web application: OAuth, the data API, and the control plane."""

import time
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from . import envelope, oauth, soap, versions
from .calls import Answer, Call, Work, located
from .control import Control
from .errors import not_found
from .gateway import Exchange, data_answer, signed_in
from .org import Org
from .pages import Pages
from .wire import Wires


class Front:
    """Makes calls of requests and lets them be served."""

    def __init__(self, org: Org, wires: Wires) -> None:
        self.org, self.wires = org, wires

    async def exchange(self, request: Request, path: tuple[str, ...] | None = None) -> Exchange:
        """Read a request whole; its arrival is when its latency starts."""
        started = time.monotonic()
        encoding = request.headers.get("content-encoding", "")
        raw = envelope.unpacked(await request.body(), encoding)
        target = request.scope["raw_path"].decode("latin-1")
        version, segments, query = located(f"{target}?{request.url.query}")
        call = Call(
            request.method,
            version,
            segments if path is None else path,
            query,
            {k.lower(): v for k, v in request.headers.items()},
            raw,
            Work(schema=self.org.schema),
        )
        return Exchange(self.org, self.wires, request, call, started)

    async def data(self, request: Request) -> Response:
        """Serve all below /services/data."""
        exchange = await self.exchange(request)

        async def act() -> Answer:
            if not exchange.call.version:
                return Answer(200, versions.listed())
            return await data_answer(exchange)

        return await exchange.serve(act)

    async def apex(self, request: Request) -> Response:
        """Serve all below /services/apexrest."""
        rest = tuple(s for s in request.path_params["rest"].split("/") if s)
        exchange = await self.exchange(request, ("apexrest", *rest))
        return await exchange.serve(lambda: data_answer(exchange))

    async def other(self, request: Request) -> Response:
        """Serve paths with doubled slashes as if they were clean; the rest leads nowhere."""
        exchange = await self.exchange(request)
        if exchange.call.version:
            return await exchange.serve(lambda: data_answer(exchange))

        async def act() -> Answer:
            raise not_found()

        return await exchange.serve(act)

    async def token(self, request: Request) -> Response:
        """Serve /services/oauth2/token."""
        exchange = await self.exchange(request, ("token",))
        form = form_of(exchange.call)

        async def act() -> Answer:
            authorization = exchange.call.header("authorization")
            return oauth.token(self.org, base_url(request), form, authorization)

        return await exchange.serve(act)

    async def soap(self, request: Request) -> Response:
        """Serve /services/Soap/u/{version}: the sign-in alone."""
        exchange = await self.exchange(request, ("token", "soap"))
        version = request.path_params["version"]

        async def act() -> Answer:
            return soap.login(self.org, base_url(request), version, exchange.call.raw)

        return await exchange.serve(act)

    async def revoke(self, request: Request) -> Response:
        """Serve /services/oauth2/revoke."""
        exchange = await self.exchange(request, ("revoke",))

        async def act() -> Answer:
            return oauth.revoke(self.org, {**form_of(exchange.call), **exchange.call.query})

        return await exchange.serve(act)

    async def introspect(self, request: Request) -> Response:
        """Serve /services/oauth2/introspect."""
        exchange = await self.exchange(request, ("introspect",))
        call = exchange.call

        async def act() -> Answer:
            return oauth.introspect(self.org, form_of(call), call.header("authorization"))

        return await exchange.serve(act)

    async def userinfo(self, request: Request) -> Response:
        """Serve /services/oauth2/userinfo."""
        exchange = await self.exchange(request, ("userinfo",))

        async def act() -> Answer:
            user_id = signed_in(self.org, exchange.call)
            return oauth.userinfo(self.org, base_url(request), user_id)

        return await exchange.serve(act)

    async def identity(self, request: Request) -> Response:
        """Serve /id/{org}/{user}."""
        exchange = await self.exchange(request, ("identity",))

        async def act() -> Answer:
            user_id = signed_in(self.org, exchange.call)
            return oauth.identity(self.org, base_url(request), user_id)

        return await exchange.serve(act)


def form_of(call: Call) -> dict[str, str]:
    """Read a form body, and what the query adds to it."""
    return {**call.query, **dict(parse_qsl(call.raw.decode("utf-8", "replace")))}


def base_url(request: Request) -> str:
    """Give the URL that the client reached the org by."""
    return f"{request.url.scheme}://{request.headers.get('host', request.url.netloc)}"


ANY = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def application(org: Org, wires: Wires, control: Control) -> Starlette:
    """Put the application together."""
    front = Front(org, wires)
    return Starlette(
        routes=[
            Route("/services/oauth2/token", front.token, methods=["POST"]),
            Route("/services/Soap/u/{version}", front.soap, methods=["POST"]),
            Route("/services/oauth2/revoke", front.revoke, methods=["GET", "POST"]),
            Route("/services/oauth2/introspect", front.introspect, methods=["POST"]),
            Route("/services/oauth2/userinfo", front.userinfo, methods=["GET", "POST"]),
            Route("/id/{org}/{user}", front.identity, methods=["GET"]),
            Route("/services/apexrest/{rest:path}", front.apex, methods=ANY),
            Route("/services/data", front.data, methods=ANY),
            Route("/services/data/{rest:path}", front.data, methods=ANY),
            Mount("/__sim__", routes=control.routes()),
            *Pages(org).routes(),
            Route("/{rest:path}", front.other, methods=ANY),
        ]
    )
