"""Who changed the configuration is recorded, without secrets, and can be taken back."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from callbacks import changes, sightings
from callbacks.adoption import adopt
from callbacks.changes import Entry
from callbacks.models import AcdClient, AnswerField, FieldMapping, FunctionRoute, ServiceNumber
from callbacks.models.acd_client import digest
from callbacks.tasks import forget_old_changes
from tests.callbacks.conftest import SignIn
from tests.callbacks.test_admin_screens import ROUTE_AS_OFFERED
from tests.factories import ClientFactory, RouteFactory, ServiceNumberFactory

pytestmark = pytest.mark.django_db

CONFIRMED = {"_form_submitted": "True"}


def entries(record: models.Model) -> list[Entry]:
    return changes.entries(type(record), record.pk)


def told(entry: Entry) -> list[tuple[str, Any, Any]]:
    return [(d.name, d.old, d.new) for d in changes.differences(entry.before, entry.after)]


def later(**delta: int) -> Any:
    return time_machine.travel(timezone.now() + timedelta(**delta), tick=False)


def a_route(**facts: Any) -> FunctionRoute:
    return RouteFactory.create(service_number=ServiceNumberFactory.create(), **facts)


def save_form(browser: Client, route: FunctionRoute, **changed: Any) -> None:
    data = {
        "name": route.name,
        "enabled": "on",
        "service_number": route.service_number_id or "",
        "function": route.function,
        **ROUTE_AS_OFFERED,
        **changed,
    }
    place = reverse("admin:callbacks_functionroute_change", args=[route.pk])
    answer = browser.post(place, data)
    assert answer.status_code == 302, answer.text


class TestRecording:
    def test_a_form_is_one_entry_with_the_person_and_the_lines(self, sign_in: SignIn) -> None:
        route = a_route()
        with later(hours=1):
            save_form(
                sign_in("Administrators"),
                route,
                owner="Callbacks",
                **{
                    "mappings-TOTAL_FORMS": "1",
                    "mappings-0-field": "Priority",
                    "mappings-0-template": "High",
                },
            )
        newest, first = entries(route)
        assert (newest.person, newest.verb, first.person) == ("Petra Lindner", "~", "")
        assert told(newest) == [("owner", "", "Callbacks"), ("Priority", None, "High")]

    def test_saving_what_is_there_already_makes_no_entry(self, sign_in: SignIn) -> None:
        route = a_route()
        with later(hours=1):
            save_form(sign_in("Administrators"), route)
        assert len(entries(route)) == 1

    def test_a_changed_line_says_what_it_was(self) -> None:
        route = a_route()
        mapping = FieldMapping.objects.create(route=route, field="Priority", template="High")
        with later(hours=1):
            mapping.template = "Low"
            mapping.save()
        assert told(entries(route)[0]) == [("Priority", "High", "Low")]

    def test_a_deleted_route_can_still_be_read_of(self) -> None:
        route = a_route()
        FieldMapping.objects.create(route=route, field="Priority", template="High")
        pk = route.pk
        with later(hours=1):
            route.delete()
        newest = changes.entries(FunctionRoute, pk)[0]
        assert newest.verb == changes.DELETED
        assert ("Priority", "High", None) in told(newest)

    def test_whoever_adopts_a_number_is_named(self, sign_in: SignIn) -> None:
        number = ServiceNumberFactory.create(adopted=False, name="")
        place = reverse("admin:callbacks_servicenumber_adopt", args=[number.pk])
        with later(hours=1):
            sign_in("Administrators").post(place, CONFIRMED | {"name": "Hotline"})
        newest = entries(number)[0]
        assert newest.person == "Petra Lindner"
        assert told(newest) == [("name", "", "Hotline"), ("adopted", False, True)]

    def test_adopting_twice_is_one_entry(self) -> None:
        number = ServiceNumberFactory.create(adopted=False)
        with later(hours=1):
            assert adopt(number, "Hotline")
        with later(hours=2):
            assert not adopt(number, "Another")
        assert len(entries(number)) == 2

    def test_a_call_to_a_number_changes_nothing(self) -> None:
        number = ServiceNumberFactory.create()
        sightings.note(ClientFactory.create(), number.number, timezone.now())
        sightings.flush()
        assert len(entries(number)) == 1

    def test_the_name_outlives_the_account(self, sign_in: SignIn) -> None:
        route = a_route()
        browser = sign_in("Administrators")
        with later(hours=1):
            save_form(browser, route, owner="Callbacks")
        FunctionRoute.history.model.objects.get(owner="Callbacks").history_user.delete()
        assert entries(route)[0].person == "Petra Lindner"

    def test_an_import_has_nobodys_name(self, tmp_path: Any) -> None:
        route = a_route()
        said = StringIO()
        call_command("export_config", stdout=said)
        file = tmp_path / "site.yaml"
        file.write_text(said.getvalue().replace("owner: ''", "owner: Callbacks"), encoding="utf-8")
        with later(hours=1):
            call_command("import_config", str(file), stdout=StringIO())
        newest = entries(route)[0]
        assert (newest.person, told(newest)) == ("", [("owner", "", "Callbacks")])


class TestSecrets:
    def columns(self) -> set[str]:
        return {f.name for f in AcdClient.history.model._meta.fields}

    def test_none_is_in_a_column(self) -> None:
        assert not self.columns() & {"secret_digest", "previous_secret_digest", "sign_in_password"}

    def test_a_new_secret_is_told_without_it(self, sign_in: SignIn) -> None:
        client = ClientFactory.create()
        dialog = reverse("admin:callbacks_acdclient_rotate_secret", args=[client.pk])
        with later(hours=1):
            seen = client.secret_changed_at.isoformat()
            answer = sign_in("superuser").post(dialog, CONFIRMED | {"changed_at": seen})
        secret = answer.context["secret"]
        newest = entries(client)[0]
        assert newest.reason == "made a new secret"
        kept = AcdClient.history.values_list()
        assert not [row for row in kept for value in row if value in {secret, digest(secret)}]

    @pytest.mark.parametrize(
        ("action", "reason"),
        [
            ("revoke_previous_secret", "revoked the previous secret"),
            ("revoke_tokens", "revoked all access tokens"),
        ],
    )
    def test_what_was_revoked_is_told(self, action: str, reason: str, sign_in: SignIn) -> None:
        client = ClientFactory.create(previous_secret_digest="x")
        with later(hours=1):
            place = reverse(f"admin:callbacks_acdclient_{action}", args=[client.pk])
            sign_in("superuser").post(place, CONFIRMED)
        assert entries(client)[0].reason == reason

    def test_a_changed_password_is_told_without_it(self, sign_in: SignIn) -> None:
        client = ClientFactory.create()
        place = reverse("admin:callbacks_acdclient_change", args=[client.pk])
        data = {"name": client.name, "kind": "acd", "enabled": "on", "sign_in_name": "acd"}
        with later(hours=1):
            sign_in("superuser").post(place, data | {"password": "a quiet password"})
        newest = entries(client)[0]
        assert newest.reason == "changed the password"
        assert told(newest) == [("sign_in_name", "", "acd")]


class TestForgetting:
    def test_the_state_before_is_kept_for_what_follows(self) -> None:
        route = a_route()
        for days in (1, 2, 900):
            with later(days=days):
                route.owner = f"Queue{days}"
                route.save()
        with later(days=901):
            forget_old_changes()
        newest, before = entries(route)
        assert told(newest) == [("owner", "Queue2", "Queue900")]
        assert before.at < newest.at

    def test_of_what_was_deleted_long_ago_nothing_is_left(self) -> None:
        route = a_route()
        pk = route.pk
        with later(days=1):
            route.delete()
        with later(days=800):
            forget_old_changes()
        assert changes.entries(FunctionRoute, pk) == []

    def test_what_is_young_stays(self) -> None:
        route = a_route()
        with later(days=700):
            forget_old_changes()
        assert len(entries(route)) == 1


def page(browser: Client, record: models.Model) -> str:
    name = f"admin:{record._meta.app_label}_{record._meta.model_name}_history"
    return browser.get(reverse(name, args=[record.pk])).text


def restore_url(record: models.Model, entry: Entry) -> str:
    name = f"admin:{record._meta.app_label}_{record._meta.model_name}_restore"
    return reverse(name, args=[record.pk, entry.key])


def restored(browser: Client, record: models.Model, entry: Entry, **more: str) -> Any:
    url = restore_url(record, entry)
    seen = browser.get(url).context["seen"]
    return browser.post(url, {"seen": seen} | more)


class TestPage:
    def test_it_says_who_did_what(self, sign_in: SignIn) -> None:
        route = a_route()
        browser = sign_in("Administrators")
        with later(hours=1):
            save_form(browser, route, action="comment")
        text = page(browser, route)
        assert "Petra Lindner" in text
        assert "Comment on the open Case, else create one" in text
        assert "the program itself" in text

    def test_numbers_are_named(self, sign_in: SignIn) -> None:
        route = a_route()
        other = ServiceNumberFactory.create(name="Sales")
        browser = sign_in("Administrators")
        with later(hours=1):
            save_form(browser, route, service_number=other.pk)
        assert "Sales (" in page(browser, route)

    @pytest.mark.parametrize(
        ("role", "status"), [("Administrators", 200), ("viewer", 200), ("nobody", 403)]
    )
    def test_it_opens_for_those_who_may_see_the_record(
        self, role: str, status: int, sign_in: SignIn
    ) -> None:
        route = a_route()
        place = reverse("admin:callbacks_functionroute_history", args=[route.pk])
        assert sign_in(role).get(place).status_code == status

    def test_a_deleted_record_still_has_its_page(self, sign_in: SignIn) -> None:
        route = a_route()
        place = reverse("admin:callbacks_functionroute_history", args=[route.pk])
        with later(hours=1):
            route.delete()
        browser = sign_in("Administrators")
        assert "Restore" in browser.get(place).text
        for unknown in ("987654", "nonsense"):
            place = reverse("admin:callbacks_functionroute_history", args=[unknown])
            assert browser.get(place).status_code == 404

    def test_a_long_past_is_shown_by_pages(self, sign_in: SignIn) -> None:
        route = a_route()
        for hours in range(30):
            with later(hours=hours):
                route.owner = f"Queue{hours}"
                route.save()
        browser = sign_in("viewer")
        place = reverse("admin:callbacks_functionroute_history", args=[route.pk])
        assert "Queue3<" not in browser.get(place).text
        assert "Queue3<" in browser.get(place, {"page": "2"}).text


class TestRestoring:
    def test_a_route_is_again_as_it_was_with_its_lines(self, sign_in: SignIn) -> None:
        route = a_route(owner="Callbacks")
        FieldMapping.objects.create(route=route, field="Priority", template="High")
        AnswerField.objects.create(route=route, name="Team", template="South")
        with later(hours=1):
            route.mappings.all().delete()
            FieldMapping.objects.create(route=route, field="Subject", template="x")
            route.owner = "Others"
            route.save()
        first = entries(route)[-1]
        with later(hours=2):
            answer = restored(sign_in("Administrators"), route, first)
        assert answer.status_code == 302
        route.refresh_from_db()
        assert route.owner == "Callbacks"
        assert [(m.field, m.template) for m in route.mappings.all()] == [("Priority", "High")]
        assert [a.name for a in route.answer_fields.all()] == ["Team"]
        assert entries(route)[0].person == "Petra Lindner"

    def test_a_deleted_route_comes_back_under_its_key(self, sign_in: SignIn) -> None:
        route = a_route()
        FieldMapping.objects.create(route=route, field="Priority", template="High")
        pk = route.pk
        with later(hours=1):
            route.delete()
        route.pk = pk
        with later(hours=2):
            restored(sign_in("Administrators"), route, entries(route)[-1])
        assert FunctionRoute.objects.get(pk=pk).mappings.get().template == "High"

    def test_a_second_click_is_harmless(self, sign_in: SignIn) -> None:
        route = a_route(owner="Callbacks")
        with later(hours=1):
            route.owner = "Others"
            route.save()
        first = entries(route)[-1]
        browser = sign_in("Administrators")
        url = restore_url(route, first)
        with later(hours=2):
            seen = browser.get(url).context["seen"]
            browser.post(url, {"seen": seen})
        with later(hours=3):
            again = browser.post(url, {"seen": seen})
        assert "It was changed meanwhile." in again.text
        assert "Nothing would change" in again.text
        assert len(entries(route)) == 3

    def test_what_somebody_else_did_meanwhile_is_not_overwritten(self, sign_in: SignIn) -> None:
        route = a_route(owner="Callbacks")
        browser = sign_in("Administrators")
        with later(hours=1):
            route.owner = "Others"
            route.save()
        url = restore_url(route, entries(route)[-1])
        seen = browser.get(url).context["seen"]
        with later(hours=2):
            route.owner = "Thirds"
            route.save()
            browser.post(url, {"seen": seen})
        route.refresh_from_db()
        assert route.owner == "Thirds"

    def test_what_would_not_be_valid_any_more_is_refused(self, sign_in: SignIn) -> None:
        route = a_route(function="Störung")
        with later(hours=1):
            route.function = "Vertrag"
            route.save()
        RouteFactory.create(function="störung", service_number=route.service_number)
        answer = restored(sign_in("Administrators"), route, entries(route)[-1])
        assert "There is a route for this number and function." in answer.text
        route.refresh_from_db()
        assert route.function == "Vertrag"

    @pytest.mark.parametrize("role", ["viewer", "Back office", "nobody"])
    def test_only_administrators_restore(self, role: str, sign_in: SignIn) -> None:
        route = a_route()
        with later(hours=1):
            route.owner = "Others"
            route.save()
        browser, url = sign_in(role), restore_url(route, entries(route)[-1])
        assert browser.get(url).status_code == 403
        assert browser.post(url, {"seen": entries(route)[0].key}).status_code == 403

    def test_clients_are_not_restored(self, sign_in: SignIn) -> None:
        client = ClientFactory.create()
        with later(hours=1):
            client.enabled = False
            client.save()
        browser = sign_in("superuser")
        assert "Restore" not in page(browser, client)
        assert browser.get(restore_url(client, entries(client)[-1])).status_code == 403

    def test_a_number_is_renamed_back(self, sign_in: SignIn) -> None:
        number = ServiceNumberFactory.create(name="Hotline")
        with later(hours=1):
            number.name = "Wrong"
            number.save()
        with later(hours=2):
            restored(sign_in("Administrators"), number, entries(number)[-1])
        assert ServiceNumber.objects.get().name == "Hotline"


class TestLatest:
    def test_all_kinds_are_there_the_newest_first(self, sign_in: SignIn) -> None:
        route = a_route(name="Störung Süd")
        with later(hours=1):
            FieldMapping.objects.create(route=route, field="Priority", template="High")
        with later(hours=2):
            ClientFactory.create(name="ACD Nord")
        entries = sign_in("Administrators").get(reverse("changes")).context["entries"]
        told = [(str(each.title), str(each.verb)) for each in entries[:2]]
        assert told == [("ACD Nord", "Created"), ("Störung Süd", "Changed")]

    def test_one_saving_with_its_lines_is_one_entry(self, sign_in: SignIn) -> None:
        route = a_route()
        browser = sign_in("Administrators")
        with later(hours=1):
            more = {
                "owner": "X",
                "mappings-TOTAL_FORMS": "1",
                "mappings-0-field": "Origin",
                "mappings-0-template": "Web",
            }
            save_form(browser, route, **more)
        newest, before = browser.get(reverse("changes")).context["entries"][:2]
        assert (newest.person, str(newest.verb)) == ("Petra Lindner", "Changed")
        assert before.at < newest.at - timedelta(minutes=30)

    def test_what_was_deleted_leads_back(self, sign_in: SignIn) -> None:
        route = a_route(name="Once")
        pk = route.pk
        with later(hours=1):
            route.delete()
        browser = sign_in("Administrators")
        newest = browser.get(reverse("changes")).context["entries"][0]
        assert (newest.title, str(newest.verb)) == ("Once", "Deleted")
        assert newest.link == reverse("admin:callbacks_functionroute_history", args=[pk])

    def test_only_what_somebody_may_see_is_told(self, sign_in: SignIn) -> None:
        ClientFactory.create(name="ACD Nord")
        text = sign_in("Back office").get(reverse("changes")).text
        assert "ACD Nord" not in text
        assert "Every callback becomes a Case" in text
        assert sign_in("nobody").get(reverse("changes")).status_code == 403

    def test_it_takes_few_queries(
        self, sign_in: SignIn, django_assert_max_num_queries: Any
    ) -> None:
        for index in range(30):
            RouteFactory.create(function=f"f{index}").delete()
        browser = sign_in("Administrators")
        with django_assert_max_num_queries(30):
            browser.get(reverse("changes"))
