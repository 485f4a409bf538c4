from typing import Any

from django.core.exceptions import ValidationError
from django.dispatch import receiver

from callbacks.signals import callback_accepted, template_checked
from crm.bell import bell
from crm.mapping import MappingError, check_template

callback_accepted.connect(bell.ring, dispatch_uid="crm.bell")


@receiver(template_checked)
def refuse_broken_template(template: str, **_: Any) -> None:
    try:
        check_template(template)
    except MappingError as error:
        raise ValidationError({"template": error.sentence}) from error
