"""Telephone systems at their work: they post wishes, and repeat what was not confirmed."""

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

import requests

from tests.processes import Installation, until

CLIENTS = 20
PATIENCE_SECONDS = 120
T = TypeVar("T")


def wish(number: int) -> dict[str, str]:
    return {
        "CallerID": f"4989{1_000_000 + number}",
        "ServiceNumber": "498946134180",
        "UserData": f"wish {number}",
    }


@dataclass(frozen=True)
class Stored:
    """A wish that was confirmed with 200, and how long the ACD waited for that."""

    key: str
    ms: float
    duplicate: bool
    tries: int


@dataclass
class Acd:
    """Posts to an installation, on one connection for each thread."""

    site: Installation
    _here: threading.local = field(default_factory=threading.local)

    def post(self, fields: dict[str, str], **headers: str) -> requests.Response:
        url = f"{self.site.url}/api/v1/callbacks"
        return self._session().post(url, json=fields, headers=headers, timeout=30)

    def insist(self, number: int) -> Stored:
        """Post a wish until it is stored, under one Idempotency-Key."""
        began, tries = time.monotonic(), 0

        def stored() -> requests.Response | None:
            nonlocal tries
            tries += 1
            try:
                answer = self.post(wish(number), **{"Idempotency-Key": f"key {number}"})
            except requests.RequestException:
                return None
            return answer if answer.status_code == requests.codes.ok else None

        answer = until(stored, seconds=PATIENCE_SECONDS, every=0.1)
        assert answer is not None
        told = answer.json()
        waited = (time.monotonic() - began) * 1000
        return Stored(told["CallbackID"], waited, bool(told["Duplicate"]), tries)

    def _session(self) -> requests.Session:
        if not hasattr(self._here, "session"):
            self._here.session = requests.Session()
            self._here.session.trust_env = False
            self._here.session.auth = self.site.client
        return self._here.session  # type: ignore[no-any-return]  # a thread's attributes are Any


def all_at_once(
    work: Callable[[int], T], numbers: Iterable[int], *, clients: int = CLIENTS
) -> list[T]:
    """As fast as so many clients can, each with its next when the last is answered."""
    with ThreadPoolExecutor(clients) as threads:
        return list(threads.map(work, numbers))


def at_a_pace(
    work: Callable[[int], T], numbers: range, *, per_second: float, clients: int = CLIENTS
) -> list[T]:
    """Evenly, as callers come: a slow answer delays no other caller."""
    began, pause = time.monotonic(), threading.Event()
    with ThreadPoolExecutor(clients) as threads:
        under_way = []
        for turn, number in enumerate(numbers):
            pause.wait(max(0.0, began + turn / per_second - time.monotonic()))
            under_way.append(threads.submit(work, number))
        return [one.result() for one in under_way]
