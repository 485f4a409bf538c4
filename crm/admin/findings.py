"""What is wrong between callbacks and Salesforce: why, what to do, and the buttons that do it."""
# ruff: noqa: ARG001, ARG002 - the signatures are Django's and Unfold's

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from callbacks.admin import attention
from callbacks.admin.actions import Words, done
from callbacks.admin.asking import ask_about, is_confirmed
from callbacks.admin.dress import RecordScreen, detail_action
from callbacks.admin.facts import Note
from callbacks.admin.states import pill
from callbacks.admin.wording import received
from crm.admin.finding_looks import LOOKS, MENDED_PARAMETER, facts, how_mended, subject, tabs
from crm.admin.mending import BUTTONS, mend_all
from crm.finding_words import next_step, sentence
from crm.models import Finding
from crm.repairs import REPAIRS

Kind = Finding.Kind
NOTHING_MENDED = _("Nothing was mended yet.")
attention.count("crm.finding", lambda: Finding.objects.filter(mended_at=None))


def _on_page(name: str) -> Any:
    button = BUTTONS[name]

    def press(
        self: "FindingAdmin", request: HttpRequest, form: forms.Form, object_id: str
    ) -> HttpResponse:
        finding = self.get_object(request, object_id)
        if finding is None:
            raise Http404
        mend_all(request, [finding], button)
        return done(reverse("admin:crm_finding_changelist"))

    press.__name__ = name
    decorate = detail_action(
        description=button.words.submit,
        url_path=name,
        icon=button.icon,
        permissions=["mend"],
        dialog=button.words.dialog(),
    )
    return decorate(press)


def _on_selection(name: str) -> Any:
    button = BUTTONS[name]

    @admin.action(description=button.words.submit, permissions=["mend"])  # type: ignore[arg-type]  # the stubs know no lazy text
    def press(
        self: "FindingAdmin", request: HttpRequest, queryset: QuerySet[Finding]
    ) -> HttpResponse | None:
        if not is_confirmed(request):
            return self.confirm(request, queryset, button.words)
        mend_all(request, queryset, button)
        return None

    press.__name__ = f"{name}_selected"
    return press


@admin.register(Finding)
class FindingAdmin(RecordScreen[Finding]):
    """The open ones; what was mended has a view of its own."""

    list_display = ("label", "what", "about", "since")
    list_display_links = ("what",)
    list_before_template = "crm/finding_views.html"
    sortable_by: ClassVar[tuple[str, ...]] = ()
    lookups = (MENDED_PARAMETER,)
    list_disable_select_all = True
    actions_on_top = True
    actions = tuple(f"{name}_selected" for name in BUTTONS)
    actions_detail = tuple(BUTTONS)
    actions_detail_hide_default = True
    change_form_template = "crm/finding_page.html"
    empty_text = _("Nothing is open. Callbacks and Salesforce agree, as far as we know.")

    make_again = _on_page("make_again")
    take_over = _on_page("take_over")
    accept_oldest = _on_page("accept_oldest")
    note = _on_page("note")
    ignore = _on_page("ignore")
    make_again_selected = _on_selection("make_again")
    take_over_selected = _on_selection("take_over")
    accept_oldest_selected = _on_selection("accept_oldest")
    note_selected = _on_selection("note")
    ignore_selected = _on_selection("ignore")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Finding]:
        findings = super().get_queryset(request).select_related("mended_by")
        is_list = request.path == reverse("admin:crm_finding_changelist")
        if is_list and MENDED_PARAMETER not in request.GET:
            return findings.filter(mended_at=None)
        return findings

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {**(extra_context or {}), "tabs": tabs(request)})

    def empty_words(self, request: HttpRequest) -> object:
        return NOTHING_MENDED if MENDED_PARAMETER in request.GET else self.empty_text

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Nothing is left to do about what was mended."""
        return {} if MENDED_PARAMETER in request.GET else super().get_actions(request)

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        finding = self.get_object(request, object_id)
        mends = REPAIRS[Kind(finding.kind)] if finding and finding.mended_at is None else ()
        offered = {name for name, button in BUTTONS.items() if button.mend in mends}
        allowed: list[Any] = super().get_actions_detail(request, object_id)  # type: ignore[misc]
        return [action for action in allowed if action.path in offered]

    def has_mend_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        may_see = self.has_view_permission(request)
        return may_see and request.user.has_perm("crm.mend_finding")

    def title_of(self, record: Finding) -> str:
        return str(LOOKS[Kind(record.kind)].label)

    def page_context(self, request: HttpRequest, record: Finding) -> dict[str, Any]:
        tone = "good" if record.mended_at else LOOKS[Kind(record.kind)].tone
        note = Note(sentence(record), "" if record.mended_at else next_step(record), "", tone)
        return {"note": note, "facts": facts(record)}

    def confirm(
        self, request: HttpRequest, queryset: QuerySet[Finding], words: Words
    ) -> HttpResponse:
        return ask_about(list(queryset), self, request, words)

    # Columns

    @admin.display(description=_("Finding"))
    def label(self, finding: Finding) -> SafeString:
        look = LOOKS[Kind(finding.kind)]
        return pill(look.label, look.tone)

    @admin.display(description=_("What is so, and what to do"))
    def what(self, finding: Finding) -> SafeString:
        step = next_step(finding) if finding.mended_at is None else how_mended(finding)
        return format_html(
            '<span class="jb-why"><strong>{}</strong><span>{}</span></span>',
            sentence(finding),
            step,
        )

    @admin.display(description=_("About"))
    def about(self, finding: Finding) -> SafeString | str:
        return subject(finding)

    @admin.display(description=_("Since"))
    def since(self, finding: Finding) -> SafeString:
        return received(finding.found_at)
