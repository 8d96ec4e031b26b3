"""Keeps a call's turns as they are heard, and counts what went wrong."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from agent.call.pending import Pending
from agent.call.record import CallLog, CallRecord

logger = logging.getLogger(__name__)

InThread = Callable[[Callable[[], None]], Awaitable[None]]


class TurnLog:
    """The turns of one call's record."""

    def __init__(self, record: CallRecord, log: CallLog, in_thread: InThread) -> None:
        """Take the record.

        Args:
            record: Of the call; also the session's, which saves it again at the end.
            log: Where it is kept.
            in_thread: Runs what blocks, within a limit of time.
        """
        self._record = record
        self._log = log
        self._in_thread = in_thread

    def note(self, pending: Pending) -> None:
        """Put the turn on the record, once."""
        turn = pending.turn
        if (turn.said or turn.heard) and not any(t is turn for t in self._record.turns):
            self._record.turns.append(turn)

    def drop(self, pending: Pending) -> None:
        """Take the turn off the record: the caller goes on with it."""
        self._record.turns = [t for t in self._record.turns if t is not pending.turn]

    def count(self, anomaly: str) -> None:
        """One more anomaly of a kind."""
        self._record.anomalies[anomaly] = self._record.anomalies.get(anomaly, 0) + 1

    async def save(self) -> None:
        """Keep the record as it stands now; a failure is counted, the caller need not notice."""
        self._record.settle_outcome()
        try:
            await self._in_thread(lambda: self._log.save(self._record))
        except Exception:
            logger.exception("the call's record could not be saved yet")
            self.count("failed_save")
