"""What an ACD sends fills a place in a query, and never becomes a word of it."""

import re
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.parameters import MOST_BYTES, MOST_CHARACTERS, UnfitError, bind, trouble_with
from crm.soql import listed, literal, pattern
from tests.orgsim.soql.lexer import tokens, unquoted

NAME = "SELECT Id FROM Account WHERE Name = :Param1"
TEXTS = st.text() | st.text(alphabet="'\\%_\n\r\t\"; nNdDuU*(){}:-/ä\N{GRINNING FACE}\u2028")


@given(TEXTS)
def test_any_text_stays_one_text(text: str) -> None:
    [token, end] = list(tokens(literal(text)))
    assert (token.kind, unquoted(token), end.kind) == ("text", text, "end")


@given(TEXTS)
def test_any_text_means_itself_behind_like(text: str) -> None:
    [token, _end] = list(tokens(pattern(text, after="%")))
    meant = unquoted(token, pattern=True)
    assert meant.endswith("%")
    plain = re.sub(r"\\([%_\\])", r"\1", meant[:-1])
    assert plain == text
    assert not re.search(r"(?<!\\)(?:\\\\)*[%_]", meant[:-1])


def test_a_list_is_texts_with_commas() -> None:
    assert listed(["a", "b'c"]) == r"('a', 'b\'c')"


@given(TEXTS.filter(bool))
def test_any_value_fills_its_place_and_no_other(text: str) -> None:
    soql = "SELECT Id FROM Account WHERE Name = ':x' AND Name = :Param1 AND Phone = :Param2"
    try:
        bound = bind(soql, {"Param1": text, "Param2": ":Param1"})
    except UnfitError:
        assert len(text) > MOST_CHARACTERS or len(quote(text)) > MOST_BYTES / 2
        return
    shape = [token.text if token.kind != "text" else "text" for token in tokens(bound)]
    assert shape == [
        *("SELECT", "Id", "FROM", "Account", "WHERE", "Name", "=", "text", "AND"),
        *("Name", "=", "text", "AND", "Phone", "=", "text", "LIMIT", "2", "<EOF>"),
    ]
    texts = [unquoted(token) for token in tokens(bound) if token.kind == "text"]
    assert texts == [":x", text, ":Param1"]


def test_a_wildcard_is_the_querys_alone() -> None:
    soql = "SELECT Id FROM Account WHERE Name LIKE %:Param1% AND Phone like :Param2"
    assert bind(soql, {"Param1": "50%_", "Param2": "x"}) == (
        r"SELECT Id FROM Account WHERE Name LIKE '%50\%\_%' AND Phone like 'x' LIMIT 2"
    )


@pytest.mark.parametrize(
    ("kind", "value", "bound"),
    [
        ("number", "42", "42"),
        ("number", "-4.20", "-4.20"),
        ("date", "2026-11-23", "2026-11-23"),
        ("date", "2026-11-23T09:41:03+01:00", "2026-11-23T08:41:03Z"),
    ],
)
def test_numbers_and_dates_stand_without_quotes(kind: str, value: str, bound: str) -> None:
    soql = f"SELECT Id FROM Case WHERE X__c = :Param1:{kind} ORDER BY Id"
    expected = f"SELECT Id FROM Case WHERE X__c = {bound} ORDER BY Id LIMIT 2"
    assert bind(soql, {"Param1": value}) == expected


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *[("number", text) for text in ("", "x", "1 OR 1=1", "1e9", "٣", "9" * 19, "1.")],
        *[("date", text) for text in ("", "x", "2026-13-01", "2026-11-23T09:41:03", "TODAY")],
        ("date", "0001-01-01T00:00:00+14:00"),
    ],
)
def test_what_is_no_number_or_date_fits_no_such_place(kind: str, value: str) -> None:
    with pytest.raises(UnfitError):
        bind(f"SELECT Id FROM Case WHERE X__c = :Param1:{kind}", {"Param1": value})


@given(st.text())
def test_any_text_is_a_date_without_quotes_or_refused(text: str) -> None:
    try:
        bound = bind("SELECT Id FROM Case WHERE X__c = :Param1:date", {"Param1": text})
    except UnfitError:
        return
    kinds = [token.kind for token in tokens(bound)]
    assert kinds[-4] in {"date", "datetime"}


@pytest.mark.parametrize("value", ["", "x" * (MOST_CHARACTERS + 1), "ä" * MOST_CHARACTERS])
def test_nothing_and_too_much_fit_nowhere(value: str) -> None:
    soql = NAME if len(value) != MOST_CHARACTERS else f"{NAME} OR Site = :Param1"
    with pytest.raises(UnfitError, match=r"empty|longer"):
        bind(soql, {"Param1": value})


@pytest.mark.parametrize(
    "soql",
    [
        NAME,
        "select Id, Account.Name from Case where CaseNumber = :Param1 order by Id",
        "SELECT Id FROM Case WHERE CreatedDate = LAST_N_DAYS:30 AND Subject LIKE :Param4%",
        r"SELECT Id FROM Case WHERE Subject = 'it\'s: 5% LIMIT' AND Reason = :Param1",
        "SELECT Id FROM Case WHERE CreatedDate > 2026-11-23T08:41:03Z AND X__c > :Param2:number",
    ],
)
def test_a_sound_query_is_taken(soql: str) -> None:
    assert trouble_with(soql) == ""


@pytest.mark.parametrize(
    "soql",
    [
        "DELETE FROM Case",
        "FIND {x}",
        "",
        f"{NAME} LIMIT 1",
        f"{NAME} limit\n1",
        f"{NAME} FOR UPDATE",
        f"{NAME} ALL  ROWS",
        f"{NAME};",
        f"{NAME} AND Phone = ':Param2'",
        f"{NAME} AND Phone = 'open",
        f"{NAME}%",
        "SELECT Id FROM Account WHERE Name LIKE :Param1:number",
        "SELECT Id FROM Account WHERE Name = :Param5",
        "SELECT Id FROM Account WHERE Name = :name",
        "SELECT Id FROM Account WHERE Name = : Param1",
    ],
)
def test_a_query_that_could_not_be_kept_safe_is_refused(soql: str) -> None:
    assert trouble_with(soql)
