"""What leads where. Entries that somebody may not open are absent, and so are empty groups."""

from typing import Any

from django.apps import apps
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from callbacks.admin import attention
from callbacks.admin.callbacks import chosen_view
from callbacks.lists import STATE_PARAMETER
from callbacks.models.callback import Status

Item = dict[str, Any]


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    groups = [
        (None, [_overview(request), *_work(request)]),
        (
            _("Assignment"),
            [
                _model(request, "callbacks.servicenumber", _("Service numbers"), "dialpad"),
                _model(request, "callbacks.functionroute", _("Routes"), "alt_route"),
                _of_routes(request, "matrix", _("Matrix"), "grid_on"),
                _of_routes(request, "try_route", _("Try a route"), "experiment"),
            ],
        ),
        (
            _("Connection"),
            [
                _of_crm(request, "crm.org", _("Salesforce"), "cloud_sync"),
                _findings(request),
                _of_crm(request, "crm.namedquery", _("Queries"), "manage_search"),
                _of_crm(request, "crm.passthroughresource", _("Pass-through"), "swap_horiz"),
                _stored(request),
                _model(request, "callbacks.acdclient", _("ACD clients"), "dns"),
                _model(request, "callbacks.rejectedrequest", _("Rejected"), "phone_disabled"),
                _model(request, "django_celery_beat.periodictask", _("Schedule"), "schedule"),
                _model(request, "callbacks.alertrules", _("Alerts"), "notifications"),
            ],
        ),
        (
            _("Administration"),
            [
                _replays(request),
                _model(request, "callbacks.staffaction", _("Log"), "history"),
                _of_routes(request, "changes", _("Changes"), "difference"),
                _model(request, "auth.user", _("Users"), "group"),
                _model(request, "auth.group", _("Roles"), "badge"),
            ],
        ),
    ]
    return [
        {"title": title, "separator": title is not None, "items": items}
        for title, found in groups
        if (items := [item for item in found if item])
    ]


def _of_routes(request: HttpRequest, name: str, title: Promise | str, icon: str) -> Item | None:
    """A page of its own, for whoever may see routes."""
    if not request.user.has_perm("callbacks.view_functionroute"):
        return None
    link = reverse(name)
    return {"title": title, "icon": icon, "link": link, "active": request.path == link}


def _of_crm(request: HttpRequest, label: str, title: Promise | str, icon: str) -> Item | None:
    """The conversation is another app's, and may be left out of the installation."""
    return _model(request, label, title, icon) if apps.is_installed("crm") else None


def _findings(request: HttpRequest) -> Item | None:
    """What is wrong between us and the org, until somebody has mended it."""
    findings = _of_crm(request, "crm.finding", _("Findings"), "troubleshoot")
    if findings:
        _badge(findings, attention.counts().get("crm.finding", 0), "danger")
        runs = reverse("admin:crm_reconciliationrun_changelist")
        findings["active"] = findings["active"] or request.path.startswith(runs)
    return findings


def _stored(request: HttpRequest) -> Item | None:
    """Requests on their way to the org; those that it refused wait for a decision."""
    stored = _of_crm(request, "crm.storedrequest", _("Stored requests"), "outbox")
    if stored:
        _badge(stored, attention.counts().get("crm.storedrequest", 0), "danger")
    return stored


def _overview(request: HttpRequest) -> Item:
    link = reverse("admin:index")
    return {
        "title": _("Overview"),
        "icon": "monitoring",
        "link": link,
        "active": request.path == link,
    }


def _work(request: HttpRequest) -> list[Item | None]:
    callbacks = _model(request, "callbacks.callback", _("Callbacks"), "call")
    failed = _model(request, "callbacks.failedsync", _("Failed"), "error")
    held = _held(request, callbacks)
    waiting = attention.counts() if callbacks or failed else {}
    _badge(failed, waiting.get(Status.FAILED, 0), "danger")
    _badge(held, waiting.get(Status.HELD, 0), "warning")
    return [callbacks, failed, held]


def _held(request: HttpRequest, callbacks: Item | None) -> Item | None:
    """A saved view of the callbacks, prominent because it waits for a decision."""
    if callbacks is None:
        return None
    is_chosen = callbacks["link"] == request.path and chosen_view(request).state == Status.HELD
    if is_chosen:
        callbacks["active"] = False
    link = f"{callbacks['link']}?{STATE_PARAMETER}={Status.HELD}"
    return {"title": _("Held"), "icon": "pause_circle", "link": link, "active": is_chosen}


def _replays(request: HttpRequest) -> Item | None:
    """Those under way are everybody's business."""
    replays = _model(request, "callbacks.replay", _("Replays"), "replay")
    if replays:
        _badge(replays, attention.replays(), "info")
    return replays


def _badge(item: Item | None, number: int, variant: str) -> None:
    """An empty one would still be drawn."""
    if item and number:
        item |= {"badge": str(number), "badge_variant": variant}


def _model(request: HttpRequest, label: str, title: Promise | str, icon: str) -> Item | None:
    app, model = label.split(".")
    rights = (f"{app}.view_{model}", f"{app}.change_{model}")
    if not any(request.user.has_perm(right) for right in rights):
        return None
    link = reverse(f"admin:{app}_{model}_changelist")
    return {"title": title, "icon": icon, "link": link, "active": request.path.startswith(link)}
