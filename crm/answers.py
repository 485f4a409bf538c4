"""What a look-up found, as variables of a call flow. Pure.

One record is 200, several are 300 without any, none is 404; `not_known` of the case store speaks
where nothing was found out. Every variable of the action is there each time, null if it is not
known. Besides those of every answer (CallbackID … ContactName, Message):

===============  =================================================================================
variable         meaning
===============  =================================================================================
Count            how many records were found, at most 10; null: not known
RecordObject     what kind of record was found: Contact, Lead, Account, Case
RecordID         its id; RecordName: what people call it by; RecordURL: its page
UserData         for the screen-pop: the id, or if one of several is named, how many there are
ContactID        contact found, or contact of the Case; also ContactName
AccountID        account found, or account of the contact or of the Case
AccountName      find the caller: name of the account found
LeadID           find the caller: lead found; also LeadName
CaseID           find the Case: the Case found; also CaseNumber, CaseStatus, CaseURL
CaseSubject      find the Case: also CasePriority, CaseIsClosed, CaseCreatedAt
Error            why there is no record: not_found, no_number, too_late, too_busy,
                 salesforce_away, refused
===============  =================================================================================

A route's own variables are filled by templates, which may print `answer.<variable>` for each of the
above, `record.<Field>` for what Salesforce said, and of the request what `crm.mapping` lists.
"""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings

from callbacks.dialects import text_of
from callbacks.models import Callback, FunctionRoute
from callbacks.responders import NONE, OK, SEVERAL, Answer, in_dialect, record
from crm.lookups import Found, Record
from crm.mapping import CallbackFacts
from crm.templating import Facts, MappingError, Printable, Texts, rendering_of

log = structlog.get_logger()

COMMON = ("Count", "RecordObject", "RecordID", "RecordName", "RecordURL", "UserData", "AccountID")
VARIABLES = {
    FunctionRoute.Action.FIND_CALLER: (*COMMON, "AccountName", "LeadID", "LeadName"),
    FunctionRoute.Action.FIND_CASE: (
        *COMMON,
        *("CaseSubject", "CasePriority", "CaseIsClosed", "CaseCreatedAt"),
    ),
}
ONE_FOUND = "One record was found."
SEVERAL_FOUND = "Several records were found."
NONE_FOUND = "No record was found."
# The answer's variables for the fields of each kind of record.
NAMES = {
    "Contact": {"ContactID": "Id", "ContactName": "Name", "AccountID": "AccountId"},
    "Account": {"AccountID": "Id", "AccountName": "Name"},
    "Lead": {"LeadID": "Id", "LeadName": "Name"},
    "Case": {
        "CaseID": "Id",
        "CaseNumber": "CaseNumber",
        "CaseStatus": "Status",
        "CaseSubject": "Subject",
        "CasePriority": "Priority",
        "CaseIsClosed": "IsClosed",
        "CaseCreatedAt": "CreatedDate",
        "ContactID": "ContactId",
        "AccountID": "AccountId",
    },
}


def answer_of(callback: Callback, found: Found, route: FunctionRoute) -> Answer:
    count = len(found)
    if count > 1 and not route.record_when_several:
        return {"Count": count, "Message": SEVERAL_FOUND}, in_dialect(callback, SEVERAL)
    body = record(callback, duplicate=False) | unknown(route)
    if not found:
        body |= {"Count": 0, "Message": NONE_FOUND, "Error": "not_found"}
        return body, in_dialect(callback, NONE)
    body |= _variables(found[0]) | {"Count": count, "Message": ONE_FOUND}
    if count > 1:
        body |= {"Message": SEVERAL_FOUND, "UserData": f"{count} records"}
    body |= own_variables(
        route.answer_templates, AnswerFacts(body, found[0].fields, asked_by(callback))
    )
    return body, in_dialect(callback, SEVERAL if count > 1 else OK)


def unknown(route: FunctionRoute) -> dict[str, Any]:
    """Every variable of the route's answers, with nothing known."""
    names = VARIABLES.get(FunctionRoute.Action(route.action), ())
    return dict.fromkeys(names) | nothing_known(route.answer_templates)


def nothing_known(templates: Mapping[str, str]) -> dict[str, Any]:
    own: dict[str, Any] = {}
    for name in templates:
        _put(own, name, None)
    return own


def own_variables(templates: Mapping[str, str], facts: Facts) -> dict[str, Any]:
    """What the templates say, by name; a point in a name is one level of nesting."""
    own: dict[str, Any] = {}
    for name, template in templates.items():
        _put(own, name, _text(name, template, facts))
    return own


class AnswerFacts:
    """What templates of an answer may print: the answer so far, the record, what was asked."""

    def __init__(self, answer: Mapping[str, Any], fields: Mapping[str, Any], asked: Facts) -> None:
        self._ours = {"answer": _Values(answer), "record": _Values(fields)}
        self._asked = asked

    def get(self, name: str, default: str = "", /) -> Printable:
        return self._ours.get(name) or self._asked.get(name, default)


class _Values(Texts):
    """Values as texts; below what is nested are values again."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(lambda name: text_of(values.get(name)))
        self._values = values

    def __getitem__(self, name: str) -> Any:
        value = self._values.get(name)
        return _Values(value) if isinstance(value, Mapping) else super().__getitem__(name)


def asked_by(callback: Callback) -> Facts:
    zone = callback.client.timezone or settings.JTEL_TIMEZONE
    return CallbackFacts(callback, ZoneInfo(zone))


def _variables(one: Record) -> dict[str, Any]:
    known = {name: one.fields.get(field) for name, field in NAMES[one.object].items()}
    contact = one.fields.get("Contact")
    if one.object == "Case":
        known |= {"CaseURL": one.url, "ContactName": contact and contact.get("Name")}
    return known | {
        "RecordObject": one.object,
        "RecordID": one.id,
        "RecordName": one.name or None,
        "RecordURL": one.url,
        "UserData": one.id,
    }


def _put(answer: dict[str, Any], name: str, value: Any) -> None:
    outer, _point, inner = name.partition(".")
    if not inner:
        answer[name] = value
    elif isinstance(group := answer.get(outer), dict):
        group[inner] = value
    else:
        answer[outer] = {inner: value}


def _text(name: str, template: str, facts: Facts) -> str | None:
    try:
        return rendering_of(name, template)(facts) or None
    except MappingError as error:
        log.warning("answer template not filled in", variable=name, reason=error.sentence)
        return None
