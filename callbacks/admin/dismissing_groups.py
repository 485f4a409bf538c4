"""The question before a whole group is dismissed, and the answer: just those that were counted.

The page carries the keys of the callbacks that it counts. What joins the group while somebody reads
it is not dismissed unseen, and what was dealt with meanwhile, or comes twice, stays as it is.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from callbacks import staff
from callbacks.admin.actions import DISMISS, StaffActions, Words, person, report_dismissed
from callbacks.admin.asking import ask, counted
from callbacks.admin.dismissing import ReasonDialog, reason_given, what_comes_of_dismissing
from callbacks.admin.on_it import Line
from callbacks.models.queue import CallbackQuerySet

MOST = 5_000  # with one answer: their keys travel with the page
WORDS = Words(
    _("Dismiss the group?"), DISMISS.description, _("Dismiss the group"), DISMISS.done, DISMISS.left
)


class GroupAsked(NamedTuple):
    """Its callbacks as they are now, what is said of it, and where it is listed."""

    callbacks: CallbackQuerySet
    sentence: str
    on_it: Line | None
    back: str


class Keys(forms.CharField):
    widget = forms.HiddenInput

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else ",".join(key.hex for key in value or ())

    def to_python(self, value: Any) -> Any:
        try:
            return [UUID(key) for key in str(super().to_python(value)).split(",")[:MOST]]
        except ValueError as error:
            raise ValidationError(gettext("These are no keys.")) from error


class GroupDialog(ReasonDialog):
    keys = Keys()


def dismiss_group(screen: StaffActions, request: HttpRequest, group: GroupAsked) -> HttpResponse:
    """For a reader who may."""
    if request.method != "POST":
        return _ask(screen, request, group, GroupDialog(request))
    form = GroupDialog(request, data=request.POST)
    if "keys" in form.errors:
        return HttpResponseRedirect(request.get_full_path())
    if not form.is_valid():
        return _ask(screen, request, group, form, form.cleaned_data["keys"])
    keys = form.cleaned_data["keys"]
    dismissed = staff.dismiss_each(
        group.callbacks, keys, by=person(request), reason=reason_given(form)
    )
    if not dismissed.chosen:
        return _gone(request, group)
    report_dismissed(request, dismissed, asked=len(keys))
    return HttpResponseRedirect(group.back)


def _ask(
    screen: StaffActions,
    request: HttpRequest,
    group: GroupAsked,
    form: GroupDialog,
    keys: Sequence[UUID] | None = None,
) -> HttpResponse:
    if keys is None:
        longest = group.callbacks.order_by("received_at", "id").values_list("pk", flat=True)
        keys = form.initial["keys"] = list(longest[:MOST])
    if not keys:
        return _gone(request, group)
    return ask(
        screen,
        request,
        WORDS,
        template="callbacks/confirm_dismissing.html",
        how_many=counted(screen, len(keys)),
        group=group,
        notes=[*_left_out(group, keys), *what_comes_of_dismissing(keys)],
        form=form,
        back=group.back,
    )


def _left_out(group: GroupAsked, keys: Sequence[UUID]) -> list[str]:
    if len(keys) < MOST or not (left := group.callbacks.count() - len(keys)) > 0:
        return []
    words = ngettext(
        "These have waited longest. %(n)d more stays; dismiss the group again for it.",
        "These have waited longest. %(n)d more stay; dismiss the group again for them.",
        left,
    )
    return [words % {"n": left}]


def _gone(request: HttpRequest, group: GroupAsked) -> HttpResponse:
    messages.info(request, gettext("Nothing of this group is left."))
    return HttpResponseRedirect(group.back)
