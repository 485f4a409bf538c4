"""What a callback's page says about it."""

import json
import re
from datetime import datetime
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from callbacks import failures
from callbacks.admin.states import state_pill
from callbacks.admin.timeline import timeline
from callbacks.admin.wording import (
    NOTHING,
    ago,
    caller,
    clock,
    full_date,
    phone,
    translated,
    two_lines,
    when,
)
from callbacks.masking import DOTS, personal, sees_personal_data
from callbacks.models import Callback
from callbacks.models.callback import Status, TimeFlag

MANY_DIGITS = re.compile(r"(?:\d\D?){5}")


class Fact(NamedTuple):
    name: str
    value: object


class Note(NamedTuple):
    """Why a person is needed, what to do, and the other side's own words."""

    sentence: str
    next_step: str
    small: str
    tone: str


def page(callback: Callback, now: datetime) -> dict[str, Any]:
    return {
        "subject": caller(callback.number_to_dial, callback.callback_text or callback.caller_text),
        "pill": state_pill(callback.status),
        "summary": _summary(callback, now),
        "case_link": case_link(callback),
        "note": note(callback),
        "awaited": stands(callback) if callback.status == Status.PENDING else "",
        "days": timeline(callback, now),
        "facts": facts(callback),
        **as_received(callback),
    }


def stands(callback: Callback) -> str:
    """Another word after everything that happened to it."""
    return f"{callback.status} {callback.lease_no}"


def as_received(callback: Callback) -> dict[str, str]:
    """The very fields and bytes; for those who may not see callers, the fields without them."""
    if not sees_personal_data():
        return {"payload": _pretty(_without_caller(callback))}
    return {
        "payload": _pretty(callback.payload),
        "raw_query": callback.raw_query,
        "raw_body": bytes(callback.raw_body).decode("utf-8", "replace"),
    }


def _pretty(fields: Any) -> str:
    return json.dumps(fields, indent=2, ensure_ascii=False)


def _without_caller(callback: Callback) -> Any:
    if not isinstance(callback.payload, dict):
        return DOTS
    harmless = [callback.service_name, callback.function]
    return {
        DOTS if MANY_DIGITS.search(name) else name: value if value in harmless else DOTS
        for name, value in callback.payload.items()
    }


def _summary(callback: Callback, now: datetime) -> str:
    parts = [service_name(callback), callback.function, ago(callback.received_at, now)]
    return " · ".join(part for part in parts if part)


def service_name(callback: Callback) -> str:
    return callback.service_name or phone(callback.service_number)


def case_link(callback: Callback) -> SafeString | str:
    """The Case number, leading to the Case where its address is known."""
    return _link(callback.case_url, callback.case_number or callback.case_id)


def _link(url: str, text: str) -> SafeString | str:
    if not url.startswith(("https://", "http://")):
        return text
    return format_html(
        '<a class="jb-out" href="{}" target="_blank" rel="noopener">{} <span aria-hidden="true">↗</span></a>',
        url,
        text,
    )


def note(callback: Callback) -> Note | None:
    if callback.status == Status.FAILED:
        return Note(
            translated(callback.failure_reason),
            translated(callback.failure_next_step),
            _what_was_said(callback),
            "bad",
        )
    if callback.status == Status.HELD:
        return Note(
            gettext("No route applied to this callback when it came."),
            gettext("Make one and it goes out by itself; if it is old, release it here."),
            "",
            "warn",
        )
    return _next_attempt(callback) if callback.status == Status.PENDING else None


def _what_was_said(callback: Callback) -> str:
    """The other side's words; for those who may not read them what is the same of all like it."""
    if not (callback.failure_detail and sees_personal_data()):
        return callback.failure_signature or callback.failure_code
    said = [callback.failure_code, failures.fields_of(callback), callback.failure_detail]
    return " · ".join(filter(None, said))


def _next_attempt(callback: Callback) -> Note | None:
    """So that nobody presses a button for what happens by itself."""
    if not getattr(callback, "is_put_off", False):
        return None
    words = gettext("Nobody has to do anything. The next attempt is at %(time)s.")
    return Note(
        gettext("It did not arrive yet, and is sent again by itself."),
        words % {"time": clock(callback.due_at, timezone.now())},
        "",
        "info",
    )


def facts(callback: Callback) -> list[Fact]:
    return [
        Fact(gettext("Caller"), _number(callback.caller_number, callback.caller_text)),
        *_who_called(callback),
        *_where_to_call(callback),
        Fact(gettext("Service"), service(callback)),
        Fact(gettext("Function"), callback.function or NOTHING),
        Fact(gettext("Received"), full_date(callback.received_at)),
        *_call_times(callback),
        Fact(gettext("Case"), case(callback)),
        *_merged(callback),
        *_doubts(callback),
        Fact(gettext("Kind"), callback.get_kind_display()),
        Fact(gettext("Key"), format_html("<code>{}</code>", callback.pk)),
    ]


def _number(e164: str, as_sent: str) -> object:
    if e164:
        return caller(e164)
    return two_lines(personal(as_sent), gettext("not dialable")) if as_sent else NOTHING


def _who_called(callback: Callback) -> list[Fact]:
    """Whom the other side knows by this number; all of them where nobody was chosen."""
    if not sees_personal_data():
        is_known = callback.contact_id or callback.contact_name or callback.candidates
        return [Fact(gettext("Known as"), DOTS)] if is_known else []
    if callback.contact_id:
        name = callback.contact_name or callback.contact_id
        return [Fact(gettext("Contact"), _record(callback, "Contact", callback.contact_id, name))]
    known = [
        _record(callback, each["object"], each["id"], each["name"] or each["id"])
        for each in callback.candidates
    ]
    if len(known) > 1:
        lines = format_html_join(SafeString("<br>"), "{}", ((name,) for name in known))
        reason = gettext("Several have this number, so nobody was chosen.")
        return [Fact(gettext("Could be"), two_lines(lines, reason))]
    names = known or [callback.contact_name]
    return [Fact(gettext("Known as"), name) for name in names if name]


def _record(callback: Callback, kind: str, record_id: str, name: str) -> SafeString | str:
    """The name, leading to the record: it lives where the Case does."""
    case = f"/{callback.case_object or 'Case'}/{callback.case_id}/"
    if not callback.case_id or case not in callback.case_url or not record_id.isalnum():
        return name
    return _link(callback.case_url.replace(case, f"/{kind}/{record_id}/"), name)


def service(callback: Callback) -> object:
    number = phone(callback.service_number)
    if callback.service_name and number:
        return two_lines(callback.service_name, number)
    return callback.service_name or number or NOTHING


def _where_to_call(callback: Callback) -> list[Fact]:
    if not callback.callback_text or callback.callback_number == callback.caller_number:
        return []
    number = _number(callback.callback_number, callback.callback_text)
    return [Fact(gettext("Call back on"), number)]


def _call_times(callback: Callback) -> list[Fact]:
    times = [
        (gettext("Call began"), callback.call_started_at),
        (gettext("Call ended"), callback.call_ended_at),
    ]
    return [Fact(name, when(moment, full_date(moment))) for name, moment in times if moment]


def case(callback: Callback) -> object:
    """With how it stands, and whose it is."""
    link = case_link(callback)
    stands = [callback.case_status, callback.case_owner]
    small = " · ".join(word for word in stands if word)
    return two_lines(link, small) if link and small else link or NOTHING


def _merged(callback: Callback) -> list[Fact]:
    """The wish that this one joined, and those that joined this one."""
    found = []
    if first := callback.merged_into:
        found.append(Fact(gettext("Merged into"), _page_of(first)))
    if callback.asked_again:
        joined = callback.merged.order_by("received_at")
        lines = format_html_join(SafeString("<br>"), "{}", ((_page_of(each),) for each in joined))
        found.append(Fact(gettext("Asked again"), lines))
    return found


def _page_of(callback: Callback) -> SafeString:
    url = reverse("admin:callbacks_callback_change", args=[callback.pk])
    return format_html('<a href="{}">{}</a>', url, full_date(callback.received_at))


def _doubts(callback: Callback) -> list[Fact]:
    """What the telephone system sent that we could not take at its word."""
    found = []
    if callback.time_flag != TimeFlag.FINE:
        found.append(Fact(gettext("Call times"), callback.get_time_flag_display()))
    if callback.key_reused:
        found.append(
            Fact(gettext("Repeat key"), gettext("came before with another caller or service"))
        )
    return found
