"""One call's operators: who is rung for it, and the one who came."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from agent.call.handover import GivingUp, Leg, RingRequest, Tell
from agent.handoff.desks import Desk
from agent.handoff.states import HandoffRecord


@dataclass(eq=False)
class SwitchboardTransfer:
    """One call's operators; implements `Transfer`.

    Attributes:
        request: What is known of the call.
        tell: Tells the call.
        abandon: Tells the switchboard that the call wants nobody any more.
        record: The handoff as it stands.
        rung: Operators whose consoles ring.
        declined: Operators who do not want it.
        asked: Operators who were rung.
        tried: Those of them who are not to be rung again; who becomes free is taken from them.
        desk: Of the operator who has accepted.
        line: Theirs, while it carries sound.
        joining: One of their pages has begun to join it: no other is to.
        before: Callers before this one, as it was told; -1 if it was not.
        queued_at: Since when it waits, seconds of the loop's clock.
    """

    request: RingRequest
    record: HandoffRecord
    tell: Tell
    abandon: Callable[[SwitchboardTransfer, GivingUp], None]
    rung: set[str] = field(default_factory=set)
    declined: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    tried: set[str] = field(default_factory=set)
    desk: Desk | None = None
    before: int = -1
    line: Leg | None = None
    joining: bool = False
    timer: asyncio.TimerHandle | None = None
    queued_at: float = 0.0

    @property
    def leg(self) -> Leg | None:
        """The operator's line once it carries sound."""
        return self.line

    @property
    def handoff_id(self) -> str:
        """Unique."""
        return self.record.handoff_id

    def give_up(self, why: GivingUp) -> None:
        """Ring no more, and end the line of an operator who is on the call."""
        self.abandon(self, why)
