"""The states of a handoff, and which may follow which. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

HandoffState = Literal[
    "requested", "ringing", "accepted", "connected",
    "declined", "no_answer", "failed", "finished", "abandoned",
]  # fmt: skip
"""requested: nobody is free yet; ringing: somebody is rung; accepted: their line is being joined;
connected: they talk. declined: all who were rung declined; no_answer: none answered in time;
failed: the operator's line was lost; finished: the operator ended it; abandoned: the caller has
gone or prefers to be called back."""

FOLLOWS: dict[HandoffState, frozenset[HandoffState]] = {
    "requested": frozenset({"ringing", "accepted", "declined", "no_answer", "abandoned", "failed"}),
    "ringing": frozenset({"requested", "accepted", "declined", "no_answer", "abandoned", "failed"}),
    "accepted": frozenset({"connected", "failed", "abandoned", "requested", "ringing"}),
    "connected": frozenset({"finished", "failed", "abandoned"}),
    **{end: frozenset() for end in ("declined", "no_answer", "failed", "finished", "abandoned")},
}

ENDS = frozenset(state for state, following in FOLLOWS.items() if not following)


class StateError(ValueError):
    """A handoff cannot come into a state from the one that it is in: a bug of ours."""


@dataclass(frozen=True)
class Passage:
    """A handoff comes into a state.

    Attributes:
        at: UTC.
        operator: Whose doing it is, None if nobody's.
        why: In the operator's words, or a word of the program's; "" if there is none.
    """

    at: datetime
    state: HandoffState
    operator: str | None = None
    why: str = ""


@dataclass(frozen=True)
class HandoffRecord:
    """A handoff as it is kept.

    Attributes:
        handoff_id: Unique.
        ticket_id: Of the caller's request; None where an operator took over unasked.
        history: Every state that it came into, the first one first.
    """

    handoff_id: str
    client: str
    call_id: str
    ticket_id: str | None
    history: tuple[Passage, ...]

    @property
    def state(self) -> HandoffState:
        """The one it is in."""
        return self.history[-1].state

    @property
    def operator(self) -> str | None:
        """The one who accepted last; None if nobody has."""
        accepted = (one.operator for one in reversed(self.history) if one.state == "accepted")
        return next(accepted, None)

    @property
    def is_over(self) -> bool:
        """Whether nothing follows any more."""
        return self.state in ENDS

    def noted(self, passage: Passage) -> HandoffRecord:
        """The handoff in the same state, with a word on what somebody did."""
        return replace(self, history=(*self.history, passage))

    def into(self, passage: Passage) -> HandoffRecord:
        """The handoff in another state.

        Raises:
            StateError: It cannot come into that one.
        """
        if passage.state not in FOLLOWS[self.state]:
            raise StateError(f"a handoff that is {self.state} cannot become {passage.state}")
        return replace(self, history=(*self.history, passage))
