"""The views above the list of callbacks: one of each state, and those that a person remembered."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from callbacks.admin.actions import person
from callbacks.admin.callback_screens import NARROWING, CallbackScreens
from callbacks.lists import STATE_PARAMETER
from callbacks.models import SavedView

MOST = 12  # that a person may remember: more would not fit above the list
LONGEST_QUERY = 2_000


class Tab(NamedTuple):
    title: Promise | str
    link: str
    is_current: bool


def asked_for(parameters: QueryDict) -> str:
    """What narrows the list down, always written alike. What was searched for names callers."""
    names = sorted({STATE_PARAMETER, *NARROWING})
    return urlencode([(name, parameters[name]) for name in names if parameters.get(name)])


class SavedViews(CallbackScreens):
    def get_urls(self) -> list[URLPattern]:
        inside = self.admin_site.admin_view
        own = [
            path("views/remember/", inside(require_POST(self.remember)), name="callbacks_remember"),
            path("views/forget/", inside(require_POST(self.forget)), name="callbacks_forget"),
        ]
        return own + super().get_urls()

    def remember(self, request: HttpRequest) -> HttpResponse:
        query, name = self._posted(request), request.POST.get("name", "").strip()
        own = SavedView.objects.filter(person=person(request))
        if own.exclude(name=name).count() >= MOST:
            text = gettext("You have %(n)d views already. Forget one of them first.")
            messages.warning(request, text % {"n": MOST})
        elif query and name:
            size = SavedView._meta.get_field("name").max_length
            own.update_or_create(
                person=person(request), name=name[:size], defaults={"query": query}
            )
        return HttpResponseRedirect(self._list(query))

    def forget(self, request: HttpRequest) -> HttpResponse:
        query = self._posted(request)
        SavedView.objects.filter(person=person(request), query=query).delete()
        return HttpResponseRedirect(self._list(query))

    def tabs_context(
        self, request: HttpRequest, states: Mapping[str, Promise | str]
    ) -> dict[str, Any]:
        current = asked_for(request.GET)
        own = list(SavedView.objects.filter(person=person(request)))
        is_own = any(view.query == current for view in own)
        tabs = [_of_state(request, state, title, is_own=is_own) for state, title in states.items()]
        return {
            "tabs": [
                *tabs,
                *(Tab(each.name, f"?{each.query}", each.query == current) for each in own),
            ],
            "current_query": current,
            "may_forget": is_own,
            "may_remember": not is_own and bool(set(request.GET) & NARROWING),
        }

    def _posted(self, request: HttpRequest) -> str:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return asked_for(QueryDict(request.POST.get("query", "")[:LONGEST_QUERY]))

    def _list(self, query: str) -> str:
        return f"{reverse('admin:callbacks_callback_changelist')}?{query}"


def _of_state(request: HttpRequest, state: str, title: Promise | str, *, is_own: bool) -> Tab:
    """The same list, narrowed down as it is, but of this state."""
    parameters = request.GET.copy()
    parameters[STATE_PARAMETER] = state
    is_current = not is_own and request.GET.get(STATE_PARAMETER, "") == state
    return Tab(title, f"?{asked_for(parameters)}", is_current)
