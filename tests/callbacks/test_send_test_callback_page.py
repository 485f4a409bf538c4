"""A test callback, sent from a page: taken in as any other, once, with the name of who sent it."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from callbacks.models import AcdClient, Callback, FunctionRoute, StaffAction
from callbacks.signals import callback_accepted
from tests.callbacks.conftest import SignIn
from tests.factories import CallbackFactory, ClientFactory, RouteFactory, ServiceNumberFactory

pytestmark = pytest.mark.django_db

PAGE = "/admin/test/"
NUMBER = "498946134180"


@pytest.fixture
def client() -> AcdClient:
    return ClientFactory.create(name="ACD München")


@pytest.fixture
def admin(sign_in: SignIn, client: AcdClient) -> Client:
    return sign_in("Administrators")


def filled(browser: Client, **changed: str) -> dict[str, str]:
    """The form as it is offered, with what somebody typed."""
    offered = browser.get(PAGE).context["form"]
    given = {"caller": "+493023125007", "service_number": NUMBER, "function": "", **changed}
    client = AcdClient.objects.get()
    return {"client": str(client.pk), "once": str(offered.initial["once"]), **given}


@pytest.fixture
def heard() -> Iterator[list[Callback]]:
    """For which callbacks the bell was rung."""
    rings: list[Callback] = []

    def hear(*, callback: Callback, **_told: object) -> None:
        rings.append(callback)

    callback_accepted.connect(hear)
    yield rings
    callback_accepted.disconnect(hear)


def test_it_is_taken_as_any_other_and_leads_to_its_page(admin: Client) -> None:
    answer = admin.post(PAGE, filled(admin, function="Störung"))
    callback = Callback.objects.get()
    assert answer["Location"] == reverse("admin:callbacks_callback_change", args=[callback.pk])
    assert (callback.status, callback.service_number) == ("pending", NUMBER)
    assert (callback.function, callback.client.name) == ("Störung", "ACD München")
    assert callback.payload["UserData"].startswith("Test callback by ")


def test_who_sent_it_is_written_down_and_shown(admin: Client) -> None:
    page = admin.post(PAGE, filled(admin))["Location"]
    assert StaffAction.objects.exclude(verb="looked").get().verb == "tested"
    assert "sent it as a test" in admin.get(page).text


def test_the_worker_is_told(admin: Client, heard: list[Callback]) -> None:
    admin.post(PAGE, filled(admin))
    assert heard == [Callback.objects.get()]


def test_it_is_brought_on_the_way_although_no_request_waits_for_it(
    admin: Client, heard: list[Callback]
) -> None:
    number = ServiceNumberFactory.create(number=NUMBER)
    RouteFactory.create(service_number=number, function="", wait_ms=1_000)
    admin.post(PAGE, filled(admin))
    assert heard == [Callback.objects.get()]


def test_a_second_click_leads_to_the_same(admin: Client) -> None:
    data = filled(admin)
    first, second = (admin.post(PAGE, data)["Location"] for _ in range(2))
    assert first == second
    assert StaffAction.objects.filter(verb="tested").count() == 1


def test_the_form_sent_again_with_other_words_is_another_callback(admin: Client) -> None:
    data = filled(admin)
    for function in ("sales", "support", "support"):
        answer = admin.post(PAGE, data | {"function": function}, follow=True)
    assert set(Callback.objects.values_list("function", flat=True)) == {"sales", "support"}
    assert "was sent before" in answer.text
    assert not Callback.objects.filter(key_reused=True).exists()


def test_a_second_test_is_another_callback(admin: Client) -> None:
    for _ in range(2):
        admin.post(PAGE, filled(admin))
    assert Callback.objects.count() == 2


def said(browser: Client) -> str:
    answer = browser.post(PAGE, filled(browser), follow=True)
    (message,) = answer.context["messages"]
    return str(message)


class TestWhatItSays:
    def test_that_it_goes_to_salesforce(self, admin: Client) -> None:
        assert "goes to Salesforce" in said(admin)

    def test_that_no_route_applies(self, admin: Client) -> None:
        FunctionRoute.objects.all().delete()
        assert "no route applies" in said(admin)

    def test_that_it_joined_an_earlier_one(self, admin: Client) -> None:
        ServiceNumberFactory.create(number=NUMBER, merge_minutes=30)
        said(admin)
        assert "joined an earlier one" in said(admin)

    def test_that_its_route_sends_nothing(self, admin: Client) -> None:
        number = ServiceNumberFactory.create(number=NUMBER)
        RouteFactory.create(service_number=number, function="", action="store")
        assert "sends nothing" in said(admin)


@pytest.mark.parametrize("missing", ["caller", "service_number"])
def test_what_is_needed_is_asked_for(admin: Client, missing: str) -> None:
    answer = admin.post(PAGE, filled(admin, **{missing: ""}))
    assert missing in answer.context["form"].errors
    assert not Callback.objects.exists()


def test_nothing_is_sent_in_the_name_of_a_client_that_is_off(admin: Client) -> None:
    data = filled(admin)
    AcdClient.objects.update(enabled=False)
    assert "client" in admin.post(PAGE, data).context["form"].errors


def test_without_a_client_it_says_what_comes_first(sign_in: SignIn) -> None:
    text = sign_in("Administrators").get(PAGE).text
    assert "No telephone system is connected yet." in text
    assert 'name="caller"' not in text


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize("role", ["Viewer", "Back office"])
def test_others_may_not(role: str, sign_in: SignIn) -> None:
    browser = sign_in(role)
    assert browser.get(PAGE).status_code == 403
    assert browser.post(PAGE, {}).status_code == 403


class TestTheWayThere:
    def test_the_overview_of_an_installation_without_callbacks_offers_it(
        self, admin: Client, client: AcdClient
    ) -> None:
        text = admin.get(reverse("admin:index")).text
        assert f'href="{PAGE}?client={client.pk}"' in text

    def test_once_callbacks_came_it_does_not(self, admin: Client) -> None:
        CallbackFactory.create()
        assert PAGE not in admin.get(reverse("admin:index")).text

    def test_who_adds_a_client_is_shown_the_way(self, sign_in: SignIn) -> None:
        data = {"name": "ACD Süd", "kind": "acd", "enabled": "on"}
        page = reverse("admin:callbacks_acdclient_add")
        answer = sign_in("Administrators").post(page, data)
        assert f"{PAGE}?client={AcdClient.objects.get().pk}" in answer.text


class TestThePageOfWhatWaits:
    def test_it_asks_how_it_stands_until_that_changes(self, admin: Client) -> None:
        callback = CallbackFactory.create()
        page = admin.get(reverse("admin:callbacks_callback_change", args=[callback.pk])).text
        place = reverse("admin:callbacks_state", args=[callback.pk])
        seen = re.search(rf'data-await="{place}" data-state="([^"]+)"', page)
        assert seen
        assert admin.get(place).json() == {"state": seen[1]}
        Callback.objects.lease(isolation=0, seconds=60)
        assert admin.get(place).json() != {"state": seen[1]}

    def test_what_is_settled_is_not_asked_about(self, admin: Client) -> None:
        callback = CallbackFactory.create(synced=True)
        page = reverse("admin:callbacks_callback_change", args=[callback.pk])
        assert "data-await" not in admin.get(page).text
