"""Unfold's classes under the types of the Django classes that they extend: it ships none."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from django.http import HttpResponse
from unfold.decorators import action as unfold_action

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin, TabularInline
    from django.forms import Form as DialogForm
else:
    from unfold.admin import ModelAdmin as UnfoldModelAdmin
    from unfold.admin import TabularInline as UnfoldTabularInline
    from unfold.forms import BaseDialogForm as DialogForm

    class ModelAdmin(UnfoldModelAdmin):
        def __class_getitem__(cls, model):
            return cls

    class TabularInline(UnfoldTabularInline):
        def __class_getitem__(cls, models):
            return cls


__all__ = ["DialogForm", "ModelAdmin", "TabularInline", "detail_action"]

Method = TypeVar("Method", bound=Callable[..., HttpResponse])


def detail_action(
    *, permissions: list[str], dialog: dict[str, Any], **look: Any
) -> Callable[[Method], Method]:
    """A button on a record's page. Only with a dialog does Unfold insist on POST and its token."""
    decorator: Callable[[Method], Method] = unfold_action(
        permissions=permissions, dialog=dialog, **look
    )
    return decorator
