"""The outbox at work: threads that send what is due, and wake when a call has ended."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Collection
from typing import Protocol

from agent.handoff.delivery import Delivery

logger = logging.getLogger(__name__)

THREADS = 2
"""For each kind: one receiver that does not answer must not hold up the others."""

POLL_S = 5.0
"""Longest that a thread sleeps: tickets are opened by other processes too."""

CLAIMED_S = 0.05
"""Sleep of a thread that found a message due, and claimed by another before it came."""

STOP_S = 15.0
"""Longest that `close` waits for messages being sent; one that is left is tried again later."""


class Work(Protocol):
    """What there is to send. Calls block, and are safe in threads."""

    @property
    def kinds(self) -> Collection[str]:
        """What it sends; each kind has threads of its own."""

    def due_in_s(self, kind: str) -> float | None:
        """Seconds until the next message of a kind, 0 if one is due; None if none waits."""

    def send_one(self, kind: str) -> bool:
        """Send one; returns whether one was due."""


class SendingThreads:
    """The threads that send; made running, ended by `close`."""

    def __init__(self, work: Work, threads: int = THREADS) -> None:
        self._work = work
        self._changed = threading.Condition()
        self._calls = 0  # of `wake`: one that comes while a thread looks must not be missed
        self._closing = False
        self._threads = [
            threading.Thread(target=self._run, args=(kind,), name=f"outbox-{kind}", daemon=True)
            for kind in work.kinds
            for _ in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Look again at what is due."""
        with self._changed:
            self._calls += 1
            self._changed.notify_all()

    @property
    def kinds(self) -> Collection[str]:
        """What it sends: e-mails, webhook messages."""
        return self._work.kinds

    @property
    def works(self) -> bool:
        """Whether all its threads live."""
        return all(thread.is_alive() for thread in self._threads)

    def close(self) -> None:
        """End the threads, after what they are sending; whatever waits is kept."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        until = time.monotonic() + STOP_S
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        if any(thread.is_alive() for thread in self._threads):
            logger.warning("the outbox ends while a message is being sent; it will be sent again")

    def _run(self, kind: str) -> None:
        while True:
            with self._changed:
                if self._closing:
                    return
                seen = self._calls
            try:
                due_in_s = self._work.due_in_s(kind)
                if due_in_s == 0.0 and self._work.send_one(kind):
                    continue
                pause_s = POLL_S if due_in_s is None else min(max(due_in_s, CLAIMED_S), POLL_S)
            except Exception:  # the database's, for a while: all of it is tried again
                logger.exception("the outbox cannot be read; it is tried again in %g s", POLL_S)
                pause_s = POLL_S
            with self._changed:
                if not self._closing and self._calls == seen:
                    self._changed.wait(pause_s)


class Outbox(SendingThreads):
    """What is told of tickets."""

    def __init__(self, delivery: Delivery) -> None:
        super().__init__(delivery)
        self._delivery = delivery

    def release(self, ticket_id: str) -> None:
        """Send now what waits for the end of a ticket's call; blocks for the database only."""
        if self._delivery.messages.release(ticket_id, self._delivery.now()):
            self.wake()
