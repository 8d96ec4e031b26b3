"""Has handoffs kept as they change, and tells those who count them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from agent.handoff.states import HandoffRecord

Keep = Callable[[HandoffRecord], None]


class Keeping:
    """What the switchboard calls with each handoff as it stands; used from the event loop only."""

    def __init__(self, keep: Keep) -> None:
        """Nobody watches yet.

        Args:
            keep: Has it kept; returns at once.
        """
        self._keep = keep
        self._watchers: set[Keep] = set()

    def __call__(self, record: HandoffRecord) -> None:
        """Have one kept, then tell."""
        self._keep(record)
        for watcher in tuple(self._watchers):
            watcher(record)

    @contextmanager
    def watched(self, watcher: Keep) -> Iterator[None]:
        """Have a function told of each handoff that changes; it returns at once."""
        self._watchers.add(watcher)
        try:
            yield
        finally:
            self._watchers.discard(watcher)
