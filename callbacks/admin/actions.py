"""What staff can do to callbacks: send again, release, dismiss. Each button is one queryset verb.

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
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminTextInputWidget

from callbacks import staff
from callbacks.admin import attention
from callbacks.admin.cures import routes_today
from callbacks.admin.dress import DialogForm, RecordScreen, detail_action
from callbacks.models import Callback
from callbacks.models.callback import Status
from callbacks.models.queue import CallbackQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import User

OTHER = "other"
REASONS = {
    "test": _("Test call"),
    "twice": _("Came twice"),
    "done": _("Already dealt with"),
    OTHER: _("Other"),
}


@dataclass(frozen=True)
class Words:
    """An action's dialog, and what it says once done. Verb in the button, the title, the end."""

    title: Promise | str
    description: Promise | str
    submit: Promise | str
    done: Promise | str

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
        "%(n)d callback is one of its own now.", "%(n)d callbacks are of their own now.", "n"
    ),
)


class ReasonDialog(DialogForm):
    reason = forms.ChoiceField(
        label=_("Reason"), choices=list(REASONS.items()), widget=UnfoldAdminRadioSelectWidget
    )
    remark = forms.CharField(
        label=_("Remark"), required=False, max_length=500, widget=UnfoldAdminTextInputWidget
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("reason") == OTHER and not given.get("remark"):
            self.add_error("remark", gettext("Please say why."))
        return given


def reason_given(form: forms.Form) -> str:
    reason, remark = form.cleaned_data["reason"], form.cleaned_data["remark"]
    words = [remark] if reason == OTHER else [str(REASONS[reason]), remark]
    return ": ".join(word for word in words if word)


def done(url: str) -> HttpResponse:
    """A dialog's answer: htmx would follow a plain redirect inside the open dialog."""
    response = HttpResponse()
    response["HX-Redirect"] = url
    return response


OFFERED = {
    Status.FAILED: {"requeue", "dismiss"},
    Status.HELD: {"release", "dismiss"},
    Status.DISMISSED: {"requeue"},
    Status.MERGED: {"unmerge"},
}


class StaffActions(RecordScreen[Callback]):
    """The actions of all screens that show callbacks."""

    actions_on_top = True
    actions: Sequence[str] = ("requeue_selected", "release_selected", "dismiss_selected")
    actions_detail = ("requeue", "release", "dismiss", "unmerge")
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
        dialog=DISMISS.dialog(ReasonDialog),
    )
    def dismiss(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        changed = staff.dismiss(
            self._only(request, object_id), by=person(request), reason=reason_given(form)
        )
        return self._done(request, object_id, DISMISS, changed)

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
        if not _is_confirmed(request):
            return self._confirm(request, queryset, REQUEUE)
        asked = queryset.count()
        changed = staff.requeue(queryset, by=person(request))
        report(request, REQUEUE, changed=changed, asked=asked)
        return None

    @admin.action(description=_("Release"), permissions=["requeue"])
    def release_selected(
        self, request: HttpRequest, queryset: CallbackQuerySet
    ) -> HttpResponse | None:
        if not _is_confirmed(request):
            return self._confirm(request, queryset, RELEASE)
        asked = queryset.count()
        changed = staff.release(queryset, by=person(request))
        report(request, RELEASE, changed=changed, asked=asked)
        return None

    @admin.action(description=_("Dismiss"), permissions=["dismiss"])
    def dismiss_selected(
        self, request: HttpRequest, queryset: CallbackQuerySet
    ) -> HttpResponse | None:
        form = ReasonDialog(request, data=request.POST if _is_confirmed(request) else None)
        if not form.is_valid():
            return self._confirm(request, queryset, DISMISS, form)
        asked = queryset.count()
        changed = staff.dismiss(queryset, by=person(request), reason=reason_given(form))
        report(request, DISMISS, changed=changed, asked=asked)
        return None

    def _confirm(
        self,
        request: HttpRequest,
        queryset: CallbackQuerySet,
        words: Words,
        form: forms.Form | None = None,
    ) -> HttpResponse:
        chosen = list(queryset)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": words.title,
            "words": words,
            "form": form,
            "callbacks": chosen,
            "action": request.POST["action"],
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "callbacks/confirm_action.html", context)


def report(request: HttpRequest, words: Words, *, changed: int, asked: int) -> None:
    attention.forget()
    if changed:
        messages.success(request, words.done % {"n": changed})
    if left := asked - changed:
        text = ngettext(
            "%(n)d callback was left as it is: its state had changed, or no route applies.",
            "%(n)d callbacks were left as they are: their state had changed, or no route applies.",
            left,
        )
        messages.warning(request, text % {"n": left})


def _is_confirmed(request: HttpRequest) -> bool:
    return "confirmed" in request.POST


def person(request: HttpRequest) -> "User":
    return cast("User", request.user)  # the admin lets nobody else in
