"""Start the simulated org as a process of its own, for tests and benchmarks."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PATIENCE_S = 20


class OrgDidNotStartError(RuntimeError):
    """The process ended before it listened; the message is what it said."""


@dataclass
class Org:
    """A running simulated org; `url` is also the base of its control plane."""

    url: str
    process: subprocess.Popen[str]
    client_id: str = "demo-client"
    client_secret: str = "demo-secret"
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.session.trust_env = False

    @property
    def pid(self) -> int:
        """The process."""
        return self.process.pid

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.url.rpartition(":")[2])

    def control(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """Ask the control plane; a refusal is an error that shows its body."""
        answer = self.session.request(
            method, f"{self.url}/__sim__/{path}", json=body, params=query, timeout=PATIENCE_S
        )
        if not answer.ok:
            raise ValueError(answer.text)
        return answer.json()

    def state(self) -> dict[str, Any]:
        """Give counts of calls and records."""
        return dict(self.control("GET", "state"))

    def records(self, sobject: str = "Case") -> list[dict[str, Any]]:
        """Give all living records of an sObject."""
        return list(self.control("GET", f"records/{sobject}"))

    def arm(self, fault: dict[str, Any]) -> dict[str, Any]:
        """Arm a fault."""
        return dict(self.control("POST", "faults", fault))

    def clear(self) -> None:
        """Disarm all faults."""
        self.control("DELETE", "faults")

    def settings(self, **changes: float | bool) -> dict[str, Any]:
        """Change how the org behaves, or just tell."""
        return dict(self.control("POST", "settings", changes))

    def play(self, scenario: str, *, seed: int = 1) -> None:
        """Arm a named bundle of faults instead of all that is armed."""
        self.control("POST", f"scenarios/{scenario}", {"seed": seed})

    def edit(self, record_id: str, **fields: Any) -> dict[str, Any]:
        """Let an agent change a record in the org's own pages; give the record."""
        return dict(self.control("POST", f"records/{record_id}", fields))

    def create(self, sobject: str, **fields: Any) -> dict[str, Any]:
        """Let an agent enter a record; give the record."""
        return dict(self.control("POST", f"records/{sobject}", fields))

    def delete(self, record_id: str) -> None:
        """Let an agent put a record into the recycle bin."""
        self.control("DELETE", f"records/{record_id}")

    def merge(self, master_id: str, *loser_ids: str) -> None:
        """Let an agent merge one or two records into another of their kind."""
        self.control("POST", "merge", {"master": master_id, "losers": list(loser_ids)})

    def convert(self, lead_id: str) -> None:
        """Let an agent convert a lead; the contact that it becomes is not made."""
        self.control("POST", f"leads/{lead_id}/convert")

    def change_field(self, field: str, sobject: str = "Case", **facts: Any) -> dict[str, Any]:
        """Let an administrator change a field; `facts` as in README.md. Give its describe."""
        return dict(self.control("PATCH", f"schema/{sobject}/{field}", facts))

    def add_field(self, name: str, sobject: str = "Case", **facts: Any) -> dict[str, Any]:
        """Let an administrator add a custom field; `type` is needed. Give its describe."""
        return dict(self.control("POST", f"schema/{sobject}", {"name": name, **facts}))

    def remove_field(self, field: str, sobject: str = "Case") -> None:
        """Let an administrator delete a field; added again, it has its values back."""
        self.control("DELETE", f"schema/{sobject}/{field}")

    def rename_field(self, old: str, new: str, sobject: str = "Case") -> None:
        """Let an administrator give a custom field another name."""
        self.control("POST", f"schema/{sobject}", {"rename": {old: new}})

    def swap(self) -> str:
        """Put another org behind the URL, or the first one again; give its id."""
        return str(self.control("POST", "swap")["org_id"])

    def used_calls(self, used: int) -> None:
        """Have so many calls of the last 24 hours behind it; see also `settings(daily_limit=)`."""
        self.control("POST", "calls", {"used": used})

    def advance(self, seconds: float) -> None:
        """Move the org's clock forward; sessions may end by that."""
        self.control("POST", "clock", {"advance_s": seconds})

    def seed(self) -> None:
        """Make people to call back."""
        self.control("POST", "seed")

    def freeze(self, *, frozen: bool = True) -> None:
        """Freeze or unfreeze the integration user."""
        self.control("POST", "users/integration", {"frozen": frozen})

    def reset(self) -> None:
        """Empty the org."""
        self.control("POST", "reset")

    def log(self) -> list[dict[str, Any]]:
        """Give the last requests."""
        return list(self.control("GET", "log"))

    def audit(self, **query: str) -> dict[str, Any]:
        """Give what really happened to the Cases, or to another `object`, by another `field`."""
        return dict(self.control("GET", "audit", **query))

    def token(self) -> str:
        """Sign in and give an access token."""
        form = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        }
        url = f"{self.url}/services/oauth2/token"
        answer = self.session.post(url, data=form, timeout=PATIENCE_S)
        answer.raise_for_status()
        return str(answer.json()["access_token"])

    def stop(self) -> None:
        """End it politely and wait."""
        self.process.terminate()
        self._wait()

    def kill(self) -> None:
        """End it as a power cut would, and wait."""
        self.process.kill()
        self._wait()

    def _wait(self) -> None:
        self.session.close()
        end(self.process)


def start(db: Path, *, port: int | None = None, options: tuple[str, ...] = ()) -> Org:
    """Start an org on a file and wait until it listens; without a port it takes a free one."""
    command = [
        sys.executable, "-m", "tests.orgsim", "--db", str(db), "--port", str(port or 0),
        "--until-stdin-closes", *options,
    ]  # fmt: skip
    errors = db.with_suffix(".stderr")
    with errors.open("w") as stderr:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "PYTHONUNBUFFERED": "1"}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr,
        )  # fmt: skip
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        end(process)
        raise OrgDidNotStartError(errors.read_text())
    return Org(line.split()[-1], process)


def end(process: subprocess.Popen[str]) -> None:
    """Wait for a process that is on its way out, and close the pipes to it."""
    process.wait(PATIENCE_S)
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


@contextlib.contextmanager
def running(db: Path, *, port: int | None = None, options: tuple[str, ...] = ()) -> Iterator[Org]:
    """Run an org for the length of a block; the file outlives it."""
    org = start(db, port=port, options=options)
    try:
        yield org
    finally:
        if org.process.poll() is None:
            org.stop()
        else:
            org._wait()
