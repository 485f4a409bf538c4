# ruff: noqa: ARG002 - the signatures are Django's
import re
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from callbacks.admin.dress import RecordScreen
from callbacks.admin.facts import Fact
from callbacks.admin.wording import NOTHING, full_date, received, translated
from callbacks.masking import DOTS, personal, sees_personal_data
from callbacks.models import RejectedRequest

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

    list_display = ("why", "when_received", "sent_by", "place")
    list_select_related = ("client",)
    list_display_links = ("why",)
    sortable_by = ()
    actions = None
    change_form_template = "callbacks/rejected_page.html"
    empty_text = _("Nothing was rejected. Every request could be read.")

    def page_context(self, request: HttpRequest, record: RejectedRequest) -> dict[str, Any]:
        return {
            "reason": explain(record.reason),
            "facts": facts(record),
            "body": record.body_text if sees_personal_data() else DOTS,
        }

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


def explain(reason: str) -> str:
    """Why it was rejected, stored in English, in the language of whoever reads."""
    for pattern, sentence in SENTENCES_ABOUT.items():
        if found := re.fullmatch(pattern, reason):
            return gettext(sentence) % found.groupdict()
    return translated(reason)


def facts(rejected: RejectedRequest) -> list[Fact]:
    return [
        Fact(gettext("Received"), full_date(rejected.received_at)),
        Fact(gettext("Client"), rejected.client or NOTHING),
        Fact(gettext("Address"), address(rejected)),
        Fact(gettext("Media type"), rejected.content_type or NOTHING),
        Fact(gettext("Size"), gettext("%(n)d bytes") % {"n": rejected.body_size}),
        Fact(gettext("Answer"), format_html("<code>{} {}</code>", rejected.status, rejected.code)),
    ]
