"""Send clients that insist on https://….salesforce.com to the simulated org instead."""

from typing import Any
from urllib.parse import urlsplit

import httpx
import requests
from requests.adapters import HTTPAdapter


class Detour(HTTPAdapter):
    """For clients built on requests: every host is the simulated org."""

    def __init__(self, org_url: str) -> None:
        super().__init__()
        self.org_url = org_url

    def send(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        """Send a request elsewhere."""
        parts = urlsplit(request.url or "")
        query = f"?{parts.query}" if parts.query else ""
        request.url = f"{self.org_url}{parts.path}{query}"
        return super().send(request, *args, **kwargs)


def detoured(org_url: str) -> requests.Session:
    """Make a session that leads to the simulated org only."""
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", Detour(org_url))
    session.mount("http://", Detour(org_url))
    return session


class AsyncDetour(httpx.AsyncHTTPTransport):
    """For clients built on httpx: every host is the simulated org."""

    def __init__(self, org_url: str) -> None:
        super().__init__()
        self.org = httpx.URL(org_url)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request elsewhere."""
        request.url = request.url.copy_with(scheme="http", host=self.org.host, port=self.org.port)
        request.headers["Host"] = f"{self.org.host}:{self.org.port}"
        return await super().handle_async_request(request)
