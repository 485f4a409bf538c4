"""One person is on a group of failed callbacks, and the others see who."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from callbacks import caring, retention
from callbacks.admin import on_it
from callbacks.masking import read_by
from callbacks.models import Callback, Care
from tests.callbacks.conftest import SignIn, person
from tests.callbacks.replays import SIGNATURE, failed, started, step, the_org_refuses, the_org_takes
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

GROUPS = reverse("admin:callbacks_failedsync_changelist")
START = reverse("admin:callbacks_failedsync_replay")
TAKE, LET_GO = on_it.url("care", SIGNATURE), on_it.url("let_go", SIGNATURE)
NOTE = "Frau Meier, 0171 6547539, wartet"


@pytest.fixture
def anna() -> User:
    return UserFactory.create(first_name="Anna", last_name="Beck")


@pytest.fixture
def ben() -> User:
    return UserFactory.create(first_name="Ben", last_name="Roth")


def signed_in(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def a_clerk(first: str) -> User:
    clerk = person("Back office")
    clerk.first_name = first
    clerk.save()
    return clerk


def pages(callback: Callback) -> list[str]:
    """Where it is seen who is on the group of this callback."""
    return [
        GROUPS,
        f"{GROUPS}?failure_signature__exact={SIGNATURE}",
        reverse("admin:callbacks_failedsync_change", args=[callback.pk]),
        reverse("admin:callbacks_callback_change", args=[callback.pk]),
    ]


def taken_as_shown(browser: Client, shown: Any, **more: str) -> Any:
    form = shown.context["form"]
    return browser.post(TAKE, {"instead_of": form["instead_of"].value(), **more})


def said(answer: Any) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


class TestTaking:
    def test_whoever_takes_a_group_is_on_it(self, anna: User) -> None:
        failed(2)
        caring.take(SIGNATURE, by=anna, note="Ich frage nach.")
        care = caring.of_group(SIGNATURE)
        assert care
        assert (care.person, care.person_name, care.note) == (anna, "Anna Beck", "Ich frage nach.")

    def test_the_second_one_is_told_who_is_on_it(self, anna: User, ben: User) -> None:
        failed(1)
        caring.take(SIGNATURE, by=anna)
        assert caring.take(SIGNATURE, by=ben).person == anna
        assert Care.objects.get().person == anna

    def test_a_second_press_changes_no_time(self, anna: User) -> None:
        failed(1)
        first = caring.take(SIGNATURE, by=anna, note="Regel")
        second = caring.take(SIGNATURE, by=anna, note="Regel")
        assert (second.since, second.note) == (first.since, "Regel")
        assert Care.objects.count() == 1

    def test_who_knows_of_the_other_takes_over(self, anna: User, ben: User) -> None:
        failed(1)
        seen = caring.take(SIGNATURE, by=anna, note="Regel").since
        caring.take(SIGNATURE, by=ben, instead_of=seen)
        care = Care.objects.get()
        assert (care.person, care.note) == (ben, "")

    def test_of_two_who_take_over_one_does(self, anna: User, ben: User) -> None:
        failed(1)
        seen = caring.take(SIGNATURE, by=anna).since
        caring.take(SIGNATURE, by=ben, instead_of=seen)
        third = UserFactory.create()
        assert caring.take(SIGNATURE, by=third, instead_of=seen).person == ben

    def test_only_who_is_on_it_lets_go(self, anna: User, ben: User) -> None:
        failed(1)
        caring.take(SIGNATURE, by=anna)
        assert not caring.let_go(SIGNATURE, by=ben)
        assert caring.let_go(SIGNATURE, by=anna)
        assert not caring.let_go(SIGNATURE, by=anna)
        assert caring.of_group(SIGNATURE) is None

    def test_a_name_outlives_the_account(self, anna: User) -> None:
        failed(1)
        caring.take(SIGNATURE, by=anna)
        anna.delete()
        care = caring.of_group(SIGNATURE)
        assert care
        assert (care.person, care.person_name) == (None, "Anna Beck")


class TestHowLong:
    def test_a_group_that_comes_back_is_nobodys(self, anna: User, ben: User) -> None:
        failed(1)
        caring.take(SIGNATURE, by=anna)
        Callback.objects.requeue()
        the_org_takes()
        failed(1)
        assert caring.of_group(SIGNATURE) is None
        assert caring.take(SIGNATURE, by=ben).person == ben

    def test_taken_again_it_counts_from_now_on(self, anna: User) -> None:
        failed(1)
        before = caring.take(SIGNATURE, by=anna)
        Callback.objects.update(received_at=timezone.now())
        after = caring.take(SIGNATURE, by=anna)
        assert after.since > before.since
        assert caring.of_group(SIGNATURE)

    def test_more_of_the_same_changes_nothing(self, anna: User) -> None:
        failed(1)
        caring.take(SIGNATURE, by=anna)
        failed(3)
        assert caring.of_group(SIGNATURE)

    def test_it_lasts_while_one_of_them_is_left(self, anna: User) -> None:
        first, second = failed(2)
        caring.take(SIGNATURE, by=anna)
        failed(1)
        Callback.objects.filter(pk=first.pk).update(status="dismissed")
        assert caring.of_group(SIGNATURE)
        Callback.objects.filter(pk=second.pk).update(status="dismissed")
        assert caring.of_group(SIGNATURE) is None

    def test_what_a_replay_did_not_mend_is_still_in_hand(self, anna: User) -> None:
        failed(2)
        caring.take(SIGNATURE, by=anna)
        started()
        step()
        assert caring.of_group(SIGNATURE) is None
        the_org_refuses()
        assert caring.of_group(SIGNATURE)

    def test_each_group_has_its_own(self, anna: User, ben: User) -> None:
        failed(1)
        failed(1, failure_signature="OTHER")
        caring.take(SIGNATURE, by=anna)
        caring.take("OTHER", by=ben)
        found = caring.of_groups([SIGNATURE, "OTHER", "NONE"])
        assert {key: care.person_name for key, care in found.items()} == {
            SIGNATURE: "Anna Beck",
            "OTHER": "Ben Roth",
        }


class TestErasing:
    def test_after_the_time_for_personal_data_it_goes(self, anna: User) -> None:
        now = timezone.now()
        failed(1, received_at=now - timedelta(days=200))
        failed(1, received_at=now - timedelta(days=200), failure_signature="OTHER")
        caring.take(SIGNATURE, by=anna, note=NOTE)
        caring.take("OTHER", by=anna)
        Care.objects.filter(signature=SIGNATURE).update(since=now - timedelta(days=181))
        retention.erase_expired()
        assert Care.objects.get().signature == "OTHER"

    def test_a_note_that_mentions_a_caller_who_is_erased_is_emptied(self, anna: User) -> None:
        failed(1)
        caring.take(SIGNATURE, by=anna, note=NOTE)
        caring.take("OTHER", by=anna, note="Regel 4711")
        retention.erase_caller("491716547539")
        notes = dict(Care.objects.values_list("signature", "note"))
        assert notes == {SIGNATURE: "", "OTHER": "Regel 4711"}


class TestItsPages:
    def test_a_group_is_taken_in_two_presses(self) -> None:
        failed(2)
        browser = signed_in(a_clerk("Anna"))
        [row] = browser.get(GROUPS).context["groups"]
        assert row["way"] == ("I am on it", TAKE)
        answer = taken_as_shown(browser, browser.get(TAKE), note="  Ich frage nach. ")
        assert answer["Location"] == GROUPS
        assert said(answer) == ["You are on it."]
        text = browser.get(GROUPS).text
        assert "Anna Lindner is on it, since " in text
        assert ">Ich frage nach.<" in text

    def test_asking_changes_nothing(self) -> None:
        failed(1)
        signed_in(a_clerk("Anna")).get(TAKE)
        assert not Care.objects.exists()

    def test_it_is_seen_wherever_the_group_is(self, anna: User, sign_in: SignIn) -> None:
        [callback] = failed(1)
        caring.take(SIGNATURE, by=anna, note=NOTE)
        browser = sign_in("Back office")
        for page in [*pages(callback), f"{START}?signature={SIGNATURE}"]:
            text = browser.get(page).text
            assert "Anna Beck is on it, since " in text, page
            assert NOTE in text, page

    def test_the_others_may_take_over(self, anna: User) -> None:
        failed(1)
        caring.take(SIGNATURE, by=anna)
        browser = signed_in(a_clerk("Ben"))
        [row] = browser.get(GROUPS).context["groups"]
        assert row["way"] == ("Take over", TAKE)
        shown = browser.get(TAKE)
        assert "Take over?" in shown.text
        assert "Anna Beck is on it, since " in shown.text
        assert said(taken_as_shown(browser, shown)) == ["You are on it."]
        assert Care.objects.get().person_name == "Ben Lindner"

    def test_who_was_slower_is_told_who_is_on_it(self) -> None:
        failed(1)
        fast, slow = signed_in(a_clerk("Anna")), signed_in(a_clerk("Ben"))
        shown = slow.get(TAKE)
        taken_as_shown(fast, fast.get(TAKE))
        assert said(taken_as_shown(slow, shown)) == ["Anna Lindner was faster, and is on it."]
        assert Care.objects.get().person_name == "Anna Lindner"

    def test_whoever_is_on_it_lets_go(self) -> None:
        failed(1)
        clerk = a_clerk("Anna")
        caring.take(SIGNATURE, by=clerk)
        browser = signed_in(clerk)
        [row] = browser.get(GROUPS).context["groups"]
        assert row["way"] == ("Let go", LET_GO)
        assert "Nobody is on it then." in browser.get(LET_GO).text
        assert Care.objects.exists()
        first, second = (browser.post(LET_GO) for _ in range(2))
        assert said(first) + said(second)[1:] == [
            "Nobody is on it any more.",
            "It had changed meanwhile. Please look again.",
        ]

    @pytest.mark.parametrize("url", [TAKE, LET_GO, TAKE.partition("?")[0]])
    def test_a_group_of_which_nothing_is_left_is_said(self, url: str, sign_in: SignIn) -> None:
        browser = sign_in("Back office")
        for ask in (browser.get, browser.post):
            answer = ask(url)
            assert answer["Location"] == GROUPS
        assert "Nothing of this group is left." in said(answer)
        assert not Care.objects.exists()

    def test_a_note_has_an_end(self, sign_in: SignIn) -> None:
        failed(1)
        browser = sign_in("Back office")
        answer = browser.post(TAKE, {"note": "x" * 201})
        assert answer.context["form"].errors.keys() == {"note"}
        browser.post(TAKE, {"note": "x" * 200})
        assert len(Care.objects.get().note) == 200

    @pytest.mark.parametrize("role", ["viewer", "Viewer", "nobody"])
    def test_who_may_send_nothing_takes_nothing(
        self, role: str, anna: User, sign_in: SignIn
    ) -> None:
        failed(1)
        browser = sign_in(role)
        assert [browser.get(TAKE).status_code, browser.post(TAKE).status_code] == [403, 403]
        caring.take(SIGNATURE, by=anna)
        assert [browser.get(LET_GO).status_code, browser.post(LET_GO).status_code] == [403, 403]
        assert Care.objects.get().person == anna

    def test_a_viewer_sees_who_and_no_note(self, anna: User, sign_in: SignIn) -> None:
        [callback] = failed(1)
        caring.take(SIGNATURE, by=anna, note=NOTE)
        browser = sign_in("Viewer")
        for page in pages(callback):
            text = browser.get(page).text
            assert "Anna Beck is on it, since " in text, page
            assert "Meier" not in text, page
            assert "6547539" not in text, page
        assert TAKE.partition("?")[0] not in browser.get(GROUPS).text

    def test_all_of_a_page_take_one_query(self, anna: User, sign_in: SignIn) -> None:
        for number in range(10):
            failed(1, failure_signature=f"KIND {number}")
            caring.take(f"KIND {number}", by=anna)
        browser = sign_in("Back office")
        browser.get(GROUPS)
        with CaptureQueriesContext(connection) as asked:
            browser.get(GROUPS)
        about = [query for query in asked.captured_queries if "callbacks_care" in query["sql"]]
        assert len(about) == 1
        assert len(asked) <= 15


def test_it_is_said_in_german(anna: User) -> None:
    failed(1)
    caring.take(SIGNATURE, by=anna)
    with translation.override("de"), read_by(anna):
        shown = on_it.of_group(SIGNATURE)
    assert shown
    assert shown.sentence.startswith("Anna Beck kümmert sich, seit ")
