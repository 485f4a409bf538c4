"""What the screens that show callbacks have in common."""
# ruff: noqa: ARG002 - the signatures are Django's

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from callbacks.admin import correcting, dry_run, facts, on_it
from callbacks.admin.actions import StaffActions
from callbacks.admin.cures import cure
from callbacks.admin.filters import (
    DAYS,
    DaysFilter,
    FunctionFilter,
    ReasonFilter,
    ServiceNumberFilter,
)
from callbacks.admin.looks import note_look
from callbacks.admin.paging import CappedPaginator
from callbacks.admin.places import SIGNATURE_PARAMETER
from callbacks.admin.search import found_by_reader
from callbacks.admin.states import state_pill
from callbacks.admin.wording import NOTHING, caller, clock, received, translated, two_lines
from callbacks.lists import STATE_PARAMETER
from callbacks.masking import personal, sees_personal_data
from callbacks.models import Callback, SyncAttempt
from callbacks.models.callback import Status
from callbacks.models.queue import CallbackQuerySet, is_put_off


def _attempts_made() -> Coalesce:
    attempts = SyncAttempt.objects.filter(callback=OuterRef("pk")).order_by().values("callback")
    counted = attempts.annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


# What was sent can be a megabyte each; only a callback's own page asks for it.
HEAVY = ("payload", "raw_body", "raw_query")
NARROWING = frozenset([*DAYS, "service_number", "function", SIGNATURE_PARAMETER])


def _is_page_of_one(request: HttpRequest) -> bool:
    return bool(request.resolver_match and "object_id" in request.resolver_match.kwargs)


class CallbackScreens(StaffActions):
    change_form_template = "callbacks/callback_page.html"
    search_fields = ("caller_number",)  # shows the box; matching() decides where to look
    search_help_text = _("Number, Case or name")
    search_hint = _("Try the last digits of the number.")
    paginator = CappedPaginator
    list_filter: ClassVar[tuple[type[admin.ListFilter], ...]] = (
        DaysFilter,
        ServiceNumberFilter,
        FunctionFilter,
        ReasonFilter,
    )
    list_filter_submit = True
    lookups: ClassVar[tuple[str, ...]] = (STATE_PARAMETER,)
    list_display_links = ("who",)
    sortable_by: ClassVar[tuple[str, ...]] = ("when_received",)

    def get_queryset(self, request: HttpRequest) -> CallbackQuerySet:
        callbacks = self.model.objects.select_related("client", "dismissed_by")
        if not _is_page_of_one(request):
            callbacks = callbacks.defer(*HEAVY)
        return callbacks.annotate(attempts_made=_attempts_made(), is_put_off=is_put_off())

    def title_of(self, record: Callback) -> str:
        return gettext("Callback %(key)s") % {"key": str(record.pk)[:8]}

    def page_context(self, request: HttpRequest, record: Callback) -> dict[str, Any]:
        if sees_personal_data() and not record.erased_at:
            note_look(request, record)
        is_failed = record.status == Status.FAILED
        ways_on = {
            "correct_url": correcting.offered_url(request, record),
            "dry_run_url": dry_run.offered_url(record),
            "cure": cure(request, record),
            "on_it": on_it.of_group(record.failure_signature) if is_failed else None,
        }
        return facts.page(record, timezone.now()) | ways_on

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[Callback]", search_term: str
    ) -> "tuple[QuerySet[Callback], bool]":
        return (queryset.filter(found_by_reader(search_term)) if search_term else queryset), False

    @admin.display(description=_("State"))
    def state(self, callback: Callback) -> SafeString:
        return state_pill(callback.status)

    @admin.display(description=_("Received"), ordering="received_at")
    def when_received(self, callback: Callback) -> SafeString:
        return received(callback.received_at)

    @admin.display(description=_("Caller"))
    def who(self, callback: Callback) -> SafeString:
        number = caller(callback.number_to_dial, callback.callback_text or callback.caller_text)
        name = personal(callback.contact_name)
        if not name and callback.status == Status.SYNCED:
            name = gettext("unknown")
        return two_lines(format_html('<span class="jb-main">{}</span>', number), name)

    @admin.display(description=_("Service"))
    def service(self, callback: Callback) -> object:
        return facts.service(callback)

    @admin.display(description=_("Function"))
    def wanted(self, callback: Callback) -> str:
        return callback.function or NOTHING

    @admin.display(description=_("Case"))
    def case(self, callback: Callback) -> SafeString | str:
        link = facts.case_link(callback)
        if link and callback.case_status:
            return two_lines(link, callback.case_status)
        return link or NOTHING

    @admin.display(description=_("Case"))
    def open_case(self, callback: Callback) -> object:
        return facts.case(callback)

    @admin.display(description=_("Attempts"))
    def attempts(self, callback: Callback) -> object:
        return getattr(callback, "attempts_made", 0) or NOTHING

    @admin.display(description=_("Next attempt"))
    def next_attempt(self, callback: Callback) -> object:
        """What is on its way, or goes next anyway, waits for none."""
        if not getattr(callback, "is_put_off", False):
            return NOTHING
        return clock(callback.due_at, timezone.now())

    @admin.display(description=_("Reason"))
    def reason(self, callback: Callback) -> SafeString:
        return format_html(
            '<span class="jb-why"><strong>{}</strong><small>{}</small></span>',
            translated(callback.failure_reason),
            personal(callback.failure_detail),
        )
