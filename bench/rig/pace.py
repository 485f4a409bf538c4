"""Callbacks at an even pace, as callers come; each answered before the next is due."""

import threading
import time

from tests.processes import Installation


def evenly(
    installation: Installation, *, seconds: float, per_second: int, name: str
) -> list[tuple[str, float]]:
    """CallbackID and milliseconds to the answer of each. The pace waits for no slow answer."""
    began, pause = time.monotonic(), threading.Event()
    answers = []
    for number in range(int(seconds * per_second)):
        pause.wait(max(0.0, began + number / per_second - time.monotonic()))
        sent = time.monotonic()
        answer = installation.post({"CallerID": "49199123456789", "UserData": f"{name} {number}"})
        answer.raise_for_status()
        answers.append((answer.json()["CallbackID"], (time.monotonic() - sent) * 1000))
    return answers
