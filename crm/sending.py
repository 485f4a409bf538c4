"""One batch, whatever its callbacks become: records, comments on Cases, updates of Cases."""

from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Protocol

from crm.client import SalesforceClient
from crm.commenting import comment_and_read_back
from crm.draft import Draft
from crm.elsewhere import made_elsewhere
from crm.errors import CrmError
from crm.exchange import Result, Unknown, create_and_read_back
from crm.transport import left
from crm.updating import update_and_read_back


class Way(Protocol):
    def __call__(
        self,
        client: SalesforceClient,
        drafts: Sequence[Draft],
        *,
        generation: int,
        deadline: float,
    ) -> dict[str, Result]: ...


def send_and_read_back(
    client: SalesforceClient, drafts: Sequence[Draft], *, generation: int, deadline: float
) -> dict[str, Result]:
    """What became of each, by key. Raises CrmError if nothing is known of any.

    `generation` is the sign-in that was looked at before; another one sends nothing. `deadline` is
    in seconds from now and covers everything.
    """
    ends = monotonic() + deadline
    results: dict[str, Result] = {}
    if begun := [draft for draft in drafts if draft.before]:
        results |= made_elsewhere(client, begun, generation=generation, deadline=left(ends))
    rest = [draft for draft in drafts if draft.key not in results]
    for way, some in _ways(rest).items():
        try:
            results |= way(client, some, generation=generation, deadline=left(ends))
        except CrmError as error:
            if not results:
                raise
            results |= {draft.key: Unknown(error.code, error.detail) for draft in some}
    return results


def _ways(drafts: Sequence[Draft]) -> Mapping[Way, list[Draft]]:
    records = [draft for draft in drafts if draft.is_record]
    ways: dict[Way, list[Draft]] = {
        create_and_read_back: records,
        comment_and_read_back: [draft for draft in drafts if draft.comment],
        update_and_read_back: [draft for draft in drafts if draft.update],
    }
    return {way: some for way, some in ways.items() if some}
