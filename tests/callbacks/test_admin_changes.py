"""The page of changes: who did what, and the way back."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import models
from django.test import Client
from django.urls import reverse

from callbacks.changes import Entry
from callbacks.models import AnswerField, Callback, FieldMapping, FunctionRoute, ServiceNumber
from tests.callbacks.changing import a_route, entries, later, save_form
from tests.callbacks.conftest import SignIn, person
from tests.factories import CallbackFactory, ClientFactory, RouteFactory, ServiceNumberFactory

pytestmark = pytest.mark.django_db


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

    def test_it_asks_for_the_rights_on_its_lines_too(self) -> None:
        route = a_route()
        with later(hours=1):
            FieldMapping.objects.create(route=route, field="Priority", template="High")
        clerk = person("Viewer")
        of_routes = ("add_functionroute", "change_functionroute")
        clerk.user_permissions.add(*Permission.objects.filter(codename__in=of_routes))
        browser, url = Client(), restore_url(route, entries(route)[-1])
        browser.force_login(clerk)
        assert "Restore" not in page(browser, route)
        assert browser.get(url).status_code == 403
        assert browser.post(url, {"seen": entries(route)[0].key}).status_code == 403
        assert route.mappings.exists()

    @pytest.mark.django_db(transaction=True)
    def test_it_says_what_went_out(self, sign_in: SignIn) -> None:
        FunctionRoute.objects.all().delete()
        number = ServiceNumberFactory.create()
        route = RouteFactory.create(service_number=number, function="callback")
        with later(hours=1):
            route.enabled = False
            route.save()
        CallbackFactory.create(held=True, service_number=number.number, function="callback")
        url = restore_url(route, entries(route)[-1])
        browser = sign_in("superuser")
        seen = browser.get(url).context["seen"]
        text = browser.post(url, {"seen": seen}, follow=True).text
        assert "1 callback went out." in text
        assert Callback.objects.pending().count() == 1

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
