"""Values in a SOQL statement: whatever a text holds, it stays a text. Pure.

Escapes as in the SOQL reference, "Quoted String Escape Sequences"; between single quotes nothing
but a backslash and a single quote means anything.
"""

from collections.abc import Iterable

_ESCAPES = str.maketrans(
    {
        "\\": r"\\",
        "'": r"\'",
        "\n": r"\n",
        "\r": r"\r",
        "\t": r"\t",
        "\b": r"\b",
        "\f": r"\f",
    }
)
_WILDCARDS = str.maketrans({"%": r"\%", "_": r"\_"})


def literal(text: str) -> str:
    return f"'{text.translate(_ESCAPES)}'"


def pattern(text: str, *, before: str = "", after: str = "") -> str:
    """For LIKE: the text means itself, `before` and `after` may be a wildcard."""
    return f"'{before}{text.translate(_ESCAPES).translate(_WILDCARDS)}{after}'"


def listed(texts: Iterable[str]) -> str:
    """For IN; not of nothing, which SOQL has no words for."""
    return f"({', '.join(map(literal, texts))})"
