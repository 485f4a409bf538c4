"""In which language and time zone the pages speak to a person, chosen by that person."""

from functools import cache
from typing import TYPE_CHECKING, cast
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _
from django.views.i18n import set_language
from unfold.widgets import UnfoldAdminSelect2Widget, UnfoldAdminSelectWidget

from callbacks.models import Preferences

if TYPE_CHECKING:
    from django.contrib.auth.models import User

BY_BROWSER = ("", _("As set in the browser"))
NO_PLACES = ("Etc/", "SystemV/", "US/", "Brazil/", "Canada/", "Chile/", "Mexico/")


@cache
def _zones() -> list[tuple[str, str]]:
    places = (zone for zone in available_timezones() if "/" in zone)
    return [(name, name.replace("_", " ")) for name in sorted(places) if _is_place(name)]


def _is_place(zone: str) -> bool:
    return not zone.startswith(NO_PLACES)


def _zone_choices() -> list[tuple[str, str | Promise]]:
    return [BY_BROWSER, *_zones()]


class PreferencesForm(forms.Form):
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[BY_BROWSER, *settings.LANGUAGES],
        widget=UnfoldAdminSelectWidget,
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        choices=_zone_choices,
        widget=UnfoldAdminSelect2Widget(attrs={"translate": "no"}),  # names of places
    )

    def keep(self, person: "User") -> None:
        chosen = {name: self.cleaned_data[name] for name in ("language", "time_zone")}
        Preferences.objects.update_or_create(person=person, defaults=chosen)


def chosen_by(person: "User") -> dict[str, str]:
    preferences = getattr(person, "preferences", None) or Preferences()
    return {"language": preferences.language, "time_zone": preferences.time_zone}


def own_settings(request: HttpRequest) -> HttpResponse:
    """For everybody who may sign in, about nobody but themselves."""
    person = cast("User", request.user)  # the admin lets nobody else in
    form = PreferencesForm(request.POST or None, initial=chosen_by(person))
    if form.is_valid():
        form.keep(person)
        return _kept(request, form.cleaned_data["language"])
    context = {
        **admin.site.each_context(request),
        "title": gettext("Language and time zone"),
        "form": form,
        "media": form.media,
    }
    return TemplateResponse(request, "callbacks/own_settings.html", context)


def _kept(request: HttpRequest, language: str) -> HttpResponse:
    with override(language or None):
        messages.success(request, gettext("Your choice is saved."))
    response = HttpResponseRedirect(reverse("own_settings"))
    if not language:  # or what the menu once chose would go before the browser
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
    return response


def choose_language(request: HttpRequest) -> HttpResponse:
    """The language menu: for this browser, and for the person wherever they sign in."""
    response = set_language(request)
    language = request.POST.get("language", "")
    if request.user.is_authenticated and language in dict(settings.LANGUAGES):
        Preferences.objects.update_or_create(person=request.user, defaults={"language": language})
    return response
