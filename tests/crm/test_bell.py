"""The request never waits for the broker: not for one that refuses, nor one that is silent."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.processes import Installation, free_port, until

CALLS = 20
PATIENT_SECONDS = 2.0  # a request that waited for either broker would take longer


@pytest.fixture
def silent_broker() -> Iterator[str]:
    """Accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        kept: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    kept.append(listener.accept()[0])
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        for connection in kept:
            connection.close()


def seconds_for_calls(installation: Installation) -> float:
    """The slowest of some accepted callbacks."""
    installation.start_web()
    slowest = 0.0
    for number in range(CALLS):
        began = time.monotonic()
        answer = installation.post({"CallerID": f"498955501{number:02}"})
        slowest = max(slowest, time.monotonic() - began)
        assert answer.status_code == 200
    return slowest


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
def test_a_broker_that_refuses_delays_no_answer(installation: Installation, scheme: str) -> None:
    installation.broker_url = f"{scheme}://127.0.0.1:{free_port()}"
    assert seconds_for_calls(installation) < PATIENT_SECONDS
    assert installation.counts() == {"pending": CALLS}


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
def test_a_broker_that_never_answers_delays_no_answer(
    installation: Installation, silent_broker: str, scheme: str
) -> None:
    installation.broker_url = f"{scheme}://{silent_broker}"
    assert seconds_for_calls(installation) < PATIENT_SECONDS
    assert installation.counts() == {"pending": CALLS}


def test_the_refusal_is_logged_once_a_while_and_callbacks_wait_for_the_sweep(
    installation: Installation,
) -> None:
    installation.broker_url = f"redis://127.0.0.1:{free_port()}"
    web = installation.start_web()
    installation.post({"CallerID": "4989555010"})
    until(lambda: "bell not rung" in web.log.read_text())
    assert web.log.read_text().count("bell not rung") == 1
