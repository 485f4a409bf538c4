"""jsforce against the simulated org, where Node is there."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.orgsim.process import Org

PROGRAM = Path(__file__).with_name("jsforce_client.cjs")


@pytest.fixture
def node_modules(tmp_path: Path) -> Path:
    """Install jsforce into a temporary folder; without Node or a registry there is no test."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("Node is not installed")
    command = [npm, "install", "--prefix", str(tmp_path), "--no-audit", "--no-fund",
               "--ignore-scripts", "--prefer-offline", "jsforce@3"]  # fmt: skip
    installed = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if installed.returncode:
        pytest.skip(f"jsforce cannot be installed: {installed.stderr[-200:]}")
    return tmp_path / "node_modules"


def test_jsforce_works_unchanged_but_for_the_url(org: Org, node_modules: Path) -> None:
    org.seed()
    run = subprocess.run(
        ["node", str(PROGRAM), org.url],
        env={**os.environ, "NODE_PATH": str(node_modules), "NO_PROXY": "127.0.0.1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == {
        "organization": "00D8d0000000001EAA",
        "inserted": [True, "from Node"],
        "upserted": [500, 500],
        "created": [500, 0],
        "page": [2_200, 2_000, False],
        "all": 2_200,
        "closed": True,
        "found": 1,
        "key": True,
        "limits": 100_000,
        "usage": 100_000,
        "identity": "integration@example.com",
    }
