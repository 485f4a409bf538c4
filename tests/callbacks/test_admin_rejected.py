"""What could not become a callback: what came, where it is wrong, and how to send it again."""

import shlex
import subprocess
from typing import Any

import pytest
from django.urls import reverse

from callbacks.admin.rejected_requests import Came, came, curl
from callbacks.models import RejectedRequest, StaffAction
from tests.callbacks.conftest import SignIn
from tests.factories import ClientFactory, RejectedFactory

pytestmark = pytest.mark.django_db

URL = "https://bridge.example.org/api/v1/callbacks"


def rejected(body: bytes, **facts: Any) -> RejectedRequest:
    return RejectedFactory.create(body=body, body_size=len(body), **facts)


def page_of(record: RejectedRequest) -> str:
    return reverse("admin:callbacks_rejectedrequest_change", args=[record.pk])


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        (b'{"CallerID": nobody}', Came('{"CallerID": ', "nobody", "}")),
        (b'{"CallerID" "49"}', Came('{"CallerID" ', '"49"', "}")),
        (b'{\n  "a": 1,\n}', Came('{\n  "a": 1,\n', "}", "")),
        (b'{"CallerID": "49', Came('{"CallerID": ', '"49', "")),
        (b"CallerID=49", Came("", "CallerID=49", "")),
        ('{"a": "Störung" b}'.encode("cp1252"), Came('{"a": "Störung" ', "b", "}")),
        (b'{"CallerID": 49', Came('{"CallerID": 49', "it ends here", "")),
    ],
)
def test_the_place_is_marked_where_it_stops_being_json(body: bytes, parts: Came) -> None:
    assert came(rejected(body)) == parts


def test_what_was_cut_off_by_us_is_no_offence() -> None:
    record = RejectedFactory.create(body=b'{"a": 1', body_size=RejectedRequest.KEPT_BYTES + 1)
    assert came(record).offence == ""


def test_only_broken_json_has_such_a_place() -> None:
    record = rejected(b"[1]", reason="The JSON text is not an object with named fields.")
    assert came(record) == Came("[1]")


def test_the_mark_is_no_markup_of_the_sender(sign_in: SignIn) -> None:
    text = sign_in("Back office").get(page_of(rejected(b'{"a": <script>}'))).text
    assert "<mark>&lt;script&gt;</mark>}" in text
    assert "<script>}" not in text


def test_a_media_type_that_is_not_understood_is_marked(sign_in: SignIn) -> None:
    record = rejected(
        b"<a/>",
        code="media_type_not_understood",
        content_type="text/xml",
        reason="The media type text/xml is not understood; send JSON or a form.",
    )
    assert "<mark>text/xml</mark>" in sign_in("Back office").get(page_of(record)).text


class TestCurl:
    def sent(self, record: RejectedRequest) -> list[str]:
        """The words that a shell makes of the line."""
        script = f"curl() {{ printf '%s\\0' \"$@\"; }}; SECRET=s; {curl(record, URL)}"
        out = subprocess.run(["bash", "-c", script], capture_output=True, check=True).stdout
        return [word.decode("latin-1") for word in out.split(b"\0")[:-1]]

    @pytest.mark.parametrize(
        "body",
        [
            b'{"a": "it\'s"}',
            b"a\nb\\c $HOME `id`",
            "Störung".encode(),
            "Störung 'x' \\n".encode("cp1252"),
            bytes(range(1, 256)),
        ],
    )
    def test_the_very_bytes_are_sent_again(self, body: bytes) -> None:
        words = self.sent(rejected(body, content_type="application/json"))
        assert words[words.index("--data-binary") + 1] == body.decode("latin-1")
        assert words[words.index("-X") + 1] == "POST"
        assert URL in words
        assert "Content-Type: application/json" in words

    def test_the_secret_is_a_blank_to_fill_in(self) -> None:
        assert "Authorization: Bearer s" in self.sent(rejected(b"x"))

    def test_nothing_of_the_request_is_run(self) -> None:
        record = rejected(b"'; touch /tmp/no; '", content_type="x'; touch /tmp/no; '")
        assert shlex.split(curl(record, URL))[0] == "curl"
        assert len(self.sent(record)) == 10

    def test_what_was_not_kept_whole_cannot_be_sent_again(self) -> None:
        record = RejectedFactory.create(body_size=RejectedRequest.KEPT_BYTES + 1)
        assert curl(record, URL) == ""
        assert curl(rejected(b"a\0b"), URL) == ""

    def test_it_is_on_the_page_with_the_address_of_this_installation(self, sign_in: SignIn) -> None:
        text = sign_in("Back office").get(page_of(rejected(b"{}x"))).text
        assert "curl -sS -X POST http://testserver/api/v1/callbacks" in text


def test_looking_is_written_down_once(sign_in: SignIn) -> None:
    first, second = rejected(b"a"), rejected(b"b")
    browser = sign_in("Back office")
    for record in (first, first, second):
        browser.get(page_of(record))
    assert list(StaffAction.objects.order_by("id").values_list("verb", "reason")) == [
        ("looked", f"rejected request {first.pk}"),
        ("looked", f"rejected request {second.pk}"),
    ]


def test_the_log_tells_of_it_in_the_language_of_its_reader(sign_in: SignIn) -> None:
    reader, administrator = sign_in("Back office"), sign_in("Administrators")
    reader.cookies["django_language"] = "de"
    record = rejected(b"a")
    reader.get(page_of(record))
    log = reverse("admin:callbacks_staffaction_changelist")
    assert f"rejected request {record.pk}" in administrator.get(log).text
    administrator.cookies["django_language"] = "de"
    assert f"abgewiesene Anfrage {record.pk}" in administrator.get(log).text


def test_the_list_tells_when_who_and_why(sign_in: SignIn) -> None:
    RejectedFactory.create(client=ClientFactory.create(name="ACD Süd"))
    browser = sign_in("Viewer")
    place = reverse("admin:callbacks_rejectedrequest_changelist")
    text = browser.get(place, {"received": "today"}).text
    for words in ("just now", "ACD Süd", "The text is not JSON: line 3, character 14."):
        assert words in text
    assert not browser.get(place, {"received": "yesterday"}).context["cl"].result_list
