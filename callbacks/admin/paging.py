from django.core.paginator import Paginator
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.translation import gettext

MOST_COUNTED = 10_000


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # not subscriptable at runtime
    """Counts no further than staff would leaf: the last of 40,000 pages would take seconds."""

    @cached_property
    def _counted(self) -> int:
        """At most one more than there are pages for."""
        return int(self.object_list.order_by().values("pk")[: MOST_COUNTED + 1].count())  # type: ignore[attr-defined]  # a queryset

    @cached_property
    def count(self) -> int:
        return min(self._counted, MOST_COUNTED)

    @property
    def counted(self) -> str:
        if self._counted > MOST_COUNTED:
            return gettext("more than %(n)s") % {"n": number_format(MOST_COUNTED)}
        return number_format(self.count)
