"""Requests by the thousand: none is answered with 5xx, and none that was accepted is lost.

Half of them are made from the OpenAPI document, half from what telephone systems are known to send.
"""

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.conf import settings
from hypothesis import HealthCheck, Phase, given
from hypothesis.strategies import SearchStrategy
from hypothesis.vendor.pretty import RepresentationPrinter
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

from tests import openapi
from tests.crm.passing import DIAL, STATISTICS
from tests.faults.figures import ALONE
from tests.fuzz.odd_bodies import KNOWN_CALLERS
from tests.fuzz.odd_requests import PASSING, READING, Request, shares
from tests.fuzz.telephone import Telephone
from tests.orgsim.process import Org
from tests.processes import Installation

SEED = "FUZZ_SEED"
USUAL_SEED = 7  # the ordinary suite finds the same each time
SOQL = "SELECT Id, Name FROM Contact WHERE LastName = :Param1"

Operation = APIOperation[Any, Any, Any, Any]
Send = Callable[[Any], None]
Record = Callable[[str, object], None]


@pytest.fixture(autouse=True)
def _hypothesis_prints_examples_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    """To make cases faster, schemathesis takes the printer away for the rest of the process."""
    monkeypatch.setattr("hypothesis.core.RepresentationPrinter", RepresentationPrinter)


@pytest.fixture
def site(tmp_path: Path, org: Org) -> Iterator[Installation]:
    """An installation whose org has time; nobody waits for it here."""
    with Installation.running_on(
        tmp_path, postgres=not settings.EMBEDDED_DATABASE, ACD_REQUESTS_PER_SECOND="100000"
    ) as site:
        site.talk_to(org)
        for phone, names in KNOWN_CALLERS.items():
            for name in names:
                org.create("Contact", LastName=name, Phone=f"+{phone}")
        site.execute("UPDATE callbacks_functionroute SET budget_ms = 10000")
        site.execute("UPDATE crm_passthroughresource SET budget_ms = 10000")
        site.execute(
            "INSERT INTO crm_namedquery (name, soql, budget_ms, enabled)"
            f" VALUES ('contacts', '{SOQL}', 10000, TRUE)"
        )
        site.start_web(workers=1)
        yield site


@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=pytest.mark.faults)])
def test_no_request_is_too_odd(site: Installation, record_property: Record, count: int) -> None:
    seed = int(os.environ.get(SEED, USUAL_SEED))
    telephone = Telephone(site)
    for round_no in itertools.count():
        for strategy, send, times in plan(telephone, count):
            tried(strategy, send, times=times, seed=seed + round_no)
        if telephone.sent >= count:
            break
    for key in telephone.accepted:
        telephone.sends(Request("GET", READING, READING.replace("{CallbackID}", str(key))))
    record_property(SEED, {ALONE: str(seed)})
    for (resource, status), times in sorted(telephone.answers.items()):
        record_property(f"{status} {resource}", {ALONE: times})
    record_property("connections hung up", {ALONE: telephone.hung_up})
    record_property("accepted", {ALONE: len(telephone.accepted)})
    assert telephone.accepted
    assert telephone.lost() == []


def plan(telephone: Telephone, count: int) -> Iterator[tuple[SearchStrategy[Any], Send, int]]:
    """What is sent, how, and how often: half by hand, half from the document."""
    by_hand = shares(telephone.site.client, telephone.token)
    for requests, share in by_hand.items():
        yield requests, telephone.sends, count * share // 2 // sum(by_hand.values()) + 1
    described = list(operations())
    for operation in described:
        for mode in GenerationMode:
            strategy = operation.as_strategy(
                generation_mode=mode, path_parameters=listed(operation)
            )
            yield strategy, telephone.sends_described, count // 4 // len(described) + 1


def operations() -> Iterator[Operation]:
    for result in schemathesis.openapi.from_dict(openapi.document).get_all_operations():
        if isinstance(result, Ok):
            yield result.ok()


def listed(operation: Operation) -> dict[str, str] | None:
    """What is passed through is passed through by its name alone."""
    if operation.path != PASSING:
        return None
    return {"resource": STATISTICS if operation.method == "post" else DIAL}


def tried(strategy: SearchStrategy[Any], send: Send, *, times: int, seed: int) -> None:
    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=times,
        phases=[Phase.generate, Phase.shrink],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def sent(one: Any) -> None:
        try:
            send(one)
        except Exception as error:
            error.add_note(f"{SEED}={seed} sends it again")
            raise

    sent()
