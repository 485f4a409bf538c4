"""How calls travel: sessions, total deadlines, loopback only in the clear, and what can go wrong.

Whatever the libraries raise becomes one of the four errors of `errors`.
"""

from collections.abc import Callable, Sequence
from http.cookiejar import DefaultCookiePolicy
from ipaddress import ip_address
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from simple_salesforce.exceptions import SalesforceError
from urllib3 import Timeout
from urllib3.exceptions import HTTPError, MaxRetryError, ReadTimeoutError

from callbacks.deadline import TIMED_POOLS
from crm import usage
from crm.access import Access
from crm.apex import ApexAnswer, resource_answer
from crm.errors import CrmError, CrmMisconfigured, CrmUnavailable, from_response

CLIENT_NAME = "jtelbridge/1"
OTHER_CALLS = 10  # at once, beside those that callers wait for


class _TimedAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = dict(TIMED_POOLS)

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> Any:
        usage.note(request.url or "")
        return super().send(request, *args, **options)


class _LoopbackAdapter(_TimedAdapter):
    """The library writes https into every URL; a simulated org on this machine speaks plainly."""

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> Any:
        parts = urlsplit(request.url or "")
        if not _is_loopback(str(parts.hostname)):
            raise CrmMisconfigured("UNSAFE_ADDRESS", f"http is for this machine: {parts.hostname}")
        request.url = parts._replace(scheme="http").geturl()
        return super().send(request, *args, **options)


def http_session(access: Access) -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # else a variable can replace certificates or add a proxy
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers["User-Agent"] = CLIENT_NAME
    session.headers["Sforce-Call-Options"] = f"client={CLIENT_NAME}"  # marks us in the org's logs
    session.adapters.clear()  # no adapter for http: such a URL is refused
    adapter = _LoopbackAdapter if access.is_plain else _TimedAdapter
    kept = settings.LIVE_CALLS_AT_ONCE + OTHER_CALLS  # else each of the others would connect anew
    session.mount("https://", adapter(pool_maxsize=kept))
    return session


def secured(url: str) -> str:
    return "https://" + url.split("://", 1)[-1]


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def trusted(url: str, *, plain: bool) -> str:
    parts = urlsplit(url)
    if parts.scheme != ("http" if plain else "https") or not parts.hostname:
        raise CrmMisconfigured("UNSAFE_ADDRESS", f"instance URL: {url}")
    return f"{parts.scheme}://{parts.netloc}"


def timeout_of(seconds: float) -> Any:
    """For everything together; `requests` hands it to urllib3 as it is, unknown to its types."""
    return Timeout(total=seconds)


def left(ends: float) -> float:
    left = ends - monotonic()
    if left <= 0:
        raise CrmUnavailable("NO_ANSWER", "no time left to send it")
    return left


def guarded(call: Callable[[], Any], secrets: Sequence[str] = ()) -> Any:
    """Run the call; whatever the libraries raise becomes one of the four errors."""
    try:
        return call()
    except _FAILURES as failure:
        error = _translated(failure)
    for secret in secrets:
        error.detail = error.detail.replace(secret, "[secret]")
    # Raised out here, so that nothing hangs on to the failure: it holds a socket, and its text what
    # was searched for or sent.
    raise error


# The last four: the library trips over JSON that is neither an object nor a list, or too deep.
_FAILURES = (
    *(CrmError, SalesforceError, requests.RequestException, HTTPError, OSError),
    *(AttributeError, TypeError, ValueError, RecursionError),
)


def _translated(failure: Exception) -> CrmError:
    if isinstance(failure, CrmError):
        return failure
    if isinstance(failure, SalesforceError):
        return from_response(failure.status, failure.content)
    is_json_trouble = isinstance(failure, requests.JSONDecodeError)
    if isinstance(failure, requests.RequestException | HTTPError | OSError) and not is_json_trouble:
        return CrmUnavailable(_transport_code(failure), _cause(failure))
    return CrmUnavailable("UNREADABLE_ANSWER", "not JSON, or of an unknown shape")


def body_of(answer: requests.Response) -> Any:
    if answer.status_code == requests.codes.ok:
        return answer.json()
    try:
        refusal = answer.json()
    except ValueError:
        refusal = answer.text
    raise from_response(answer.status_code, refusal)


def apex_answer(answer: requests.Response, most_bytes: int) -> ApexAnswer:
    """An answer that was asked for with `stream`: what is larger than so much is not read."""
    with answer:
        body = b""
        for piece in answer.iter_content(65_536):
            body += piece
            if len(body) > most_bytes:
                raise CrmUnavailable("UNREADABLE_ANSWER", f"larger than {most_bytes} bytes")
    return resource_answer(answer.status_code, answer.headers.get("Content-Type", ""), body)


def _transport_code(broken: Exception) -> str:
    inner = broken.args[0] if broken.args else None
    if isinstance(broken, requests.exceptions.SSLError):
        return "TLS_FAILED"
    if isinstance(broken, requests.ReadTimeout) or isinstance(inner, ReadTimeoutError):
        return "NO_ANSWER"
    if isinstance(broken, requests.ConnectTimeout) or isinstance(inner, MaxRetryError):
        return "NO_CONNECTION"
    return "BROKEN_ANSWER"


def _cause(broken: BaseException | None) -> str:
    """The operating system's words, such as "Connection refused"; they name no one."""
    while broken is not None:
        if isinstance(broken, OSError) and broken.strerror:
            return broken.strerror
        broken = broken.__cause__ or broken.__context__
    return ""
