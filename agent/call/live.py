"""The calls in progress, and the limit beyond which a call is refused rather than degraded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from agent.errors import CallRefusedError


class LiveCalls:
    """Counts the calls in progress; used from the event loop only."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._calls: set[str] = set()

    def __len__(self) -> int:
        return len(self._calls)

    @contextmanager
    def admit(self, call_id: str) -> Iterator[None]:
        """Hold a place for a call.

        Raises:
            CallRefusedError: Every place is taken.
        """
        if len(self._calls) >= self.limit:
            raise CallRefusedError(
                f"All {self.limit} lines are busy; call again in a moment, "
                "or raise PERMANENCE_MAX_CALLS."
            )
        self._calls.add(call_id)
        try:
            yield
        finally:
            self._calls.discard(call_id)
