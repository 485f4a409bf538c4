import re
from collections.abc import Callable
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import timezone, translation

from callbacks.masking import read_by
from callbacks.models import Preferences

MACHINES = ("/api/", "/services/")
BACK_OFFICE = "/admin/"
ZONE_COOKIE = "zone"  # written by admin.js: a browser tells its language by itself, but no zone
ZONE_NAME = re.compile(r"[A-Za-z][\w+-]*(/[\w+-]+){0,2}")


class PeopleLocaleMiddleware(LocaleMiddleware):
    """A language for people. The ACD's call flows compare answers, which must not vary."""

    def process_request(self, request: HttpRequest) -> None:
        if request.path_info.startswith(MACHINES):
            translation.activate(settings.LANGUAGE_CODE)  # the thread may come from a German page
        else:
            super().process_request(request)

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if request.path_info.startswith(MACHINES):
            return response
        return super().process_response(request, response)


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
