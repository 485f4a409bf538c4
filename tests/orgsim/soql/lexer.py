"""Cut a statement into tokens."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .errors import MalformedQueryError, pointing_at

TOKENS = re.compile(
    r"""(?P<blank>\s+)
    |(?P<text>'(?:[^'\\]|\\.)*')
    |(?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
    |(?P<date>\d{4}-\d\d-\d\d)
    |(?P<period>[A-Za-z_]+:\d+)
    |(?P<number>[+-]?\d+(?:\.\d+)?)
    |(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
    |(?P<mark><=|>=|!=|<>|[=<>(),])""",
    re.VERBOSE | re.DOTALL,
)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
KNOWN_ESCAPES = frozenset("nNrRtTbBfF\"'\\_%")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a statement; the kind is a group of the pattern above, or `end`."""

    kind: str
    text: str
    position: int

    @property
    def word(self) -> str:
        """The text as a keyword."""
        return self.text.upper()


def tokens(statement: str) -> Iterator[Token]:
    """Yield the tokens of a statement, then one of the kind `end`."""
    position = 0
    while position < len(statement):
        found = TOKENS.match(statement, position)
        if found is None:
            reason = f"unexpected token: '{statement[position]}'"
            raise MalformedQueryError(pointing_at(statement, position, reason))
        if found.lastgroup != "blank":
            yield Token(str(found.lastgroup), found.group(), position)
        position = found.end()
    yield Token("end", "<EOF>", position)


def unquoted(token: Token, *, pattern: bool = False) -> str:
    r"""Give the text inside quotes; in a LIKE pattern `\%` and `\_` stay escaped."""
    inner = token.text[1:-1]
    if "\\" not in inner:
        return inner

    def plain(found: re.Match[str]) -> str:
        char = found.group(1)
        if char not in KNOWN_ESCAPES:
            raise MalformedQueryError(
                f"Invalid string literal '{inner}'. Illegal character sequence '\\{char}' in string literal."
            )
        if pattern and char in "%_\\":
            return "\\" + char
        return ESCAPES.get(char.lower(), char)

    return re.sub(r"\\(.)", plain, inner, flags=re.DOTALL)
