from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.dispatch import receiver

from callbacks.choices import Choices
from callbacks.corrections import Record
from callbacks.models import Callback, FieldMapping, FunctionRoute
from callbacks.models.queue import CallbackQuerySet
from callbacks.signals import (
    callback_accepted,
    caller_erased,
    calls_estimated,
    choices_asked,
    corrections_checked,
    cure_sought,
    record_asked,
    route_checked,
    route_tried,
    template_checked,
)
from callbacks.trials import Trial
from crm import correcting
from crm.bell import bell
from crm.choices import choices_for
from crm.errors import CURED_IN_ROUTE
from crm.estimates import calls_for
from crm.mapping import MappingError, NoSuchFieldError, check_template
from crm.passthrough.retention import erase_mentions
from crm.route_checks import check_mapping, check_route
from crm.trials import trial_of

callback_accepted.connect(bell.ring, dispatch_uid="crm.bell")


@receiver(template_checked)
def refuse_template(template: str, mapping: FieldMapping | None = None, **_: Any) -> None:
    try:
        check_template(template)
        if mapping is not None and mapping.route.sends:
            check_mapping(mapping)
    except NoSuchFieldError as error:
        raise ValidationError({"field": error.sentence}) from error
    except MappingError as error:
        raise ValidationError({"template": error.sentence}) from error


@receiver(route_checked)
def refuse_route(route: FunctionRoute, **_: Any) -> None:
    if route.sends and (wrong := check_route(route)):
        raise ValidationError(wrong)


@receiver(choices_asked)
def offer(target: str, action: str, again: bool, **_: Any) -> Choices:  # noqa: FBT001 - a signal's
    return choices_for(target, action, again=again)


@receiver(route_tried)
def try_out(callback: Callback, route: FunctionRoute, ask: bool, **_: Any) -> Trial:  # noqa: FBT001 - a signal's
    return trial_of(callback, route, ask=ask)


@receiver(caller_erased)
def erase_stored_requests(is_in: Callable[[str], bool], **_: Any) -> tuple[int, int]:
    return erase_mentions(is_in)


@receiver(cure_sought)
def is_cured_in_route(code: str, **_: Any) -> bool:
    return code in CURED_IN_ROUTE


@receiver(calls_estimated)
def estimate_calls(callbacks: CallbackQuerySet, batches: Sequence[int], **_: Any) -> list[int]:
    return calls_for(callbacks, batches)


@receiver(record_asked)
def show_record(callback: Callback, **_: Any) -> Record:
    return correcting.record_of(callback)


@receiver(corrections_checked)
def check_corrections(callback: Callback, values: Mapping[str, str], **_: Any) -> dict[str, str]:
    return correcting.misfits(callback, values)
