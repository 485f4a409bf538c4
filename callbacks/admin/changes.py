"""What was changed of a record, by whom, and back again: a page that its screen leads to."""
# ruff: noqa: ARG002 - the signatures are Django's

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Field, ForeignKey
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from callbacks import changes
from callbacks.admin.dress import Screen, SomeModel
from callbacks.admin.places import may_open
from callbacks.admin.rewriting import may_rewrite
from callbacks.admin.wording import full_date, translated
from callbacks.changes import CHANGED, CREATED, DELETED, Difference, Entry, Latest, SupersededError

FIRST = gettext_noop("As it was when changes began to be recorded.")
PER_PAGE = 25
MOST_LATEST = 200
HIDDEN = frozenset({"token_generation"})  # its reason says it better
VERBS = {CREATED: _("Created"), CHANGED: _("Changed"), DELETED: _("Deleted")}


class Line(NamedTuple):
    """A difference in words; None is nothing there."""

    name: str
    old: str | None
    new: str | None


class Told(NamedTuple):
    key: str
    at: datetime
    person: str
    verb: object
    reason: str
    lines: list[Line]


class Recorded(Screen[SomeModel]):
    """A screen whose records' changes can be read, and taken back where that is safe."""

    can_restore = True

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_restore"
        view = self.admin_site.admin_view(self.restore_view)
        return [path("<path:object_id>/history/<slug:key>/", view, name=name), *super().get_urls()]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        record = self._allowed(request, object_id)
        told = self._entries(object_id)
        page = Paginator(told, PER_PAGE).get_page(request.GET.get("page"))
        restorable = {entry.key for entry in told if entry.after.columns}
        if record is not None:
            restorable -= {told[0].key}  # it is so already
        context = {
            "title": _("Changes"),
            "page": page,
            "entries": [self._told(entry) for entry in page.object_list],
            "restorable": restorable if self._may_restore(request) else (),
            "kept_years": changes.KEPT_DAYS // 365,
        }
        return self._shown(request, "callbacks/changes.html", record, context)

    def restore_view(self, request: HttpRequest, object_id: str, key: str) -> HttpResponse:
        """Ask first; what is then restored has to be what was asked about."""
        record = self._allowed(request, object_id)
        if not self._may_restore(request):
            raise PermissionDenied
        told = self._entries(object_id)
        wanted = next((each for each in told if each.key == key and each.after.columns), None)
        if wanted is None:
            raise Http404
        if request.method == "POST" and self._restored(request, object_id, wanted):
            return HttpResponseRedirect(self._url("change", object_id))
        newest = self._entries(object_id)[0]
        context = {
            "title": _("Restore?"),
            "at": full_date(wanted.at),
            "lines": lines(changes.differences(newest.after, wanted.after)),
            "seen": newest.key,
            "back": self._url("history", object_id),
        }
        return self._shown(request, "callbacks/restore.html", record, context)

    def _restored(self, request: HttpRequest, object_id: str, wanted: Entry) -> bool:
        seen = request.POST.get("seen", "")
        try:
            with transaction.atomic():
                restored: Any = changes.restore(self.model, int(object_id), wanted.after, seen=seen)
                self.after_restoring(request, restored)
        except SupersededError:
            messages.warning(request, gettext("It was changed meanwhile. Please look again."))
            return False
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return False
        text = gettext("It is as it was on %(at)s.") % {"at": full_date(wanted.at)}
        messages.success(request, text)
        return True

    def after_restoring(self, request: HttpRequest, record: SomeModel) -> None:
        """Say what came of it."""

    def _allowed(self, request: HttpRequest, object_id: str) -> SomeModel | None:
        """The record, or None if it is gone."""
        if not object_id.isdecimal():
            raise Http404
        record: SomeModel | None = self.get_object(request, object_id)
        if not self.has_view_or_change_permission(request, record):
            raise PermissionDenied
        return record

    def _may_restore(self, request: HttpRequest) -> bool:
        return self.can_restore and may_rewrite(request, self.model)

    def _entries(self, object_id: str) -> list[Entry]:
        if not (told := changes.entries(self.model, int(object_id))):
            raise Http404
        return told

    def _told(self, entry: Entry) -> Told:
        found = list(changes.differences(entry.before, entry.after))
        if entry.verb != CHANGED or not entry.before.columns:
            # It came or went as a whole: only its lines are worth the room.
            found = [each for each in found if not isinstance(each.of, Field)]
        return Told(
            entry.key,
            entry.at,
            _person(entry.person),
            VERBS[entry.verb],
            translated(entry.reason),
            lines(found),
        )

    def _shown(
        self, request: HttpRequest, template: str, record: SomeModel | None, more: dict[str, Any]
    ) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "object": record}
        return TemplateResponse(request, template, context | more)

    def _url(self, page: str, object_id: str) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}"
        return reverse(name, args=[object_id])


class Recent(NamedTuple):
    at: datetime
    person: str
    kind: str
    title: str
    verb: object
    link: str


def latest(request: HttpRequest) -> HttpResponse:
    """The newest changes of whatever the reader may see, also of what is gone by now."""
    models = [model for model in changes.records() if may_open(request, model._meta.label_lower)]
    if not models:
        raise PermissionDenied
    found = changes.latest(models, MOST_LATEST)
    titles = {
        model: changes.titles(model, [each.pk for each in found if each.model is model])
        for model in models
    }
    context = {
        **admin.site.each_context(request),
        "title": gettext("Changes"),
        "entries": [_recent(each, titles[each.model].get(each.pk, "")) for each in found],
    }
    return TemplateResponse(request, "callbacks/latest_changes.html", context)


def _recent(found: Latest, title: str) -> Recent:
    meta = found.model._meta
    return Recent(
        found.at,
        _person(found.person),
        str(capfirst(meta.verbose_name)),
        title,
        VERBS[found.verb],
        reverse(f"admin:{meta.app_label}_{meta.model_name}_history", args=[found.pk]),
    )


def _person(name: str) -> str:
    return name or gettext("the program itself")


def lines(found: Iterable[Difference]) -> list[Line]:
    return [
        Line(_name(each), _shown(each, each.old), _shown(each, each.new))
        for each in found
        if each.name not in HIDDEN
    ]


def _name(found: Difference) -> str:
    if isinstance(found.of, Field):
        return str(capfirst(found.of.verbose_name))
    return found.name


def _shown(found: Difference, value: Any) -> str | None:
    """As its form says it; nothing for what is empty."""
    if value is None or value == "":
        return None
    column = found.of
    if isinstance(column, ForeignKey):
        other = column.remote_field.model._default_manager.filter(pk=value).first()  # noqa: SLF001
        return str(other or f"#{value}")
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, datetime):
        return full_date(value)
    choices = dict(column.flatchoices) if isinstance(column, Field) else {}
    return str(choices.get(value, value))
