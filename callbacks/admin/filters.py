"""What a list of callbacks can be narrowed down to, besides its state."""
# ruff: noqa: ARG002 - the signatures are Django's

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from callbacks import failures
from callbacks.admin.places import SIGNATURE_PARAMETER
from callbacks.admin.search import spoken
from callbacks.admin.wording import phone, translated
from callbacks.lists import NO_NUMBER
from callbacks.models import ServiceNumber
from callbacks.models.queue import CallbackQuerySet

SECONDS = 30  # for which the groups of failures are remembered
DAYS = ("received", "received_from", "received_to")


class Preset(NamedTuple):
    """So many days back, the first and the last."""

    title: Promise | str
    first: int
    last: int


PRESETS: dict[object, Preset] = {
    "today": Preset(_("Today"), 0, 0),
    "yesterday": Preset(_("Yesterday"), 1, 1),
    "week": Preset(_("7 days"), 6, 0),
}


class DaysFilter(admin.ListFilter):
    """Days of the reader's zone: so many back, which stays true tomorrow, or from one to another.

    Understood are ISO and the formats of the reader's language.
    """

    title = _("Received")
    field = "received_at"
    parameters = DAYS
    template = "callbacks/filter_days.html"

    def __init__(
        self,
        request: HttpRequest,
        params: dict[str, list[str]],
        model: type[Model],
        model_admin: "admin.ModelAdmin[Any]",
    ) -> None:
        super().__init__(request, params, model, model_admin)
        for name in DAYS:
            if name in params:
                self.used_parameters[name] = params.pop(name)[-1]
        self.preset = PRESETS.get(self.used_parameters.get("received", ""))
        self.typed = () if self.preset else self._typed(request)

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return [*DAYS]

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        """The presets; the fields for two days are the template's."""
        for name, preset in PRESETS.items():
            others = ["p", *DAYS[1:]]
            yield {
                "selected": self.used_parameters.get("received") == name,
                "query_string": changelist.get_query_string({"received": name}, others),
                "display": preset.title,
            }

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        first, last = self._days()
        if first:
            queryset = queryset.filter(**{f"{self.field}__gte": _midnight(first)})
        if last:
            after = _midnight(last + timedelta(days=1))
            queryset = queryset.filter(**{f"{self.field}__lt": after})
        return queryset

    def _days(self) -> Sequence[date | None]:
        if self.preset:
            today = timezone.localdate()
            return [today - timedelta(days=back) for back in (self.preset.first, self.preset.last)]
        return self.typed

    def _typed(self, request: HttpRequest) -> Sequence[date | None]:
        return [_day(request, str(self.used_parameters.get(name, ""))) for name in DAYS[1:]]


def _day(request: HttpRequest, text: str) -> date | None:
    try:
        day: date | None = forms.DateField(required=False).clean(text)
    except ValidationError:
        words = gettext("“%(text)s” is not a date, so it is ignored.")
        messages.warning(request, words % {"text": text[:40]})
        return None
    return day


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


class ChoiceFilter(admin.SimpleListFilter):
    """One of many, chosen from a menu. A link may name one that the menu lacks."""

    template = "callbacks/filter_choice.html"

    def known(self) -> Sequence[tuple[str, str]]:
        raise NotImplementedError

    def value(self) -> str:
        """PostgreSQL refuses a NUL in any text."""
        return (super().value() or "").replace("\0", "")

    def lookups(
        self, request: HttpRequest, model_admin: "admin.ModelAdmin[Any]"
    ) -> Sequence[tuple[str, str]]:
        chosen = request.GET.get(self.parameter_name or "", "")
        known = self.known()
        return known if not chosen or chosen in dict(known) else [(chosen, chosen), *known]


class ServiceNumberFilter(ChoiceFilter):
    title = _("Service number")
    parameter_name = "service_number"

    def known(self) -> Sequence[tuple[str, str]]:
        numbers = ServiceNumber.objects.order_by("name", "number").values_list("number", "name")
        known = [(n, f"{name} · {phone(n)}" if name else phone(n)) for n, name in numbers]
        return [*known, (NO_NUMBER, gettext("without a service number"))]

    def queryset(self, request: HttpRequest, queryset: CallbackQuerySet) -> CallbackQuerySet:  # type: ignore[override]  # of callbacks alone
        number = self.value()
        wanted = "" if number == NO_NUMBER else number
        return queryset.filter(service_number=wanted) if number else queryset


class FunctionFilter(ChoiceFilter):
    title = _("Function")
    parameter_name = "function"

    def known(self) -> Sequence[tuple[str, str]]:
        return [(name, name) for name in spoken().functions]

    def queryset(self, request: HttpRequest, queryset: CallbackQuerySet) -> CallbackQuerySet:  # type: ignore[override]  # of callbacks alone
        return queryset.filter(function__iexact=self.value()) if self.value() else queryset


class ReasonFilter(ChoiceFilter):
    """Why Salesforce refused: by what is the same for all that one correction mends."""

    title = _("Reason")
    parameter_name = SIGNATURE_PARAMETER

    def known(self) -> Sequence[tuple[str, str]]:
        groups = cache.get_or_set("callbacks.failures", failures.groups, SECONDS) or []
        return [
            (each.signature, f"{each.count} · {translated(each.reason)}")
            for each in groups[: failures.MOST_GROUPS]
        ]

    def queryset(self, request: HttpRequest, queryset: CallbackQuerySet) -> CallbackQuerySet:  # type: ignore[override]  # of callbacks alone
        signature = self.value()
        return queryset.failed().filter(failure_signature=signature) if signature else queryset
