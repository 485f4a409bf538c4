"""What an accepted request is answered, with what Salesforce knows.

A look-up is stored and committed before Salesforce is asked; what was found is noted on it after.
A question that is asked with GET gets the same answer and leaves nothing behind. Whatever is to be
brought to Salesforce is on its way while its request waits, if the route wants that.
"""

import random
from time import monotonic
from typing import Any

import structlog
from django.db import DatabaseError

from callbacks.intake import Accepted
from callbacks.models import Callback, FunctionRoute
from callbacks.responders import NONE, SEVERAL, Answer, in_dialect, not_known, stored
from crm import at_once, live
from crm.answers import (
    NONE_FOUND,
    SEVERAL_FOUND,
    AnswerFacts,
    answer_of,
    asked_by,
    own_variables,
    unknown,
)
from crm.live import NoAnswer
from crm.lookups import CaseQuestion, Found, case_number_in, find_caller, find_cases
from crm.places import own_cases

log = structlog.get_logger()
_chance = random.SystemRandom()

FOLLOWS = "Nothing is known of the Case yet; the change follows."
NO_NUMBER = "The request names no number that could be looked up."
OUTCOME = (
    *("status", "case_id", "case_number", "case_status", "case_url"),
    *("contact_id", "contact_name", "candidates", "merged_into_id"),
)
NUMBER_LENGTH, STATUS_LENGTH = 30, 40  # of the columns that keep them


def respond(accepted: Accepted, *, began: float) -> Answer:
    callback, route = accepted.callback, accepted.route
    if route is None or not route.looks_up:
        if route and route.patience_ms and callback.status == Callback.Status.PENDING:
            _bring(callback, ends=began + route.patience_ms / 1000)
        if route and route.action == FunctionRoute.Action.UPDATE:
            return updated(accepted, route, began=began)
        return _with_own_variables(stored(accepted, began=began), callback, route)
    answer, found = look_up(callback, route, began=began)
    if found:
        _note(callback, found)
    return answer


def updated(accepted: Accepted, route: FunctionRoute, *, began: float) -> Answer:
    """One Case was changed, none or several were found, or it is not known in time."""
    callback, found = accepted.callback, len(accepted.callback.candidates)
    if callback.status == Callback.Status.PENDING:
        return not_known(callback, "too_late", FOLLOWS, status=route.late_status)
    if callback.status != Callback.Status.ANSWERED:
        return _with_own_variables(stored(accepted, began=began), callback, route)
    if found:
        return {"Count": found, "Message": SEVERAL_FOUND}, in_dialect(callback, SEVERAL)
    answer = not_known(callback, "not_found", NONE_FOUND, status=NONE)
    return answer[0] | {"Count": 0}, answer[1]


def look_up(callback: Callback, route: FunctionRoute, *, began: float) -> tuple[Answer, Found]:
    """Answer within the route's budget; `began` is the request's, on the monotonic clock."""
    found: Found = ()
    try:
        found = _found(callback, route, began + route.budget_ms / 1000)
        answer = answer_of(callback, found, route)
    except NoAnswer as why:
        answer = _not_known(callback, route, why)
    log.info(
        "looked up",
        action=str(route.action),
        status=answer[1],
        error=answer[0].get("Error", ""),
        ms=round((monotonic() - began) * 1000),
    )
    return answer, found


def _bring(callback: Callback, *, ends: float) -> None:
    """Bring it to Salesforce now, and know what became of it; else it stays as it was stored."""
    try:
        if at_once.bring(callback, ends=ends, chance=_chance.random):
            _read_again(callback)
    except DatabaseError:
        log.warning("not brought at once", callback=str(callback.id), exc_info=True)


def _read_again(callback: Callback) -> None:
    """As `refresh_from_db` does, at half its cost."""
    known = Callback.objects.filter(id=callback.id).values(*OUTCOME).get()
    for name, value in known.items():
        setattr(callback, name, value)


def _found(callback: Callback, route: FunctionRoute, ends: float) -> Found:
    number = callback.caller_number or callback.callback_number
    objects = tuple(filter(None, route.find_caller_in.replace(",", " ").split()))
    if route.action == FunctionRoute.Action.FIND_CASE:
        return _cases(callback, number, objects, ends)
    if not number:
        raise NoAnswer("no_number", NO_NUMBER)
    return live.ask(
        ("caller", number, objects),
        lambda client, seconds: find_caller(client, number, objects, seconds),
        ends=ends,
    )


def _cases(callback: Callback, number: str, objects: tuple[str, ...], ends: float) -> Found:
    case_number = case_number_in(str(callback.payload.get("UserData") or ""))
    if not number and not case_number:
        raise NoAnswer("no_number", NO_NUMBER)
    own = () if case_number else own_cases({number}).get(number, ())
    question = CaseQuestion(number, objects, own, case_number)
    return live.ask(
        question,
        lambda client, seconds: find_cases(client, question, seconds),
        ends=ends,
    )


def _not_known(callback: Callback, route: FunctionRoute, why: NoAnswer) -> Answer:
    status = 404 if why.code == "no_number" else route.late_status
    body, status = not_known(callback, why.code, why.sentence, status=status)
    if "CallbackID" in body:
        body |= unknown(route) | {"Error": why.code, "Message": why.sentence}
    return body, status


def _with_own_variables(answer: Answer, callback: Callback, route: FunctionRoute | None) -> Answer:
    body, status = answer
    if route is None or not route.answer_templates:
        return answer
    facts = AnswerFacts(body, {}, asked_by(callback))
    return body | own_variables(route.answer_templates, facts), status


def _note(callback: Callback, found: Found) -> None:
    """Keep what was found with the request. The caller hears it in any case."""
    still = Callback.objects.filter(id=callback.id, status=Callback.Status.ANSWERED, erased_at=None)
    try:
        still.update(**_columns(found))
    except DatabaseError:
        log.warning("what was found is not noted", callback=str(callback.id), exc_info=True)


def _columns(found: Found) -> dict[str, Any]:
    one, fields = found[0], found[0].fields
    if len(found) > 1 or one.object in {"Lead", "Account"}:
        named = [{"object": each.object, "id": each.id, "name": each.name} for each in found]
        return {"candidates": named}
    if one.object == "Contact":
        return {"contact_id": one.id, "contact_name": one.name}
    contact = fields.get("Contact") or {}
    return {
        "case_id": one.id,
        "case_object": one.object,
        "case_number": one.name[:NUMBER_LENGTH],
        "case_status": str(fields.get("Status") or "")[:STATUS_LENGTH],
        "case_url": one.url,
        "contact_id": fields.get("ContactId") or "",
        "contact_name": contact.get("Name") or "",
    }
