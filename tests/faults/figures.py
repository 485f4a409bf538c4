"""What a test of faults measured, as a table: a row for each figure, columns side by side."""

from collections.abc import Iterable, Mapping, Sequence

Shown = float | str
Row = tuple[str, Mapping[str, Shown]]
ALONE = "value"  # the name of a column that needs none


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table(rows: Iterable[Row]) -> list[str]:
    """Lines of text; a row that lacks a column leaves it empty, a lone value is in the first."""
    rows = list(rows)
    names = list(dict.fromkeys(name for _, row in rows for name in row if name != ALONE)) or [ALONE]
    cells = [[title, *_cells(row, names)] for title, row in rows]
    if names != [ALONE]:
        cells.insert(0, ["", *names])
    widths = [max(len(row[column]) for row in cells) for column in range(len(names) + 1)]
    return [_line(row, widths) for row in cells]


def _cells(row: Mapping[str, Shown], names: Sequence[str]) -> list[str]:
    if ALONE in row:
        return [_shown(row[ALONE]), *[""] * (len(names) - 1)]
    return [_shown(row.get(name, "")) for name in names]


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
    return "  ".join([row[0].ljust(len(first)), *others]).rstrip()


def _shown(value: Shown) -> str:
    return f"{value:,.2f}" if isinstance(value, float) else str(value)
