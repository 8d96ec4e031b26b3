"""Operators as the switchboard knows them: who they are, and whether they can be rung."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["available", "busy", "break"]
Ringing = Literal["together", "in_turn"]


@dataclass(frozen=True)
class RingLimits:
    """How long who is rung.

    Attributes:
        together_s: All at once, before the caller is told that nobody answers.
        each_s: One in turn, before the next.
        queue_s: Longest wait for an operator who is on another call.
        listen_s: One who has picked up their telephone, to hear the story and say yes or no.
        connect_s: For the line of one who has accepted to carry sound.
        return_s: For the line of one who was on the call to come back: a page that is reloaded.
        away_s: How long an operator may have no page open and still count as available.
    """

    together_s: float = 30.0
    each_s: float = 15.0
    queue_s: float = 180.0
    listen_s: float = 40.0
    connect_s: float = 12.0
    return_s: float = 5.0
    away_s: float = 60.0


@dataclass(frozen=True)
class Operator:
    """Somebody who takes calls.

    Attributes:
        clients: Slugs of those they answer for; ("*",): all.
        languages: Codes of those they speak with callers.
    """

    user_id: str
    name: str
    clients: tuple[str, ...] = ("*",)
    languages: tuple[str, ...] = ("fr",)

    def answers_for(self, client: str) -> bool:
        """Whether a client's callers are theirs."""
        return "*" in self.clients or client in self.clients

    def speaks(self, language: str) -> bool:
        """Whether a caller who speaks it is understood."""
        return language in self.languages


@dataclass
class Desk:
    """An operator who is signed on.

    Attributes:
        status: As they have set it; busy while they are on a call.
        consoles: How many of their pages are open, and telephones of the exchange there.
        telephoned: Kinds of callers' lines for which their telephone is rung besides: by the
            carrier that brings such a caller.
        call: The handoff that they have accepted, by its identifier.
        left_at: When their last page closed, seconds of the loop's clock.
        asked_at: When they were last rung, seconds of the loop's clock.
    """

    operator: Operator
    status: Status = "break"
    consoles: int = 0
    call: str | None = None
    asked_at: float = 0.0
    left_at: float = 0.0
    telephoned: frozenset[str] = frozenset()

    def is_there(self, line: str = "") -> bool:
        """Whether they are free for a caller on such a line, or will be after their call."""
        return self.status == "available" and (self.consoles > 0 or line in self.telephoned)

    def is_free(self, line: str = "") -> bool:
        """Whether they can be rung for a caller on such a line."""
        return self.is_there(line) and self.call is None
