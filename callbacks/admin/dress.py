"""Unfold's classes under the types of the Django classes that they extend: it ships none."""
# ruff: noqa: ARG002 - the signatures are Django's

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.contrib.admin import ShowFacets, SimpleListFilter
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext
from unfold.decorators import action as unfold_action

if TYPE_CHECKING:
    from django import forms
    from django.contrib.admin import ModelAdmin, TabularInline
    from django.contrib.admin.views.main import ChangeList as UnfoldChangeList

    class DialogForm(forms.Form):
        def __init__(
            self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
        ) -> None: ...
else:
    from unfold.admin import ModelAdmin as UnfoldModelAdmin
    from unfold.admin import TabularInline as UnfoldTabularInline
    from unfold.forms import BaseDialogForm as DialogForm
    from unfold.views import ChangeList as UnfoldChangeList

    class ModelAdmin(UnfoldModelAdmin):
        def __class_getitem__(cls, _model: object) -> type:
            return cls

    class TabularInline(UnfoldTabularInline):
        def __class_getitem__(cls, _models: object) -> type:
            return cls


__all__ = ["ChangeList", "DialogForm", "RecordScreen", "Screen", "TabularInline", "detail_action"]

Method = TypeVar("Method", bound=Callable[..., HttpResponse])
SomeModel = TypeVar("SomeModel", bound=Model)


class ChangeList(UnfoldChangeList):
    def get_results(self, request: HttpRequest) -> None:
        """Unfold puts "Show all" beside the title unless both counts agree; an empty list has one."""
        super().get_results(request)
        if not (self.query and self.result_count):
            self.full_result_count = self.result_count


class Screen(ModelAdmin[SomeModel]):
    """A list that costs one count and one page, and the pages of its records."""

    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    list_per_page = 25
    list_max_show_all = 0
    compressed_fields = False
    empty_value_display = "\N{EN DASH}"
    empty_text: object = ""
    list_class: type[UnfoldChangeList] = ChangeList
    list_title: object = ""  # if another than the model's plural
    lookups: ClassVar[tuple[str, ...]] = ()  # what links of ours ask of the list without a filter

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Nothing else: "?path__contains=4917" would tell a viewer what is hidden."""
        return lookup in self.lookups or lookup in _read_by(self.list_filter)

    def title_of(self, record: SomeModel) -> str:
        return str(record)

    def empty_words(self, request: HttpRequest) -> object:
        """What the list says when there is nothing in it, and nobody narrowed it down."""
        return self.empty_text

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = capfirst(str(self.list_title or self.opts.verbose_name_plural))
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def get_changelist_instance(self, request: HttpRequest) -> UnfoldChangeList:
        changelist = super().get_changelist_instance(request)
        changelist.empty_words = self.empty_words(request)  # type: ignore[attr-defined]  # ours
        return changelist

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[UnfoldChangeList]:
        return self.list_class

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,  # noqa: FBT001, FBT002 - Django's
        change: bool = False,  # noqa: FBT001, FBT002 - Django's
        form_url: str = "",
        obj: SomeModel | None = None,
    ) -> HttpResponse:
        if obj:
            context |= {"subtitle": self.title_of(obj)} | self.page_context(request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        record = self.get_object(request, object_id)
        named = (
            {"title": gettext("Changes: %(name)s") % {"name": self.title_of(record)}}
            if record
            else {}
        )
        return super().history_view(request, object_id, named | (extra_context or {}))

    def page_context(self, request: HttpRequest, record: SomeModel) -> dict[str, Any]:
        """What the page of a record shows besides its form."""
        return {}


def _read_by(filters: Iterable[Any]) -> Iterator[str]:
    for each in filters:
        if isinstance(each, str):
            yield f"{each}__exact"
        elif issubclass(each, SimpleListFilter):
            yield str(each.parameter_name)
        else:
            yield from each.parameters  # ours


class RecordScreen(Screen[SomeModel]):
    """For what only the program writes: staff reads."""

    fields: ClassVar[tuple[str, ...]] = ()
    actions_detail_hide_default = True  # nobody changes it, so there are no changes to show

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> SomeModel | None:
        """Read once a request: Unfold asks for the buttons, Django for the page."""
        memory = request.__dict__.setdefault("records_read", {})
        key = (self.opts.label, object_id, from_field)
        if key not in memory:
            memory[key] = super().get_object(request, object_id, from_field)
        record: SomeModel | None = memory[key]
        return record

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: SomeModel | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: SomeModel | None = None) -> bool:
        return False


def detail_action(
    *, permissions: list[str], dialog: dict[str, Any], **look: Any
) -> Callable[[Method], Method]:
    """A button on a record's page. Only with a dialog does Unfold insist on POST and its token."""
    decorator: Callable[[Method], Method] = unfold_action(
        permissions=permissions, dialog=dialog, **look
    )
    return decorator
