"""Service numbers and routes as a file, and a file as changes that somebody has looked at.

Between the look and the confirmation the document travels in the form, signed for the person who
uploaded it: nothing of it lies about on a disk. It counts only while it would still make the very
changes that were shown.
"""

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from django import forms
from django.contrib import admin, messages
from django.core import signing
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget

from callbacks.admin import attention
from callbacks.admin.changes import Line
from callbacks.admin.rewriting import may_rewrite
from callbacks.configuration import NUMBERS, ROUTES, Plan, RefusedError, Step, carry_out, plan
from callbacks.configuration.files import FORMATS, parsed
from callbacks.configuration.planning import ADDED, CHANGED, UNCHANGED
from callbacks.configuration.tables import LINE_HEADINGS, TITLES, Read, heading
from callbacks.models import Callback, FunctionRoute, ServiceNumber, StaffAction

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MODELS = ("servicenumber", "functionroute")
SALT, HOUR = "callbacks.import", 3600
MOST_SHOWN = 500
CHOICES = {
    "xlsx": _("Excel (XLSX), both"),
    "csv-numbers": _("CSV, service numbers"),
    "csv-routes": _("CSV, routes"),
    "yaml": _("YAML, both"),
}
SINGULAR = {NUMBERS: _("Service number"), ROUTES: _("Route")}
KINDS = {"service number": NUMBERS, "route": ROUTES}


class ImportForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "XLSX, CSV or YAML, with the headings of an export. You see first what would change."
        ),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".xlsx,.csv,.yaml,.yml"}),
    )


class Wrong(NamedTuple):
    place: str
    sentence: str


class Shown(NamedTuple):
    is_new: bool
    kind: str
    title: str
    lines: list[Line]


def exchange(request: HttpRequest) -> HttpResponse:
    """Where a file is taken away or brought."""
    if not _may_export(request):
        raise PermissionDenied
    return _page(request, "callbacks/exchange.html", form=ImportForm())


def export(request: HttpRequest) -> HttpResponse:
    """With POST, because it is written down."""
    if not _may_export(request):
        raise PermissionDenied
    chosen = FORMATS.get(request.POST.get("format", ""))
    if chosen is None:
        raise Http404
    content = chosen.write()
    _note(request, StaffAction.Verb.EXPORTED, chosen.name, {})
    response = HttpResponse(content, content_type=chosen.content_type)
    response["Content-Disposition"] = f'attachment; filename="{chosen.name}"'
    return response


def preview(request: HttpRequest) -> HttpResponse:
    _check_may_import(request)
    form = ImportForm(request.POST or None, request.FILES or None)
    if not form.is_valid():
        return _page(request, "callbacks/exchange.html", form=form)
    file = form.cleaned_data["file"]
    try:
        read = parsed(file.name, file.read())
        planned = plan(read.document)
    except RefusedError as refusal:
        form.add_error("file", str(refusal))
        return _page(request, "callbacks/exchange.html", form=form)
    return _preview(request, file.name, read, planned)


def confirm(request: HttpRequest) -> HttpResponse:
    _check_may_import(request)
    try:
        sealed = request.POST.get("sealed", "")
        brought = signing.loads(sealed, salt=_salt(request), max_age=HOUR)
    except signing.BadSignature:
        messages.warning(request, gettext("That was too long ago. Please choose the file again."))
        return HttpResponseRedirect(reverse("exchange"))
    planned = plan(brought["document"])
    if planned.digest == brought["digest"] and _carried_out(request, planned, brought["name"]):
        return HttpResponseRedirect(reverse("admin:callbacks_functionroute_changelist"))
    messages.warning(request, gettext("It was changed meanwhile. Please look again."))
    return _preview(request, brought["name"], Read(brought["document"]), planned)


def _carried_out(request: HttpRequest, planned: Plan, name: str) -> bool:
    held = Callback.objects.held().count()
    try:
        with transaction.atomic():
            carry_out(planned.steps)
            _note(request, StaffAction.Verb.IMPORTED, name, _written_down(planned))
    except IntegrityError:  # somebody else was quicker
        return False
    attention.forget()
    messages.success(request, _counts(planned))
    if (went := held - Callback.objects.held().count()) > 0:
        text = ngettext("%(n)d callback went out.", "%(n)d callbacks went out.", went)
        messages.success(request, text % {"n": went})
    return True


def _preview(request: HttpRequest, name: str, read: Read, planned: Plan) -> HttpResponse:
    shown = [_shown(step) for step in planned.steps if step.verb in {ADDED, CHANGED}]
    sealed = ""
    if shown and not planned.refused:
        brought = {"document": read.document, "digest": planned.digest, "name": name}
        sealed = signing.dumps(brought, salt=_salt(request), compress=True)
    return _page(
        request,
        "callbacks/import_preview.html",
        name=name,
        counts=_counts(planned),
        wrong=[_wrong(refusal, read) for refusal in planned.refused[:MOST_SHOWN]],
        more_wrong=max(0, len(planned.refused) - MOST_SHOWN),
        shown=shown[:MOST_SHOWN],
        more=max(0, len(shown) - MOST_SHOWN),
        sealed=sealed,
    )


def _page(request: HttpRequest, template: str, **more: Any) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": gettext("Import and export"),
        "choices": CHOICES,
        "may_import": _may_import(request),
        **more,
    }
    return TemplateResponse(request, template, context)


# --- who may


def _may_export(request: HttpRequest) -> bool:
    return request.user.has_perms(f"callbacks.view_{model}" for model in MODELS)


def _may_import(request: HttpRequest) -> bool:
    return may_rewrite(request, ServiceNumber, FunctionRoute)


def _check_may_import(request: HttpRequest) -> None:
    if not _may_import(request):
        raise PermissionDenied


def _salt(request: HttpRequest) -> str:
    return f"{SALT}.{request.user.pk}"


def _note(request: HttpRequest, verb: str, name: str, changes: dict[str, Any]) -> None:
    person = cast("User", request.user)  # the admin lets nobody else in
    StaffAction.objects.note(verb, by=person, reason=name, changes=changes)


# --- in words


def _counts(planned: Plan) -> str:
    n = Counter(step.verb for step in planned.steps)
    words = [
        ngettext("%(n)s new", "%(n)s new", n[ADDED]) % {"n": number_format(n[ADDED])},
        ngettext("%(n)s changed", "%(n)s changed", n[CHANGED]) % {"n": number_format(n[CHANGED])},
        ngettext("%(n)s the same", "%(n)s the same", n[UNCHANGED])
        % {"n": number_format(n[UNCHANGED])},
    ]
    return ", ".join(words)


def _shown(step: Step) -> Shown:
    part = KINDS[step.kind]
    lines = [
        Line(column_heading(part, name), _value(old), _value(new))
        for name, old, new in step.changes
    ]
    return Shown(step.verb == ADDED, str(SINGULAR[part]), step.title, lines)


def column_heading(part: str, name: str) -> str:
    """Of a column, or of a line: fields.Subject."""
    lines, _dot, line = name.partition(".")
    if lines in LINE_HEADINGS:
        return heading(part, lines, line) if line else str(name)
    try:
        return heading(part, name)
    except FieldDoesNotExist:
        return name


def _value(value: object) -> str | None:
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    return None if value in {None, ""} else str(value)


def _wrong(refusal: RefusedError, read: Read) -> Wrong:
    place = refusal.place
    if place is None or not place.index:
        return Wrong(str(place or ""), capfirst(refusal.sentence))
    row = read.rows.get((place.part, place.index))
    words = [
        str(TITLES[place.part]),
        gettext("row %(n)d") % {"n": row} if row else gettext("entry %(n)d") % {"n": place.index},
        *([column_heading(place.part, place.name)] if place.name else []),
    ]
    return Wrong(", ".join(words), capfirst(refusal.sentence))


def _written_down(planned: Plan) -> dict[str, Any]:
    """What a record of it keeps; the history has each change in full."""
    changes: dict[str, Any] = {}
    for step in planned.steps:
        if step.verb == ADDED:
            changes[step.what] = [None, ADDED]
        for name, old, new in step.changes if step.verb == CHANGED else ():
            changes[f"{step.what}: {name}"] = [old, new]
    return dict(list(changes.items())[:MOST_SHOWN])
