"""Service numbers and routes leave as a file and come back, after somebody has looked."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

import openpyxl
import pytest
import time_machine
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from callbacks import changes
from callbacks.configuration import document
from callbacks.configuration.files import FORMATS, MOST_BYTES, parsed
from callbacks.configuration.planning import RefusedError, plan
from callbacks.models import AnswerField, FieldMapping, FunctionRoute, ServiceNumber, StaffAction
from tests.callbacks.conftest import SignIn
from tests.factories import CallbackFactory, RouteFactory, ServiceNumberFactory

pytestmark = pytest.mark.django_db

HOTLINE = "498946134180"


@pytest.fixture(autouse=True)
def route() -> FunctionRoute:
    """A number, and a route with all that a route can have."""
    FunctionRoute.objects.all().delete()
    number = ServiceNumberFactory.create(number=HOTLINE, name="Störungen", merge_minutes=15)
    made = RouteFactory.create(
        name="Urgent", service_number=number, function="Urgent", owner="Callbacks"
    )
    FieldMapping.objects.create(route=made, field="Priority", template="High")
    FieldMapping.objects.create(route=made, field="Subject", template="")
    AnswerField.objects.create(route=made, name="Contact.Name", template="{{ record.Name }}\nx")
    return made


def written(kind: str) -> bytes:
    return FORMATS[kind].write()


def comma_separated(*rows: list[Any], delimiter: str = ",") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode()


def spreadsheet(*rows: list[Any]) -> bytes:
    book, packed = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(packed)
    return packed.getvalue()


def refused(name: str, content: bytes) -> str:
    with pytest.raises(RefusedError) as error:
        parsed(name, content)
    return str(error.value)


def troubles(name: str, content: bytes) -> list[str]:
    return [str(refusal) for refusal in plan(parsed(name, content).document).refused]


class TestThereAndBack:
    @pytest.mark.parametrize("language", ["en", "de"])
    @pytest.mark.parametrize(("kind", "name"), [("xlsx", "x.xlsx"), ("yaml", "x.yaml")])
    def test_what_was_exported_changes_nothing(self, kind: str, name: str, language: str) -> None:
        with translation.override(language):
            content = written(kind)
        planned = plan(parsed(name, content).document)
        assert [step.verb for step in planned.steps] == ["unchanged", "unchanged"]

    @pytest.mark.parametrize("language", ["en", "de"])
    def test_it_comes_back_where_nothing_is_left(self, language: str) -> None:
        before = document()
        with translation.override(language):
            parts = [written("csv-numbers"), written("csv-routes")]
        FunctionRoute.objects.all().delete()
        ServiceNumber.objects.all().delete()
        for content in parts:
            for step in plan(parsed("x.csv", content).document).steps:
                step.apply()
        assert document() == before

    def test_headings_are_in_the_readers_language(self) -> None:
        with translation.override("de"):
            text = written("csv-routes").decode("utf-8-sig")
        assert text.startswith("Name;Servicenummer;Funktion;Eingeschaltet;")
        assert ";Feld: Priority;Feld: Subject;Antwort: Contact.Name" in text
        assert written("csv-numbers").decode("utf-8-sig").startswith("Number,Name,")

    @pytest.mark.parametrize("name", ["=1+1", "+49 89", "-x", "@SUM(A1)", "\tx", "'quoted", "'=x"])
    def test_nothing_is_a_formula(self, name: str) -> None:
        ServiceNumber.objects.update(name=name)
        for kind, file in (("csv-numbers", "x.csv"), ("xlsx", "x.xlsx")):
            content = written(kind)
            planned = plan(parsed(file, content).document)
            assert "changed" not in [step.verb for step in planned.steps]
        book = openpyxl.load_workbook(io.BytesIO(written("xlsx")))
        cell = book.worksheets[0]["B2"]
        assert (cell.data_type, cell.value[0]) == ("s", "'")

    def test_a_number_stays_one_in_a_spreadsheet(self) -> None:
        cell = openpyxl.load_workbook(io.BytesIO(written("xlsx"))).worksheets[0]["A2"]
        assert (cell.value, cell.data_type, cell.number_format) == (HOTLINE, "s", "@")


class TestTables:
    def test_a_column_that_is_missing_leaves_what_is_there(self) -> None:
        content = comma_separated(
            ["Servicenummer", "Funktion", "Inhaber"], [HOTLINE, "urgent", "X"]
        )
        [step, *_] = plan(parsed("x.csv", content).document).steps
        assert (step.verb, list(step.changes)) == (
            "changed",
            [("function", "Urgent", "urgent"), ("owner", "Callbacks", "X")],
        )

    def test_an_empty_cell_takes_a_field_away(self) -> None:
        head = ["Service number", "Function", "Field: priority"]
        content = comma_separated(head, [HOTLINE, "Urgent", ""])
        [step, *_] = plan(parsed("x.csv", content).document).steps
        assert list(step.changes) == [("fields.Priority", "High", None)]

    def test_a_field_can_be_added_and_kept_empty(self) -> None:
        head = ["Service number", "Function", "Field: Origin", "fields.Priority"]
        content = comma_separated(head, [HOTLINE, "Urgent", "Web", '""'])
        [step, *_] = plan(parsed("x.csv", content).document).steps
        assert list(step.changes) == [
            ("fields.Priority", "High", ""),
            ("fields.Origin", None, "Web"),
        ]

    def test_cells_of_a_spreadsheet_may_be_numbers(self) -> None:
        head = ["number", "name", "merge_minutes"]
        content = spreadsheet(head, [int(HOTLINE), "Störungen", 30.0], [None, None, None])
        [step, *_] = plan(parsed("x.xlsx", content).document).steps
        assert list(step.changes) == [("merge_minutes", 15, 30)]

    @pytest.mark.parametrize(
        ("cell", "truth"), [("ja", True), ("No", False), ("x", True), (True, True), (0, False)]
    )
    def test_yes_and_no_in_many_words(self, cell: Any, truth: bool) -> None:
        content = spreadsheet(["function", "name", "enabled"], ["new", "New", cell])
        [step, *_] = plan(parsed("x.xlsx", content).document).steps
        step.apply()
        assert FunctionRoute.objects.get(function="new").enabled is truth

    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    def test_what_parts_the_columns_is_found_out(self, delimiter: str) -> None:
        content = comma_separated(["number", "name"], [HOTLINE, "Neu"], delimiter=delimiter)
        [step, *_] = plan(parsed("x.csv", content).document).steps
        assert ("name", "Störungen", "Neu") in step.changes

    def test_excel_of_western_europe_is_read(self) -> None:
        content = "number;name\n498946134180;Störungen".encode("cp1252")
        [step, *_] = plan(parsed("x.csv", content).document).steps
        assert step.verb == "unchanged"

    @pytest.mark.parametrize(
        ("cells", "said"),
        [
            ([4.5, "x"], "routes[1].budget_ms: expected a whole number."),
            (["viel", "x"], "routes[1].budget_ms: expected a whole number."),
            ([1, "x"], "routes[1].budget_ms: Ensure this value is"),
            (
                [None, datetime(2026, 1, 2, tzinfo=UTC).replace(tzinfo=None)],
                "routes[1].function: is no text",
            ),
            ([None, "4,98946E+11"], "routes[1].function: was rounded"),
        ],
    )
    def test_what_a_cell_cannot_mean_is_named(self, cells: list[Any], said: str) -> None:
        content = spreadsheet(["name", "budget_ms", "function"], ["New", *cells])
        [trouble] = troubles("x.xlsx", content)
        assert trouble.startswith(said)

    def test_every_wrong_row_is_named(self) -> None:
        rows = [["", "a"], ["Good", "b"], ["Bad", "c" * 121], ["Twice", "B"]]
        content = comma_separated(["name", "function"], *rows)
        found = troubles("x.csv", content)
        assert [trouble.partition(":")[0] for trouble in found] == [
            "routes[4]",
            "routes[1].name",
            "routes[3].function",
        ]


class TestFilesThatAreNone:
    @pytest.mark.parametrize(
        ("name", "content", "said"),
        [
            ("x.pdf", b"", "The file has to be called .xlsx, .csv or .yaml."),
            ("x.xlsx", b"no archive", "The file is no Excel file."),
            ("x.xlsx", b"PK\x05\x06" + bytes(18), "The file is no Excel file."),
            ("x.csv", b"a,b\n1,2", "The first row has to name the columns"),
            ("x.csv", b"", "The first row has to name the columns"),
            ("x.csv", b"number,colour\n1,2", "The column “colour” is not known."),
            ("x.csv", b"number,Number\n1,2", "The column “number” is there twice."),
            ("x.csv", b"number,function\n1,2", "The first row has to name the columns"),
            ("x.csv", b'number\n"' + b"x" * 200_000, "The file is no CSV."),
            ("x.yaml", b"a: [", "The file is no YAML: line 1, character 5."),
            ("x.yaml", b"\xff", "The file is not UTF-8."),
            ("x.yaml", b"[" * 100_000, "The file is no YAML"),
            ("x.yaml", b" " * (MOST_BYTES + 1), "The file is too large."),
        ],
    )
    def test_each_is_refused_in_a_sentence(self, name: str, content: bytes, said: str) -> None:
        assert refused(name, content).startswith(said)

    def test_a_spreadsheet_that_is_huge_once_unpacked_is_refused(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("callbacks.configuration.files.MOST_UNPACKED", 100)
        assert refused("x.xlsx", written("xlsx")) == "The file is too large."

    def test_a_table_without_end_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("callbacks.configuration.files.MOST_ROWS", 2)
        content = comma_separated(["number"], ["1"], ["2"], ["3"])
        assert refused("x.csv", content) == "The file is too large."


def uploaded(browser: Client, content: bytes, name: str = "x.csv") -> Any:
    file = SimpleUploadedFile(name, content)
    return browser.post(reverse("import_preview"), {"file": file})


def confirmed(browser: Client, shown: Any) -> Any:
    return browser.post(reverse("import_confirm"), {"sealed": shown.context["sealed"]}, follow=True)


RENAMED = comma_separated(["number", "name"], [HOTLINE, "Neu"], ["4930123456", "Berlin"])


class TestImporting:
    def test_it_is_shown_first_and_then_done(self, sign_in: SignIn) -> None:
        browser = sign_in("Administrators")
        shown = uploaded(browser, RENAMED)
        assert "1 new, 1 changed, 0 the same" in shown.text
        assert ">Störungen</span></del>" in shown.text
        assert ">Neu</span></ins>" in shown.text
        assert ServiceNumber.objects.get().name == "Störungen"
        done = confirmed(browser, shown)
        assert "1 new, 1 changed, 0 the same" in done.text
        assert sorted(ServiceNumber.objects.values_list("name", flat=True)) == ["Berlin", "Neu"]

    def test_only_what_changes_is_shown(self, sign_in: SignIn) -> None:
        content = comma_separated(["number", "name"], [HOTLINE, "Störungen"], ["4930123456", "B"])
        shown = uploaded(sign_in("Administrators"), content)
        assert [each.title for each in shown.context["shown"]] == ["B (4930123456)"]
        assert "1 new, 0 changed, 1 the same" in shown.text

    def test_wrong_rows_are_named_and_keep_all_others_out(self, sign_in: SignIn) -> None:
        head = ["name", "function", "budget_ms"]
        content = comma_separated(head, ["A", "a", "1"], ["B", "b", "viel"], ["C", "c", "900"])
        browser = sign_in("Administrators")
        browser.cookies["django_language"] = "de"
        shown = uploaded(browser, content)
        assert "Regeln, Zeile 2, Zeitbudget in ms" in shown.text
        assert "Regeln, Zeile 3, Zeitbudget in ms" in shown.text
        assert "Erwartet wird eine ganze Zahl." in shown.text
        assert shown.context["sealed"] == ""

    def test_who_did_it_is_written_down(self, sign_in: SignIn) -> None:
        browser = sign_in("Administrators")
        confirmed(browser, uploaded(browser, RENAMED, "numbers.csv"))
        action = StaffAction.objects.get()
        assert (action.verb, action.reason) == ("imported", "numbers.csv")
        number = ServiceNumber.objects.get(number=HOTLINE)
        assert action.changes[f"service number {number}: name"] == ["Störungen", "Neu"]
        assert changes.entries(ServiceNumber, number.pk)[0].person == "Petra Lindner"

    def test_a_second_click_changes_nothing(self, sign_in: SignIn) -> None:
        browser = sign_in("Administrators")
        shown = uploaded(browser, RENAMED)
        confirmed(browser, shown)
        again = confirmed(browser, shown)
        assert "It was changed meanwhile." in again.text
        assert "Nothing would change" in again.text
        assert StaffAction.objects.count() == 1

    def test_what_changed_meanwhile_is_looked_at_again(self, sign_in: SignIn) -> None:
        browser = sign_in("Administrators")
        shown = uploaded(browser, RENAMED)
        ServiceNumber.objects.update(name="By somebody else")
        again = confirmed(browser, shown)
        assert "By somebody else" in again.text
        assert ServiceNumber.objects.get().name == "By somebody else"
        confirmed(browser, again)
        assert ServiceNumber.objects.get(number=HOTLINE).name == "Neu"

    def test_what_was_shown_to_somebody_else_is_nothing(self, sign_in: SignIn) -> None:
        shown = uploaded(sign_in("Administrators"), RENAMED)
        answer = confirmed(sign_in("Administrators"), shown)
        assert "Please choose the file again." in answer.text
        assert ServiceNumber.objects.get().name == "Störungen"

    def test_what_was_shown_long_ago_is_nothing(self, sign_in: SignIn) -> None:
        browser = sign_in("Administrators")
        shown = uploaded(browser, RENAMED)
        with time_machine.travel(timezone.now().timestamp() + 4_000, tick=False):
            answer = confirmed(browser, shown)
        assert "Please choose the file again." in answer.text

    def test_held_callbacks_go_out_and_that_is_said(
        self, sign_in: SignIn, django_capture_on_commit_callbacks: Any
    ) -> None:
        CallbackFactory.create(held=True, function="new")
        browser = sign_in("Administrators")
        content = comma_separated(["name", "function"], ["New", "new"])
        shown = uploaded(browser, content)
        with django_capture_on_commit_callbacks(execute=True):
            browser.post(reverse("import_confirm"), {"sealed": shown.context["sealed"]})
        assert not StaffAction.objects.exclude(verb="imported").exists()
        assert CallbackFactory._meta.model.objects.get().status == "pending"

    @pytest.mark.parametrize("content", [b"x", b""])
    def test_a_file_that_is_none_says_so_in_the_form(self, content: bytes, sign_in: SignIn) -> None:
        answer = uploaded(sign_in("Administrators"), content, "x.xlsx")
        assert answer.status_code == 200
        assert answer.context["form"].errors["file"]

    def test_what_a_file_names_is_no_markup(self, sign_in: SignIn) -> None:
        content = comma_separated(["number", "name"], [HOTLINE, "<script>alert(1)</script>"])
        assert "<script>alert" not in uploaded(sign_in("Administrators"), content).text


class TestExporting:
    @pytest.mark.parametrize("kind", FORMATS)
    def test_each_format_is_a_file_and_written_down(self, kind: str, sign_in: SignIn) -> None:
        answer = sign_in("Back office").post(reverse("export"), {"format": kind})
        assert answer.content
        assert FORMATS[kind].name in answer["Content-Disposition"]
        action = StaffAction.objects.get()
        assert (action.verb, action.reason) == ("exported", FORMATS[kind].name)

    def test_yaml_is_what_the_command_writes(self, sign_in: SignIn) -> None:
        answer = sign_in("Administrators").post(reverse("export"), {"format": "yaml"})
        assert yaml.safe_load(answer.content) == document()

    def test_another_format_there_is_none(self, sign_in: SignIn) -> None:
        assert sign_in("superuser").post(reverse("export"), {"format": "doc"}).status_code == 404


class TestRights:
    @pytest.mark.parametrize(
        ("role", "status"),
        [("Administrators", 200), ("Back office", 200), ("Viewer", 200), ("nobody", 403)],
    )
    def test_who_sees_both_takes_them_away(self, role: str, status: int, sign_in: SignIn) -> None:
        browser = sign_in(role)
        assert browser.get(reverse("exchange")).status_code == status
        assert browser.post(reverse("export"), {"format": "yaml"}).status_code == status

    @pytest.mark.parametrize("role", ["Back office", "Viewer", "nobody"])
    def test_only_administrators_bring_them(self, role: str, sign_in: SignIn) -> None:
        browser = sign_in(role)
        assert uploaded(browser, RENAMED).status_code == 403
        assert browser.post(reverse("import_confirm"), {"sealed": "x"}).status_code == 403

    @pytest.mark.parametrize("name", ["export", "import_preview", "import_confirm"])
    def test_a_link_from_elsewhere_does_nothing(self, name: str, sign_in: SignIn) -> None:
        assert sign_in("superuser").get(reverse(name)).status_code == 405

    @pytest.mark.parametrize("name", ["servicenumber", "functionroute"])
    def test_the_lists_lead_there(self, name: str, sign_in: SignIn) -> None:
        page = sign_in("viewer").get(reverse(f"admin:callbacks_{name}_changelist")).text
        assert f'href="{reverse("exchange")}"' in page
