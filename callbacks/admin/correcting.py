"""A page on which a clerk corrects what Salesforce refused of one callback."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from callbacks import corrections
from callbacks.admin import attention, facts
from callbacks.admin.actions import StaffActions, person
from callbacks.admin.looks import note_look
from callbacks.admin.wording import NOTHING, caller, clock
from callbacks.corrections import Part, Record, length_of
from callbacks.masking import sees_personal_data
from callbacks.models import Callback, StaffAction
from callbacks.models.callback import Status

SEEN = "seen"  # the state in which the callback was when the page was opened


class Row(NamedTuple):
    part: Part
    field: forms.BoundField
    length: int


class CorrectForm(forms.Form):
    """One field for each part of the record; those left as they were are no correction."""

    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, callback: Callback, record: Record, data: Any = None) -> None:
        super().__init__(data, initial={SEEN: callback.lease_no})
        self.callback, self.record = callback, record
        for part in record.parts:
            self.fields[_key(part)] = _field(part)

    def changes(self) -> dict[str, tuple[str, str]]:
        """Before and after, by name of the field."""
        given = {
            part: _with_plain_ends(self.cleaned_data.get(_key(part), part.value))
            for part in self.record.parts
        }
        return {
            part.name: (part.value, text)
            for part, text in given.items()
            if text != _with_plain_ends(part.value)
        }

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        changed = {name: after for name, (_before, after) in self.changes().items()}
        keys = {part.name: _key(part) for part in self.record.parts}
        for name, sentence in corrections.misfits(self.callback, changed).items():
            self.add_error(keys.get(name), sentence)
        return given

    def rows(self, *, named: bool) -> Iterator[Row]:
        for part in self.record.parts:
            if part.is_named == named:
                bound = self[_key(part)]
                yield Row(part, bound, length_of(str(bound.value() or "")))


def _key(part: Part) -> str:
    return f"field-{part.name}"


def _with_plain_ends(text: str) -> str:
    """A browser writes the ends of lines in its own way."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _field(part: Part) -> forms.Field:
    if part.choices:
        known = dict.fromkeys(["", *part.choices, part.value])
        return forms.ChoiceField(
            label=part.label,
            choices=[(each, each or NOTHING) for each in known],
            initial=part.value,
            required=False,
            widget=UnfoldAdminSelectWidget(attrs={"translate": "no"}),
        )
    is_long = part.is_long or "\n" in part.value
    widget = UnfoldAdminTextareaWidget if is_long else UnfoldAdminTextInputWidget
    attributes = {"rows": "4"} if is_long else {}
    if part.length:
        counter = f"jb-{part.name}-length"
        attributes |= {"data-length": str(part.length), "aria-describedby": counter}
    return forms.CharField(
        label=part.label,
        initial=part.value,
        required=False,
        strip=False,
        widget=widget(attrs=attributes),
    )


class Corrections(StaffActions):
    """The page, for screens of callbacks."""

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.correct)
        return [path("<uuid:key>/correct/", page, name="callbacks_correct"), *super().get_urls()]

    def correct(self, request: HttpRequest, key: Any) -> HttpResponse:
        if not may_correct(request):
            raise PermissionDenied
        callback = Callback.objects.select_related("client").filter(pk=key).first()
        if callback is None:
            raise Http404
        if callback.status != Status.FAILED:
            return _refused(request, callback)
        record = corrections.record_of(callback)
        form = CorrectForm(callback, record, request.POST or None)
        if request.method == "POST" and form.is_valid():
            return self._corrected(request, callback, form)
        return self._page(request, callback, form)

    def _corrected(
        self, request: HttpRequest, callback: Callback, form: CorrectForm
    ) -> HttpResponse:
        changes, resend = form.changes(), "resend" in request.POST
        if not changes:
            messages.info(request, gettext("Nothing was changed."))
            return HttpResponseRedirect(correct_url(callback))
        callback.lease_no = form.cleaned_data[SEEN]
        if not corrections.correct(callback, changes, by=person(request), resend=resend):
            return _refused(request, callback)
        attention.forget()
        text = gettext("Corrected and requeued.") if resend else gettext("Corrected.")
        messages.success(request, text)
        return HttpResponseRedirect(_callback_page(callback))

    def _page(self, request: HttpRequest, callback: Callback, form: CorrectForm) -> HttpResponse:
        note_look(request, callback)
        named, others = list(form.rows(named=True)), list(form.rows(named=False))
        route = form.record.route
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Correct details"),
            "subject": caller(
                callback.number_to_dial, callback.callback_text or callback.caller_text
            ),
            "note": facts.note(callback),
            "record": form.record,
            "route_url": _route_url(request, route) if route else "",
            "form": form,
            "named": named,
            "others": others,
            "others_open": not named or _any_wrong(others),
            "may_resend": request.user.has_perm("callbacks.requeue_callback"),
            "back": _callback_page(callback),
        }
        return TemplateResponse(request, "callbacks/correct_page.html", context)


def _any_wrong(rows: Sequence[Row]) -> bool:
    return any(row.field.errors for row in rows)


def _route_url(request: HttpRequest, route: Any) -> str:
    if not request.user.has_perm("callbacks.view_functionroute"):
        return ""
    return reverse("admin:callbacks_functionroute_change", args=[route.pk])


def may_correct(request: HttpRequest) -> bool:
    rights = ("callbacks.view_callback", "callbacks.correct_callback")
    may_see = sees_personal_data() and request.user.has_perms(rights)
    return may_see and corrections.can_be_made()


def correct_url(callback: Callback) -> str:
    return reverse("admin:callbacks_correct", args=[callback.pk])


def offered_url(request: HttpRequest, callback: Callback) -> str:
    """Where it can be corrected; empty if it cannot, or not by this person."""
    is_failed = callback.status == Status.FAILED
    return correct_url(callback) if is_failed and may_correct(request) else ""


def _callback_page(callback: Callback) -> str:
    return reverse("admin:callbacks_callback_change", args=[callback.pk])


def _refused(request: HttpRequest, callback: Callback) -> HttpResponse:
    """Somebody acted meanwhile: who, what and when, as far as it is known."""
    messages.warning(request, _what_happened(callback))
    return HttpResponseRedirect(_callback_page(callback))


def _what_happened(callback: Callback) -> str:
    verb = StaffAction.Verb
    sentences = {
        verb.REQUEUED: gettext("%(name)s requeued this callback at %(time)s."),
        verb.DISMISSED: gettext("%(name)s dismissed this callback at %(time)s."),
        verb.CORRECTED: gettext("%(name)s corrected this callback at %(time)s."),
    }
    deed = StaffAction.objects.filter(callback=callback.pk, verb__in=sentences).first()
    if deed is None:
        return gettext("Its state has changed meanwhile. Nothing was corrected.")
    words = {"name": deed.person_name, "time": clock(deed.at, timezone.now())}
    happened = sentences[verb(deed.verb)] % words
    return f"{happened} {gettext('Nothing was corrected.')}"
