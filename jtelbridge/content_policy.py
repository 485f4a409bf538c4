"""What a page may load, ask and be framed by: Content-Security-Policy, by place.

The strictest goes everywhere; only pages for people need more.
"""

from collections.abc import Callable

from csp.constants import HEADER, NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.utils import build_policy
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

STRICT = {
    "default-src": [NONE],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [NONE],
}
API_DOCS = STRICT | {
    "script-src": [SELF],
    "style-src": [SELF],
    "img-src": [SELF, "data:"],
    "connect-src": [SELF],
}
# Alpine evaluates what stands in attributes; widths and colours are styles of single elements.
ADMIN = {
    "default-src": [SELF],
    "script-src": [SELF, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "font-src": [SELF],
    "connect-src": [SELF],
    "frame-ancestors": [NONE],
    "form-action": [SELF],
    "base-uri": [NONE],
}


class ContentPolicyMiddleware:
    """The header of django-csp, put together once instead of for every answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.strict = build_policy(STRICT)
        self.places = {
            reverse("admin:index"): build_policy(ADMIN),
            reverse("docs"): build_policy(API_DOCS),
        }

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault(HEADER, self._policy(request.path_info))
        return response

    def _policy(self, path: str) -> str:
        found = (policy for place, policy in self.places.items() if path.startswith(place))
        return next(found, self.strict)
