"""Which resources may be reached at all: what administrators listed, held in memory."""

from rest_framework.exceptions import MethodNotAllowed, NotFound

from callbacks.snapshot import Snapshot
from crm.models import PassThroughResource

MAX_AGE_SECONDS = 30


def _by_path() -> dict[str, PassThroughResource]:
    return {listed.path: listed for listed in PassThroughResource.objects.filter(enabled=True)}


resources = Snapshot(_by_path, max_age=MAX_AGE_SECONDS)


def resource_at(path: str, method: str) -> PassThroughResource:
    """The resource; NotFound or MethodNotAllowed, with a next step, if it may not be reached."""
    listed = resources.get().get(path)
    if listed is None:
        raise NotFound(
            "This resource is not on the list of those that are passed on to Salesforce."
            " An administrator can put it there, under “Pass-through”."
        )
    if not listed.allows(method):
        allowed = " and ".join(listed.methods.split())
        raise MethodNotAllowed(
            method,
            f"This resource is passed on to Salesforce with {allowed} alone."
            " An administrator can change that, under “Pass-through”.",
        )
    return listed
