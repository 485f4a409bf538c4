import re
from shlex import quote
from typing import Any, NamedTuple

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from callbacks.admin.dress import RecordScreen
from callbacks.admin.facts import Fact
from callbacks.admin.filters import DaysFilter
from callbacks.admin.looks import note_look_at
from callbacks.admin.paging import CappedPaginator
from callbacks.admin.wording import NOTHING, clock, full_date, received, translated
from callbacks.masking import DOTS, personal, sees_personal_data
from callbacks.models import RejectedRequest
from callbacks.parsers import where_json_breaks

OFFENCE = re.compile(r"[^\s,:{}\[\]]{1,24}|.", re.DOTALL)
PLAIN = re.compile(r"[ -&(-\[\]-~]")  # of ASCII, all but control characters, ' and \

SENTENCES = (
    gettext_noop("The JSON text is not an object with named fields."),
    gettext_noop("The JSON text is nested too deeply."),
    gettext_noop("The form has too many fields."),
    gettext_noop("The multipart form is damaged or cut off."),
    gettext_noop("The request names no caller: CallerID, Caller or CallbackNumber."),
)
SENTENCES_ABOUT = {
    r"The text is not JSON: line (?P<line>\d+), character (?P<character>\d+)\.": gettext_noop(
        "The text is not JSON: line %(line)s, character %(character)s."
    ),
    r"The media type (?P<type>.*) is not understood; send JSON or a form\.": gettext_noop(
        "The media type %(type)s is not understood; send JSON or a form."
    ),
}


@admin.register(RejectedRequest)
class RejectedRequestAdmin(RecordScreen[RejectedRequest]):
    """What came and could not become a callback: why, and the very bytes."""

    list_display = ("when_received", "sent_by", "why", "place")
    list_select_related = ("client",)
    list_display_links = ("why",)
    list_filter = (DaysFilter,)
    list_filter_submit = True
    sortable_by = ()
    paginator = CappedPaginator
    actions = None
    change_form_template = "callbacks/rejected_page.html"
    empty_text = _("Nothing was rejected. Every request could be read.")

    def title_of(self, record: RejectedRequest) -> str:
        return clock(record.received_at, timezone.now())

    def page_context(self, request: HttpRequest, record: RejectedRequest) -> dict[str, Any]:
        told = {"reason": explain(record.reason), "facts": facts(record)}
        if not sees_personal_data():
            return told | {"came": Came(DOTS)}
        note_look_at(request, record)
        url = request.build_absolute_uri(record.path)
        return told | {"came": came(record), "curl": curl(record, url)}

    @admin.display(description=_("Reason"))
    def why(self, rejected: RejectedRequest) -> SafeString:
        return format_html('<span class="jb-main">{}</span>', explain(rejected.reason))

    @admin.display(description=_("Received"), ordering="received_at")
    def when_received(self, rejected: RejectedRequest) -> SafeString:
        return received(rejected.received_at)

    @admin.display(description=_("ACD client"))
    def sent_by(self, rejected: RejectedRequest) -> object:
        return rejected.client or NOTHING

    @admin.display(description=_("Address"))
    def place(self, rejected: RejectedRequest) -> SafeString:
        return address(rejected)


def address(rejected: RejectedRequest) -> SafeString:
    """A query string may name the caller."""
    place, separator, query = rejected.path.partition("?")
    return format_html("<code>{} {}{}{}</code>", rejected.method, place, separator, personal(query))


class Came(NamedTuple):
    """What was sent, in three parts: up to where it could not be read, there, and after that."""

    before: str
    offence: str = ""
    after: str = ""


def came(rejected: RejectedRequest) -> Came:
    found = where_json_breaks(bytes(rejected.body)) if _is_broken_json(rejected) else None
    if found is None:
        return Came(rejected.body_text)
    text, place = found
    if place >= len(text):
        ends = "" if is_cut(rejected) else gettext("it ends here")
        return Came(text, ends)
    offence = OFFENCE.match(text, place)
    end = offence.end() if offence else place + 1
    return Came(text[:place], text[place:end], text[end:])


def _is_broken_json(rejected: RejectedRequest) -> bool:
    return rejected.reason.startswith("The text is not JSON")


def is_cut(rejected: RejectedRequest) -> bool:
    return rejected.body_size > RejectedRequest.KEPT_BYTES


def curl(rejected: RejectedRequest, url: str) -> str:
    """The same request for a command line; the secret is whoever's who sends it."""
    body = bytes(rejected.body)
    if is_cut(rejected) or b"\x00" in body:  # which no shell hands on
        return ""
    parts = ["curl -sS -X", rejected.method, quote(url), '-H "Authorization: Bearer $SECRET"']
    if rejected.content_type:
        parts += ["-H", quote(f"Content-Type: {rejected.content_type}")]
    if body:
        parts += ["--data-binary", _quoted(body)]
    return " ".join(parts)


def _quoted(body: bytes) -> str:
    """For a shell; bytes that are no text in the way that bash and zsh write them."""
    try:
        return quote(body.decode())
    except UnicodeDecodeError:
        pass
    plain = b"".join(bytes([b]) if PLAIN.match(chr(b)) else b"\\x%02x" % b for b in body)
    return f"$'{plain.decode('ascii')}'"


def explain(reason: str) -> str:
    """Why it was rejected, stored in English, in the language of whoever reads."""
    for pattern, sentence in SENTENCES_ABOUT.items():
        if found := re.fullmatch(pattern, reason):
            return gettext(sentence) % found.groupdict()
    return translated(reason)


def facts(rejected: RejectedRequest) -> list[Fact]:
    return [
        Fact(gettext("Received"), full_date(rejected.received_at)),
        Fact(gettext("ACD client"), rejected.client or NOTHING),
        Fact(gettext("Address"), address(rejected)),
        Fact(gettext("Media type"), _media_type(rejected)),
        Fact(gettext("Size"), gettext("%(n)d bytes") % {"n": rejected.body_size}),
        Fact(gettext("Answer"), _answer(rejected)),
    ]


def _answer(rejected: RejectedRequest) -> SafeString:
    words = format_html_join(SafeString("_<wbr>"), "{}", ((w,) for w in rejected.code.split("_")))
    return format_html("<code>{} {}</code>", rejected.status, words)


def _media_type(rejected: RejectedRequest) -> object:
    is_offence = rejected.code == "media_type_not_understood"
    return format_html("<mark>{}</mark>" if is_offence else "{}", rejected.content_type or NOTHING)
