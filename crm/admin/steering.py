"""What staff is asked before the conversation pauses or goes on, and how it stands meanwhile."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from callbacks.admin.actions import Words
from callbacks.admin.dress import DialogForm
from callbacks.admin.facts import Note
from callbacks.admin.wording import ago, translated
from crm.models import Org

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


def note_on(org: Org) -> Note | None:
    """Why callbacks do not flow as usual; None if they do."""
    if org.paused_at:
        person = org.paused_by
        who = (person.get_full_name() or str(person)) if person else gettext("the console")
        began = gettext("Paused %(ago)s by %(who)s. Callbacks wait; nothing is lost.")
        when = ago(org.paused_at, timezone.now())
        return Note(
            gettext("The conversation with Salesforce is paused."),
            org.pause_reason,
            began % {"ago": when, "who": who},
            "warn",
        )
    if org.trouble_since:
        since = ago(org.trouble_since, timezone.now())
        return Note(
            translated(org.trouble_reason),
            translated(org.trouble_next_step),
            gettext("It began %(since)s. Callbacks wait; nothing is lost.") % {"since": since},
            "bad",
        )
    return _note_on_drip(org.drip_per_minute) if org.drip_per_minute else None


def _note_on_drip(rate: int) -> Note:
    sentence = ngettext(
        "After the pause one callback a minute goes out.",
        "After the pause %(n)d callbacks a minute go out.",
        rate,
    )
    return Note(
        sentence % {"n": rate},
        gettext("As soon as nothing waits any more, each goes out at once again."),
        "",
        "warn",
    )
