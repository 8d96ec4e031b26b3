"""The calls in progress, and the limit beyond which a call is refused rather than degraded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from agent.call.handover import OperatorEvent, Transfer
from agent.call.moves import State
from agent.call.record import CallRecord
from agent.errors import CallRefusedError


class LiveCall(Protocol):
    """A call in progress, as those see it who watch."""

    record: CallRecord

    @property
    def state(self) -> State:
        """Where its conversation stands."""

    @property
    def partial(self) -> str:
        """What the caller is saying now, as far as it is heard."""

    @property
    def joined(self) -> bool:
        """Whether the caller and an operator hear one another."""

    def told(self, event: OperatorEvent) -> None:
        """The operators' side says something."""

    def take_over(self, transfer: Transfer) -> None:
        """An operator comes unasked."""


class LiveCalls:
    """The calls in progress; used from the event loop only."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._calls: set[str] = set()
        self._shown: dict[str, LiveCall] = {}
        self._watchers: set[Callable[[str], None]] = set()

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

    @contextmanager
    def show(self, call: LiveCall) -> Iterator[None]:
        """Let a call be seen while it lasts, unless it only tries the line."""
        if call.record.test:
            yield
            return
        call_id = call.record.call_id
        self._shown[call_id] = call
        self.changed(call_id)
        try:
            yield
        finally:
            del self._shown[call_id]
            self.changed(call_id)

    def shown(self) -> tuple[LiveCall, ...]:
        """The calls that can be seen, the oldest first."""
        return tuple(self._shown.values())

    def get(self, call_id: str) -> LiveCall | None:
        """A call that can be seen; None if it is over."""
        return self._shown.get(call_id)

    def changed(self, call_id: str) -> None:
        """Tell those who watch that something of a call is new."""
        for watcher in tuple(self._watchers):
            watcher(call_id)

    @contextmanager
    def watched(self, watcher: Callable[[str], None]) -> Iterator[None]:
        """Have a function told of each call of which something is new; it returns at once."""
        self._watchers.add(watcher)
        try:
            yield
        finally:
            self._watchers.discard(watcher)
