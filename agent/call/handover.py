"""What a call and the operators tell one another: values and protocols only.

`agent.handoff` rings operators and implements `Operators`; a call asks for one and is told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from agent.call.record import Brief, Urgency

Unanswered = Literal["nobody", "declined", "no_answer", "failed"]
"""Why no operator came: none is there, all declined, none answered in time, the line failed."""

Leaving = Literal["finished", "returned", "settled", "lost"]
"""How an operator left: the talk was over; the agent is to go on, with the caller's matter still to
be dealt with or settled; or their line was lost."""

GivingUp = Literal["caller", "callback"]
"""Why a call wants no operator any more: the caller has gone, or is to be called back."""


@dataclass(frozen=True)
class Queued:
    """Every operator is busy: so many callers are before this one."""

    before: int


@dataclass(frozen=True)
class OperatorFree:
    """An operator for whom this one waited has become free, and is rung."""


@dataclass(frozen=True)
class OperatorAccepted:
    """An operator takes the call; their line is being joined."""


@dataclass(frozen=True)
class OperatorHere:
    """The operator's line carries sound."""


@dataclass(frozen=True)
class OperatorAway:
    """The operator's line was lost; they may be back in a moment."""


@dataclass(frozen=True)
class NoOperator:
    """No operator came, and none is rung any more."""

    why: Unanswered


@dataclass(frozen=True)
class OperatorLeft:
    """The operator who was on the call has left it."""

    why: Leaving


@dataclass(frozen=True)
class TakenOver:
    """An operator takes the call without having been asked."""


OperatorEvent = (
    Queued | OperatorFree | OperatorAccepted | OperatorHere | OperatorAway | NoOperator
    | OperatorLeft | TakenOver
)  # fmt: skip

Tell = Callable[[OperatorEvent], None]
"""Tells a call what became of its operator; on the event loop, returns at once."""


@dataclass(frozen=True)
class RingRequest:
    """A call that wants an operator.

    Attributes:
        client: Slug.
        call_id: Unique.
        ticket_id: Of the request that is kept for it; None if an operator takes over unasked.
        brief: What the operator is to know.
        urgency: Of the request.
        language: Code of the caller's: who speaks it is rung before the others.
        line: Kind of the caller's: some telephones are rung for callers of a carrier's only.
        ring_s: Only so long, whoever is rung, and without waiting for one who is busy; None: as
            long as usual.
    """

    client: str
    call_id: str
    ticket_id: str | None
    brief: Brief
    urgency: Urgency = "normal"
    ring_s: float | None = None
    language: str = "fr"
    line: str = ""


class Leg(Protocol):
    """An operator's line."""

    def close(self, why: str) -> None:
        """End it."""


@runtime_checkable
class FarLeg(Leg, Protocol):
    """An operator's line that is joined to the caller's outside this process."""

    async def take(self) -> bool:
        """Have the caller's own line joined to it; returns whether that is under way."""


class Transfer(Protocol):
    """Operators being rung for one call, then the one who came."""

    @property
    def leg(self) -> Leg | None:
        """The operator's line once it carries sound."""

    def give_up(self, why: GivingUp) -> None:
        """Ring no more, and end the line of an operator who is on the call."""


class Operators(Protocol):
    """Who may be rung; used on the event loop only, returns at once."""

    def reachable(self, client: str, line: str = "") -> bool:
        """Whether somebody of the client's is there for such a line, free or on a call."""

    def ring(self, request: RingRequest, tell: Tell) -> Transfer | None:
        """Ring operators for a call; None if nobody is there."""


class NoOperators:
    """Nobody is ever there: every request becomes a ticket."""

    def reachable(self, client: str, line: str = "") -> bool:
        """No."""
        return False

    def ring(self, request: RingRequest, tell: Tell) -> None:
        """Nobody is rung."""
