"""Held, never dropped: from callbacks without a route to the route, and out."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from callbacks import held, staff
from callbacks.admin.held import tell_what_went_out
from callbacks.held import Place
from callbacks.models import Callback, FunctionRoute, ServiceNumber
from tests.callbacks.conftest import SignIn
from tests.factories import CallbackFactory, RouteFactory, ServiceNumberFactory, UserFactory

pytestmark = pytest.mark.django_db

NUMBER = "498946134180"
OLD = timedelta(hours=25)
PLACE = {"service_number": NUMBER, "function": "CALLBACK"}


@pytest.fixture(autouse=True)
def _strict_site() -> None:
    """As a site that takes only what it configured: no route for everything."""
    FunctionRoute.objects.update(enabled=False)


def take_everything() -> None:
    FunctionRoute.objects.update(enabled=True)


def a_held(**facts: Any) -> Callback:
    return CallbackFactory.create(held=True, **({"function": "CALLBACK"} | facts))


def an_old_held(**facts: Any) -> Callback:
    return a_held(received_at=timezone.now() - OLD, **facts)


def held_list(browser: Client) -> Any:
    return browser.get(reverse("admin:callbacks_callback_changelist"), {"status__exact": "held"})


def ask_for(browser: Client, verb: str, place: dict[str, str]) -> Any:
    return browser.get(reverse(f"admin:callbacks_held_{verb}"), place)


def confirm(browser: Client, verb: str, place: dict[str, str]) -> Any:
    return browser.post(reverse(f"admin:callbacks_held_{verb}", query=place), follow=True)


def select(browser: Client, *chosen: Callback) -> Any:
    data = {"action": "make_route_selected", "_selected_action": [c.pk for c in chosen]}
    page = reverse("admin:callbacks_callback_changelist", query={"status__exact": "held"})
    return browser.post(page, data, follow=True)


def said(answer: Any) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


class TestGroups:
    def test_they_are_gathered_by_service_number_and_function(self) -> None:
        a_held(), an_old_held(), a_held(function="")
        first, second = held.groups()
        assert (first.service_number, first.function) == (NUMBER, "CALLBACK")
        assert (first.count, first.young, first.route) == (2, 1, None)
        assert (second.function, second.count) == ("", 1)

    def test_the_one_with_most_comes_first(self) -> None:
        a_held(function="a"), a_held(function="b"), a_held(function="b")
        assert [group.function for group in held.groups()] == ["b", "a"]

    def test_the_setting_says_what_is_old(self, settings: Settings) -> None:
        an_old_held()
        settings.HELD_RELEASE_HOURS = 48
        assert held.groups()[0].young == 1

    def test_two_statements_however_many_there_are(self) -> None:
        for number in range(5):
            a_held(function=str(number))
        take_everything()
        with CaptureQueriesContext(connection) as asked:
            held.groups()
        callbacks = [q for q in asked.captured_queries if "callbacks_callback" in q["sql"]]
        assert len(callbacks) == 1

    def test_one_that_only_waits_for_a_click_says_so(self) -> None:
        an_old_held()
        RouteFactory.create(function="callback")
        assert held.groups()[0].waits_for_click

    def test_a_route_that_sends_nothing_lets_nothing_out(self) -> None:
        an_old_held()
        RouteFactory.create(function="callback", action="store")
        assert not held.groups()[0].waits_for_click
        assert staff.release(held.came_with(**PLACE), by=UserFactory.create()) == 0


class TestPlace:
    def test_empty_words_stand_for_any(self) -> None:
        a_held(), a_held(function="other"), a_held(service_number="4930555")
        assert Place().held().count() == 3
        assert Place(NUMBER).held().count() == 2
        assert Place(NUMBER, "callback").held().count() == 1

    def test_words_that_no_route_can_have_stand_for_any(self) -> None:
        assert Place.of({"service_number": "1" * 41, "function": "x" * 121}) == Place()


class TestTheView:
    def test_it_shows_what_they_lack(self, sign_in: SignIn) -> None:
        a_held(), an_old_held()
        page = held_list(sign_in("superuser"))
        assert "What they lack" in page.text
        [row] = page.context["groups"]
        assert (row["group"].count, "held/route/" in row["route_url"]) == (2, True)

    def test_the_other_views_do_not(self, sign_in: SignIn) -> None:
        a_held()
        page = sign_in("superuser").get(reverse("admin:callbacks_callback_changelist"))
        assert "What they lack" not in page.text

    def test_who_may_not_configure_is_offered_no_route(self, sign_in: SignIn) -> None:
        a_held()
        [row] = held_list(sign_in("Back office")).context["groups"]
        assert (row["route_url"], row["release_url"]) == ("", "")

    def test_old_ones_with_a_route_are_offered_to_be_released(self, sign_in: SignIn) -> None:
        an_old_held()
        take_everything()
        [row] = held_list(sign_in("Back office")).context["groups"]
        assert (row["route_url"], "held/release/" in row["release_url"]) == ("", True)

    def test_more_groups_than_fit_are_counted(self, sign_in: SignIn) -> None:
        for number in range(held.MOST_GROUPS + 3):
            a_held(function=str(number))
        page = held_list(sign_in("superuser"))
        assert "3 more groups" in page.text
        assert len(page.context["groups"]) == held.MOST_GROUPS


class TestMakingARoute:
    def test_it_says_how_many_will_go_out_and_how_many_need_a_click(self, sign_in: SignIn) -> None:
        a_held(), a_held(), an_old_held()
        page = ask_for(sign_in("superuser"), "route", PLACE).text
        assert "2 held callbacks go out by themselves" in page
        assert "1 is too old for that and needs a click" in page
        assert "it is adopted with the route" in page

    def test_asking_changes_nothing(self, sign_in: SignIn) -> None:
        a_held()
        ask_for(sign_in("superuser"), "route", PLACE)
        assert not ServiceNumber.objects.exists()

    def test_it_leads_to_the_form_filled_in(self, sign_in: SignIn) -> None:
        a_held()
        answer = confirm(sign_in("superuser"), "route", PLACE)
        number = ServiceNumber.objects.get(number=NUMBER)
        initial = answer.context["adminform"].form.initial
        assert initial["service_number"] == str(number.pk)
        assert initial["function"] == "CALLBACK"
        assert initial["name"] == "Hotline · CALLBACK"
        assert "1 held callback goes out by itself" in said(answer)

    def test_a_number_that_was_only_seen_is_adopted_with_the_name_it_was_sent_with(
        self, sign_in: SignIn
    ) -> None:
        a_held()
        ServiceNumberFactory.create(number=NUMBER, name="", adopted=False)
        answer = confirm(sign_in("superuser"), "route", PLACE)
        number = ServiceNumber.objects.get(number=NUMBER)
        assert (number.adopted, number.name) == (True, "Hotline")
        assert answer.context["adminform"].form.initial["name"] == "Hotline · CALLBACK"

    def test_a_number_keeps_the_name_that_somebody_gave_it(self, sign_in: SignIn) -> None:
        a_held()
        ServiceNumberFactory.create(number=NUMBER, name="Service")
        confirm(sign_in("superuser"), "route", PLACE)
        assert ServiceNumber.objects.get(number=NUMBER).name == "Service"

    def test_without_a_service_number_the_route_is_for_any(self, sign_in: SignIn) -> None:
        a_held(service_number="")
        answer = confirm(sign_in("superuser"), "route", {"function": "CALLBACK"})
        assert answer.context["adminform"].form.initial["service_number"] == ""
        assert not ServiceNumber.objects.exists()

    def test_a_double_click_leads_to_the_same_form(self, sign_in: SignIn) -> None:
        a_held()
        browser = sign_in("superuser")
        answers = [confirm(browser, "route", PLACE) for _ in range(2)]
        assert answers[0].redirect_chain == answers[1].redirect_chain
        assert ServiceNumber.objects.count() == 1

    @pytest.mark.parametrize("enabled", [True, False])
    def test_a_route_that_exists_is_shown_instead(self, enabled: bool, sign_in: SignIn) -> None:
        a_held()
        number = ServiceNumberFactory.create(number=NUMBER)
        route = RouteFactory.create(service_number=number, function="Callback", enabled=enabled)
        answer = confirm(sign_in("superuser"), "route", PLACE)
        page = reverse("admin:callbacks_functionroute_change", args=[route.pk])
        assert answer.redirect_chain == [(page, 302)]
        assert ("switched off" in said(answer)) is not enabled

    @pytest.mark.parametrize("verb", ["get", "post"])
    @pytest.mark.parametrize("role", ["Back office", "viewer", "nobody"])
    def test_it_needs_the_rights(self, verb: str, role: str, sign_in: SignIn) -> None:
        a_held()
        place = reverse("admin:callbacks_held_route", query=PLACE)
        assert getattr(sign_in(role), verb)(place).status_code == 403
        assert not ServiceNumber.objects.exists()

    def test_a_post_needs_its_token(self, sign_in: SignIn) -> None:
        browser = sign_in("superuser")
        browser.handler.enforce_csrf_checks = True
        assert browser.post(reverse("admin:callbacks_held_route", query=PLACE)).status_code == 403


class TestMakingARouteForASelection:
    def test_it_asks_for_the_place_they_share(self, sign_in: SignIn) -> None:
        answer = select(sign_in("superuser"), a_held(), a_held(function="callback"))
        assert "Function: CALLBACK" in answer.text or "Function: callback" in answer.text
        assert "2 held callbacks go out" in answer.text

    def test_with_several_functions_it_is_for_any(self, sign_in: SignIn) -> None:
        answer = select(sign_in("superuser"), a_held(), a_held(function="other"))
        assert "Function: any" in answer.text

    def test_several_service_numbers_are_too_many(self, sign_in: SignIn) -> None:
        answer = select(sign_in("superuser"), a_held(), a_held(service_number="4930555"))
        assert "Choose held callbacks of one service number" in said(answer)

    def test_what_is_no_longer_held_does_not_count(self, sign_in: SignIn) -> None:
        gone = a_held(service_number="4930555")
        Callback.objects.filter(pk=gone.pk).release()
        assert "4930555" not in select(sign_in("superuser"), a_held(), gone).text

    def test_it_is_not_offered_without_the_rights(self, sign_in: SignIn) -> None:
        callback = a_held()
        page = held_list(sign_in("Back office"))
        assert "make_route_selected" not in page.text
        assert "Make a route?" not in select(sign_in("Back office"), callback).text


class TestReleasingAGroup:
    def test_all_of_it_goes_out(self, sign_in: SignIn) -> None:
        an_old_held(), an_old_held(), an_old_held(function="other")
        take_everything()
        answer = confirm(sign_in("Back office"), "release", PLACE)
        assert said(answer) == "2 callbacks were released."
        assert Callback.objects.held().count() == 1

    def test_asking_changes_nothing(self, sign_in: SignIn) -> None:
        an_old_held()
        take_everything()
        assert "1 callback is held." in ask_for(sign_in("Back office"), "release", PLACE).text
        assert Callback.objects.held().count() == 1

    def test_without_a_route_it_stays(self, sign_in: SignIn) -> None:
        an_old_held()
        answer = confirm(sign_in("superuser"), "release", PLACE)
        assert said(answer).startswith("1 callback was left as it is")

    def test_a_double_click_releases_once(self, sign_in: SignIn) -> None:
        an_old_held()
        take_everything()
        browser = sign_in("Back office")
        confirm(browser, "release", PLACE)
        lease_no = Callback.objects.get().lease_no
        confirm(browser, "release", PLACE)
        assert Callback.objects.get().lease_no == lease_no

    @pytest.mark.parametrize("role", ["viewer", "nobody"])
    def test_it_needs_the_right(self, role: str, sign_in: SignIn) -> None:
        an_old_held()
        take_everything()
        page = reverse("admin:callbacks_held_release", query=PLACE)
        assert sign_in(role).post(page).status_code == 403
        assert Callback.objects.held().count() == 1


def test_a_look_up_route_releases_nothing_on_a_callbacks_page(sign_in: SignIn) -> None:
    callback = an_old_held()
    RouteFactory.create(function="callback", action="find_caller")
    browser = sign_in("superuser")
    page = reverse("admin:callbacks_callback_change", args=[callback.pk])
    assert "/release/" not in browser.get(page).text
    browser.post(
        reverse("admin:callbacks_callback_release", args=[callback.pk]),
        {"_form_submitted": "True"},
    )
    assert Callback.objects.held().count() == 1


class TestSavingARoute:
    def told(self, commits: Any, **parts: Any) -> list[str]:
        """What whoever saves the route is told once that is committed."""
        request = RequestFactory().post("/")
        request._messages = CookieStorage(request)  # type: ignore[attr-defined]
        with commits(execute=True):
            route = RouteFactory.create(function="callback", **parts)
            tell_what_went_out(request, route)
        return [str(message) for message in get_messages(request)]

    def test_it_says_what_went_out_and_what_needs_a_click(
        self, django_capture_on_commit_callbacks: Any
    ) -> None:
        a_held(), a_held(), an_old_held(), an_old_held(function="other")
        assert self.told(django_capture_on_commit_callbacks) == [
            "2 callbacks went out.",
            "1 older one stays held until somebody releases it, under “Held”.",
        ]
        assert Callback.objects.pending().count() == 2

    def test_a_route_that_sends_nothing_says_nothing_of_it(
        self, django_capture_on_commit_callbacks: Any
    ) -> None:
        a_held(), an_old_held()
        assert self.told(django_capture_on_commit_callbacks, action="store") == []

    def test_what_another_route_applies_to_is_not_its_affair(
        self, django_capture_on_commit_callbacks: Any
    ) -> None:
        number = ServiceNumberFactory.create(number=NUMBER)
        RouteFactory.create(service_number=number, function="callback")
        an_old_held()
        assert self.told(django_capture_on_commit_callbacks) == []
