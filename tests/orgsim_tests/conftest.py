"""One org per test process, emptied for every test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.orgsim.process import Org, running

from .api import Api

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def _process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Org]:
    with running(tmp_path_factory.mktemp("orgsim") / "org.sqlite3") as found:
        yield found


@pytest.fixture
def org(_process: Org) -> Org:
    """An empty org that behaves well."""
    _process.reset()
    return _process


@pytest.fixture
def api(org: Org) -> Iterator[Api]:
    """A client that is signed in."""
    with Api(org) as client:
        yield client


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """A file for an org of the test's own."""
    return tmp_path / "own.sqlite3"
