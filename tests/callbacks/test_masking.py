"""Whoever may not see callers sees dots, everywhere."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from callbacks.admin import wording
from callbacks.admin.search import matching_in_full
from callbacks.masking import DOTS, personal, read_by
from callbacks.models import Callback
from tests.callbacks.conftest import SignIn, person
from tests.factories import AttemptFactory, CallbackFactory, RejectedFactory

pytestmark = pytest.mark.django_db

NUMBER, AS_SENT, NAME, WORDS = "491716547539", "0171 6547539", "Eva Meier", "Kundin 4711 schimpft"
OF_THE_CALLER = ("6547539", "6547 539", "Meier", "4711", "schimpft")


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("491716547539", "+49 171 •••••539"),
        ("4989555010", "+49 •••••010"),
        ("4989555", "+49 •••••"),
        ("4989461341800", "+49 89 •••••800"),
        ("16502530000", "+1 650 •••••000"),
        ("442079460958", "+44 20 •••••958"),
        ("217", "•••••"),
        ("", "No number"),
    ],
)
def test_a_masked_number_tells_country_area_and_its_end(number: str, shown: str) -> None:
    assert wording.caller(number).replace("\N{NO-BREAK SPACE}", " ") == shown


def test_every_masked_number_has_as_many_dots() -> None:
    shown = {wording.masked(number).count("•") for number in (NUMBER, "4930123456789", "217")}
    assert shown == {5}


def test_nobody_sees_callers_outside_of_a_page() -> None:
    assert personal(NAME) == DOTS
    with read_by(AnonymousUser()):
        assert personal(NAME) == DOTS


@pytest.mark.parametrize(
    ("role", "sees"),
    [("superuser", True), ("Administrators", True), ("Back office", True), ("Viewer", False)],
)
def test_who_sees_callers(role: str, sees: bool) -> None:
    with read_by(person(role)):
        assert personal(NAME) == (NAME if sees else DOTS)


def test_one_reader_does_not_lend_the_next_their_eyes() -> None:
    with read_by(person("Viewer")):
        with read_by(person("Back office")):
            assert personal(NAME) == NAME
        assert personal(NAME) == DOTS


def troubled_callback() -> Callback:
    """A callback that names its caller wherever it can."""
    callback = CallbackFactory.create(
        failed=True,
        failure_signature="TOO_LONG",
        caller_number=NUMBER,
        caller_text=AS_SENT,
        contact_name=NAME,
        contact_id="0038d0000000001AAA",
        candidates=[{"object": "Lead", "id": "00Q8d0000000001AAA", "name": NAME}],
        payload={"CallerID": NUMBER, "UserData": WORDS, NUMBER: 4711, "Service": "Hotline"},
        raw_body=f"CallerID={AS_SENT}&UserData={WORDS}".encode(),
        raw_query=f"CallerID={NUMBER}",
        failure_detail=f"{WORDS}: zu lang",
        dismiss_reason=WORDS,
    )
    AttemptFactory.create(callback=callback, code="STRING_TOO_LONG", detail=WORDS)
    return callback


@pytest.mark.parametrize("screen", ["callback", "failedsync"])
def test_a_viewer_reads_of_no_caller(screen: str, sign_in: SignIn) -> None:
    callback = troubled_callback()
    browser = sign_in("Viewer")
    places = [
        reverse(f"admin:callbacks_{screen}_changelist"),
        reverse(f"admin:callbacks_{screen}_change", args=[callback.pk]),
        reverse(f"admin:callbacks_{screen}_history", args=[callback.pk]),
        reverse(f"admin:callbacks_{screen}_changelist") + "?failure_signature__exact=TOO_LONG",
    ]
    for place in places:
        text = browser.get(place).text.replace("\N{NO-BREAK SPACE}", " ")
        assert not [word for word in OF_THE_CALLER if word in text], place


def test_what_is_nobodys_secret_stays_readable(sign_in: SignIn) -> None:
    place = reverse("admin:callbacks_callback_change", args=[troubled_callback().pk])
    text = sign_in("Viewer").get(place).text.replace("\N{NO-BREAK SPACE}", " ")
    for words in (
        "+49 171 •••••539",
        "STRING_TOO_LONG",
        "&quot;Service&quot;: &quot;Hotline&quot;",
    ):
        assert words in text


def test_a_viewer_is_not_shown_what_was_rejected(sign_in: SignIn) -> None:
    rejected = RejectedFactory.create(
        path=f"/api/v1/callbacks?CallerID={NUMBER}", body=f'{{"CallerID": "{NUMBER}"'.encode()
    )
    places = [
        reverse("admin:callbacks_rejectedrequest_changelist"),
        reverse("admin:callbacks_rejectedrequest_change", args=[rejected.pk]),
    ]
    browser = sign_in("Viewer")
    assert not [place for place in places if NUMBER in browser.get(place).text]


class TestSearchOfViewers:
    """Hits must not tell how a hidden number or name goes on."""

    @pytest.fixture
    def wanted(self) -> Callback:
        return CallbackFactory.create(
            caller_number=NUMBER, contact_name=NAME, synced=True, case_number="00001027"
        )

    @pytest.mark.parametrize("text", ["0171 6547539", "+49 171 6547539", "00001027", "Hotl"])
    def test_what_they_know_in_full_is_found(self, text: str, wanted: Callback) -> None:
        assert list(Callback.objects.filter(matching_in_full(text))) == [wanted]

    @pytest.mark.parametrize("text", ["0171 65475", "539", "47539", "Meier", "Eva", "%"])
    def test_a_part_finds_nothing(self, text: str, wanted: Callback) -> None:
        assert wanted not in Callback.objects.filter(matching_in_full(text))

    def test_the_list_searches_so(self, wanted: Callback, sign_in: SignIn) -> None:
        place = reverse("admin:callbacks_callback_changelist")
        for role, found in (("Viewer", []), ("Back office", [wanted])):
            page = sign_in(role).get(place, {"q": "47539"})
            assert list(page.context["cl"].result_list) == found
