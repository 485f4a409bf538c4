"""What staff is asked before the conversation pauses or goes on."""

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from callbacks.admin import log_words
from callbacks.admin.actions import Words
from callbacks.admin.dress import DialogForm
from callbacks.models import StaffAction

PAUSE = Words(
    _("Pause the conversation?"),
    _("Nothing leaves for Salesforce any more. Callbacks are still taken, and wait."),
    _("Pause"),
    _("The conversation pauses. Nothing is lost."),
)
RESUME = Words(
    _("Resume the conversation?"),
    _("What waits goes out at once, or so many callbacks a minute until nothing is left."),
    _("Resume"),
    _("The conversation goes on."),
)
MOST_PER_MINUTE = 10_000
log_words.know(StaffAction.Verb.RESUMED, names={"per_minute": _("Callbacks a minute")})
log_words.know(StaffAction.Verb.CONFIRMED_ORG, names={"org_id": _("Org")})


class PauseDialog(DialogForm):
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=UnfoldAdminTextInputWidget)


class ResumeDialog(DialogForm):
    per_minute = forms.IntegerField(
        label=_("Callbacks a minute"),
        help_text=_("Empty: all at once."),
        required=False,
        min_value=1,
        max_value=MOST_PER_MINUTE,
        widget=UnfoldAdminIntegerFieldWidget,
    )
