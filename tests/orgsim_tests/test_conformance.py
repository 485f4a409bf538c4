"""The simulated org does what a Salesforce org is expected to do."""

import subprocess
import sys

import pytest

from tests.orgsim.conformance.__main__ import NEEDED, difference, report, tidied
from tests.orgsim.conformance.__main__ import Result as Outcome
from tests.orgsim.conformance.expectation import ALL, MARKS, Expectation
from tests.orgsim.process import ROOT, Org

from .api import Api


@pytest.mark.parametrize("expectation", ALL, ids=lambda e: e.sentence)
def test_the_simulated_org_is_as_expected(api: Api, expectation: Expectation) -> None:
    assert difference(expectation, api) == ""


def test_every_expectation_names_its_source() -> None:
    assert all(e.mark in MARKS and e.source for e in ALL)
    assert len({e.sentence for e in ALL}) == len(ALL)


def test_a_difference_is_reported_with_its_source_and_the_unverified_are_listed(
    api: Api, org: Org
) -> None:
    org.arm({"action": "limit_daily"})
    [expectation] = [e for e in ALL if e.sentence == "an empty case is valid"]
    lines = "\n".join(report([Outcome(expectation, difference(expectation, api))]))
    assert "differs      [R] an empty case is valid" in lines
    assert "expected 201, found 403" in lines
    assert "1 expectations, 1 differ." in lines
    assert "a frozen user's token is an invalid session (by hand" in lines


def test_only_what_the_attempts_made_is_deleted(api: Api, org: Org) -> None:
    with Api(org) as somebody_else:
        theirs = somebody_else.case()
    api.case()
    api.create_many([{}, {}])
    assert tidied(api) == 3
    assert [c["Id"] for c in org.records("Case")] == [theirs]


def test_a_real_target_needs_credentials() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.orgsim.conformance", "--target", "real"],
        cwd=ROOT,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert f"--target real needs {', '.join(NEEDED)}" in run.stderr
