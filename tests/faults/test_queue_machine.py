"""Lease, settle, put off, hold, requeue, send now, dismiss, erase, crash: in any order, thousands of times."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import seed as seeded
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.queue_model import QueueMachine

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("examples", "steps"), [(20, 50), pytest.param(100, 100, marks=pytest.mark.faults)]
)
def test_in_whatever_order_things_happen_the_queue_keeps_its_promises(
    seed: int, examples: int, steps: int
) -> None:
    profile = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seeded(seed)(QueueMachine), settings=profile)
