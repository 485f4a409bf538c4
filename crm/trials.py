"""A trial of a route for staff: which fields it would fill with what, and what the org would say.

While a template is being written the org is not asked: what is known of it is enough to see
lengths and lists. With `ask` it is, in the few seconds that a person waits, and has the same one
place as callers that wait for the org, so that callbacks are taken meanwhile.
"""

from dataclasses import replace
from uuid import uuid4
from zoneinfo import ZoneInfo

import orjson
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from callbacks.models import Callback, Correction, FunctionRoute
from callbacks.models.queue import NOBODY, Caller
from callbacks.trials import Filled, Trial
from crm.bulkhead import live_calls
from crm.client import get_client
from crm.dry_run import SENTENCES, DryRun, SentRequest, Verdict, try_route
from crm.errors import CrmError
from crm.filling import filled
from crm.mapping import CallbackFacts, MappingError
from crm.models import ObjectDescription, Org
from crm.recipes import Outlook

SECONDS = 10.0
TONES = {
    Verdict.TAKEN: "good",
    Verdict.REFUSED: "bad",
    Verdict.UNFIT: "bad",
    Verdict.NOTHING_TO_SEND: "plain",
    Verdict.NOT_ASKED: "warn",
}
NOTHING_WRONG = _("Everything fits, as far as we know the fields.")
BUSY = _("Somebody else is asking Salesforce just now. Please try again.")
PAUSED = _("The conversation with Salesforce is paused, so it was not asked.")
NEVER_SEEN = _("What fields the record has is not known yet: Salesforce was never asked.")


def trial_of(callback: Callback, route: FunctionRoute, *, ask: bool) -> Trial:
    if not route.sends:
        return Trial("plain", str(SENTENCES[Verdict.NOTHING_TO_SEND]))
    if not ask:
        return _by_what_is_known(callback, route)
    org = Org.objects.current()
    if org.paused_at or org.retry_at:
        return replace(_by_what_is_known(callback, route), tone="warn", sentence=str(PAUSED))
    with live_calls.place() as got:
        if not got:
            return replace(_by_what_is_known(callback, route), tone="warn", sentence=str(BUSY))
        try:
            run = try_route(callback, route, get_client(), trial=uuid4(), seconds=SECONDS)
        except CrmError as error:  # there is nothing to sign in to
            run = DryRun(callback, Verdict.NOT_ASKED, route, code=error.code, detail=error.detail)
    return _told(run, route)


def _by_what_is_known(callback: Callback, route: FunctionRoute) -> Trial:
    """With the caller as the org knew them when the callback was brought to it, if it was."""
    several = len(callback.candidates) > 1
    caller = Caller(
        contact_id=callback.contact_id,
        name=callback.contact_name,
        candidates=tuple(callback.candidates) if several else (),
    )
    row = ObjectDescription.objects.filter(name__iexact=route.target).first()
    if row is None:
        return Trial("plain", str(NEVER_SEEN))
    try:
        fields = _fields(callback, route, caller)
    except MappingError as error:
        return Trial("bad", error.sentence)
    wrong = any(field.trouble for field in fields)
    sentence = gettext("Something does not fit.") if wrong else str(NOTHING_WRONG)
    return Trial("bad" if wrong else "plain", sentence, fields=fields, known_at=row.described_at)


def _fields(callback: Callback, route: FunctionRoute, caller: Caller) -> list[Filled]:
    zone = ZoneInfo(callback.client.timezone or settings.JTEL_TIMEZONE)
    corrected = Correction.objects.overlays([callback.id])[callback.id]
    facts = CallbackFacts(callback, zone, caller, corrected=corrected)
    return filled(route, facts, Outlook.remembered())


def _told(run: DryRun, route: FunctionRoute) -> Trial:
    try:
        fields = [] if run.is_comment else _fields(run.callback, route, run.caller)
    except MappingError:
        fields = []  # the verdict says what is wrong
    meaning = run.meaning if run.code else None
    return Trial(
        tone=TONES[run.verdict],
        sentence=str(SENTENCES[run.verdict]),
        next_step=" ".join(gettext(text) for text in (meaning.reason, meaning.next_step) if text)
        if meaning
        else "",
        detail=": ".join(filter(None, [run.code, run.detail])),
        caller=_caller(run),
        fields=fields,
        request=_written(run.request) if run.request else "",
        known_at=run.known_at,
    )


def _caller(run: DryRun) -> str:
    caller = run.caller
    if caller.candidates:
        return ", ".join(f"{one['name']} ({one['id']})" for one in caller.candidates)
    if run.known_at or caller.is_uncertain:
        return gettext("could not be found out")
    if caller == NOBODY:
        return gettext("unknown to Salesforce")
    return " ".join(filter(None, [caller.name, caller.contact_id or caller.account_id]))


def _written(request: SentRequest) -> str:
    headers = "\n".join(f"{name}: {value}" for name, value in request.headers.items())
    body = orjson.dumps(request.body, option=orjson.OPT_INDENT_2).decode()
    return f"{request.method} {request.url}\n{headers}\n\n{body}\n"
