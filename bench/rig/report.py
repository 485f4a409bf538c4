"""What a measurement prints: the machine, a table, and one line of JSON at the end."""

import json
import os
import platform
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import django


def quick() -> bool:
    """Whether a minute has to do. Its figures say that the script works, not how fast we are."""
    return os.environ.get("QUICK", "") not in {"", "0"}


def percentile(values: Sequence[float], share: float) -> float:
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def machine() -> str:
    info = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = re.search(r"model name\s*:\s*(.+)", info)
    memory = Path("/proc/meminfo").read_text(encoding="utf-8").split(None, 2)[1]
    return (
        f"{len(os.sched_getaffinity(0))} x {model[1] if model else platform.machine()},"
        f" {int(memory) / 2**20:.0f} GiB, Linux {platform.release()},"
        f" Python {platform.python_version()}, Django {django.get_version()}"
    )


def headline(text: str) -> None:
    print(f"\n{text}\n{machine()}{', QUICK=1' if quick() else ''}\n", flush=True)


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    cells = [list(head), *([shown(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    for row in cells:
        first, *others = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join([row[0].ljust(len(first)), *others]), flush=True)


def shown(cell: object) -> str:
    return f"{cell:,.2f}" if isinstance(cell, float) else str(cell)


def last_line(figures: Mapping[str, float | Mapping[str, float]]) -> None:
    print(json.dumps(rounded(figures)), flush=True)


def rounded(figures: Mapping[str, float | Mapping[str, float]]) -> dict[str, object]:
    return {
        name: round(value, 4) if isinstance(value, int | float) else rounded(value)
        for name, value in figures.items()
    }
