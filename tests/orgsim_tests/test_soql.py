"""The SOQL module by itself: what it reads, and what it refuses by name."""

from datetime import UTC, datetime

import pytest

from tests.orgsim.catalogue import schema_from
from tests.orgsim.org import METADATA
from tests.orgsim.soql import MalformedQueryError, parse
from tests.orgsim.soql.periods import span
from tests.orgsim.soql.translate import Statement, translate
from tests.orgsim.soql.tree import Both, Comparison, Not

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)  # a Monday
SCHEMA = schema_from(METADATA)


def sql(statement: str) -> Statement:
    """Translate a statement."""
    return translate(parse(statement), SCHEMA, NOW)


def refusal(statement: str) -> MalformedQueryError:
    """Give the error that a statement earns."""
    with pytest.raises(MalformedQueryError) as refused:
        sql(statement)
    return refused.value


def test_keywords_and_names_do_not_mind_letter_case() -> None:
    one = sql("SELECT Id FROM Case WHERE Subject = 'x' ORDER BY CreatedDate DESC LIMIT 1")
    two = sql("select id from case where subject = 'x' order by createddate desc limit 1")
    assert one.sql == two.sql


def test_conditions_nest() -> None:
    query = parse(
        "SELECT Id FROM Case WHERE NOT (Status = 'New' OR Status = 'x') AND IsClosed = true"
    )
    assert isinstance(query.where, Both)
    negated, plain = query.where.parts
    assert isinstance(negated, Not)
    assert isinstance(plain, Comparison)


def test_and_does_not_mix_with_or_without_parentheses() -> None:
    assert (
        "unexpected token: 'OR'"
        in refusal(
            "SELECT Id FROM Case WHERE Status = 'a' AND Status = 'b' OR Status = 'c'"
        ).message
    )


def test_values_never_become_part_of_the_sql() -> None:
    found = sql(r"SELECT Id FROM Case WHERE Subject = 'it\'s \\ \"x\" ; DROP TABLE'")
    assert found.values == ('it\'s \\ "x" ; DROP TABLE',)
    assert "DROP" not in found.sql


def test_a_wrong_escape_is_refused() -> None:
    assert (
        "Illegal character sequence" in refusal(r"SELECT Id FROM Case WHERE Subject = '\q'").message
    )


def test_parents_are_joined_once() -> None:
    found = sql("SELECT Contact.Name, Contact.Account.Name FROM Case WHERE Contact.Phone = '1'")
    assert found.sql.count("JOIN") == 2
    assert found.parents == (("Contact",), ("Contact", "Account"))


def test_15_character_ids_are_compared_as_long_ones() -> None:
    assert sql("SELECT Id FROM Case WHERE Id = '5008d0000000001'").values == ("5008d0000000001AAA",)


def test_datetimes_are_compared_in_utc() -> None:
    found = sql("SELECT Id FROM Case WHERE CreatedDate >= 2026-11-23T01:00:00+01:00")
    assert found.values == ("2026-11-23T00:00:00.000+0000",)


def test_all_fields_need_a_small_limit() -> None:
    assert "LIMIT of at most 200" in refusal("SELECT FIELDS(ALL) FROM Case").message
    assert len(sql("SELECT FIELDS(CUSTOM) FROM Case LIMIT 1").columns) >= 2
    standard = sql("SELECT FIELDS(STANDARD) FROM Case")
    assert ("CaseNumber",) in dict(standard.columns)


@pytest.mark.parametrize(
    ("literal", "start", "end"),
    [
        ("TODAY", "2026-11-23", "2026-11-24"),
        ("YESTERDAY", "2026-11-22", "2026-11-23"),
        ("TOMORROW", "2026-11-24", "2026-11-25"),
        ("THIS_WEEK", "2026-11-22", "2026-11-29"),
        ("LAST_WEEK", "2026-11-15", "2026-11-22"),
        ("THIS_MONTH", "2026-11-01", "2026-12-01"),
        ("LAST_MONTH", "2026-10-01", "2026-11-01"),
        ("LAST_N_DAYS:3", "2026-11-20", "2026-11-24"),
        ("NEXT_N_DAYS:2", "2026-11-24", "2026-11-26"),
        ("N_DAYS_AGO:1", "2026-11-22", "2026-11-23"),
    ],
)
def test_periods_are_whole_days(literal: str, start: str, end: str) -> None:
    begin, finish = span(literal, NOW)
    assert (begin.date().isoformat(), finish.date().isoformat()) == (start, end)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("SELECT COUNT(Id) FROM Case", "COUNT of a field"),
        ("SELECT MAX(CreatedDate) FROM Case", "the function MAX()"),
        ("SELECT Id, (SELECT Id FROM CaseComments) FROM Case", "a subquery"),
        ("SELECT TYPEOF Owner WHEN User THEN Id END FROM Case", "TYPEOF"),
        ("SELECT Id FROM Case GROUP BY Status", "the clause GROUP"),
        ("SELECT Id FROM Case FOR UPDATE", "the clause FOR"),
        ("SELECT Id FROM Case WITH SECURITY_ENFORCED", "the clause WITH"),
        ("SELECT c.Id FROM Case c", "the alias 'c'"),
        ("SELECT Id FROM Case WHERE ContactId IN (SELECT Id FROM Contact)", "a semi-join"),
        ("SELECT Id FROM Case WHERE Type INCLUDES ('a')", "INCLUDES"),
    ],
)
def test_what_a_real_org_could_do_is_refused_by_name(statement: str, named: str) -> None:
    refused = refusal(statement)
    assert refused.code == "MALFORMED_QUERY"
    assert f"{named} is not supported by this simulated org" in refused.message


@pytest.mark.parametrize(
    ("statement", "code", "words"),
    [
        ("", "MALFORMED_QUERY", "expecting 'SELECT'"),
        ("SELECT", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
        ("SELECT Id FROM", "MALFORMED_QUERY", "unexpected token"),
        ("SELECT Id, FROM Case", "MALFORMED_QUERY", "expecting 'FROM'"),
        ("SELECT Id FROM Case WHERE", "MALFORMED_QUERY", "unexpected token"),
        ("SELECT Id FROM Case WHERE Subject", "MALFORMED_QUERY", "unexpected token"),
        ("SELECT Id FROM Case WHERE Subject = 'open", "MALFORMED_QUERY", "unexpected token: '''"),
        ("SELECT Id FROM Case WHERE Subject IN ()", "MALFORMED_QUERY", "unexpected token: ')'"),
        ("SELECT Id FROM Case LIMIT x", "MALFORMED_QUERY", "unexpected token: 'x'"),
        ("SELECT Id FROM Case LIMIT 1 )", "MALFORMED_QUERY", "unexpected token: ')'"),
        ("SELECT Id FROM Case OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "2000"),
        ("SELECT Idd FROM Case", "INVALID_FIELD", "No such column 'Idd' on entity 'Case'"),
        ("SELECT Nope.Id FROM Case", "INVALID_FIELD", "Didn't understand relationship"),
        ("SELECT Id FROM Nope", "INVALID_TYPE", "sObject type 'Nope' is not supported"),
        (
            "SELECT Id FROM Case WHERE Description = 'x'",
            "INVALID_FIELD",
            "field 'Description' can not be filtered in a query call",
        ),
        ("SELECT Id FROM Case WHERE IsClosed = 'true'", "INVALID_FIELD", "must be of type boolean"),
        ("SELECT Id FROM Case WHERE Subject = 1", "INVALID_FIELD", "must be of type string"),
        ("SELECT Id FROM Case WHERE Subject = TODAY", "INVALID_FIELD", "must be of type string"),
        ("SELECT Id FROM Case WHERE CreatedDate > '2026'", "INVALID_FIELD", "of type dateTime"),
        ("SELECT Id FROM Case LIMIT 99999999999999999999", "MALFORMED_QUERY", "unexpected token"),
        (
            "SELECT Id FROM Case WHERE CreatedDate > LAST_N_DAYS:99999999999",
            "MALFORMED_QUERY",
            "unexpected token",
        ),
        (
            "SELECT Id FROM Case WHERE CreatedDate > 2026-99-99T00:00:00Z",
            "MALFORMED_QUERY",
            "unexpected token",
        ),
        (
            "SELECT Id FROM Task WHERE ActivityDate > 2026-02-30",
            "MALFORMED_QUERY",
            "unexpected token",
        ),
        (
            "SELECT Id FROM Case WHERE Id = 'x'",
            "INVALID_QUERY_FILTER_OPERATOR",
            "invalid ID field: x",
        ),
        (
            f"SELECT Id FROM Case WHERE Subject = '{'x' * 4001}'",
            "MALFORMED_QUERY",
            "longer than 4000",
        ),
        (
            f"SELECT Id FROM Case WHERE Subject IN ('{'x' * 100_000}')",
            "QUERY_TOO_COMPLICATED",
            "100,000",
        ),
    ],
)
def test_a_wrong_statement_is_refused_with_its_code(statement: str, code: str, words: str) -> None:
    refused = refusal(statement)
    assert (refused.code, words in refused.message) == (code, True), refused.message


def test_an_error_points_at_its_place() -> None:
    assert refusal("SELECT Idd FROM Case").message.startswith(
        "\nSELECT Idd FROM Case\n       ^\nERROR at Row:1:Column:8\nNo such column 'Idd'"
    )
