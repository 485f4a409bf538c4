"""The conversation: lease what is due, bring it to the org in one call, settle what came of it.

Every attempt is the same call. With a unique key sending again is safe, so a kill, a lost answer
or a timeout needs no special path: the rows fall due again and are read back.
"""

import time
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor

from callbacks.models import Batch, Callback
from callbacks.models.queue import BATCH_SIZES
from crm import flow
from crm.client import SalesforceClient
from crm.delivery import Delivery
from crm.flow import Flow
from crm.models import Org
from crm.outcomes import Chance
from crm.settling import Started
from crm.timing import LEASE_SECONDS

Leased = tuple[Batch, Started]


def push_due(client: SalesforceClient, *, until: float, chance: Chance) -> int:
    """Bring to the org what is due. Returns how many callbacks were taken on.

    Ends when no batch was full (what came meanwhile rings for itself), when the org is in
    trouble, or at `until` on the monotonic clock.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="line") as line:
        talk = Conversation(client, line, chance)
        while time.monotonic() < until:
            state = flow.flow_now(client, chance)
            if state is Flow.ON_TRIAL and talk.try_one():
                continue
            if state is Flow.DRIPPING and talk.drip():
                continue
            if state is Flow.OPEN:
                talk.push_all(until)
            break
    return talk.taken


class Conversation:
    """One worker's part, with a line on which one call at a time is under way."""

    def __init__(self, client: SalesforceClient, line: Executor, chance: Chance) -> None:
        self._client = client
        self._line = line
        self._chance = chance
        self.taken = 0

    def push_all(self, until: float) -> None:
        """All that is due; again what a trouble that passed left behind."""
        while self._stream(until):
            pass

    def _stream(self, until: float) -> bool:
        """While one batch is under way, the one before is settled and the next drafted.

        True if something did not go well, and yet the conversation goes on.
        """
        before: Delivery | None = None
        is_smooth = True
        for batch, started in all_due(until):
            delivery = Delivery(self._client, batch, started, self._chance)
            in_doubt = batch.isolation > 0  # drafting it may be what kills us: nobody else pays
            is_packed = not in_doubt and delivery.pack()
            if before and (in_doubt or not before.went_well()):
                is_smooth = before.went_well() and is_smooth
                goes_on, before = before.settle(self._line), None
                if not goes_on:
                    delivery.give_back()
                    return False
            is_packed = is_packed or (in_doubt and delivery.pack())
            if is_packed and not flow.is_open():
                delivery.give_back()
                break
            self.taken += len(batch.callbacks)
            if is_packed:
                delivery.send(self._line)
                if before:
                    before.settle(self._line)
                before = delivery
        if before:
            is_smooth = before.went_well() and is_smooth
            return before.settle(self._line) and not is_smooth
        return not is_smooth

    def try_one(self) -> bool:
        """The org answers again: one callback shows whether it takes Cases. True if it does."""
        trouble = Org.objects.current().trouble_code
        for batch, started in leases(1):
            if not self._deliver(Delivery(self._client, batch, started, self._chance, trouble)):
                return False
        flow.end_pause()
        return True

    def drip(self) -> bool:
        """As many as the drip gives now. True if that was all there is, and everything may go."""
        given = left = Org.draw(BATCH_SIZES[0])
        for batch, started in leases(given):
            left -= len(batch.callbacks)
            if not self._deliver(Delivery(self._client, batch, started, self._chance)):
                break
        Org.put_back(left)
        return bool(given) and left == given and Org.end_drip()

    def _deliver(self, delivery: Delivery) -> bool:
        self.taken += len(delivery.batch.callbacks)
        if not delivery.pack():
            return True
        delivery.send(self._line)
        return delivery.settle(self._line)


def all_due(until: float) -> Iterator[Leased]:
    """Batch after batch until none was full; the isolations in turn, so that none starves."""
    more = True
    while more and time.monotonic() < until:
        more = False
        for batch, started in leases():
            more = more or len(batch.callbacks) == BATCH_SIZES[batch.isolation]
            yield batch, started


def leases(most: int | None = None) -> Iterator[Leased]:
    """A batch of each isolation that has something due; `most` callbacks in all."""
    for isolation in Callback.objects.isolations_due():
        started = Started.now()
        size = BATCH_SIZES[isolation] if most is None else most
        batch = Callback.objects.lease(isolation=isolation, seconds=LEASE_SECONDS, most=size)
        if most is not None:
            most -= len(batch.callbacks)
        if batch.callbacks:
            yield batch, started
        if most == 0:
            return
