"""The nightly comparisons, as they went. Nobody changes them."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from callbacks.admin.dress import RecordScreen
from callbacks.admin.states import pill
from callbacks.admin.wording import NOTHING, full_date, number, received, translated, when
from crm.admin.finding_looks import LOOKS, tabs
from crm.asking import PAUSED
from crm.errors import meaning_of
from crm.models import Finding, ReconciliationRun

JOBS = (
    gettext_noop("Pull what became of Cases"),
    gettext_noop("Compare with Salesforce"),
    gettext_noop("Look for changed fields"),
)


@admin.register(ReconciliationRun)
class ReconciliationRunAdmin(RecordScreen[ReconciliationRun]):
    list_display = ("when_started", "window", "compared", "outcome")
    list_display_links = None
    fields = ("when_started", "window", "compared", "outcome")
    list_before_template = "crm/finding_views.html"
    sortable_by: ClassVar[tuple[str, ...]] = ()
    actions = None
    empty_text = _("Nothing was compared yet. It is done every night, and by manage.py reconcile.")

    def title_of(self, record: ReconciliationRun) -> str:
        return full_date(record.started_at)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {**(extra_context or {}), "tabs": tabs(request)})

    @admin.display(description=_("Started"))
    def when_started(self, run: ReconciliationRun) -> SafeString:
        return received(run.started_at)

    @admin.display(description=_("Callbacks since"))
    def window(self, run: ReconciliationRun) -> SafeString:
        return when(run.since, full_date(run.since))

    @admin.display(description=_("Compared"))
    def compared(self, run: ReconciliationRun) -> str:
        counts = {name: number(run.counts.get(name, 0)) for name in ("callbacks", "records")}
        return gettext("%(callbacks)s callbacks, %(records)s Cases") % counts

    @admin.display(description=_("Outcome"))
    def outcome(self, run: ReconciliationRun) -> SafeString | str:
        return outcome_of(run)


def outcome_of(run: ReconciliationRun) -> SafeString | str:
    if run.error_code == PAUSED:
        return gettext("The conversation was paused.")
    if run.error_code:
        reason = translated(meaning_of(run.error_code, "").reason)
        return format_html("{} {}", pill(_("Broken off"), "danger"), reason)
    if run.finished_at is None:
        return NOTHING
    found = [(kind, n) for kind in Finding.Kind if (n := run.counts.get(kind, 0))]
    if not found:
        return pill(_("They agree"), "success")
    pills = ((pill(f"{LOOKS[kind].label}: {n}", LOOKS[kind].tone),) for kind, n in found)
    return format_html_join(" ", "{}", pills)
