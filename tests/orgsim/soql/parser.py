"""Read a statement by recursive descent: one function per rule of the grammar."""

import re

from .. import clock  # noqa: TID252 - one package
from .errors import MalformedQueryError, pointing_at
from .lexer import Token, tokens, unquoted
from .tree import Both, Comparison, Condition, FieldsOf, Literal, Not, Order, Path, Query

LONGEST_STATEMENT = 100_000
LONGEST_LITERAL = 4_000
OPERATORS = {"=", "!=", "<>", "<", "<=", ">", ">="}
PLAIN_PERIODS = {
    "TODAY", "YESTERDAY", "TOMORROW", "THIS_WEEK", "LAST_WEEK", "THIS_MONTH", "LAST_MONTH",
}  # fmt: skip
COUNTED_PERIODS = {"LAST_N_DAYS", "NEXT_N_DAYS", "N_DAYS_AGO"}
MOST_OFFSET = 2_000
MOST_DIGITS_OF_DAYS = 4
WHOLE_NUMBER = re.compile(r"\d{1,9}")


def is_period(token: Token) -> bool:
    """Whether a token is a period with a count that a calendar can hold."""
    name, count = token.word.split(":")
    return name in COUNTED_PERIODS and len(count) <= MOST_DIGITS_OF_DAYS


def is_moment(token: Token) -> bool:
    """Whether a token that looks like a date is one."""
    read = clock.read if token.kind == "datetime" else clock.read_day
    return read(token.text) is not None


def parse(statement: str) -> Query:
    """Read a whole statement.

    Limits of 100,000 characters a statement and 4,000 a literal are documented (D).
    """
    if len(statement) > LONGEST_STATEMENT:
        raise MalformedQueryError(
            "SOQL statements cannot be longer than 100,000 characters.",
            code="QUERY_TOO_COMPLICATED",
        )
    return Parser(statement).query()


class Parser:
    """Holds the place in the tokens of one statement."""

    def __init__(self, statement: str) -> None:
        self.statement = statement
        self.tokens = list(tokens(statement))
        self.next = 0

    @property
    def here(self) -> Token:
        """The token that is read next."""
        return self.tokens[self.next]

    def take(self) -> Token:
        """Read one token."""
        token = self.here
        self.next += 1
        return token

    def wrong(self, token: Token, reason: str | None = None) -> MalformedQueryError:
        """Refuse the statement at a token."""
        reason = reason or f"unexpected token: '{token.text}'"
        return MalformedQueryError(pointing_at(self.statement, token.position, reason))

    def unsupported(self, token: Token, what: str) -> MalformedQueryError:
        """Refuse what a real org could do: never a silently wrong answer."""
        return self.wrong(token, f"{what} is not supported by this simulated org")

    def at(self, word: str) -> bool:
        """Whether the next token is this keyword or mark."""
        return self.here.kind in {"name", "mark"} and self.here.word == word

    def took(self, word: str) -> bool:
        """Read this keyword or mark if it is next."""
        if self.at(word):
            self.next += 1
            return True
        return False

    def expect(self, word: str) -> Token:
        """Read this keyword or mark, or refuse."""
        if not self.at(word):
            raise self.wrong(self.here, f"expecting '{word}' but was: '{self.here.text}'")
        return self.take()

    def query(self) -> Query:
        """SELECT fields FROM object and the optional clauses, in their fixed order."""
        self.expect("SELECT")
        fields, counting = self.selection()
        self.expect("FROM")
        sobject = self.name()
        if self.here.kind == "name" and self.here.word not in {
            "WHERE", "ORDER", "LIMIT", "OFFSET", "GROUP", "WITH", "FOR", "USING", "HAVING", "ALL",
        }:  # fmt: skip
            raise self.unsupported(self.here, f"the alias '{self.here.text}'")
        where = self.condition() if self.took("WHERE") else None
        order = self.ordering() if self.at("ORDER") else ()
        limit = self.whole_number() if self.took("LIMIT") else None
        offset = self.whole_number() if self.took("OFFSET") else 0
        self.finish(offset)
        return Query(
            self.statement, fields, counting, sobject.text, sobject.position,
            where, order, limit, offset,
        )  # fmt: skip

    def finish(self, offset: int) -> None:
        """Refuse what follows the clauses that are understood."""
        if self.here.kind == "name":
            raise self.unsupported(self.here, f"the clause {self.here.word}")
        if self.here.kind != "end":
            raise self.wrong(self.here)
        if offset > MOST_OFFSET:
            raise MalformedQueryError(
                "Maximum SOQL offset allowed is 2000", code="NUMBER_OUTSIDE_VALID_RANGE"
            )

    def name(self) -> Token:
        """Read a name without dots."""
        token = self.take()
        if token.kind != "name" or "." in token.text:
            raise self.wrong(token)
        return token

    def path(self) -> Path:
        """Read a field's name, with its parents."""
        token = self.take()
        if token.kind != "name":
            raise self.wrong(token)
        if self.at("("):
            raise self.unsupported(token, f"the function {token.word}()")
        return Path(tuple(token.text.split(".")), token.position)

    def selection(self) -> tuple[tuple[Path | FieldsOf, ...], bool]:
        """Read the list of fields, or COUNT()."""
        if self.here.word == "COUNT" and self.tokens[self.next + 1].text == "(":
            self.next += 2
            if not self.took(")"):
                raise self.unsupported(self.here, "COUNT of a field")
            return (), True
        fields = [self.selected()]
        while self.took(","):
            fields.append(self.selected())
        return tuple(fields), False

    def selected(self) -> Path | FieldsOf:
        """Read one entry of the selection."""
        if self.at("("):
            raise self.unsupported(self.here, "a subquery")
        if self.here.word == "TYPEOF":
            raise self.unsupported(self.here, "TYPEOF")
        if self.here.word == "FIELDS" and self.tokens[self.next + 1].text == "(":
            self.next += 2
            which = self.name().word
            self.expect(")")
            return FieldsOf(which)
        return self.path()

    def condition(self) -> Condition:
        """Read a condition; AND and OR do not mix without parentheses (D)."""
        parts = [self.negation()]
        word = self.here.word
        if self.here.kind != "name" or word not in {"AND", "OR"}:
            return parts[0]
        while self.took(word):
            parts.append(self.negation())
        if self.at("AND") or self.at("OR"):
            raise self.wrong(self.here)
        return Both(word, tuple(parts))

    def negation(self) -> Condition:
        """Read NOT, parentheses or a comparison."""
        if self.took("NOT"):
            return Not(self.negation())
        if self.took("("):
            inner = self.condition()
            self.expect(")")
            return inner
        return self.comparison()

    def comparison(self) -> Comparison:
        """Read a field, an operator and its values."""
        path = self.path()
        operator = self.take()
        if operator.word in {"IN", "NOT"}:
            if operator.word == "NOT":
                self.expect("IN")
            return Comparison(path, "IN" if operator.word == "IN" else "NOT IN", self.several())
        if operator.word == "LIKE":
            return Comparison(path, "LIKE", (self.pattern(),))
        if operator.word in {"INCLUDES", "EXCLUDES"}:
            raise self.unsupported(operator, operator.word)
        if operator.text not in OPERATORS:
            raise self.wrong(operator)
        sign = "!=" if operator.text == "<>" else operator.text
        return Comparison(path, sign, (self.literal(),))

    def several(self) -> tuple[Literal, ...]:
        """Read the list of values of IN."""
        self.expect("(")
        if self.at("SELECT"):
            raise self.unsupported(self.here, "a semi-join")
        values = [self.literal()]
        while self.took(","):
            values.append(self.literal())
        self.expect(")")
        return tuple(values)

    def pattern(self) -> Literal:
        """Read the pattern of LIKE."""
        token = self.take()
        if token.kind != "text":
            raise self.wrong(token)
        return Literal("text", unquoted(token, pattern=True), token.position)

    def literal(self) -> Literal:
        """Read one value."""
        token = self.take()
        if token.kind == "text":
            return Literal("text", self.short_enough(token), token.position)
        if token.kind == "number":
            return Literal("number", float(token.text), token.position)
        if token.kind in {"date", "datetime"} and is_moment(token):
            return Literal(token.kind, token.text, token.position)
        if token.kind == "period" and is_period(token):
            return Literal("period", token.word, token.position)
        if token.kind == "name":
            return self.named(token)
        raise self.wrong(token)

    def named(self, token: Token) -> Literal:
        """Read a value that is a word."""
        if token.word in {"TRUE", "FALSE"}:
            return Literal("boolean", token.word == "TRUE", token.position)
        if token.word == "NULL":
            return Literal("null", None, token.position)
        if token.word in PLAIN_PERIODS:
            return Literal("period", token.word, token.position)
        raise self.wrong(token)

    def short_enough(self, token: Token) -> str:
        """Give a text value, refusing those that are too long (D)."""
        value = unquoted(token)
        if len(value) > LONGEST_LITERAL:
            raise self.wrong(token, "string literal is longer than 4000 characters")
        return value

    def ordering(self) -> tuple[Order, ...]:
        """Read ORDER BY."""
        self.expect("ORDER")
        self.expect("BY")
        keys = [self.order_key()]
        while self.took(","):
            keys.append(self.order_key())
        return tuple(keys)

    def order_key(self) -> Order:
        """Read one key of ORDER BY; nulls come first unless said otherwise (D)."""
        path = self.path()
        descending = self.took("DESC")
        if not descending:
            self.took("ASC")
        if not self.took("NULLS"):
            return Order(path, descending, nulls_first=True)
        first = self.took("FIRST")
        if not first:
            self.expect("LAST")
        return Order(path, descending, first)

    def whole_number(self) -> int:
        """Read the number of LIMIT or OFFSET."""
        token = self.take()
        if not WHOLE_NUMBER.fullmatch(token.text):
            raise self.wrong(token)
        return int(token.text)
