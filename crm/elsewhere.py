"""A callback whose route was changed between two attempts: looked for where the earlier ones went.

As what it left is noted if that was not the usual Case, which is always looked for. So a record, a
comment or a Case that is there already is what came of it, whatever its route makes today. What
remains: a create that the org commits minutes after we gave up on it, and after we looked.
"""

from collections.abc import Sequence
from dataclasses import replace
from time import monotonic

from crm.client import SalesforceClient
from crm.draft import Draft, Target
from crm.exchange import (
    MOST_TARGETS,
    OF_THE_TARGET,
    Found,
    Refused,
    Result,
    Unknown,
    found_by_key,
    look_back,
)
from crm.keyed import chunks
from crm.models.sent_record import Kind
from crm.targets import is_usual, usual_target
from crm.transport import left

ROUTE_CHANGED = "ROUTE_CHANGED"


def with_past(draft: Draft, sent: Sequence[Kind]) -> Draft:
    """With the kinds of records that it may have become before, but for those looked at anyway."""
    if draft.callback.lease_no <= 1:
        return draft
    kinds = [Target(*kind) for kind in sent]
    if draft.is_record:
        kinds = [kind for kind in kinds if kind != draft.target]
        kinds += [] if is_usual(draft.target) else [usual_target()]
    return replace(draft, before=tuple(kinds))


def made_elsewhere(
    client: SalesforceClient, drafts: Sequence[Draft], *, generation: int, deadline: float
) -> dict[str, Result]:
    """What earlier attempts have made elsewhere, by key; absent what nobody made there."""
    ends = monotonic() + deadline
    results: dict[str, Result] = {}
    kinds = dict.fromkeys(kind for draft in drafts for kind in draft.before)
    for some in chunks(kinds, MOST_TARGETS):
        wanted = {kind: [d.key for d in drafts if kind in d.before] for kind in some}
        looks = [look_back(client, n, kind, keys) for n, (kind, keys) in enumerate(wanted.items())]
        answers = client.composite(looks, deadline=left(ends), generation=generation)
        for (kind, keys), answer in zip(wanted.items(), answers, strict=True):
            results |= _seen(kind, keys, found_by_key(answer, kind))
    return results


def _seen(
    kind: Target, keys: Sequence[str], found: dict[str, Found] | Unknown
) -> dict[str, Result]:
    if isinstance(found, Unknown):
        is_kinds_own = not is_usual(kind) and found.code in OF_THE_TARGET
        why = Refused(ROUTE_CHANGED, kind.sobject) if is_kinds_own else found
        return dict.fromkeys(keys, why)
    return {key: replace(found[key], target=kind) for key in keys if key in found}
