"""Service numbers and routes travel as a file, which says what it changes and keeps no secret."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from callbacks.configuration import Step, carry_out
from callbacks.models import AcdClient, AnswerField, FieldMapping, FunctionRoute, ServiceNumber
from tests.factories import CallbackFactory, ClientFactory, RouteFactory, ServiceNumberFactory

pytestmark = pytest.mark.django_db

HOTLINE = "498946134180"


@pytest.fixture
def configured() -> FunctionRoute:
    """A number, and a route with all that a route can have."""
    FunctionRoute.objects.all().delete()
    number = ServiceNumberFactory.create(number=HOTLINE, name="Störungen", merge_minutes=15)
    route = RouteFactory.create(
        name="Urgent", service_number=number, function="Urgent", action="find_caller", budget_ms=900
    )
    FieldMapping.objects.create(route=route, field="Priority", template="High")
    FieldMapping.objects.create(
        route=route, field="Description", template="From {{ caller_number }}\n# no comment: yes\n"
    )
    AnswerField.objects.create(route=route, name="Contact.Name", template="{{ record.Name }}")
    return route


def exported() -> str:
    said = StringIO()
    call_command("export_config", stdout=said)
    return said.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "site.yaml"


def read_in(file: Path, content: Any, *options: str) -> str:
    text = content if isinstance(content, str) else yaml.safe_dump(content)
    file.write_text(text, encoding="utf-8")
    said = StringIO()
    call_command("import_config", str(file), *options, stdout=said)
    return said.getvalue()


def refused(file: Path, content: Any, *options: str) -> str:
    before = exported()
    with pytest.raises(CommandError) as error:
        read_in(file, content, *options)
    assert exported() == before
    return str(error.value)


def a_route(**parts: Any) -> dict[str, Any]:
    return {"version": 1, "routes": [{"name": "New", "function": "new"} | parts]}


class TestExport:
    @pytest.mark.usefixtures("configured")
    def test_it_reads_as_a_person_would_write_it(self) -> None:
        lines = exported().splitlines()
        assert lines[0] == "version: 1"
        assert f"- number: '{HOTLINE}'" in lines
        assert "  name: Störungen" in lines
        assert "    Description: |" in lines

    @pytest.mark.usefixtures("configured")
    def test_it_is_the_same_every_time(self) -> None:
        for name in ("b", "a"):
            RouteFactory.create(name=name, function=name)
            ServiceNumberFactory.create()
        first = exported()
        route = FunctionRoute.objects.get(function="a")
        route.delete()
        RouteFactory.create(name="a", function="a")
        assert exported() == first

    @pytest.mark.usefixtures("configured")
    def test_nothing_of_clients_callers_or_secrets_is_in_it(self) -> None:
        client = ClientFactory.create(name="ACD Nord")
        CallbackFactory.create(client=client)
        text = exported()
        assert AcdClient.objects.exists()
        for word in ("ACD Nord", client.secret_digest, client.client_id, "49895550", "secret"):
            assert word not in text

    def test_numbers_that_were_only_seen_are_no_configuration(self) -> None:
        ServiceNumberFactory.create(number="4930555", adopted=False)
        assert "4930555" not in exported()

    @pytest.mark.usefixtures("configured")
    def test_it_can_go_to_a_file(self, file: Path) -> None:
        call_command("export_config", output=file)
        assert file.read_text(encoding="utf-8") == exported()

    def test_a_folder_that_is_not_there_is_named(self, file: Path) -> None:
        with pytest.raises(CommandError, match=r"site\.yaml/x"):
            call_command("export_config", output=file / "x")


class TestImport:
    @pytest.mark.usefixtures("configured")
    def test_what_was_exported_comes_back(self, file: Path) -> None:
        text = exported()
        FunctionRoute.objects.all().delete()
        ServiceNumber.objects.all().delete()
        assert "2 added" in read_in(file, text)
        assert exported() == text

    def test_a_second_time_nothing_changes(self, configured: FunctionRoute, file: Path) -> None:
        configured.refresh_from_db()
        before = configured.changed_at
        assert read_in(file, exported()).strip() == "2 unchanged"
        configured.refresh_from_db()
        assert configured.changed_at == before

    def test_it_says_what_changes(self, configured: FunctionRoute, file: Path) -> None:
        content = yaml.safe_load(exported())
        content["routes"][0]["enabled"] = False
        content["routes"][0]["fields"]["Priority"] = "Low"
        said = read_in(file, content)
        assert "changed   route Urgent: " in said
        assert "enabled: True → False" in said
        assert "fields.Priority: High → Low" in said
        configured.refresh_from_db()
        assert not configured.enabled
        assert configured.mappings.get(field="Priority").template == "Low"

    @pytest.mark.usefixtures("configured")
    def test_a_dry_run_only_says_so(self, file: Path) -> None:
        content = yaml.safe_load(exported())
        content["routes"][0]["name"] = "Other"
        said = read_in(file, content, "--dry-run")
        assert "name: Urgent → Other" in said
        assert "Nothing was changed" in said
        assert FunctionRoute.objects.get().name == "Urgent"

    def test_what_a_route_leaves_out_has_its_default(
        self, configured: FunctionRoute, file: Path
    ) -> None:
        entry = {"name": "Urgent", "service_number": HOTLINE, "function": "urgent"}
        read_in(file, {"version": 1, "routes": [entry]})
        route = FunctionRoute.objects.get()
        assert (route.pk, route.action, route.budget_ms) == (configured.pk, "create", 1500)
        assert not route.mappings.exists()
        assert not route.answer_fields.exists()

    @pytest.mark.usefixtures("configured")
    def test_what_the_file_does_not_name_is_kept(self, file: Path) -> None:
        said = read_in(file, a_route())
        assert "kept      route Urgent" in said
        assert f"kept      service number Störungen ({HOTLINE})" in said
        assert FunctionRoute.objects.count() == 2

    @pytest.mark.usefixtures("configured")
    def test_pruning_removes_it(self, file: Path) -> None:
        seen = ServiceNumberFactory.create(adopted=False)
        said = read_in(file, a_route(), "--prune")
        assert "removed   route Urgent" in said
        assert FunctionRoute.objects.get().name == "New"
        assert ServiceNumber.objects.get() == seen

    @pytest.mark.usefixtures("configured")
    def test_pruning_spares_a_number_that_a_route_of_the_file_needs(self, file: Path) -> None:
        read_in(file, a_route(service_number=HOTLINE), "--prune")
        assert ServiceNumber.objects.get().number == HOTLINE

    def test_a_number_that_was_seen_is_adopted(self, file: Path) -> None:
        ServiceNumberFactory.create(number=HOTLINE, name="", adopted=False)
        content = {"version": 1, "service_numbers": [{"number": "+49 89 46134180", "name": "H"}]}
        assert "adopted: False → True" in read_in(file, content)
        number = ServiceNumber.objects.get()
        assert (number.number, number.name, number.adopted) == (HOTLINE, "H", True)

    @pytest.mark.usefixtures("configured")
    def test_functions_that_differ_in_capitals_mean_one_route(self, file: Path) -> None:
        read_in(file, a_route(service_number=HOTLINE, function="URGENT"))
        assert FunctionRoute.objects.get().function == "URGENT"

    def test_held_callbacks_go_out_when_their_route_comes(
        self, file: Path, django_capture_on_commit_callbacks: Any
    ) -> None:
        FunctionRoute.objects.all().delete()
        callback = CallbackFactory.create(held=True, function="new")
        with django_capture_on_commit_callbacks(execute=True):
            read_in(file, a_route())
        callback.refresh_from_db()
        assert callback.status == "pending"


WRONG = {
    "no parts": ([], "The document has no named parts."),
    "another version": ({"version": 2}, "version: 2 is not understood"),
    "an unknown part": ({"version": 1, "clients": []}, "clients: not known here."),
    "no list": ({"version": 1, "routes": {}}, "routes: expected a list"),
    "no entry": ({"version": 1, "routes": ["x"]}, "routes: expected a list of entries"),
    "an unknown word": (a_route(prio=1), "routes[1].prio: not known here."),
    "a bare number": (a_route(function=4711), "routes[1].function: expected text; put it in"),
    "yes": (a_route(function=True), "routes[1].function: expected text"),
    "text for a number": (a_route(budget_ms="9"), "routes[1].budget_ms: expected a whole number"),
    "yes for a number": (a_route(budget_ms=True), "routes[1].budget_ms: expected a whole number"),
    "text for yes": (a_route(enabled="on"), "routes[1].enabled: expected true or false"),
    "a budget too small": (a_route(budget_ms=1), "routes[1].budget_ms: "),
    "no such action": (a_route(action="shout"), "routes[1].action: "),
    "no name": (a_route(name=""), "routes[1].name: "),
    "an unknown service number": (a_route(service_number="4930555"), "4930555 is not among"),
    "fields as a list": (a_route(fields=["Priority"]), "routes[1].fields: expected names"),
    "a field that is none": (a_route(fields={"not a field": "x"}), "routes[1].fields.not a field"),
    "a template that is a number": (a_route(fields={"Priority": 1}), "expected text"),
    "a broken template": (a_route(fields={"Subject": "{% if %}"}), "routes[1].fields.Subject"),
    "a field twice": (a_route(fields={"Subject": "", "subject": ""}), "is there twice"),
    "an answer of ours": (a_route(answer={"CaseID": "x"}), "routes[1].answer.CaseID"),
    "a route twice": (
        {"version": 1, "routes": [{"name": "a"}, {"name": "b", "function": ""}]},
        "routes[2]: means the same as routes[1].",
    ),
    "a number twice": (
        {"version": 1, "service_numbers": [{"number": HOTLINE}, {"number": f"+{HOTLINE}"}]},
        "service_numbers[2]: means the same",
    ),
    "no number": ({"version": 1, "service_numbers": [{"name": "x"}]}, "[1].number: "),
    "no yaml": ("version: 1\nroutes: [", "line 2, character 10"),
    "what no yaml may hold": ("version: 1\x07", "unacceptable character"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named_and_nothing_changes(
    case: str, configured: FunctionRoute, file: Path
) -> None:
    content, words = WRONG[case]
    said = refused(file, content, "--prune")
    assert words in said
    assert said.startswith(str(file))


def test_one_wrong_entry_keeps_all_others_out(file: Path) -> None:
    entries = [{"name": "Good", "function": "good"}, {"name": "Bad", "function": 1}]
    refused(file, {"version": 1, "routes": entries})
    assert not FunctionRoute.objects.filter(name="Good").exists()


def test_steps_are_carried_out_all_or_none() -> None:
    def trip() -> None:
        raise IntegrityError

    number = ServiceNumber(number=HOTLINE)
    with pytest.raises(IntegrityError):
        carry_out(
            [
                Step("added", "route", "one", apply=number.save),
                Step("added", "route", "two", apply=trip),
            ]
        )
    assert not ServiceNumber.objects.exists()


@pytest.mark.parametrize("name", ["missing.yaml", "."])
def test_a_file_that_cannot_be_read_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=str(tmp_path)):
        call_command("import_config", str(tmp_path / name))


def test_a_file_in_another_encoding_is_refused(file: Path) -> None:
    file.write_bytes("version: 1 # Störung".encode("latin-1"))
    with pytest.raises(CommandError, match="UTF-8"):
        call_command("import_config", str(file))
