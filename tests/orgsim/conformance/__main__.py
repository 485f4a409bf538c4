"""Try all expectations: `python -m tests.orgsim.conformance --target real`."""

from __future__ import annotations

import argparse
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..process import running  # noqa: TID252 - one package
from . import finding, many_records, signing_in, single_records
from .by_hand import BY_HAND
from .client import Client, sign_in
from .expectation import ALL, MARKS, DifferentError, Expectation

if TYPE_CHECKING:
    from collections.abc import Iterator

PARTS = (signing_in, single_records, many_records, finding)
NEEDED = ("SALESFORCE_URL", "SALESFORCE_CLIENT_ID", "SALESFORCE_CLIENT_SECRET")
MOST_DELETED = 200


@dataclass(frozen=True, slots=True)
class Result:
    """How one expectation fared: `difference` is "" when the org does what is expected."""

    expectation: Expectation
    difference: str


def attempts(client: Client) -> Iterator[Result]:
    """Try each expectation; an error of any kind is a difference."""
    for expectation in ALL:
        yield Result(expectation, difference(expectation, client))


def difference(expectation: Expectation, client: Client) -> str:
    """Try one expectation and tell what was different."""
    try:
        expectation.attempt(client)
    except DifferentError as different:
        return str(different)
    except Exception as wrong:  # noqa: BLE001 - any surprise is a finding here
        return f"{type(wrong).__name__}: {wrong}"
    return ""


def report(results: list[Result]) -> Iterator[str]:
    """Write the score card."""
    for result in results:
        verdict = "differs" if result.difference else "as expected"
        yield f"{verdict:12} [{result.expectation.mark}] {result.expectation.sentence}"
        if result.difference:
            yield f"{'':12}     {result.difference[:300]}"
            yield f"{'':12}     source: {result.expectation.source}"
    differing = sum(bool(r.difference) for r in results)
    yield f"\n{len(results)} expectations, {differing} differ."
    yield f"\nUnverified, [M] = {MARKS['M']}:"
    for expectation in [*ALL, *BY_HAND]:
        if expectation.mark == "M":
            how = f" (by hand: {expectation.source})" if expectation.by_hand else ""
            yield f"  - {expectation.sentence}{how}"


def tidied(client: Client) -> int:
    """Delete what the attempts created, and nothing else, as far as the user may."""
    deleted = 0
    for start in range(0, len(client.created), MOST_DELETED):
        ids = ",".join(client.created[start : start + MOST_DELETED])
        answer = client.delete(f"/composite/sobjects?allOrNone=false&ids={ids}")
        results: list[dict[str, Any]] = answer.json() if answer.ok else []
        deleted += sum(r["success"] for r in results)
    return deleted


def against(url: str, client_id: str, client_secret: str) -> int:
    """Try all against one org; 1 if anything differs."""
    answer = sign_in(url, client_id, client_secret)
    if not answer.ok:
        raise SystemExit(f"cannot sign in at {url}: {answer.text}")
    with Client(answer.json()["instance_url"], answer.json()["access_token"]) as client:
        results = list(attempts(client))
        deleted = tidied(client)
    for line in report(results):
        print(line)  # noqa: T201 - the report of a command
    print(f"\n{deleted} records that the attempts made were deleted.")  # noqa: T201
    return int(any(r.difference for r in results))


def main() -> None:
    """Read the target and try."""
    parser = argparse.ArgumentParser(prog="conformance", description=__doc__)
    parser.add_argument("--target", choices=["simulated", "real"], default="simulated")
    if parser.parse_args().target == "simulated":
        with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "org.db") as org:
            raise SystemExit(against(org.url, org.client_id, org.client_secret))
    missing = [name for name in NEEDED if not os.environ.get(name)]
    if missing:
        raise SystemExit(f"--target real needs {', '.join(missing)} in the environment")
    url, client_id, client_secret = (os.environ[name] for name in NEEDED)
    raise SystemExit(against(url.rstrip("/"), client_id, client_secret))


if __name__ == "__main__":
    main()
