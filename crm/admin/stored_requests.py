"""Requests that wait for Salesforce, arrived there, or were refused; staff sends again or not."""
# ruff: noqa: ARG002 - the signatures are Django's and Unfold's

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop, ngettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from callbacks.admin import attention, log_words
from callbacks.admin.actions import Words, done
from callbacks.admin.asking import ask_about, is_confirmed
from callbacks.admin.dismissing import ReasonDialog, reason_given
from callbacks.admin.dress import RecordScreen, detail_action
from callbacks.admin.facts import Fact, Note
from callbacks.admin.looks import note_look_at
from callbacks.admin.states import pill
from callbacks.admin.wording import NOTHING, full_date, received, translated, two_lines
from callbacks.masking import sees_personal_data
from callbacks.models import StaffAction
from crm import staff
from crm.errors import meaning_of
from crm.models import StoredRequest
from crm.models.stored_request import StoredRequestQuerySet, StoredStatus

if TYPE_CHECKING:
    from django.contrib.auth.models import User

attention.count(
    "crm.storedrequest", lambda: StoredRequest.objects.filter(status=StoredStatus.FAILED)
)
JOBS = (
    gettext_noop("Forward stored requests"),
    gettext_noop("Erase stored requests past their retention"),
)
for verb in (StaffAction.Verb.RESENT_REQUEST, StaffAction.Verb.DISMISSED_REQUEST):
    log_words.know(verb, names={"requests": _("Stored requests")})
SEND_AGAIN = Words(
    _("Requeue?"),
    _("Before all that came later. If it arrived after all, Salesforce gets it twice."),
    _("Requeue"),
    ngettext_lazy("%(n)d request was requeued.", "%(n)d requests were requeued.", "n"),
)
DISMISS = Words(
    _("Dismiss?"),
    _("Salesforce does not get it then. The reason is kept, with your name."),
    _("Dismiss"),
    ngettext_lazy("%(n)d request was dismissed.", "%(n)d requests were dismissed.", "n"),
)
OFFERED = {
    StoredStatus.PENDING: {"dismiss"},
    StoredStatus.FAILED: {"send_again", "dismiss"},
    StoredStatus.DISMISSED: {"send_again"},
}
TONES = {
    StoredStatus.PENDING: "info",
    StoredStatus.DELIVERED: "success",
    StoredStatus.FAILED: "danger",
    StoredStatus.DISMISSED: "quiet",
}


@admin.register(StoredRequest)
class StoredRequestAdmin(RecordScreen[StoredRequest]):
    list_display = ("when_received", "address", "state", "tries", "reason")
    list_display_links = ("when_received",)
    list_filter = ("status",)
    sortable_by: ClassVar[tuple[str, ...]] = ()
    list_per_page = 100
    list_disable_select_all = True
    actions_on_top = True
    actions = ("send_again_selected", "dismiss_selected")
    actions_detail = ("send_again", "dismiss")
    actions_detail_hide_default = True
    change_form_template = "crm/stored_request_page.html"
    empty_text = _("No request was stored to be forwarded.")

    def get_queryset(self, request: HttpRequest) -> StoredRequestQuerySet:
        return StoredRequest.objects.select_related("client", "dismissed_by").defer("body")

    def page_context(self, request: HttpRequest, record: StoredRequest) -> dict[str, Any]:
        """What was sent names callers, and the refusal may repeat it: for those who decide."""
        told = {"note": note(record), "facts": facts(record)}
        if not (self.has_steer_permission(request) and sees_personal_data()):
            return told
        note_look_at(request, record)
        sent = bytes(record.body).decode("utf-8", "replace")
        return told | {"may_read": True, "words": record.detail, "sent": sent}

    def has_steer_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        may_see = self.has_view_permission(request)
        return may_see and request.user.has_perm("crm.steer_storedrequest")

    # Columns

    @admin.display(description=_("Received"), ordering="received_at")
    def when_received(self, stored: StoredRequest) -> SafeString:
        return received(stored.received_at)

    @admin.display(description=_("Resource"))
    def address(self, stored: StoredRequest) -> SafeString:
        folder, _slash, name = stored.path.rpartition("/")
        return two_lines(name, f"{stored.method} {folder}")

    @admin.display(description=_("State"))
    def state(self, stored: StoredRequest) -> SafeString:
        return _state(stored)

    @admin.display(description=_("Attempts"))
    def tries(self, stored: StoredRequest) -> object:
        return stored.attempts or NOTHING

    @admin.display(description=_("Reason"))
    def reason(self, stored: StoredRequest) -> SafeString:
        if not sentence(stored):
            return NOTHING
        return format_html(
            '<span class="jb-why"><strong>{}</strong><small>{}</small></span>',
            sentence(stored),
            stored.code,
        )

    # On a request's page

    @detail_action(
        description=_("Requeue"),
        url_path="send_again",
        icon="replay",
        variant=ActionVariant.PRIMARY,
        permissions=["steer"],
        dialog=SEND_AGAIN.dialog(),
    )
    def send_again(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        changed = staff.resend(self._only(request, object_id), by=_person(request))
        return _told(request, object_id, SEND_AGAIN, changed)

    @detail_action(
        description=_("Dismiss"),
        url_path="dismiss",
        icon="block",
        permissions=["steer"],
        dialog=DISMISS.dialog(ReasonDialog),
    )
    def dismiss(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        chosen = self._only(request, object_id)
        changed = staff.dismiss(chosen, by=_person(request), reason=reason_given(form))
        return _told(request, object_id, DISMISS, changed)

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        stored = self.get_object(request, object_id)
        offered = OFFERED.get(StoredStatus(stored.status), set()) if stored else set()
        allowed: list[Any] = super().get_actions_detail(request, object_id)  # type: ignore[misc]
        return [action for action in allowed if action.path in offered]

    def _only(self, request: HttpRequest, object_id: str) -> StoredRequestQuerySet:
        stored = self.get_object(request, object_id)
        if stored is None:
            raise Http404
        return StoredRequest.objects.filter(pk=stored.pk)

    # On a selection

    @admin.action(description=_("Requeue"), permissions=["steer"])
    def send_again_selected(
        self, request: HttpRequest, queryset: StoredRequestQuerySet
    ) -> HttpResponse | None:
        if not is_confirmed(request):
            return self._confirm(request, queryset, SEND_AGAIN)
        asked = queryset.count()
        changed = staff.resend(queryset, by=_person(request))
        _report(request, SEND_AGAIN, changed=changed, asked=asked)
        return None

    @admin.action(description=_("Dismiss"), permissions=["steer"])
    def dismiss_selected(
        self, request: HttpRequest, queryset: StoredRequestQuerySet
    ) -> HttpResponse | None:
        form = ReasonDialog(request, data=request.POST if is_confirmed(request) else None)
        if not form.is_valid():
            return self._confirm(request, queryset, DISMISS, form)
        asked = queryset.count()
        changed = staff.dismiss(queryset, by=_person(request), reason=reason_given(form))
        _report(request, DISMISS, changed=changed, asked=asked)
        return None

    def _confirm(
        self,
        request: HttpRequest,
        queryset: StoredRequestQuerySet,
        words: Words,
        form: forms.Form | None = None,
    ) -> HttpResponse:
        return ask_about(list(queryset), self, request, words, form=form)


def sentence(stored: StoredRequest) -> str:
    """What became of the last attempt, if it did not arrive."""
    if not stored.code or stored.status == StoredStatus.DELIVERED:
        return ""
    if stored.code.startswith("HTTP 4"):
        return gettext("Salesforce refused the request.")
    if stored.code.startswith("HTTP"):
        return gettext("The resource failed in Salesforce.")
    return translated(meaning_of(stored.code, "").reason)


def note(stored: StoredRequest) -> Note | None:
    if stored.status == StoredStatus.FAILED:
        step = gettext("Let it be mended in Salesforce, then requeue it; or dismiss it.")
        return Note(sentence(stored), step, stored.code, "bad")
    if stored.status == StoredStatus.PENDING and stored.code:
        step = gettext("It is tried again by itself; those that came later wait for it.")
        return Note(sentence(stored), step, stored.code, "warn")
    return None


def facts(stored: StoredRequest) -> list[Fact]:
    return [
        Fact(gettext("State"), _state(stored)),
        Fact(gettext("Resource"), _address(stored)),
        Fact(gettext("ACD client"), stored.client or NOTHING),
        Fact(gettext("Received"), full_date(stored.received_at)),
        Fact(gettext("Media type"), stored.content_type or NOTHING),
        Fact(gettext("Attempts"), stored.attempts or NOTHING),
        *_arrived_again(stored),
        *_end(stored),
    ]


def _state(stored: StoredRequest) -> SafeString:
    status = StoredStatus(stored.status)
    return pill(status.label, TONES[status])


def _arrived_again(stored: StoredRequest) -> list[Fact]:
    """An attempt without an answer may have arrived; with none that did, it is the first."""
    times = stored.unanswered if stored.delivered_at else stored.unanswered - 1
    if times <= 0:
        return []
    words = ngettext("up to %(n)d extra time", "up to %(n)d extra times", times)
    return [Fact(gettext("May have arrived twice"), words % {"n": times})]


def _end(stored: StoredRequest) -> list[Fact]:
    if stored.delivered_at:
        return [Fact(gettext("Delivered"), full_date(stored.delivered_at))]
    if stored.dismissed_at:
        return [
            Fact(gettext("Dismissed"), full_date(stored.dismissed_at)),
            Fact(gettext("By"), stored.dismissed_by or NOTHING),
            Fact(gettext("Because"), stored.dismiss_reason),
        ]
    return []


def _address(stored: StoredRequest) -> SafeString:
    parts = format_html_join(
        SafeString("/<wbr>"), "{}", ((part,) for part in stored.path.split("/"))
    )
    return format_html("<code>{} {}</code>", stored.method, parts)


def _report(request: HttpRequest, words: Words, *, changed: int, asked: int) -> None:
    attention.forget()
    if changed:
        messages.success(request, words.done % {"n": changed})
    if left := asked - changed:
        text = ngettext(
            "%(n)d request was left as it is: its state had changed. Please look again.",
            "%(n)d requests were left as they are: their state had changed. Please look again.",
            left,
        )
        messages.warning(request, text % {"n": left})


def _told(request: HttpRequest, object_id: str, words: Words, changed: int) -> HttpResponse:
    _report(request, words, changed=changed, asked=1)
    return done(reverse("admin:crm_storedrequest_change", args=[object_id]))


def _person(request: HttpRequest) -> "User":
    return cast("User", request.user)  # the admin lets nobody else in
