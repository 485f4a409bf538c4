"""A client of the org under test, and what its tests send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.orgsim.conformance.client import (
    KEY,
    Client,
    V,
    collection,
    composite,
    create_and_read_back,
    key,
    part,
    quoted,
)

if TYPE_CHECKING:
    from tests.orgsim.process import Org

__all__ = [
    "KEY", "Api", "V", "collection", "composite", "create_and_read_back", "key", "part", "quoted",
]  # fmt: skip


class Api(Client):
    """Talks to one org, signed in as the integration user."""

    def __init__(self, org: Org, token: str | None = None) -> None:
        super().__init__(org.url, token or org.token())
