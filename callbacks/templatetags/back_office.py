from datetime import datetime
from typing import Any

from django import template
from django.contrib import admin
from django.db.models import Model
from django.template.defaultfilters import capfirst

register = template.Library()


@register.filter
def crumb(title: object) -> str:
    """A breadcrumb: a record or a list as its screen calls it, anything else as Unfold does.

    Screens are told by what they have: Unfold renders while it is imported, which loads this
    library before our screens can exist.
    """
    if isinstance(title, Model):
        screen: Any = admin.site._registry.get(type(title))  # noqa: SLF001 - it has no public name
        return str(screen.title_of(title)) if hasattr(screen, "title_of") else capfirst(str(title))
    return capfirst(str(_list_title(title) or title))


def _list_title(plural: object) -> object:
    """What the screen calls its list instead of by the model's plural; told by that very object."""
    for model, screen in admin.site._registry.items():  # noqa: SLF001 - it has no public name
        if model._meta.verbose_name_plural is plural:
            return getattr(screen, "list_title", "")
    return ""


@register.filter
def full_date(moment: datetime) -> str:
    """A moment as everywhere; said by our screens, which may not be there yet (see `crumb`)."""
    from callbacks.admin import wording  # noqa: PLC0415

    return wording.full_date(moment)


@register.filter
def kept_beside_filters(changelist: Any) -> list[tuple[str, str]]:
    """What of the address stays when its filters are set anew; not the page."""
    asked_anew = {
        "p",
        "e",
        *(n for spec in changelist.filter_specs for n in spec.expected_parameters()),
    }
    given = changelist.filter_params.items()
    return [(name, value) for name, values in given for value in values if name not in asked_anew]
