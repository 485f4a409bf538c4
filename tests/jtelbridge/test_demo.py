"""`manage.py demo` as a real process, in a folder and on ports of its own."""

import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from jtelbridge.demo import leftovers
from jtelbridge.demo.plan import Plan
from tests.processes import ROOT, Running, free_port, until

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")


@dataclass
class Demo:
    folder: Path
    port: int = field(default_factory=free_port)
    org_port: int = field(default_factory=free_port)
    starts: list[Running] = field(default_factory=list)

    @property
    def plan(self) -> Plan:
        return Plan(ROOT, self.folder, self.port, self.org_port)

    @property
    def running(self) -> Running:
        return self.starts[-1]

    @property
    def said(self) -> str:
        return self.running.log.read_text(encoding="utf-8")

    def start(self, **settings: str) -> Running:
        command = [sys.executable, "manage.py", "demo"]
        ports = ["--port", str(self.port), "--org-port", str(self.org_port)]
        environment = {"PATH": os.environ["PATH"], "VAR_DIR": str(self.folder), **settings}
        log = self.folder / f"demo-{len(self.starts)}.log"
        self.starts.append(Running([*command, *ports], environment, log))
        return self.running

    def start_and_wait(self) -> dict[str, Any]:
        process = self.start().process
        until(lambda: "Ready." in self.said or process.poll() is not None, seconds=60)
        assert process.poll() is None, self.said
        return dict(json.loads(self.plan.published.read_text(encoding="utf-8")))

    def kill_everything(self) -> None:
        self.running.kill()
        leftovers.send(signal.SIGKILL, leftovers.marked(self.plan.mark))

    def cases(self) -> list[dict[str, Any]]:
        """Ours; the org has Cases of its own too."""
        answer = requests.get(f"{self.plan.org_url}/__sim__/records/Case", timeout=10)
        return [case for case in answer.json() if case["Jtel_Callback_ID__c"]]


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    demo = Demo(tmp_path)
    yield demo
    for running in demo.starts:
        running.kill()
    leftovers.end(demo.plan.mark)


def printed_curl(said: str) -> list[str]:
    line = next(line for line in said.splitlines() if line.startswith("curl "))
    return shlex.split(line)


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_it_starts_takes_a_callback_survives_kill_9_and_stops(demo: Demo) -> None:
    published = demo.start_and_wait()
    assert demo.plan.published.stat().st_mode & 0o777 == 0o600
    assert published["url"] == demo.plan.url
    assert published["org_url"] == demo.plan.org_url
    assert requests.get(f"{demo.plan.url}/admin/login/", timeout=10).ok

    curl = printed_curl(demo.said)
    first = json.loads(subprocess.check_output(curl, timeout=30))
    assert first["CallerID"] == "49199123456789"
    case = until(demo.cases)[0]
    assert case["Jtel_Callback_ID__c"] == first["CallbackID"]

    demo.kill_everything()
    again = demo.start_and_wait()
    assert again == published
    repeated = json.loads(subprocess.check_output(curl, timeout=30))
    assert (repeated["CallbackID"], repeated["Duplicate"]) == (first["CallbackID"], True)
    assert repeated["CaseNumber"] == case["CaseNumber"]
    assert demo.cases() == [case]

    os.kill(demo.running.process.pid, signal.SIGINT)
    assert demo.running.process.wait(20) == 0
    assert not demo.plan.published.exists()
    assert leftovers.marked(demo.plan.mark) == []


def test_a_second_start_replaces_a_demo_that_runs(demo: Demo) -> None:
    demo.start_and_wait()
    first = demo.running.process
    demo.start_and_wait()
    assert first.wait(20) == 1
    assert "Ended an earlier demo" in demo.said
    assert demo.plan.published.exists()


@pytest.mark.parametrize(("name", "which"), [("PORT", "port"), ("ORG_PORT", "org_port")])
def test_a_foreign_process_on_a_port_is_left_alone_and_named(
    demo: Demo, name: str, which: str
) -> None:
    with socket.create_server(("127.0.0.1", getattr(demo, which))):
        assert demo.start().process.wait(30) == 1
    assert demo.said.strip() == (
        f"demo: port {getattr(demo, which)} is not free (Address already in use);"
        f" choose with {name}=…"
    )


@pytest.mark.parametrize(
    "settings",
    [
        {"DATABASE_URL": "postgres://127.0.0.1/real", "SECRET_KEY": "x" * 50},
        {
            "SALESFORCE_URL": "https://acme.my.salesforce.com",
            "SALESFORCE_CLIENT_ID": "id",
            "SALESFORCE_CLIENT_SECRET": "secret",
        },
    ],
    ids=["database", "org"],
)
def test_a_real_installation_is_not_made_a_demo(demo: Demo, settings: dict[str, str]) -> None:
    assert demo.start(**settings).process.wait(30) == 1
    assert demo.said.startswith(f"demo: {next(iter(settings))} ")
    assert demo.said.count("\n") == 1


def test_only_what_carries_the_mark_is_ended(tmp_path: Path) -> None:
    sleeper = [sys.executable, "-c", "import signal; signal.pause()"]
    ours = subprocess.Popen(sleeper, env={"MARK": "one"})
    foreign = subprocess.Popen(sleeper, env={"MARK": "one more"})
    try:
        until(lambda: leftovers.marked("MARK=one") == [ours.pid])
        assert leftovers.end("MARK=one") == 1
        assert ours.wait(10) == -signal.SIGTERM
        assert foreign.poll() is None
    finally:
        ours.kill()
        foreign.kill()
        foreign.wait(10)
