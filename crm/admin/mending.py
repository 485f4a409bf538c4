"""What staff can do about findings: one button for each repair, one way to press it."""

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple, cast

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, ngettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from callbacks.admin import attention, log_words
from callbacks.admin.actions import Words
from callbacks.models import StaffAction
from crm import repairs
from crm.admin.finding_looks import subject_text
from crm.client import get_client
from crm.errors import CrmError
from crm.findings import Repair
from crm.models import Finding
from crm.repairs import CannotRepairError, Mend

if TYPE_CHECKING:
    from django.contrib.auth.models import User


log_words.know(
    StaffAction.Verb.MENDED,
    values={each.value: each.label for each in (*Finding.Kind, *Repair)},
)


class Button(NamedTuple):
    mend: Mend
    icon: str
    words: Words


BUTTONS = {
    "make_again": Button(
        repairs.make_again,
        "replay",
        Words(
            _("Make the Case again?"),
            _(
                "Salesforce is asked first. Nothing is sent if it has the Case, or if somebody"
                " deleted or merged it there."
            ),
            _("Make again"),
            ngettext_lazy("%(n)d callback was requeued.", "%(n)d callbacks were requeued.", "n"),
        ),
    ),
    "take_over": Button(
        repairs.take_over,
        "move_to_inbox",
        Words(
            _("Take over?"),
            _("A callback is made of the Case, so that it counts here as well."),
            _("Take over"),
            ngettext_lazy("%(n)d Case was taken over.", "%(n)d Cases were taken over.", "n"),
        ),
    ),
    "accept_oldest": Button(
        repairs.accept_oldest,
        "filter_1",
        Words(
            _("Accept the oldest?"),
            _("The callback leads to the oldest Case. The others have to be merged in Salesforce."),
            _("Accept the oldest"),
            ngettext_lazy(
                "%(n)d callback leads to its oldest Case.",
                "%(n)d callbacks lead to their oldest Cases.",
                "n",
            ),
        ),
    ),
    "note": Button(
        repairs.note,
        "check",
        Words(
            _("Note it?"),
            _("It leaves this list, and comes back if it gets worse or happens anew."),
            _("Note"),
            ngettext_lazy("%(n)d finding was noted.", "%(n)d findings were noted.", "n"),
        ),
    ),
    "ignore": Button(
        repairs.ignore,
        "visibility_off",
        Words(
            _("Ignore it?"),
            _("Nothing is changed, and it is not told again as long as it stays as it is."),
            _("Ignore"),
            ngettext_lazy("%(n)d finding is ignored.", "%(n)d findings are ignored.", "n"),
        ),
    ),
}


def mend_all(request: HttpRequest, findings: Iterable[Finding], button: Button) -> None:
    """Each on its own: what one refuses does not hold the others."""
    person = cast("User", request.user)  # the admin lets nobody else in
    mended: Counter[Repair] = Counter()
    for finding in findings:
        try:
            how = repairs.repair(button.mend, get_client(), finding, by=person, now=timezone.now())
            mended[how] += 1
        except CannotRepairError as error:
            messages.warning(request, f"{subject_text(finding)}: {gettext(str(error))}")
        except CrmError as error:
            meaning = error.meaning
            messages.error(request, f"{gettext(meaning.reason)} {gettext(meaning.next_step)}")
            break
    attention.forget()
    if by_itself := mended.pop(Repair.BY_ITSELF, 0):
        text = ngettext(
            "%(n)d finding had come right by itself.",
            "%(n)d findings had come right by themselves.",
            by_itself,
        )
        messages.success(request, text % {"n": by_itself})
    if count := mended.total():
        messages.success(request, button.words.done % {"n": count})
