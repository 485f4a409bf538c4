"""What staff is asked before something is dismissed, and should know then."""

# ruff: noqa: ARG002 - the signatures are Unfold's

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminTextInputWidget

from callbacks import merging
from callbacks.admin.dress import DialogForm
from callbacks.models import Callback

OTHER = "other"
REASONS = {
    "test": _("Test call"),
    "twice": _("Came twice"),
    "done": _("Already dealt with"),
    OTHER: _("Other"),
}


class ReasonDialog(DialogForm):
    reason = forms.ChoiceField(
        label=_("Reason"), choices=list(REASONS.items()), widget=UnfoldAdminRadioSelectWidget
    )
    remark = forms.CharField(
        label=_("Remark"), required=False, max_length=500, widget=UnfoldAdminTextInputWidget
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("reason") == OTHER and not given.get("remark"):
            self.add_error("remark", gettext("Please say why."))
        return given


class DismissDialog(ReasonDialog):
    form_before_template = "callbacks/notes.html"

    def get_before_template_context(
        self, request: HttpRequest, object_id: int | str | None = None
    ) -> dict[str, Any]:
        try:
            return {"notes": what_comes_of_dismissing([UUID(str(object_id))])}
        except ValueError:  # no key of a callback; none is found by it
            return {}


def what_comes_of_dismissing(keys: Sequence[UUID]) -> list[str]:
    """What somebody should know before: whether a Case may come, and who goes with them."""
    notes = []
    if Callback.objects.pending().filter(pk__in=keys).exists():
        notes.append(
            gettext(
                "If it is on its way right now, or an earlier answer was lost, "
                "a Case may exist all the same; then the Case counts."
            )
        )
    dismissible = Callback.objects.dismissible().filter(pk__in=keys)
    if joined := merging.joined(dismissible.values_list("pk", flat=True)).count():
        words = ngettext(
            "%(n)d further wish of the same caller was merged with it and is dismissed as well.",
            "%(n)d further wishes of the same caller were merged with it and are dismissed as well.",
            joined,
        )
        notes.append(words % {"n": joined})
    return notes


def reason_given(form: forms.Form) -> str:
    reason, remark = form.cleaned_data["reason"], form.cleaned_data["remark"]
    words = [remark] if reason == OTHER else [str(REASONS[reason]), remark]
    return ": ".join(word for word in words if word)
