from django import template
from django.contrib import admin
from django.db.models import Model
from django.template.defaultfilters import capfirst

register = template.Library()


@register.filter
def crumb(title: object) -> str:
    """A breadcrumb: a record as its screen calls it, anything else as Unfold does.

    Screens are told by their method: Unfold renders while it is imported, which loads this
    library before our screens can exist.
    """
    screen = admin.site._registry.get(type(title)) if isinstance(title, Model) else None  # noqa: SLF001
    if screen and hasattr(screen, "title_of"):
        return str(screen.title_of(title))
    return capfirst(str(title))
