"""The page of failed callbacks, gathered by reason."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from callbacks.models import Replay
from tests.callbacks.conftest import SignIn
from tests.callbacks.replays import (
    GROUPS,
    SIGNATURE,
    failed,
    groups,
    page,
    started,
)
from tests.factories import CallbackFactory

pytestmark = pytest.mark.django_db

START = reverse("admin:callbacks_failedsync_replay")


class TestGroups:
    def test_the_largest_comes_first(self, sign_in: SignIn) -> None:
        failed(1, failure_signature="RARE", failure_code="RARE")
        failed(3)
        shown = groups(sign_in("Back office")).context["groups"]
        assert [(row["group"].count, row["group"].signature) for row in shown] == [
            (3, SIGNATURE),
            (1, "RARE"),
        ]

    def test_they_say_why_and_what_to_do(self, sign_in: SignIn) -> None:
        failed(2)
        text = groups(sign_in("Back office")).text
        assert "A text is longer than its field in Salesforce." in text
        assert "Shorten the template" in text
        assert "2 callbacks were refused, for 1 reason." in text

    def test_the_field_that_a_next_step_means_stands_below_it(self, sign_in: SignIn) -> None:
        failed(2, failure_signature="STRING_TOO_LONG Subject Betreff: zu lang")
        browser = sign_in("viewer")
        group = {"failure_signature__exact": "STRING_TOO_LONG Subject Betreff: zu lang"}
        for text in (groups(browser).text, browser.get(GROUPS, group).text):
            _above, _sentence, below = text.partition("the field named below")
            assert "STRING_TOO_LONG Subject Betreff: zu lang" in below.partition("<details")[0]

    def test_the_question_names_the_field_as_well(self, sign_in: SignIn) -> None:
        failed(2)
        _above, _sentence, below = (
            sign_in("Back office")
            .get(START, {"signature": SIGNATURE})
            .text.partition("named below")
        )
        assert SIGNATURE in below.partition("<footer")[0]

    def test_three_samples_have_waited_longest(self, sign_in: SignIn) -> None:
        now = timezone.now()
        made = [failed(1, received_at=now - timedelta(hours=n))[0] for n in range(5)]
        [row] = groups(sign_in("Back office")).context["groups"]
        urls = [sample["url"] for sample in row["samples"]]
        oldest = [made[4], made[3], made[2]]
        assert urls == [reverse("admin:callbacks_failedsync_change", args=[c.pk]) for c in oldest]

    def test_show_leads_to_the_callbacks_of_the_group(self, sign_in: SignIn) -> None:
        failed(2)
        failed(1, failure_signature="OTHER")
        browser = sign_in("Back office")
        url = groups(browser).context["groups"][0]["show_url"]
        assert browser.get(url).context["cl"].result_count == 2

    def test_a_viewer_sees_them_and_resends_nothing(self, sign_in: SignIn) -> None:
        failed(1)
        text = groups(sign_in("viewer")).text
        assert "A text is longer" in text
        assert "Replay the group" not in text

    def test_whoever_may_not_see_them_does_not(self, sign_in: SignIn) -> None:
        assert groups(sign_in("nobody")).status_code == 403

    def test_without_any_it_says_so(self, sign_in: SignIn) -> None:
        assert "Nothing failed." in groups(sign_in("Back office")).text

    def test_more_than_a_page_of_groups_is_said(self, sign_in: SignIn) -> None:
        for number in range(22):
            failed(1, failure_signature=f"KIND {number}")
        assert "2 more groups with fewer callbacks." in groups(sign_in("Back office")).text

    def test_it_takes_few_queries_however_many_there_are(self, sign_in: SignIn) -> None:
        for number in range(10):
            failed(4, failure_signature=f"KIND {number}")
        browser = sign_in("Back office")
        groups(browser)
        with CaptureQueriesContext(connection) as asked:
            groups(browser)
        assert len(asked) <= 15

    def test_replays_under_way_are_everybodys_business(self, sign_in: SignIn) -> None:
        failed(3)
        replay = started()
        text = groups(sign_in("viewer")).text
        assert f'href="{page(replay)}"' in text
        assert "Replay of 3 callbacks" in text
        Replay.objects.finish()
        assert page(replay) not in groups(sign_in("viewer")).text


def test_a_callback_that_is_no_longer_failed_is_in_no_group(sign_in: SignIn) -> None:
    CallbackFactory.create(synced=True)
    assert groups(sign_in("viewer")).context["groups"] == []
