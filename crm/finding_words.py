"""What a finding means and what to do about it, in the language of whoever reads."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

from crm.models import Finding

Kind = Finding.Kind


class Words(NamedTuple):
    sentence: str
    next_step: str


_ROUTE = _("Correct the route, or ask your Salesforce administrator to change it back.")
_ACCESS = _(
    "Ask your Salesforce administrator to give our user access to it, or correct the route."
)

BY_KIND = {
    Kind.MISSING_THERE: Words(
        _("Salesforce has no Case for this callback; there was %(cases)s."),
        _("Look for it in Salesforce. If it is really missing, let it be made again."),
    ),
    Kind.DOUBLED_THERE: Words(
        _("Salesforce has several Cases for this callback: %(cases)s."),
        _("Merge them in Salesforce into the oldest, or accept the oldest as the callback's."),
    ),
    Kind.UNKNOWN_HERE: Words(
        _("Case %(cases)s carries a key of ours, but no callback here has it."),
        _("Take it over, so that it counts here as well, or ignore it."),
    ),
    Kind.INVISIBLE: Words(
        _("Salesforce has Cases of ours that it does not show to our user: %(callbacks)d."),
        _("Ask your Salesforce administrator to give our user View All on Cases."),
    ),
}
SETTLED = {
    "failed": Words(
        _("The callback had failed, but Case %(cases)s exists. It counts as done now."),
        _("Nothing has to be sent. Note it."),
    ),
    "dismissed": Words(
        _("The callback had been dismissed, but Case %(cases)s exists."),
        _("Decide in Salesforce whether to call back or to close the Case, then note it."),
    ),
}
UNSETTLED = Words(
    _("Case %(cases)s exists, but many such Cases appeared at once, so nothing was changed."),
    _("Find out why. Then settle this one by noting it, or all: manage.py reconcile --mend --yes"),
)
FAULTS = {
    "object": Words(_("The object is gone, or hidden from our user."), _ACCESS),
    "field": Words(_("The field is gone, or hidden from our user."), _ACCESS),
    "read_only": Words(_("Our user may not fill the field."), _ACCESS),
    "type": Words(_("The field's type was %(was)s and is now %(is)s."), _ROUTE),
    "value": Words(
        _("The field has no value “%(value)s”."),
        _("Name another value in the route, or ask your Salesforce administrator to add it."),
    ),
    "owner": Words(
        _("“%(value)s” is neither a queue nor an active user that our user can see."),
        _("Name another owner in the route."),
    ),
    "record_type": Words(
        _("Our user may not use the record type “%(value)s”."),
        _("Name another one in the route, or ask your Salesforce administrator to assign it."),
    ),
    "not_unique": Words(
        _("The key field is not unique, or no external id. Nothing is sent until it is."),
        _("Ask your Salesforce administrator to make it so again."),
    ),
    "key": Words(
        _("The key field holds %(is)d characters, and a key has %(was)d."),
        _("Ask your Salesforce administrator to lengthen it."),
    ),
    "length": Words(
        _("The field held %(was)d characters and holds %(is)d now. Longer texts are cut."),
        _("Shorten what the route says, or ask your Salesforce administrator to lengthen it."),
    ),
    "required": Words(
        _("The field has to be filled now, and not every route fills it."),
        _("Map it in the route, or ask your Salesforce administrator for a default value."),
    ),
}


def sentence(finding: Finding) -> str:
    return " ".join(dict.fromkeys(_sentences(finding)))


def next_step(finding: Finding) -> str:
    return " ".join(dict.fromkeys(gettext(words.next_step) for words, _facts in _said(finding)))


def _sentences(finding: Finding) -> Iterator[str]:
    for words, facts in _said(finding):
        yield gettext(words.sentence) % _readable(facts)
        if routes := facts.get("routes"):
            label = ngettext("Route: %(routes)s.", "Routes: %(routes)s.", len(routes))
            yield label % {"routes": ", ".join(routes)}


def _said(finding: Finding) -> Iterator[tuple[Words, Mapping[str, Any]]]:
    detail = finding.detail
    if "faults" in detail:
        yield from ((FAULTS[fault["why"]], fault) for fault in detail["faults"])
    elif finding.kind == Kind.SETTLED:
        settled = SETTLED.get(detail["was"], SETTLED["failed"])
        yield (settled if detail["settled"] else UNSETTLED), detail
    else:
        yield BY_KIND[Kind(finding.kind)], detail


def _readable(facts: Mapping[str, Any]) -> dict[str, Any]:
    cases = ", ".join(case["name"] for case in facts.get("cases", ()))
    return {**facts, "cases": cases}
