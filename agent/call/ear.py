"""What a turn of the caller is to the conversation: words, a going on, or a voice from afar."""

from __future__ import annotations

from math import nan

from agent.call.loudness import Loudness
from agent.call.moves import Heard, State
from agent.call.pending import Pending
from agent.call.transcriber import Transcript


class Ear:
    """That of one call.

    Attributes:
        unheard_s: How much of what the agent was saying was left when it was interrupted, seconds.
    """

    def __init__(self) -> None:
        self.unheard_s = 0.0
        self._loudness = Loudness()

    def note(self, level_db: float) -> None:
        """The caller has said something so loud, dB below full scale."""
        self._loudness.note(level_db)

    def event(
        self, previous: Pending, transcript: Transcript, level_db: float = nan
    ) -> tuple[Heard, State | None]:
        """What the caller's words are to the conversation, and the state that it goes back to.

        Args:
            previous: The turn before.
            transcript: Of this one.
            level_db: Of its voice, below full scale; nan if not known yet.
        """
        text, below_db = transcript.text, self._loudness.below_db(level_db)
        if not previous.audible and previous.before is not None and previous.asked:
            # The caller went on before our reply was audible: one sentence, said in two breaths.
            added = "" if below_db else text
            return Heard(f"{previous.asked} {added}".strip()), previous.before
        weights = tuple(weight for _, weight in transcript.readings())
        interrupting = previous.turn.interrupted
        unheard_s = self.unheard_s if interrupting else 0.0
        return Heard(
            text, interrupting, transcript.alternatives, weights, unheard_s,
            transcript.logprob, transcript.no_speech, below_db,
        ), None  # fmt: skip
