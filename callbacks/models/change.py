"""Who changed the configuration, when, and what it was before.

Kept without secrets: each model names the columns that stay out. Callers are in none of it.
"""

from collections.abc import Collection
from typing import Any

from django.db import models
from django.dispatch import receiver
from simple_history.models import HistoricalRecords
from simple_history.signals import pre_create_historical_record


class Change(models.Model):
    """What each entry has besides the columns of its record."""

    person_name = models.TextField(blank=True)  # outlives the account

    class Meta:
        abstract = True


class Changes(HistoricalRecords):  # type: ignore[misc]  # the package has no types
    """The entries of a model: one for each saving that changed something, or that says why."""

    def __init__(self, *, without: Collection[str] = ()) -> None:
        super().__init__(bases=[Change], excluded_fields=list(without))

    def get_meta_options(self, model: type[models.Model]) -> dict[str, Any]:
        """Whoever may see a record may see what was changed of it: no rights of their own."""
        options: dict[str, Any] = super().get_meta_options(model)
        return options | {"default_permissions": ()}

    def post_save(
        self,
        instance: Any,
        created: bool,  # noqa: FBT001 - the signal's
        using: str | None = None,
        **more: Any,
    ) -> None:
        if created or getattr(instance, "_change_reason", None) or self._differs(instance):
            super().post_save(instance, created, using, **more)

    def _differs(self, instance: Any) -> bool:
        latest = instance.history.first()
        names = [field.attname for field in self.fields_included(instance)]
        return latest is None or any(getattr(latest, n) != getattr(instance, n) for n in names)


@receiver(pre_create_historical_record)
def write_name(history_instance: Any, history_user: Any, **_: Any) -> None:
    if history_user is not None and isinstance(history_instance, Change):
        history_instance.person_name = history_user.get_full_name() or history_user.get_username()


def say_why(record: models.Model, reason: str) -> None:
    """For the entry that the next saving makes; with a reason there is one in any case."""
    record._change_reason = reason  # type: ignore[attr-defined]  # noqa: SLF001 - looked for there
