"""The page of failed callbacks: a group for each reason, with the next step and the way there."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext

from callbacks import caring, failures
from callbacks.admin import facts, on_it
from callbacks.admin.cures import is_in_route
from callbacks.admin.places import SIGNATURE_PARAMETER
from callbacks.admin.replay_start import start_page
from callbacks.admin.replays import lines_of
from callbacks.admin.wording import ago, caller, translated, when
from callbacks.failures import Group
from callbacks.models import Callback, FunctionRoute, Replay

MOST_ROUTES = 3
MOST_REPLAYS = 5


def context(request: HttpRequest, *, may_resend: bool, may_dismiss: bool) -> dict[str, Any]:
    found = failures.groups()
    shown = found[: failures.MOST_GROUPS]
    signatures = [group.signature for group in shown]
    samples, routes = failures.samples(signatures), _routes(request, signatures)
    cares = caring.of_groups(signatures)
    now = timezone.now()
    return {
        "lead": lead(found),
        "groups": [
            _row(group, now)
            | {
                "samples": [_sample(each, now) for each in samples.get(group.signature, ())],
                "routes": routes.get(group.signature, ()) if is_in_route(group.code) else (),
                "resend_url": start_page(group.signature) if may_resend else "",
                "dismiss_url": dismiss_url(group.signature) if may_dismiss else "",
                "on_it": on_it.line(care),
                "way": on_it.way(request, group.signature, care) if may_resend else None,
            }
            for group, care in ((each, cares.get(each.signature)) for each in shown)
        ],
        "more_groups": len(found) - len(shown),
        "replays": lines_of(list(Replay.objects.open()[:MOST_REPLAYS])),
        "may_resend": may_resend,
    }


def lead(groups: Sequence[Group]) -> str:
    count = sum(group.count for group in groups)
    if not groups:
        return ""
    refused = ngettext("%(n)d callback was refused,", "%(n)d callbacks were refused,", count) % {
        "n": count
    }
    reasons = ngettext("for %(n)d reason.", "for %(n)d reasons.", len(groups)) % {"n": len(groups)}
    advice = gettext("Remove a cause once, then replay its group.")
    return f"{refused} {reasons} {advice}"


def show_url(signature: str) -> str:
    query = urlencode({SIGNATURE_PARAMETER: signature})
    return f"{reverse('admin:callbacks_failedsync_changelist')}?{query}"


def dismiss_url(signature: str) -> str:
    query = urlencode({"signature": signature})
    return f"{reverse('admin:callbacks_failedsync_dismiss_group')}?{query}"


def _row(group: Group, now: datetime) -> dict[str, Any]:
    return {
        "group": group,
        "reason": translated(group.reason) or group.code,
        "next_step": translated(group.next_step),
        "signature": group.signature or group.code,
        "first": when(group.first, ago(group.first, now)),
        "last": when(group.last, ago(group.last, now)),
        "show_url": show_url(group.signature),
    }


def _sample(callback: Callback, now: datetime) -> dict[str, Any]:
    return {
        "url": reverse("admin:callbacks_failedsync_change", args=[callback.pk]),
        "who": caller(callback.number_to_dial, callback.callback_text or callback.caller_text),
        "service": facts.service_name(callback),
        "received": when(callback.received_at, ago(callback.received_at, now)),
    }


def _routes(
    request: HttpRequest, signatures: Sequence[str]
) -> dict[str, list[tuple[FunctionRoute, str]]]:
    """Each with its page, for those who may see it; none if the cure could be in many."""
    if not request.user.has_perm("callbacks.view_functionroute"):
        return {}
    return {
        signature: [
            (route, reverse("admin:callbacks_functionroute_change", args=[route.pk]))
            for route in routes
        ]
        for signature, routes in failures.routes(signatures).items()
        if len(routes) <= MOST_ROUTES
    }
