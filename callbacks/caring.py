"""Who is on a group of failed callbacks, so that two people do not work on the same one."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from callbacks.models import Care, StaffAction

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def of_groups(signatures: Collection[str]) -> Mapping[str, Care]:
    in_force = Care.objects.in_force().filter(signature__in=signatures)
    return {care.signature: care for care in in_force}


def of_group(signature: str) -> Care | None:
    return of_groups([signature]).get(signature)


@transaction.atomic
def take(signature: str, *, by: "User", note: str = "", instead_of: datetime | None = None) -> Care:
    """Returns who is on it now: somebody else if they were faster.

    `instead_of` is since when the one was on it whom `by` knew of and takes it from.
    """
    ours = {
        "since": timezone.now(),
        "person": by,
        "person_name": by.get_full_name() or by.get_username(),
        "note": note,
    }
    locked = Care.objects.select_for_update()
    care, is_new = locked.get_or_create(signature=signature, defaults=ours)
    before = ""
    if not is_new:
        if Care.objects.in_force().filter(pk=care.pk).exists():
            before = care.person_name
            if care.person_id == by.pk:
                ours["since"] = care.since
            elif care.since != instead_of:
                return care
        for name, value in ours.items():
            setattr(care, name, value)
        care.save()
    changes = {signature: [before, care.person_name]}
    StaffAction.objects.note(StaffAction.Verb.TOOK_CARE, by=by, reason=note, changes=changes)
    return care


@transaction.atomic
def let_go(signature: str, *, by: "User") -> bool:
    """False if somebody else is on it by now, or nobody."""
    own = Care.objects.filter(signature=signature, person=by)
    changes = {signature: [by.get_full_name() or by.get_username(), ""]}
    is_gone = bool(own.delete()[0])
    if is_gone:
        StaffAction.objects.note(StaffAction.Verb.LET_GO, by=by, changes=changes)
    return is_gone
