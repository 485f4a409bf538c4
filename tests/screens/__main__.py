"""Pictures of every page, in docs/screens: an installation of its own, seeded, looked at, and gone.

python -m tests.screens [PART OF A NAME]
"""

import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests.orgsim import process as orgsim
from tests.processes import ROOT, Installation

HOUR = 14  # of the day in the pictures, whatever it is here
SHOTS = "from tests.screens import shots; shots.take({url!r}, {folder!r}, {wanted!r})"


def main(wanted: str) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="jtelbridge-screens-") as name,
        orgsim.running(Path(name) / "org.sqlite3", options=("--seed-demo",)) as org,
        Installation.running_on(Path(name), postgres=False, **SURROUNDINGS) as installation,
    ):
        org.used_calls(49_620)
        installation.talk_to(org)
        installation.start_web()
        statement = SHOTS.format(url=installation.url, folder=name, wanted=wanted)
        shell = [sys.executable, "manage.py", "shell", "-v0", "-c", statement]
        subprocess.run(shell, env=installation.environment, cwd=ROOT, check=True)


def where_it_is(hour: int) -> str:
    """A time zone in which it is that hour now; such names count the other way round."""
    ahead = (hour - datetime.now(UTC).hour + 11) % 24 - 11
    return f"Etc/GMT{-ahead:+d}"


SURROUNDINGS = {
    "ALLOWED_HOSTS": "127.0.0.1,testserver",
    "JTEL_TIMEZONE": where_it_is(HOUR),
    "LOG_LEVEL": "ERROR",
}
main(sys.argv[1] if len(sys.argv) > 1 else "")
