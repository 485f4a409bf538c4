"""CPU time and memory of processes with all their descendants, as the kernel counts them."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
TICK = os.sysconf("SC_CLK_TCK")


def stat(pid: int) -> list[str]:
    """Fields of /proc/PID/stat after the name, which may contain anything."""
    text = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    return text.rpartition(")")[2].split()


def tree(pid: int) -> Iterator[int]:
    yield pid
    for file in PROC.glob("[0-9]*/stat"):
        child = int(file.parent.name)
        with suppress(OSError):
            if int(stat(child)[1]) == pid:
                yield from tree(child)


def cpu_seconds(pid: int) -> float:
    """Of the living ones: a pool that loses members loses their time."""
    ticks = 0
    for member in tree(pid):
        with suppress(OSError):
            fields = stat(member)
            ticks += int(fields[11]) + int(fields[12])
    return ticks / TICK


def pss_mb(pid: int) -> float:
    """Memory in proportion: what several processes share is counted once among them."""
    kilobytes = 0
    for member in tree(pid):
        with suppress(OSError):
            text = (PROC / str(member) / "smaps_rollup").read_text(encoding="utf-8")
            found = re.search(r"(?m)^Pss:\s+(\d+) kB", text)
            kilobytes += int(found[1]) if found else 0
    return kilobytes / 1024
