"""What templates may print, as a form offers it: each fact of `crm.mapping` with its meaning."""

from collections.abc import Iterator

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from callbacks.choices import Choice
from crm.mapping import DEFAULT_CHOICES, DEFAULT_TEXTS

CALLER, SERVICE, SAID, TIME = _("Caller"), _("Service"), _("Sent with it"), _("Time and key")
MEANINGS = {
    "number_to_dial": (CALLER, _("number to call back")),
    "caller_number": (CALLER, _("caller's number; empty if it cannot be dialled")),
    "caller_text": (CALLER, _("caller as the telephone system sent it")),
    "callback_number": (CALLER, _("other number, if the caller gave one")),
    "callback_text": (CALLER, _("other number as it was sent")),
    "caller.name": (CALLER, _("contact, if exactly one has the number")),
    "caller.contact_id": (CALLER, _("id of that contact")),
    "caller.account_id": (CALLER, _("id of the contact's account")),
    "caller.candidates": (CALLER, _("whom the number could mean, one a line")),
    "open_cases": (CALLER, _("open Cases, if several could be meant")),
    "service_number": (SERVICE, _("number that was called")),
    "service_name": (SERVICE, _("name of that number")),
    "function": (SERVICE, _("function that was chosen")),
    "group": (SERVICE, _("name of the ACD group")),
    "kind": (SERVICE, _("callback or voicemail")),
    "user_data": (SAID, "UserData"),
    "user_data2": (SAID, "UserData2"),
    "user_data3": (SAID, "UserData3"),
    "subject": (SAID, _("subject of the ACD event")),
    "body": (SAID, _("text of the ACD event")),
    "fields.": (SAID, _("any field, by the name that was sent")),
    "asked_at": (TIME, _("when the caller asked, local time")),
    "asked_at_utc": (TIME, _("the same as Salesforce reads it")),
    "received_at": (TIME, _("when the request came in")),
    "callback_id": (TIME, _("key of the callback")),
}


def variables() -> Iterator[Choice]:
    for name, (group, meaning) in MEANINGS.items():
        yield Choice(name, str(meaning), group=str(group))
    for name in (*DEFAULT_TEXTS, *DEFAULT_CHOICES):
        meaning = gettext("what the Case would hold without a template")
        yield Choice(f"default.{name}", meaning, group=gettext("Usual values"))
