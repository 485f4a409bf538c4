"""The questions before somebody is on a group of failed callbacks, or no longer."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from callbacks import caring, failures
from callbacks.admin import on_it
from callbacks.admin.actions import Words, person
from callbacks.admin.asking import ask
from callbacks.admin.callback_screens import CallbackScreens
from callbacks.admin.replay_start import groups_page
from callbacks.admin.wording import translated
from callbacks.failures import Group
from callbacks.models import Care
from callbacks.models.care import LONGEST_NOTE

SEEN_BY_ALL = _("Everybody sees your name with it. It ends when none of these callbacks is left.")
TAKE = Words(_("Are you on it?"), SEEN_BY_ALL, _("I am on it"), _("You are on it."))
TAKE_OVER = Words(_("Take over?"), SEEN_BY_ALL, _("Take over"), _("You are on it."))
LET_GO = Words(
    _("Let go?"), _("Nobody is on it then."), _("Let go"), _("Nobody is on it any more.")
)


class CareForm(forms.Form):
    note = forms.CharField(
        label=_("Remark"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=UnfoldAdminTextInputWidget,
    )
    instead_of = forms.DateTimeField(required=False, widget=forms.HiddenInput)


class Caring(CallbackScreens):
    def get_urls(self) -> list[URLPattern]:
        inside = self.admin_site.admin_view
        own = [
            path("care/", inside(self.take), name="callbacks_failedsync_care"),
            path("let-go/", inside(self.let_go), name="callbacks_failedsync_let_go"),
        ]
        return own + super().get_urls()

    def take(self, request: HttpRequest) -> HttpResponse:
        group = self._asked_for(request)
        if group is None:
            return _gone(request)
        if request.method == "POST":
            form = CareForm(request.POST)
            if form.is_valid():
                return _taken(request, group, form)
        else:
            form = CareForm()
        care = caring.of_group(group.signature)
        is_others = care is not None and care.person_id != request.user.pk
        form.initial["instead_of"] = care.since.isoformat() if care else ""
        return self._ask_about(request, group, TAKE_OVER if is_others else TAKE, care, form)

    def let_go(self, request: HttpRequest) -> HttpResponse:
        group = self._asked_for(request)
        if group is None:
            return _gone(request)
        if request.method == "POST":
            if caring.let_go(group.signature, by=person(request)):
                messages.success(request, str(LET_GO.done))
            else:
                messages.info(request, gettext("It had changed meanwhile. Please look again."))
            return HttpResponseRedirect(groups_page())
        return self._ask_about(request, group, LET_GO, caring.of_group(group.signature))

    def _asked_for(self, request: HttpRequest) -> Group | None:
        if not self.has_requeue_permission(request):
            raise PermissionDenied
        signature = request.GET.get("signature")
        return None if signature is None else failures.group(signature)

    def _ask_about(
        self,
        request: HttpRequest,
        group: Group,
        words: Words,
        care: Care | None,
        form: CareForm | None = None,
    ) -> HttpResponse:
        return ask(
            self,
            request,
            words,
            template="callbacks/confirm_care.html",
            sentence=translated(group.reason) or group.code,
            on_it=on_it.line(care),
            form=form,
            back=groups_page(),
        )


def _taken(request: HttpRequest, group: Group, form: CareForm) -> HttpResponse:
    care = caring.take(group.signature, by=person(request), **form.cleaned_data)
    if care.person_id == request.user.pk:
        messages.success(request, str(TAKE.done))
    else:
        text = gettext("%(name)s was faster, and is on it.")
        messages.warning(request, text % {"name": care.person_name})
    return HttpResponseRedirect(groups_page())


def _gone(request: HttpRequest) -> HttpResponse:
    messages.info(request, gettext("Nothing of this group is left."))
    return HttpResponseRedirect(groups_page())
