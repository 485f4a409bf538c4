"""From a service number that was only seen to one that somebody has configured."""

from datetime import timedelta

from callbacks.changes import announce
from callbacks.models import Callback, ServiceNumber

RECENT = timedelta(days=30)


def name_said(number: ServiceNumber) -> str:
    """What the requests called it of late; "" if nothing."""
    if number.seen_at is None:
        return ""
    recent = Callback.objects.filter(
        service_number=number.number,
        received_at__range=(number.seen_at - RECENT, number.seen_at),
    ).exclude(service_name="")
    name = recent.order_by("-received_at").values_list("service_name", flat=True).first()
    return (name or "")[: ServiceNumber._meta.get_field("name").max_length]


def adopt(number: ServiceNumber, name: str) -> bool:
    """Whether it was not adopted before. Without a name it keeps the one it has."""
    seen = ServiceNumber.objects.filter(pk=number.pk, adopted=False)
    is_new = bool(seen.update(adopted=True, name=name or number.name))
    if is_new:
        announce(number)
    return is_new


def configured(number: str, name: str) -> ServiceNumber:
    """The service number, adopted, and made if it is not known yet; it keeps the name it has."""
    found, _is_new = ServiceNumber.objects.get_or_create(number=number, defaults={"name": name})
    adopt(found, found.name or name)
    return found
