"""Signing in while callers wait: in a thread of its own, so that it ends even if no caller can.

A sign-in that takes longer than a caller has would otherwise be cut off with each of them, and
everybody would be told that it takes too long.
"""

import threading

from crm.client import SalesforceClient
from crm.errors import CrmError, CrmUnavailable


class _Attempt:
    def __init__(self, client: SalesforceClient) -> None:
        self.client = client
        self._over = threading.Event()
        self._failure: CrmError | None = None
        threading.Thread(target=self._run, name="sign-in", daemon=True).start()

    @property
    def is_over(self) -> bool:
        return self._over.is_set()

    def wait(self, seconds: float) -> None:
        if not self._over.wait(seconds):
            raise CrmUnavailable("NO_ANSWER", "the sign-in goes on")
        if self._failure:
            raise self._failure.again()

    def _run(self) -> None:
        try:
            self.client.identity()
        except CrmError as failure:
            self._failure = failure
        finally:
            self._over.set()


class SignIn:
    """At most one at a time in a process; whoever comes meanwhile waits for the same."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._attempt: _Attempt | None = None

    def assure(self, client: SalesforceClient, *, seconds: float) -> None:
        """Return once the client is signed in; CrmError if it is not within so many seconds."""
        if client.is_signed_in:
            return
        with self._lock:
            attempt = self._attempt
            if attempt is None or attempt.is_over or attempt.client is not client:
                attempt = self._attempt = _Attempt(client)
        attempt.wait(seconds)


sign_in = SignIn()
