"""What staff can do to callbacks: send, release, dismiss, part. Each button is one queryset verb.

House rules: every action asks for a permission and shows a dialog first, for only then Unfold
insists on POST. A verb changes only what is still in the state it starts from, so a double click
is harmless, and the message says how many it really changed.
"""
# ruff: noqa: ARG002 - the signatures are Unfold's

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy
from unfold.enums import ActionVariant

from callbacks import staff
from callbacks.admin import attention, strip
from callbacks.admin.asking import ask_about, is_confirmed
from callbacks.admin.cures import routes_today
from callbacks.admin.dismissing import (
    DismissDialog,
    ReasonDialog,
    reason_given,
    what_comes_of_dismissing,
)
from callbacks.admin.dress import RecordScreen, detail_action
from callbacks.models import Callback
from callbacks.models.callback import Status
from callbacks.models.queue import CallbackQuerySet
from callbacks.staff import Dismissed

if TYPE_CHECKING:
    from django.contrib.auth.models import User

LEFT = ngettext_lazy(
    "%(n)d callback was left as it is: its state had changed, or no route applies.",
    "%(n)d callbacks were left as they are: their state had changed, or no route applies.",
    "n",
)


@dataclass(frozen=True)
class Words:
    """An action's dialog, and what it says once done. Verb in the button, the title, the end.

    `left` is said of those that it did not change.
    """

    title: Promise | str
    description: Promise | str
    submit: Promise | str
    done: Promise | str
    left: Promise | str = LEFT

    def dialog(self, form_class: type[forms.Form] | None = None) -> dict[str, Any]:
        return {
            "title": self.title,
            "description": self.description,
            "form_class": form_class,
            "form_submit_text": self.submit,
        }


REQUEUE = Words(
    _("Requeue?"),
    _("Sent again under the same key: a second Case cannot come of it."),
    _("Requeue"),
    ngettext_lazy("%(n)d callback was requeued.", "%(n)d callbacks were requeued.", "n"),
)
SEND_NOW = Words(
    _("Send now?"),
    _("Does not wait for the next attempt. The key stays: a second Case cannot come of it."),
    _("Send now"),
    ngettext_lazy(
        "%(n)d callback is due now and goes out next.",
        "%(n)d callbacks are due now and go out next.",
        "n",
    ),
    ngettext_lazy(
        "%(n)d callback was left as it is: it waits for no later attempt.",
        "%(n)d callbacks were left as they are: they wait for no later attempt.",
        "n",
    ),
)
HELD_UP = ngettext_lazy(
    "%(n)d callback is due now and goes out as soon as nothing holds it up. At present: %(why)s",
    "%(n)d callbacks are due now and go out as soon as nothing holds them up. At present: %(why)s",
    "n",
)
RELEASE = Words(
    _("Release?"),
    _("Sent to Salesforce now, by the route that applies."),
    _("Release"),
    ngettext_lazy("%(n)d callback was released.", "%(n)d callbacks were released.", "n"),
)
DISMISS = Words(
    _("Dismiss?"),
    _("Nobody will call back then. The reason is kept, with your name."),
    _("Dismiss"),
    ngettext_lazy("%(n)d callback was dismissed.", "%(n)d callbacks were dismissed.", "n"),
)

UNMERGE = Words(
    _("Make it a callback of its own?"),
    _("Sent to Salesforce now, as a Case of its own or as its route says."),
    _("Make its own"),
    ngettext_lazy(
        "%(n)d callback is one of its own now.",
        "%(n)d callbacks are callbacks of their own now.",
        "n",
    ),
)


def done(url: str) -> HttpResponse:
    """A dialog's answer: htmx would follow a plain redirect inside the open dialog."""
    response = HttpResponse()
    response["HX-Redirect"] = url
    return response


OFFERED = {
    Status.PENDING: {"send_now", "dismiss"},
    Status.FAILED: {"requeue", "dismiss"},
    Status.HELD: {"release", "dismiss"},
    Status.DISMISSED: {"requeue"},
    Status.MERGED: {"unmerge"},
}


class StaffActions(RecordScreen[Callback]):
    """The actions of all screens that show callbacks."""

    actions_on_top = True
    actions: Sequence[str] = (
        "requeue_selected",
        "send_now_selected",
        "release_selected",
        "dismiss_selected",
    )
    actions_detail = ("requeue", "send_now", "release", "dismiss", "unmerge")
    actions_detail_hide_default = True
    list_disable_select_all = True

    def has_requeue_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        may_see = self.has_view_permission(request)
        return may_see and request.user.has_perm("callbacks.requeue_callback")

    def has_dismiss_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        may_see = self.has_view_permission(request)
        return may_see and request.user.has_perm("callbacks.dismiss_callback")

    # On a record's page

    @detail_action(
        description=_("Requeue"),
        url_path="requeue",
        icon="replay",
        variant=ActionVariant.PRIMARY,
        permissions=["requeue"],
        dialog=REQUEUE.dialog(),
    )
    def requeue(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        changed = staff.requeue(self._only(request, object_id), by=person(request))
        return self._done(request, object_id, REQUEUE, changed)

    @detail_action(
        description=_("Send now"),
        url_path="send_now",
        icon="send",
        permissions=["requeue"],
        dialog=SEND_NOW.dialog(),
    )
    def send_now(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        changed = staff.send_now(self._only(request, object_id), by=person(request))
        report_sent(request, changed=changed, asked=1)
        return done(self.url_after_action(object_id))

    @detail_action(
        description=_("Release"),
        url_path="release",
        icon="play_circle",
        variant=ActionVariant.PRIMARY,
        permissions=["requeue"],
        dialog=RELEASE.dialog(),
    )
    def release(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        changed = staff.release(self._only(request, object_id), by=person(request))
        return self._done(request, object_id, RELEASE, changed)

    @detail_action(
        description=_("Dismiss"),
        url_path="dismiss",
        icon="block",
        permissions=["dismiss"],
        dialog=DISMISS.dialog(DismissDialog),
    )
    def dismiss(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        dismissed = staff.dismiss(
            self._only(request, object_id), by=person(request), reason=reason_given(form)
        )
        report_dismissed(request, dismissed, asked=1)
        return done(self.url_after_action(object_id))

    @detail_action(
        description=_("Make its own"),
        url_path="unmerge",
        icon="call_split",
        permissions=["requeue"],
        dialog=UNMERGE.dialog(),
    )
    def unmerge(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        changed = staff.unmerge(self._only(request, object_id), by=person(request))
        return self._done(request, object_id, UNMERGE, changed)

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        callback = self.get_object(request, object_id)
        offered = self._offered(request, callback) if callback else set()
        allowed: list[Any] = super().get_actions_detail(request, object_id)  # type: ignore[misc]
        return [action for action in allowed if action.path in offered]

    def url_after_action(self, object_id: str) -> str:
        raise NotImplementedError

    def _offered(self, request: HttpRequest, callback: Callback) -> set[str]:
        offered = OFFERED.get(Status(callback.status), set())
        if "send_now" in offered and not getattr(callback, "is_put_off", False):
            return offered - {"send_now"}
        if "release" not in offered:
            return offered
        sends = routes_today(request).sends(callback.service_number, callback.function)
        return offered if sends else offered - {"release"}

    def _only(self, request: HttpRequest, object_id: str) -> CallbackQuerySet:
        callback = self.get_object(request, object_id)
        if callback is None:
            raise Http404
        return Callback.objects.filter(pk=callback.pk)

    def _done(
        self, request: HttpRequest, object_id: str, words: Words, changed: int
    ) -> HttpResponse:
        report(request, words, changed=changed, asked=1)
        return done(self.url_after_action(object_id))

    # On a selection

    @admin.action(description=_("Requeue"), permissions=["requeue"])
    def requeue_selected(
        self, request: HttpRequest, queryset: CallbackQuerySet
    ) -> HttpResponse | None:
        if not is_confirmed(request):
            return self._confirm(request, queryset, REQUEUE)
        asked = queryset.count()
        changed = staff.requeue(queryset, by=person(request))
        report(request, REQUEUE, changed=changed, asked=asked)
        return None

    @admin.action(description=_("Send now"), permissions=["requeue"])
    def send_now_selected(
        self, request: HttpRequest, queryset: CallbackQuerySet
    ) -> HttpResponse | None:
        if not is_confirmed(request):
            return self._confirm(request, queryset, SEND_NOW)
        asked = queryset.count()
        changed = staff.send_now(queryset, by=person(request))
        report_sent(request, changed=changed, asked=asked)
        return None

    @admin.action(description=_("Release"), permissions=["requeue"])
    def release_selected(
        self, request: HttpRequest, queryset: CallbackQuerySet
    ) -> HttpResponse | None:
        if not is_confirmed(request):
            return self._confirm(request, queryset, RELEASE)
        asked = queryset.count()
        changed = staff.release(queryset, by=person(request))
        report(request, RELEASE, changed=changed, asked=asked)
        return None

    @admin.action(description=_("Dismiss"), permissions=["dismiss"])
    def dismiss_selected(
        self, request: HttpRequest, queryset: CallbackQuerySet
    ) -> HttpResponse | None:
        form = ReasonDialog(request, data=request.POST if is_confirmed(request) else None)
        if not form.is_valid():
            return self._confirm(request, queryset, DISMISS, form)
        asked = queryset.count()
        dismissed = staff.dismiss(queryset, by=person(request), reason=reason_given(form))
        report_dismissed(request, dismissed, asked=asked)
        return None

    def _confirm(
        self,
        request: HttpRequest,
        queryset: CallbackQuerySet,
        words: Words,
        form: forms.Form | None = None,
    ) -> HttpResponse:
        chosen = list(queryset)
        notes = what_comes_of_dismissing([c.pk for c in chosen]) if form else []
        return ask_about(chosen, self, request, words, form=form, notes=notes)


def report(request: HttpRequest, words: Words, *, changed: int, asked: int) -> None:
    attention.forget()
    if changed:
        messages.success(request, words.done % {"n": changed})
    if left := asked - changed:
        messages.warning(request, words.left % {"n": left})


def report_sent(request: HttpRequest, *, changed: int, asked: int) -> None:
    """That they go out next is promised only if nothing holds callbacks up."""
    attention.forget()
    if changed and (why := strip.what_holds_up(request)):
        messages.warning(request, HELD_UP % {"n": changed, "why": why})
        report(request, SEND_NOW, changed=0, asked=asked - changed)
    else:
        report(request, SEND_NOW, changed=changed, asked=asked)


def report_dismissed(request: HttpRequest, dismissed: Dismissed, *, asked: int) -> None:
    report(request, DISMISS, changed=dismissed.chosen, asked=asked)
    if joined := dismissed.joined:
        text = ngettext(
            "%(n)d further wish of the same caller was dismissed with it.",
            "%(n)d further wishes of the same caller were dismissed with it.",
            joined,
        )
        messages.success(request, text % {"n": joined})


def person(request: HttpRequest) -> "User":
    return cast("User", request.user)  # the admin lets nobody else in
