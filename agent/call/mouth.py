"""What the agent is saying on one call: handed to the voice, broken off, taken up again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from pipecat.frames.frames import Frame, InterruptionFrame

from agent.call.playback import Playback
from agent.call.speaking import Fillers, ResumeFrame, SayFrame, ToneFrame, parts_of

Send = Callable[[SayFrame | ResumeFrame | ToneFrame], Awaitable[None]]
"""Hands something to the voice."""


class Mouth:
    """That of one call.

    Attributes:
        speaking: Something is being heard.
        to_be_heard: Utterances that were handed over and not heard to their end.
    """

    def __init__(
        self, send: Send, playback: Playback, fillers: Fillers, pronounce: Callable[[str], str]
    ) -> None:
        """Say nothing yet.

        Args:
            send: Hands something to the voice.
            playback: How much of it was heard.
            fillers: Short words for while an answer is looked for.
            pronounce: Puts the client's words as they are spoken.
        """
        self._send = send
        self._playback = playback
        self._fillers = fillers
        self._pronounce = pronounce
        self._cuttable = self._cut = True
        self.speaking = False
        self.to_be_heard = 0

    async def say(self, text: str, pace: float, due_at: float | None, *, whole: bool) -> None:
        """Say a text.

        Args:
            text: As it is written.
            pace: How many times as long as usual it takes.
            due_at: `time.time()` by which something must be heard; None: no matter.
            whole: An interruption does not cut it short.
        """
        say = SayFrame(parts_of(self._pronounce(text)), pace, due_at)
        say.interruptible = self._cuttable = not whole
        self._playback.begin(say.parts)
        await self._hand_over(say)

    async def fill(self) -> None:
        """Say a few words while an answer is looked for."""
        filler = SayFrame([self._fillers.take()])
        self._playback.begin(filler.parts)
        await self._hand_over(filler)

    async def ring(self) -> None:
        """Let a ringing tone be heard."""
        await self._hand_over(ToneFrame())

    async def resume(self, pace: float) -> bool:
        """Go on with what an interruption cut short; False if there is nothing left to be heard."""
        if not self._cut:
            return self._playback.unheard_s() > 0
        pieces, parts = self._playback.rest()
        self._playback.forget()
        for sentence, samples in pieces:
            self._playback.added(sentence, samples)
        self._playback.begin(parts)
        await self._hand_over(ResumeFrame(pieces, parts, pace))
        return True

    def caller_began(self) -> float | None:
        """The caller speaks; how much of what is being said is left, seconds, None if nothing is
        being said."""
        self.to_be_heard = 0
        if not self.speaking:
            return None
        self._cut = self._cuttable
        return self._playback.unheard_s()

    def interrupted(self) -> None:
        """The line was told to drop what it has not played."""
        self.speaking = False
        if self._cuttable:
            self._playback.cut_short()

    def spoken(self) -> bool:
        """An utterance was heard to its end; returns whether it was the last."""
        self.speaking = False
        self.to_be_heard = max(0, self.to_be_heard - 1)
        return self.to_be_heard == 0

    async def break_off(self, push: Callable[[Frame], Awaitable[None]]) -> None:
        """Stop in the middle; what must be heard whole goes on, but its end is not told."""
        self.to_be_heard = 0
        self._playback.cut_short()
        await push(InterruptionFrame())

    async def _hand_over(self, frame: SayFrame | ResumeFrame | ToneFrame) -> None:
        self.to_be_heard += 1
        await self._send(frame)
