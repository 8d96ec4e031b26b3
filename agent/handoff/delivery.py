"""A message of the outbox is claimed, written, sent, and marked or tried again later.

A message arrives at least once. Whether it arrived cannot be known where the process dies, or the
line breaks, between the receiver's taking it and our marking it: it is then sent again, the same
body with the same key, by which a receiver can drop it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from urllib.parse import urlsplit

from agent.handoff.message import Told, body_of

logger = logging.getLogger(__name__)

FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=10), timedelta(hours=1)
PATIENCE = timedelta(days=3)
"""How long a message is tried, as the sum of the delays: a server that was off does not count."""


class DeliveryError(Exception):
    """A message was not taken, or it is not known whether; in one line, for the log."""


class Outgoing(Protocol):
    """A message that was claimed; `agent.store` implements it."""

    @property
    def key(self) -> str:
        """The same for each attempt."""

    @property
    def event(self) -> str:
        """Opened, urgent or reopened."""

    @property
    def kind(self) -> str:
        """Email or webhook."""

    @property
    def target(self) -> str:
        """Address or URL."""

    @property
    def body(self) -> Mapping[str, Any]:
        """What is sent; empty until the first attempt."""

    @property
    def attempt(self) -> int:
        """From 1 on."""

    @property
    def ticket(self) -> Told:
        """What it tells of."""

    @property
    def brand(self) -> str:
        """The client's name."""

    @property
    def hours(self) -> str:
        """When the client's operators are there, as it wrote it."""

    @property
    def secret(self) -> str:
        """Of the client's webhook."""


class Messages(Protocol):
    """Where messages wait; `agent.store` implements it. Calls block, and are safe in threads."""

    def claim(self, now: datetime, kinds: Collection[str]) -> Outgoing | None:
        """Take a message that is due, so that nobody else does for a while."""

    def next_due(self, kinds: Collection[str]) -> datetime | None:
        """When the next message is due."""

    def keep_body(self, key: str, body: Mapping[str, Any]) -> None:
        """Keep what is sent."""

    def sent(self, key: str, now: datetime) -> None:
        """Mark it delivered."""

    def failed(
        self, key: str, attempt: int, error: str, again_at: datetime | None, now: datetime
    ) -> None:
        """Have it tried again, or given up if `again_at` is None."""

    def release(self, ticket_id: str, now: datetime) -> int:
        """Make due what waits for the end of a ticket's call."""


class Sender(Protocol):
    """Sends messages of one kind."""

    def send(self, key: str, target: str, body: Mapping[str, Any], secret: str) -> None:
        """Send one; returns once the receiver has taken it.

        Raises:
            DeliveryError: It has not, or it is not known.
        """


def delay_after(attempt: int) -> timedelta | None:
    """How long to wait after an attempt that failed, from 1 on; None: it was the last."""
    waited = timedelta()
    for number in range(attempt):
        delay = min(FIRST_DELAY * 2 ** min(number, 20), LONGEST_DELAY)
        waited += delay
    return delay if waited <= PATIENCE else None


class Delivery:
    """Sends one message after the other; may be used by several threads.

    Args:
        messages: Where they wait.
        senders: By kind; messages of a kind that has none wait.
        now: The time, with its zone.
    """

    def __init__(
        self,
        messages: Messages,
        senders: Mapping[str, Sender],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.messages = messages
        self.kinds = tuple(senders)
        self.now = now
        self._senders = dict(senders)

    def due_in_s(self, kind: str) -> float | None:
        """Seconds until the next message of a kind, 0 if one is due; None if none waits."""
        due_at = self.messages.next_due([kind])
        return None if due_at is None else max((due_at - self.now()).total_seconds(), 0.0)

    def send_one(self, kind: str) -> bool:
        """Claim one message and send it; returns whether one was due.

        Raises:
            Exception: The database's; a sender's failures are kept with the message.
        """
        message = self.messages.claim(self.now(), [kind])
        if message is None:
            return False
        try:
            body = message.body
            if not body:
                body = body_of(kind, message.ticket, message.event, message.brand, message.hours)
                self.messages.keep_body(message.key, body)
            self._senders[kind].send(message.key, message.target, body, message.secret)
        except Exception as error:
            self._failed(message, error)
            return True
        self.messages.sent(message.key, self.now())
        logger.info("%s of %s sent (%s)", kind, message.ticket.ticket_id, message.key)
        return True

    def _failed(self, message: Outgoing, error: Exception) -> None:
        expected = isinstance(error, DeliveryError)
        why = str(error) if expected else f"{type(error).__name__}: {error}"
        now, delay = self.now(), delay_after(message.attempt)
        again_at = None if delay is None else now + delay
        where = urlsplit(message.target).hostname or message.target  # a path may be a secret
        what = f"{message.kind} of {message.ticket.ticket_id} to {where}"
        if delay is None:
            logger.error("%s given up after %d attempts: %s", what, message.attempt, why)
        else:
            logger.warning("%s not sent, again in %s: %s", what, delay, why,
                           exc_info=None if expected else error)  # fmt: skip
        self.messages.failed(message.key, message.attempt, why, again_at, now)
