"""The one way in: every door asks here for a place, and who counts calls is told."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

from agent.call.guard import Asking, Guard, RefusalReason
from agent.call.live import LiveCalls
from agent.errors import CallRefusedError

logger = logging.getLogger(__name__)

_WORDS: Mapping[RefusalReason, str] = {
    "trunk_full": "The lines over {line} are busy; call again in a moment, or raise their "
    "number in PERMANENCE_MAX_CALLS_BY_LINE.",
    "client_full": "The lines of {client} are busy; call again in a moment, or raise "
    "PERMANENCE_MAX_CALLS_PER_CLIENT.",
    "number_full": "The lines of the number that was dialled are busy; call again in a moment, or "
    "raise PERMANENCE_MAX_CALLS_PER_NUMBER.",
    "caller_too_often": "There were too many calls from this number; call again in some minutes, "
    "or raise PERMANENCE_CALLER_CALLS.",
    "masked_too_often": "There were too many calls without a number; call again in some minutes, "
    "or raise PERMANENCE_MASKED_CALLS.",
}


class AdmissionWatcher(Protocol):
    """Is told of calls that come; every method returns at once."""

    def taken(self, call_id: str, asking: Asking) -> None:
        """A call has its place."""

    def left(self, call_id: str, asking: Asking) -> None:
        """It is over, its record complete."""

    def refused(self, reason: str, transport: str, client: str) -> None:
        """A call was not taken; the client is "" where it is not known."""


class Admission:
    """Takes calls or refuses them; used from the event loop only."""

    def __init__(
        self, live: LiveCalls, guard: Guard, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Nobody is there yet.

        Args:
            live: Holds the places.
            guard: Says who gets one.
            clock: Seconds; never goes back.
        """
        self._live = live
        self._guard = guard
        self._clock = clock
        self._taken: dict[str, Asking] = {}
        self._watchers: list[AdmissionWatcher] = []

    @contextmanager
    def admit(self, call_id: str, asking: Asking) -> Iterator[None]:
        """Hold a place for a call; leave the block when its record is complete.

        Raises:
            CallRefusedError: It is not taken; its `reason` says why.
        """
        now_s = self._clock()
        try:
            reason = self._guard.refusal(asking, self._taken.values(), now_s)
            if reason is not None:
                line = asking.trunk or asking.transport
                words = _WORDS[reason].format(line=line, client=asking.client)
                raise CallRefusedError(words, reason)
            place = self._live.admit(call_id)
            place.__enter__()
        except CallRefusedError as error:
            self.refuse(error.reason, asking.transport, asking.client)
            raise
        self._guard.took(asking, now_s)
        self._taken[call_id] = asking
        try:
            self._tell(lambda watcher: watcher.taken(call_id, asking))
            yield
        finally:
            del self._taken[call_id]
            place.__exit__(None, None, None)
            self._tell(lambda watcher: watcher.left(call_id, asking))

    def refuse(self, reason: str, transport: str, client: str = "") -> None:
        """Count a call that a door did not take before it asked for a place.

        Args:
            reason: A word of the program's, never of the caller's.
            transport: How it came.
            client: Slug; "" where there is no such client.
        """
        self._tell(lambda watcher: watcher.refused(reason, transport, client))

    def in_progress(self) -> Mapping[str, Asking]:
        """The calls that have a place, by identifier."""
        return self._taken

    def watch(self, watcher: AdmissionWatcher) -> Callable[[], None]:
        """Have somebody told from now on; returns what ends it."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def _tell(self, say: Callable[[AdmissionWatcher], None]) -> None:
        for watcher in tuple(self._watchers):
            try:
                say(watcher)
            except Exception:  # who counts calls must not end one
                logger.exception("a call could not be counted")
