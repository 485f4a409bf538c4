"""How a statement is refused."""


class MalformedQueryError(Exception):
    """The statement is wrong, or asks for something that is not understood here."""

    def __init__(self, message: str, *, code: str = "MALFORMED_QUERY") -> None:
        super().__init__(message)
        self.message, self.code = message, code


def pointing_at(statement: str, position: int, reason: str) -> str:
    """Show the place of an error as the platform does, with row and column (M)."""
    start = max(0, position - 20)
    excerpt = statement[start : position + 20]
    arrow = " " * (position - start) + "^"
    return f"\n{excerpt}\n{arrow}\nERROR at Row:1:Column:{position + 1}\n{reason}"
