from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

MACHINES = ("/api/", "/services/")


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
