"""The turn that is being replied to, and its clocks (`time.time()`, seconds)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from agent.call.moves import State
from agent.call.record import Turn


@dataclass
class Pending:
    """A turn on its way to a reply.

    Attributes:
        turn: What is kept of it.
        before: The conversation before it, to go back to when the caller goes on speaking.
        asked: The caller's words so far.
        voice_ended_at: When the caller's last sound was; None for a turn of the agent's own.
        decided_at: When it was known what to say.
        audible: Something of the reply was heard.
        reported: The turn was kept and told.
        filled: A filler was said for it.
    """

    turn: Turn
    before: State | None = None
    asked: str = ""
    voice_ended_at: float | None = None
    decided_at: float | None = None
    audible: bool = False
    reported: bool = False
    filled: bool = False

    @property
    def is_own(self) -> bool:
        """Whether nobody's words are answered: the greeting, « je vous écoute », a goodbye."""
        return self.before is None and not self.turn.heard

    def became_audible(self, now: float) -> None:
        """Note when the first sound of the reply goes to the line; only the first counts."""
        if self.audible:
            return
        self.audible = True
        self.turn.timings_ms = replace(
            self.turn.timings_ms,
            first_audio=_since(self.decided_at, now),
            voice_to_voice=_since(self.voice_ended_at, now),
        )

    def due_at(self, after_s: float) -> float | None:
        """By when something must be heard; None if something was, or if it does not matter."""
        if self.voice_ended_at is None or self.audible or self.filled:
            return None
        return self.voice_ended_at + after_s


def _since(then: float | None, now: float) -> float | None:
    return None if then is None else round((now - then) * 1000, 1)
