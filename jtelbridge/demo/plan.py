"""Where the demo keeps its things, what it starts, and with which settings."""

import os
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

MARK = "JTELBRIDGE_DEMO"
ORG_CLIENT = {"client_id": "demo-client", "client_secret": "demo-secret"}
THREADS = str(min(8, 2 * (os.cpu_count() or 1) + 1))  # more, and granian warns
# Whatever a developer has set for other purposes: the demo runs with the defaults.
CLEARED = (
    "ALLOWED_HOSTS",
    "CSRF_TRUSTED_ORIGINS",
    "DISABLED_APPS",
    "SALESFORCE_PRIVATE_KEY",
    "SALESFORCE_USERNAME",
)


@dataclass(frozen=True)
class Plan:
    root: Path
    folder: Path
    port: int
    org_port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def org_url(self) -> str:
        return f"http://127.0.0.1:{self.org_port}"

    @property
    def published(self) -> Path:
        return self.folder / "demo.json"

    @property
    def state(self) -> Path:
        """What has to outlive the demo: a secret of which the database knows the digest only."""
        return self.folder / "demo-state"

    @property
    def mark(self) -> str:
        """In the environment of all that the demo starts, so that the next start knows its own."""
        return f"{MARK}={self.folder.resolve()}"

    @property
    def environment(self) -> dict[str, str]:
        cleared = dict.fromkeys([*CLEARED, *(f"{name}_FILE" for name in CLEARED)], "")
        name, _, value = self.mark.partition("=")
        return {
            **os.environ,
            **cleared,
            name: value,
            "CELERY_BROKER_URL": "filesystem://localhost",
            "LOG_LEVEL": "WARNING",
            "WEB_THREADS": THREADS,
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "ignore",  # Celery's about root, for one
            "SALESFORCE_URL": self.org_url,
            "SALESFORCE_CLIENT_ID": ORG_CLIENT["client_id"],
            "SALESFORCE_CLIENT_SECRET": ORG_CLIENT["client_secret"],
            "SALESFORCE_CLIENT_SECRET_FILE": "",
        }

    @property
    def commands(self) -> dict[str, str]:
        """Shell lines by the name of what they start."""
        org_database = str(self.folder / "orgsim.sqlite3")
        celery = ("celery", "--quiet", "-A", "jtelbridge")
        calm_worker = ("--without-gossip", "--without-mingle", "--without-heartbeat")
        return {
            "org": python(
                "tests.orgsim", "--port", str(self.org_port), "--db", org_database, "--seed-demo"
            ),
            "web": python(
                *("jtelbridge.web", "--interface", "wsgi", "--host", "127.0.0.1"),
                *("--port", str(self.port), "--no-ws"),
                *("--log-level", "warning", "--no-access-log", "jtelbridge.wsgi:application"),
            ),
            "worker": python(
                *(*celery, "worker", "-P", "threads", "-c", "2"),
                *(*calm_worker, "--loglevel", "WARNING"),
            ),
            "beat": python(*celery, "beat", "--loglevel", "WARNING"),
        }


def python(module: str, *arguments: str) -> str:
    """`exec`, so that the process that gets the signals is the program and not its shell."""
    return "exec " + shlex.join([sys.executable, "-m", module, *arguments])
