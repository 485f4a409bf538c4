"""The screens of findings: what is wrong, what to do, and the buttons that do it."""

from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from callbacks.admin import attention
from callbacks.models import Callback
from crm import findings
from crm.admin.finding_looks import LOOKS
from crm.admin.mending import BUTTONS
from crm.finding_words import next_step, sentence
from crm.findings import Seen
from crm.models import Finding, ReconciliationRun
from crm.repairs import REPAIRS
from tests.callbacks.cast import a_callback
from tests.callbacks.conftest import person
from tests.crm.conversation import KEY, case_by_hand
from tests.factories import CallbackFactory
from tests.orgsim.process import Org

pytestmark = pytest.mark.django_db(transaction=True)

Kind = Finding.Kind
LIST = reverse("admin:crm_finding_changelist")
RUNS = reverse("admin:crm_reconciliationrun_changelist")
CONFIRMED = {"_form_submitted": "True"}
STRANGER = "b0a5f2a4-6b0e-4df6-93a5-0d1d6c8a51c2"
A_CASE = {"name": "00001002", "url": "https://acme.my.salesforce.com/500A"}


@pytest.fixture(autouse=True)
def groups() -> None:
    """A test with transactions empties the database behind it, and what migrations put there."""
    editor = SimpleNamespace(connection=connection)
    import_module("callbacks.migrations.0002_groups").create_groups(apps, editor)
    import_module("crm.migrations.0004_who_may_steer").grant(apps, editor)
    import_module("crm.migrations.0020_rights_to_settle").grant(apps, editor)


def signed_in(role: str) -> Client:
    browser = Client()
    browser.force_login(person(role))
    return browser


def a_finding(kind: Kind, subject: object = "", **detail: Any) -> Finding:
    subject = str(subject or CallbackFactory.create(synced=True).id)
    findings.note([Seen(kind, subject, {"cases": [A_CASE], **detail})], now=timezone.now())
    return Finding.objects.get(kind=kind, subject=subject, mended_at=None)


def page(finding: Finding, verb: str = "change") -> str:
    return reverse(f"admin:crm_finding_{verb}", args=[finding.pk])


def press(browser: Client, finding: Finding, name: str) -> Any:
    return browser.post(f"{LIST}{finding.pk}/{name}/", CONFIRMED)


def select(browser: Client, action: str, *chosen: Finding, **more: Any) -> Any:
    data = {"action": action, "_selected_action": [each.pk for each in chosen], **more}
    return browser.post(LIST, data, follow=True)


def repair_of(finding: Finding) -> str:
    finding.refresh_from_db()
    return finding.repair


def test_an_open_finding_says_what_is_so_and_what_to_do() -> None:
    finding = a_finding(Kind.MISSING_THERE)
    shown = signed_in("Back office").get(LIST).text
    assert "there was 00001002." in shown
    assert "let it be made again" in shown
    assert reverse("admin:callbacks_callback_change", args=[finding.subject]) in shown


def test_what_was_mended_has_a_view_of_its_own() -> None:
    finding = a_finding(Kind.MISSING_THERE)
    findings.close(finding, findings.Repair.MADE_AGAIN, by=person("superuser"), now=timezone.now())
    browser = signed_in("Back office")
    assert "00001002" not in browser.get(LIST).text
    mended = browser.get(f"{LIST}?mended_at__isnull=False").text
    assert "00001002" in mended
    assert "Made again" in mended


def test_the_open_ones_are_counted_beside_their_entry() -> None:
    browser = signed_in("Back office")
    assert LIST in browser.get(reverse("admin:index")).text
    a_finding(Kind.MISSING_THERE)
    a_finding(Kind.DOUBLED_THERE)
    attention.forget()
    [entry] = [
        item
        for group in browser.get(reverse("admin:index")).context["sidebar_navigation"]
        for item in group["items"]
        if item["link"] == LIST
    ]
    assert entry["badge"] == "2"


@pytest.mark.parametrize("place", [LIST, RUNS])
def test_strangers_see_nothing(place: str) -> None:
    assert signed_in("nobody").get(place).status_code == 403


@pytest.mark.parametrize("kind", list(Kind))
def test_each_kind_has_a_look_and_a_button_for_each_repair(kind: Kind) -> None:
    assert LOOKS[kind]
    assert set(REPAIRS[kind]) <= {button.mend for button in BUTTONS.values()}


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (Kind.MISSING_THERE, {"make_again", "ignore"}),
        (Kind.DOUBLED_THERE, {"accept_oldest"}),
        (Kind.UNKNOWN_HERE, {"take_over", "ignore"}),
    ],
)
def test_its_page_offers_the_repairs_of_its_kind(kind: Kind, names: set[str]) -> None:
    finding = a_finding(kind)
    shown = signed_in("Back office").get(page(finding)).text
    assert {name for name in BUTTONS if f"/{finding.pk}/{name}/" in shown} == names


@pytest.mark.parametrize("name", list(BUTTONS))
def test_whoever_may_only_look_changes_nothing(name: str) -> None:
    finding = a_finding(Kind.MISSING_THERE)
    viewer = signed_in("viewer")
    assert viewer.get(page(finding)).status_code == 200
    assert press(viewer, finding, name).status_code == 403
    select(viewer, f"{name}_selected", finding, confirmed="yes")
    assert repair_of(finding) == ""


@pytest.mark.parametrize("name", list(BUTTONS))
def test_nothing_is_mended_by_following_a_link(name: str) -> None:
    finding = a_finding(Kind.MISSING_THERE)
    signed_in("superuser").get(f"{LIST}{finding.pk}/{name}/")
    assert repair_of(finding) == ""


def test_making_again_sends_the_callback_again(org: Org) -> None:
    callback = a_callback(status="synced", case_object="Case", case_id="500000000000001AAA")
    finding = a_finding(Kind.MISSING_THERE, callback.id)
    browser = signed_in("Back office")
    press(browser, finding, "make_again")
    assert repair_of(finding) == "made_again"
    assert finding.mended_by is not None
    assert Callback.objects.get(id=callback.id).status == "pending"
    assert "1 callback was requeued." in browser.get(LIST).text


def test_what_a_repair_refuses_is_told_and_stays_open(org: Org) -> None:
    callback = a_callback(status="synced", case_object="Case", case_id="500000000000001AAA")
    finding = a_finding(Kind.MISSING_THERE, callback.id)
    org.delete(case_by_hand(org, callback.id)["Id"])
    browser = signed_in("Back office")
    press(browser, finding, "make_again")
    assert "It is not made again." in browser.get(LIST).text
    assert repair_of(finding) == ""


def test_without_an_org_it_says_so() -> None:
    finding = a_finding(Kind.MISSING_THERE)
    browser = signed_in("Back office")
    press(browser, finding, "make_again")
    assert "No Salesforce org is configured." in browser.get(LIST).text
    assert repair_of(finding) == ""


def test_a_selection_is_confirmed_first(org: Org) -> None:
    case_by_hand(org, STRANGER)
    a_callback()
    finding = a_finding(Kind.UNKNOWN_HERE, STRANGER)
    browser = signed_in("Back office")
    asked = select(browser, "take_over_selected", finding)
    assert "A callback is made of the Case" in asked.text
    assert repair_of(finding) == ""
    told = select(browser, "take_over_selected", finding, confirmed="yes")
    assert "1 Case was taken over." in told.text
    assert Callback.objects.get(id=STRANGER).status == "synced"


def test_a_selection_leaves_alone_what_the_repair_is_not_for(org: Org) -> None:
    missing, drift = a_finding(Kind.MISSING_THERE), a_finding(Kind.INVISIBLE, "Case", callbacks=2)
    told = select(signed_in("Back office"), "note_selected", missing, drift, confirmed="yes")
    assert "1 finding was noted." in told.text
    assert "for findings of another kind" in told.text
    assert [repair_of(missing), repair_of(drift)] == ["", "noted"]


def test_one_that_came_right_by_itself_is_told_so(org: Org) -> None:
    callback = a_callback(status="synced", case_object="Case", case_id="500000000000001AAA")
    finding = a_finding(Kind.MISSING_THERE, callback.id)
    assert case_by_hand(org, callback.id)[KEY]
    browser = signed_in("Back office")
    press(browser, finding, "make_again")
    assert "1 finding had come right by itself." in browser.get(LIST).text
    assert repair_of(finding) == "by_itself"


def test_the_comparisons_are_listed_as_they_went() -> None:
    now = timezone.now()
    facts: dict[str, Any] = {"started_at": now, "finished_at": now, "since": now}
    counts = {"callbacks": 812, "records": 811, "missing_there": 3}
    ReconciliationRun.objects.create(**facts, counts=counts)
    ReconciliationRun.objects.create(**facts)
    ReconciliationRun.objects.create(**facts, error_code="ANOTHER_ORG")
    ReconciliationRun.objects.create(**facts, error_code="PAUSED")
    shown = signed_in("Back office").get(RUNS).text
    for words in ("812 callbacks, 811 Cases", "Missing: 3", "They agree", "another Salesforce org"):
        assert words in shown
    assert "The conversation was paused." in shown


FAULTS: dict[str, dict[str, Any]] = {
    "object": {},
    "field": {},
    "read_only": {},
    "type": {"was": "text", "is": "date"},
    "value": {"value": "Medium", "restricted": True},
    "owner": {"value": "Support"},
    "record_type": {"value": "Support"},
    "not_unique": {},
    "key": {"was": 36, "is": 20},
    "length": {"was": 255, "is": 80},
    "required": {},
}
DETAILS: list[tuple[Kind, dict[str, Any]]] = [
    (Kind.MISSING_THERE, {"cases": [A_CASE]}),
    (Kind.DOUBLED_THERE, {"cases": [A_CASE, A_CASE]}),
    (Kind.UNKNOWN_HERE, {"cases": [A_CASE]}),
    (Kind.SETTLED, {"cases": [A_CASE], "was": "failed", "settled": True}),
    (Kind.SETTLED, {"cases": [A_CASE], "was": "dismissed", "settled": True}),
    (Kind.SETTLED, {"cases": [A_CASE], "was": "held", "settled": False}),
    (Kind.INVISIBLE, {"callbacks": 3}),
    *(
        (Kind.FIELD_CHANGED, {"faults": [{"why": why, "routes": ["Hotline"], **facts}]})
        for why, facts in FAULTS.items()
    ),
]


@pytest.mark.parametrize(("kind", "detail"), DETAILS)
def test_each_finding_is_a_sentence_with_a_next_step(kind: Kind, detail: dict[str, Any]) -> None:
    finding = Finding(kind=kind, subject=STRANGER, detail=detail)
    for language in ("en", "de"):
        with translation.override(language):
            said = sentence(finding), next_step(finding)
        assert all(said)
        assert "%" not in "".join(said)


def test_a_sentence_names_the_routes() -> None:
    faults = [{"why": "field", "routes": ["Hotline", "Night"]}]
    finding = Finding(kind=Kind.FIELD_VANISHED, subject="Case.X", detail={"faults": faults})
    assert sentence(finding).endswith("Routes: Hotline, Night.")
