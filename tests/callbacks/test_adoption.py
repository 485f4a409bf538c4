"""Service numbers that were only seen are adopted, with the name that requests gave them."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from callbacks.adoption import adopt, name_said
from callbacks.models import ServiceNumber
from tests.callbacks.conftest import SignIn
from tests.factories import CallbackFactory, ServiceNumberFactory

pytestmark = pytest.mark.django_db

CONFIRMED = {"_form_submitted": "True"}


def seen(number: str = "498946134180", **facts: Any) -> ServiceNumber:
    facts = {"name": "", "adopted": False, "seen_at": timezone.now()} | facts
    return ServiceNumberFactory.create(number=number, **facts)


def url(verb: str, number: ServiceNumber) -> str:
    return reverse(f"admin:callbacks_servicenumber_{verb}", args=[number.pk])


def select(browser: Client, *chosen: ServiceNumber, **more: Any) -> Any:
    data = {"action": "adopt_selected", "_selected_action": [n.pk for n in chosen], **more}
    return browser.post(reverse("admin:callbacks_servicenumber_changelist"), data, follow=True)


def said(answer: Any) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


class TestName:
    def test_it_is_what_requests_said_last(self) -> None:
        now = timezone.now()
        CallbackFactory.create(service_name="Old", received_at=now - timedelta(minutes=2))
        CallbackFactory.create(service_name="New", received_at=now - timedelta(minutes=1))
        CallbackFactory.create(service_name="", received_at=now)
        assert name_said(seen()) == "New"

    def test_it_is_not_another_numbers(self) -> None:
        CallbackFactory.create(service_name="Hotline")
        assert name_said(seen("4930555")) == ""

    def test_a_number_that_never_came_has_none(self) -> None:
        CallbackFactory.create(service_name="Hotline")
        assert name_said(seen(seen_at=None)) == ""

    def test_a_long_one_is_cut_to_what_fits(self) -> None:
        CallbackFactory.create(service_name="x" * 200, received_at=timezone.now())
        assert len(name_said(seen())) == 120


def test_it_is_adopted_once() -> None:
    number = seen()
    assert [adopt(number, "Hotline"), adopt(number, "Other")] == [True, False]
    number.refresh_from_db()
    assert (number.adopted, number.name) == (True, "Hotline")


class TestOnItsPage:
    def test_the_dialog_suggests_the_name(self, sign_in: SignIn) -> None:
        CallbackFactory.create(service_name="Sales &amp; more")
        dialog = sign_in("Administrators").get(url("adopt", seen())).text
        assert 'value="Sales &amp;amp; more"' in dialog

    def test_it_adopts(self, sign_in: SignIn) -> None:
        number = seen()
        browser = sign_in("Administrators")
        answer = browser.post(url("adopt", number), CONFIRMED | {"name": "Sales"})
        number.refresh_from_db()
        assert (number.adopted, number.name) == (True, "Sales")
        assert answer["HX-Redirect"] == url("change", number)

    def test_a_double_click_is_harmless(self, sign_in: SignIn) -> None:
        number = seen()
        browser = sign_in("Administrators")
        for name in ("Sales", "Other"):
            browser.post(url("adopt", number), CONFIRMED | {"name": name})
        number.refresh_from_db()
        assert number.name == "Sales"
        assert "adopted already" in said(browser.get(url("change", number)))

    def test_it_is_offered_for_what_was_only_seen(self, sign_in: SignIn) -> None:
        browser = sign_in("Administrators")
        adopted = ServiceNumberFactory.create()
        assert "/adopt/" in browser.get(url("change", seen())).text
        assert "/adopt/" not in browser.get(url("change", adopted)).text

    @pytest.mark.parametrize("role", ["Back office", "viewer", "nobody"])
    def test_without_the_right_nothing_happens(self, role: str, sign_in: SignIn) -> None:
        number = seen()
        assert sign_in(role).post(url("adopt", number), CONFIRMED).status_code == 403
        number.refresh_from_db()
        assert not number.adopted

    @pytest.mark.parametrize("key", ["0", "nonsense"])
    def test_an_unknown_number_is_not_found(self, key: str, sign_in: SignIn) -> None:
        page = reverse("admin:callbacks_servicenumber_adopt", args=[key])
        assert sign_in("superuser").post(page, CONFIRMED).status_code == 404


class TestFromTheList:
    def test_it_asks_for_names_first(self, sign_in: SignIn) -> None:
        CallbackFactory.create(service_name="Hotline")
        number = seen()
        answer = select(sign_in("Administrators"), number)
        assert "Adopt?" in answer.text
        assert 'value="Hotline"' in answer.text
        number.refresh_from_db()
        assert not number.adopted

    def test_it_adopts_all_with_their_names(self, sign_in: SignIn) -> None:
        one, other = seen(), seen("4930555")
        names = {f"name_{one.pk}": "Hotline", f"name_{other.pk}": ""}
        answer = select(sign_in("Administrators"), one, other, confirmed="yes", **names)
        adopted = ServiceNumber.objects.filter(adopted=True).values_list("number", "name")
        assert set(adopted) == {("498946134180", "Hotline"), ("4930555", "")}
        assert said(answer) == "2 service numbers were adopted."

    def test_what_was_adopted_already_is_left(self, sign_in: SignIn) -> None:
        number = ServiceNumberFactory.create(name="Service")
        answer = select(sign_in("Administrators"), number, confirmed="yes")
        assert said(answer) == "1 service number was adopted already."

    def test_it_needs_the_right(self, sign_in: SignIn) -> None:
        number = seen()
        select(sign_in("Back office"), number, confirmed="yes", **{f"name_{number.pk}": "x"})
        number.refresh_from_db()
        assert not number.adopted

    def test_nothing_is_deleted_from_the_list(self, sign_in: SignIn) -> None:
        seen()
        page = sign_in("superuser").get(reverse("admin:callbacks_servicenumber_changelist")).text
        assert "delete_selected" not in page
