"""Where the lists are that somebody may open."""

from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

SIGNATURE_PARAMETER = "failure_signature__exact"  # of the failed ones, those of one group


def may_open(request: HttpRequest, label: str) -> bool:
    app, model = label.split(".")
    return any(request.user.has_perm(f"{app}.{right}_{model}") for right in ("view", "change"))


def place(request: HttpRequest, label: str, **lookups: str) -> str:
    """The address of a list, narrowed by look-ups; "" for those who may not open it."""
    if not may_open(request, label):
        return ""
    link = reverse(f"admin:{label.replace('.', '_')}_changelist")
    return f"{link}?{urlencode(lookups)}" if lookups else link
