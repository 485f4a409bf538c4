"""Before failed callbacks are sent again: how many, how fast, and whether one goes on trial first."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldBooleanWidget

from callbacks import failures, replaying
from callbacks.admin import attention, on_it
from callbacks.admin.actions import person
from callbacks.admin.callback_screens import CallbackScreens
from callbacks.admin.wording import full_date, translated
from callbacks.models.queue import CallbackQuerySet
from callbacks.replaying import NothingToSendError, Plan, Scope
from callbacks.signals import calls_estimated

RATES = (600, 60, None)
SECONDS_OF_A_BATCH = 1.5  # a guess: orgs with many automations take so long for 100 Cases
MINUTE, HOUR = 60, 3600


@dataclass(frozen=True)
class Preview:
    """What would be sent, and what of it only if somebody says so."""

    callbacks: CallbackQuerySet
    young: int
    old: int

    @classmethod
    def of(cls, scope: Scope) -> "Preview":
        callbacks, young = scope.callbacks(), scope.young().count()
        return cls(callbacks, young, callbacks.count() - young)

    @property
    def count(self) -> int:
        return self.young + self.old

    def estimates(self) -> dict[int | None, str]:
        """How long it takes at each rate and what it costs, in words."""
        count = self.young or self.old
        batches = [-(-count // replaying.portion(rate)) for rate in RATES]
        told: Any = calls_estimated.send(sender=None, callbacks=self.callbacks, batches=batches)
        calls = [each for _receiver, each in told]
        return {
            rate: " · ".join([_time(count, rate, batches[n]), *(_calls(each[n]) for each in calls)])
            for n, rate in enumerate(RATES)
        }


def _time(count: int, rate: int | None, batches: int) -> str:
    return about(count * MINUTE / rate if rate else batches * SECONDS_OF_A_BATCH)


def about(seconds: float) -> str:
    if seconds < MINUTE:
        return gettext("less than a minute")
    if seconds < HOUR:
        n = round(seconds / MINUTE)
        return ngettext("about %(n)d minute", "about %(n)d minutes", n) % {"n": n}
    n = round(seconds / HOUR)
    return ngettext("about %(n)d hour", "about %(n)d hours", n) % {"n": n}


def _calls(n: int) -> str:
    text = ngettext("about %(n)s API call", "about %(n)s API calls", n)
    return text % {"n": number_format(n)}


def rate_name(rate: int | None) -> str:
    if rate is None:
        return gettext("as fast as Salesforce takes them")
    return gettext("%(n)s a minute") % {"n": number_format(rate)}


class StartForm(forms.Form):
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    rate = forms.ChoiceField(label=_("Pace"), widget=UnfoldAdminRadioSelectWidget, initial="600")
    trial = forms.BooleanField(
        label=_("First send one on trial"),
        help_text=_("The rest follows when it has arrived in Salesforce, and not before."),
        required=False,
        initial=True,
        widget=UnfoldBooleanWidget,
    )
    old = forms.BooleanField(
        label=_("Also those that came more than 7 days ago"),
        required=False,
        widget=UnfoldBooleanWidget,
    )

    def __init__(self, preview: Preview, data: QueryDict | None = None) -> None:
        super().__init__(data)
        rate = cast("forms.ChoiceField", self.fields["rate"])
        told = preview.estimates()
        rate.choices = [(_word(each), _choice(each, told[each])) for each in RATES]
        if preview.count < 2:  # noqa: PLR2004 - one alone is its own trial
            del self.fields["trial"]
        if not preview.old:
            del self.fields["old"]

    def plan(self) -> Plan:
        given = self.cleaned_data
        rates = {_word(rate): rate for rate in RATES}
        return Plan(rates[given["rate"]], given.get("trial", False), given.get("old", False))


def _word(rate: int | None) -> str:
    return str(rate) if rate else "fast"


def _choice(rate: int | None, estimate: str) -> str:
    name = rate_name(rate)
    if rate == RATES[0]:
        name = gettext("%(rate)s (recommended)") % {"rate": name}
    return f"{name[:1].upper()}{name[1:]} · {estimate}"


class ReplayStart(CallbackScreens):
    """The way from failed callbacks to a replay of them."""

    def get_urls(self) -> list[URLPattern]:
        start = self.admin_site.admin_view(self.start_replay)
        return [path("replay/", start, name="callbacks_failedsync_replay"), *super().get_urls()]

    @admin.action(description=_("Requeue"), permissions=["requeue"])
    def replay_selected(self, request: HttpRequest, queryset: CallbackQuerySet) -> HttpResponse:
        keys = tuple(queryset.values_list("pk", flat=True))
        scope = Scope(keys=keys)
        preview = Preview.of(scope)
        if not preview.count:
            return _nothing_left(request)
        return self._ask(request, scope, StartForm(preview), preview)

    def start_replay(self, request: HttpRequest) -> HttpResponse:
        if not self.has_requeue_permission(request):
            raise PermissionDenied
        try:
            scope = asked_for(request.POST if request.method == "POST" else request.GET)
        except ValueError:
            messages.warning(request, gettext("Say since when: a date and a time."))
            return HttpResponseRedirect(groups_page())
        preview = Preview.of(scope)
        if request.method != "POST" and not preview.count:
            return _nothing_left(request)
        form = StartForm(preview, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            return self._started(request, scope, form)
        return self._ask(request, scope, form, preview)

    def _started(self, request: HttpRequest, scope: Scope, form: StartForm) -> HttpResponse:
        token = form.cleaned_data["token"]
        try:
            replay = replaying.start(scope, form.plan(), token=token, by=person(request))
        except NothingToSendError:
            return _nothing_left(request)
        attention.forget()
        return HttpResponseRedirect(reverse("admin:callbacks_replay_change", args=[replay.pk]))

    def _ask(
        self, request: HttpRequest, scope: Scope, form: StartForm, preview: Preview
    ) -> HttpResponse:
        group = failures.group(scope.signature) if scope.signature is not None else None
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Replay"),
            "preview": preview,
            "sentence": translated(group.reason) if group else described(scope),
            "next_step": translated(group.next_step) if group else "",
            "signature": (group.signature or group.code) if group else "",
            "on_it": on_it.of_group(group.signature) if group else None,
            "form": form,
            "hidden": list(_fields(scope)),
            "start_url": reverse("admin:callbacks_failedsync_replay"),
            "back": groups_page(),
        }
        return TemplateResponse(request, "callbacks/replay_start.html", context)


def _nothing_left(request: HttpRequest) -> HttpResponse:
    text = gettext("There is nothing left to send: it was sent, or is about to be.")
    messages.info(request, text)
    return HttpResponseRedirect(groups_page())


def groups_page() -> str:
    return reverse("admin:callbacks_failedsync_changelist")


def start_page(signature: str) -> str:
    query = urlencode({"signature": signature})
    return f"{reverse('admin:callbacks_failedsync_replay')}?{query}"


def asked_for(data: QueryDict) -> Scope:
    """ValueError if it is no scope."""
    if (signature := data.get("signature")) is not None:
        return Scope(signature=signature)
    if (since := data.get("since")) is not None:
        moment = datetime.fromisoformat(since)
        return Scope(since=moment if moment.tzinfo else timezone.make_aware(moment))
    return Scope(keys=tuple(UUID(key) for key in data.getlist("callback")))


def _fields(scope: Scope) -> Iterator[tuple[str, str]]:
    if scope.signature is not None:
        yield "signature", scope.signature
    elif scope.since:
        yield "since", scope.since.isoformat()
    yield from (("callback", str(key)) for key in scope.keys)


def described(scope: Any) -> str:
    """What a replay or a scope is of, if it is not of a group."""
    if scope.since:
        text = gettext("All failed callbacks that came since %(date)s")
        return text % {"date": full_date(scope.since)}
    return gettext("Selected callbacks")
