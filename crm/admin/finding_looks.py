"""How findings look on every screen: their colours, what they are about, and the views."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from callbacks.admin.facts import Fact
from callbacks.admin.wording import ago, full_date
from crm.findings import ABOUT_CALLBACKS, Repair
from crm.models import Finding

Kind = Finding.Kind

MENDED_PARAMETER = "mended_at__isnull"


class Look(NamedTuple):
    label: Promise
    tone: str


LOOKS = {
    Kind.MISSING_THERE: Look(_("Missing"), "danger"),
    Kind.DOUBLED_THERE: Look(_("Doubled"), "danger"),
    Kind.UNKNOWN_HERE: Look(_("Unknown here"), "warning"),
    Kind.SETTLED: Look(_("Appeared"), "info"),
    Kind.INVISIBLE: Look(_("Hidden"), "danger"),
    Kind.FIELD_VANISHED: Look(_("Field gone"), "danger"),
    Kind.FIELD_REQUIRED: Look(_("Field required"), "danger"),
    Kind.FIELD_CHANGED: Look(_("Field changed"), "warning"),
    Kind.FIELD_SHRANK: Look(_("Field shorter"), "warning"),
}
KEYED = (*ABOUT_CALLBACKS, Kind.UNKNOWN_HERE)


class Tab(NamedTuple):
    title: Promise
    link: str
    is_current: bool


def tabs(request: HttpRequest) -> list[Tab]:
    findings = reverse("admin:crm_finding_changelist")
    runs = reverse("admin:crm_reconciliationrun_changelist")
    mended, is_mended = f"{findings}?{MENDED_PARAMETER}=False", MENDED_PARAMETER in request.GET
    is_list = request.path == findings
    found = [
        Tab(_("Open"), findings, is_list and not is_mended),
        Tab(_("Mended"), mended, is_list and is_mended),
        Tab(_("Comparisons"), runs, not is_list),
    ]
    may_see_runs = request.user.has_perm("crm.view_reconciliationrun")
    return found if may_see_runs else found[:2]


def facts(finding: Finding) -> list[Fact]:
    found = [
        Fact(gettext("About"), subject(finding)),
        Fact(gettext("Found"), full_date(finding.found_at)),
        Fact(gettext("Last seen"), full_date(finding.seen_at)),
    ]
    if finding.kind in KEYED:
        found.append(Fact(gettext("Key"), format_html("<code>{}</code>", finding.subject)))
    if cases := finding.detail.get("cases"):
        found.append(Fact(gettext("Cases"), _case_links(cases)))
    if finding.mended_at:
        found.append(Fact(gettext("Closed"), how_mended(finding)))
    return found


def how_mended(finding: Finding) -> str:
    how = str(Repair(finding.repair).label)
    who = str(finding.mended_by) if finding.mended_by else ""
    since = ago(finding.mended_at, timezone.now()) if finding.mended_at else ""
    return " · ".join(part for part in (how, who, since) if part)


def subject(finding: Finding) -> SafeString | str:
    if finding.kind not in ABOUT_CALLBACKS:
        return format_html("<code>{}</code>", subject_text(finding))
    link = reverse("admin:callbacks_callback_change", args=[UUID(finding.subject)])
    return format_html('<a class="jb-out" href="{}">{}</a>', link, subject_text(finding))


def subject_text(finding: Finding) -> str:
    if finding.kind in ABOUT_CALLBACKS:
        return gettext("Callback %(key)s") % {"key": finding.subject[:8]}
    if finding.kind == Kind.UNKNOWN_HERE:
        return gettext("Key %(key)s") % {"key": finding.subject[:8]}
    return finding.subject


def _case_links(cases: Iterable[dict[str, str]]) -> SafeString:
    links = ((case["url"], case["name"]) for case in cases)
    return format_html_join(
        " ", '<a class="jb-out" href="{}" target="_blank" rel="noopener">{}</a>', links
    )
