"""Figures that must fit each other, checked when the program starts."""

from typing import Any

from django.core.checks import CheckMessage, Error, register

from crm.timing import CALL_SECONDS, LEASE_SECONDS, PROBE_SECONDS


@register
def lease_outlives_its_call(**_: Any) -> list[CheckMessage]:
    if LEASE_SECONDS < 2 * CALL_SECONDS:
        return [
            Error(
                "A lease may end while its batch waits for the one before, or is under way.",
                hint="crm.timing.LEASE_SECONDS must be at least twice CALL_SECONDS.",
                id="crm.E001",
            )
        ]
    return []


@register
def probe_outlives_its_call(**_: Any) -> list[CheckMessage]:
    if CALL_SECONDS > PROBE_SECONDS:
        return [
            Error(
                "A second worker may probe while the first still waits.",
                hint="crm.timing.PROBE_SECONDS must be at least CALL_SECONDS.",
                id="crm.E002",
            )
        ]
    return []
