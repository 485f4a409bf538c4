"""What staff does to the conversation. Each deed is written together with the change, or neither.

False where somebody else was quicker, and nothing changed.
"""

from typing import TYPE_CHECKING

from django.db import transaction

from callbacks.models import StaffAction
from crm.models import Inspection, Org
from crm.models.stored_request import StoredRequestQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import User

Verb = StaffAction.Verb
ANOTHER_ORG = "ANOTHER_ORG"


@transaction.atomic
def pause(*, by: "User", reason: str) -> bool:
    changed = Org.pause(by=by, reason=reason)
    if changed:
        StaffAction.objects.note(Verb.PAUSED, by=by, reason=reason)
    return changed


@transaction.atomic
def resume(*, by: "User", per_minute: int | None) -> bool:
    changed = Org.resume(per_minute=per_minute)
    if changed:
        changes = {"per_minute": [None, per_minute]} if per_minute else {}
        StaffAction.objects.note(Verb.RESUMED, by=by, changes=changes)
    return changed


@transaction.atomic
def retry_org(*, by: "User") -> None:
    """The next worker asks whether it goes on."""
    code = Org.objects.current().trouble_code
    Org.retry_now()
    StaffAction.objects.note(Verb.RETRIED_ORG, by=by, reason=code)


@transaction.atomic
def inspect(*, by: "User") -> bool:
    """False if a test is under way already."""
    asked = Inspection.ask(by=by)
    if asked:
        StaffAction.objects.note(Verb.INSPECTED, by=by)
    return asked


@transaction.atomic
def confirm_org(*, by: "User") -> bool:
    """The org that answers next is ours."""
    doubted = Org.objects.select_for_update().filter(trouble_code=ANOTHER_ORG).exclude(org_id="")
    org = doubted.first()
    if org is None:
        return False
    Org.forget_pinned()
    StaffAction.objects.note(Verb.CONFIRMED_ORG, by=by, changes={"org_id": [org.org_id, ""]})
    return True


@transaction.atomic
def resend(requests: StoredRequestQuerySet, *, by: "User") -> int:
    """Send stored requests again that failed or were dismissed. Returns how many."""
    changed = requests.requeue()
    if changed:
        StaffAction.objects.note(Verb.RESENT_REQUEST, by=by, changes=_count(changed))
    return changed


@transaction.atomic
def dismiss(requests: StoredRequestQuerySet, *, by: "User", reason: str) -> int:
    """Stored requests that the org shall not get. Returns how many waiting or failed ones."""
    changed = requests.dismiss(by=by, reason=reason)
    if changed:
        changes = _count(changed)
        StaffAction.objects.note(Verb.DISMISSED_REQUEST, by=by, reason=reason, changes=changes)
    return changed


def _count(changed: int) -> dict[str, list[int | None]]:
    return {"requests": [None, changed]}
