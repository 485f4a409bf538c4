import re
from collections.abc import Callable
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.urls import ResolverMatch, resolve
from django.utils import timezone, translation

from callbacks.masking import read_by
from callbacks.models import Preferences

MACHINES = ("/api/", "/services/")
BACK_OFFICE = "/admin/"
ZONE_COOKIE = "zone"  # written by admin.js: a browser tells its language by itself, but no zone
ZONE_NAME = re.compile(r"[A-Za-z][\w+-]*(/[\w+-]+){0,2}")


class MachinesMiddleware:
    """What an ACD asks for goes straight to its view: all that follows in the list is for people.

    Sessions, languages, messages and the like would take a quarter of the time of its request. What
    remains of them here: the check of the host, and one language, because call flows compare answers.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(MACHINES):
            return self.get_response(request)
        request.get_host()  # DisallowedHost
        translation.deactivate()  # the thread may come from a German page
        response = _answered(request)
        if not response.streaming and not response.has_header("Content-Length"):
            response.headers["Content-Length"] = str(len(response.content))
        return response


def _answered(request: HttpRequest) -> HttpResponse:
    match = request.resolver_match = _view_at(request.path_info)
    response = match.func(request, *match.args, **match.kwargs)
    return response.render() if isinstance(response, SimpleTemplateResponse) else response


@lru_cache(maxsize=256)
def _view_at(path: str) -> ResolverMatch:
    """Resolver404 is not remembered."""
    return resolve(path)


class ReaderMiddleware:
    """Who reads a page of the back office: in which language and zone, and what of callers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(BACK_OFFICE):
            return self.get_response(request)
        chosen = preferences_of(request)
        if chosen.language in dict(settings.LANGUAGES):
            translation.activate(chosen.language)
            request.LANGUAGE_CODE = translation.get_language()
        zone = zone_named(chosen.time_zone) or zone_named(request.COOKIES.get(ZONE_COOKIE, ""))
        with read_by(request.user), timezone.override(zone):
            return self.get_response(request)


def preferences_of(request: HttpRequest) -> Preferences:
    return getattr(request.user, "preferences", None) or Preferences()


@lru_cache(maxsize=1024)
def zone_named(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if ZONE_NAME.fullmatch(name) else None
    except (KeyError, ValueError, OSError):  # no such zone, or the name of a folder of zones
        return None
