"""Who may make records and their lines as a file, or the past, tells them."""

from collections.abc import Iterable, Iterator

from django.db.models import Model
from django.http import HttpRequest

from callbacks import changes


def may_rewrite(request: HttpRequest, *models: type[Model]) -> bool:
    return request.user.has_perms({right for model in models for right in _rights(model)})


def _rights(model: type[Model]) -> Iterator[str]:
    """A record is never deleted on the way; lines that are told no longer are."""
    yield from _of(model, ("add", "change"))
    for line in changes.lines_of(model):
        yield from _of(line, ("add", "change", "delete"))


def _of(model: type[Model], verbs: Iterable[str]) -> Iterator[str]:
    meta = model._meta
    return (f"{meta.app_label}.{verb}_{meta.model_name}" for verb in verbs)
