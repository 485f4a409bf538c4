"""A callback sent from here as if a telephone system had: the whole way, to a real Case."""

from typing import Any, cast
from uuid import uuid4

import orjson
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from callbacks import intake, trials
from callbacks.admin.actions import person
from callbacks.admin.place_form import PlaceForm, offers
from callbacks.dialects import NoCallerError
from callbacks.intake import Accepted
from callbacks.models import AcdClient, Callback, ServiceNumber, StaffAction
from callbacks.models.callback import Status
from callbacks.parsers import Arrival
from callbacks.signals import callback_accepted

BECAME = {
    Status.PENDING: _("The test callback was taken and goes to Salesforce. This page follows it."),
    Status.HELD: _("The test callback was taken and is held: no route applies to it."),
    Status.MERGED: _("The test callback joined an earlier one of the same caller."),
    Status.ANSWERED: _("The test callback was taken. Its route sends nothing to Salesforce."),
}
SENT_BEFORE = _("This test callback was sent before.")
RIGHTS = ("callbacks.change_acdclient", "callbacks.view_callback")


class WishForm(PlaceForm):
    """`once` tells a second click from a second test that says the same."""

    once = forms.UUIDField(widget=forms.HiddenInput)
    client = forms.ModelChoiceField(
        label=_("ACD client"),
        queryset=AcdClient.objects.filter(enabled=True).order_by("name"),
        empty_label=None,
        widget=UnfoldAdminSelectWidget,
    )
    field_order = ("client", "service_number", "function", "caller")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service_number"].required = True
        self.fields["caller"].help_text = _(
            "Your own number, if you want to be called back. This one belongs to nobody."
        )

    def fields_sent(self, sender: str) -> dict[str, str]:
        given = self.cleaned_data
        return {
            "CallerID": given["caller"],
            "ServiceNumber": given["service_number"],
            "Function": given["function"],
            "UserData": gettext("Test callback by %(name)s") % {"name": sender},
        }


def may_send(request: HttpRequest) -> bool:
    return request.user.has_perms(RIGHTS)


def page_url(request: HttpRequest, client: AcdClient | None = None) -> str:
    """For those who may, once there is a telephone system to send it in the name of."""
    if not may_send(request):
        return ""
    if client is None:
        client = AcdClient.objects.filter(enabled=True).first()
    return f"{reverse('send_test_callback')}?client={client.pk}" if client else ""


def send_test_callback(request: HttpRequest) -> HttpResponse:
    if not may_send(request):
        raise PermissionDenied
    form = WishForm(request.POST or None, initial=_offered(request))
    if form.is_valid():
        try:
            accepted = _sent(request, form)
        except NoCallerError:
            form.add_error("caller", gettext("Please name a caller."))
        else:
            messages.info(request, _what_became_of(accepted))
            page = reverse("admin:callbacks_callback_change", args=[accepted.callback.pk])
            return HttpResponseRedirect(page)
    context = {
        **admin.site.each_context(request),
        "title": gettext("Send a test callback"),
        "form": form,
        "is_ready": AcdClient.objects.filter(enabled=True).exists(),
        **offers(),
    }
    return TemplateResponse(request, "callbacks/send_test_callback.html", context)


def _offered(request: HttpRequest) -> dict[str, Any]:
    asked = {
        name: request.GET[name] for name in ("client", "service_number") if name in request.GET
    }
    first = ServiceNumber.objects.values_list("number", flat=True).first()
    return {"once": uuid4(), "service_number": first or ""} | asked


def _sent(request: HttpRequest, form: WishForm) -> Accepted:
    """Taken in by the very function that takes in what telephone systems send."""
    sender = person(request)
    fields = form.fields_sent(sender.get_full_name() or sender.get_username())
    client = cast("AcdClient", form.cleaned_data["client"])
    body = orjson.dumps(fields)
    accepted = intake.accept(
        Arrival(fields, body, "", trials.JSON),
        client=client,
        kind=Callback.Kind.CALLBACK,
        idempotency_key=f"test:{form.cleaned_data['once']}:{body.decode()}",
        now=timezone.now(),
    )
    callback = accepted.callback
    if not accepted.duplicate:
        StaffAction.objects.note(StaffAction.Verb.TESTED, by=sender, callbacks=[callback.pk])
        if accepted.route and accepted.route.patience_ms:  # no request waits for it here
            callback_accepted.send(sender=Callback, callback=callback)
    return accepted


def _what_became_of(accepted: Accepted) -> str:
    status = Status(accepted.callback.status)
    return str(SENT_BEFORE if accepted.duplicate else BECAME.get(status, SENT_BEFORE))
