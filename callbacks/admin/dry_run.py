"""What the route of today would make of a callback, shown on the callback's page when asked for."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext

from callbacks.admin.looks import note_look
from callbacks.admin.try_route import outcome
from callbacks.masking import sees_personal_data
from callbacks.models import Callback
from callbacks.signals import route_tried


def offered_url(callback: Callback) -> str:
    """Where to ask for it; "" if nobody could answer, or the reader may not see what is sent."""
    if callback.erased_at or not (route_tried.has_listeners() and sees_personal_data()):
        return ""
    return reverse("admin:callbacks_dry_run", args=[callback.pk])


def answer(request: HttpRequest, callback: Callback) -> HttpResponse:
    """For the panel that asked, or as a page of its own where no script runs."""
    if not offered_url(callback):
        raise PermissionDenied
    note_look(request, callback)
    context: dict[str, Any] = {"result": outcome(request, callback)}
    if "HX-Request" in request.headers:
        return TemplateResponse(request, "callbacks/outcome.html", context)
    context |= {
        **admin.site.each_context(request),
        "title": gettext("Dry run"),
        "back": reverse("admin:callbacks_callback_change", args=[callback.pk]),
    }
    return TemplateResponse(request, "callbacks/dry_run_page.html", context)
