"""What a test of faults measured, as a table: a row for each figure, columns side by side."""

from collections.abc import Iterable, Mapping, Sequence

Shown = float | str
Row = tuple[str, Mapping[str, Shown]]


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table(rows: Iterable[Row]) -> list[str]:
    """Lines of text; a row that lacks a column leaves it empty."""
    rows = list(rows)
    names = list(dict.fromkeys(name for _, columns in rows for name in columns))
    head = ["", *("" if name == "value" else name for name in names)]
    cells = [head, *([title, *(_shown(row.get(n, "")) for n in names)] for title, row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    return [_line(row, widths) for row in cells if any(row)]


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
    return "  ".join([row[0].ljust(len(first)), *others])


def _shown(value: Shown) -> str:
    return f"{value:,.2f}" if isinstance(value, float) else str(value)
