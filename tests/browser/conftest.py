"""A real browser: Debian's headless Chromium. Without it these tests are skipped."""

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations import RunPython
from django.db.migrations.loader import MigrationLoader
from pytest_django.live_server_helper import LiveServer
from selenium.webdriver import Chrome

from callbacks.admin import attention
from tests.browser import chrome as chromium
from tests.browser.visitor import Visitor
from tests.callbacks.conftest import person


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not chromium.IS_INSTALLED:
        skip = pytest.mark.skip(reason="needs chromium and chromedriver")
        for item in items:
            if "browser" in item.keywords:
                item.add_marker(skip)


@pytest.fixture(scope="session")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with chromium.running(tmp_path_factory.mktemp("chromium")) as driver:
        yield driver


@pytest.fixture
def setup_of_migrations(transactional_db: None) -> None:
    """A server's tests empty the database behind them, and with it what migrations put there."""
    editor: Any = SimpleNamespace(connection=connection)
    registry: Any = apps
    for (app, _name), migration in sorted(MigrationLoader(None).disk_migrations.items()):
        if app in {"callbacks", "crm"}:
            for operation in migration.operations:
                if isinstance(operation, RunPython):
                    operation.code(registry, editor)
    attention.forget()


@pytest.fixture
def visitor(
    chrome: Chrome,
    live_server: LiveServer,
    setup_of_migrations: None,
    request: pytest.FixtureRequest,
) -> Iterator[Visitor]:
    """Somebody at the browser; a test may ask for a role by `indirect` parameters."""
    chrome.execute_cdp_cmd("Network.clearBrowserCookies", {})
    chrome.get_log("browser")  # type: ignore[no-untyped-call]  # what was said before
    folder = os.environ.get("SCREENSHOTS")
    visitor = Visitor(chrome, live_server.url, Path(folder) if folder else None)
    role = getattr(request, "param", "superuser")
    if role != "stranger":
        visitor.signs_in(person(role))
    visitor.sized(1280)
    yield visitor
    chrome.get("about:blank")  # ends what the page still asks for, before the database is emptied
