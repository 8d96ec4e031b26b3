"""A caller who talks while the agent talks: how soon it falls silent, and for what it should not.

Comes in through the media WebSocket at the pace of the ear as `RecordedCaller` does, but does not
wait for its turn: it asks, lets the agent speak a while, then says something over its voice.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from agent.audio import (
    FRAME_MS,
    SAMPLE_BYTES,
    TELEPHONE_FRAME_SAMPLES,
    TELEPHONE_RATE_HZ,
    VOICED_RMS,
    Samples,
    alaw_decode,
    alaw_encode,
    rms,
    samples_of,
    to_float,
    to_int16,
    voiced_windows,
)
from agent.telephony.media_protocol import message

AFTER_S = 1.2
"""How much of the agent's voice is heard before it is talked over."""

ECHO_FRAMES = 10
"""After how many frames of 20 ms the agent's voice comes back."""

BREATH_S = 0.4
REPLY_LIMIT_S = 15.0
"""Longest wait for the agent to begin, and to finish."""

NUMBER = "0639981234"
_FRAME_BYTES = TELEPHONE_FRAME_SAMPLES * SAMPLE_BYTES
_SILENCE = bytes(_FRAME_BYTES)
_WINDOW = TELEPHONE_RATE_HZ // 100


@dataclass(frozen=True)
class Attempt:
    """Something to be said over the agent's answer.

    Attributes:
        name: Of what is said over it: "words", "oui", "cough", …
        question: What makes the agent speak, 8 kHz.
        over: What is said over its voice, 8 kHz.
    """

    name: str
    question: Samples
    over: Samples


@dataclass
class Outcome:
    """What came of an attempt; places are samples on the call's clock.

    Attributes:
        name: Of the attempt.
        starts, ends: Of what was said over the agent.
        cleared: Where the agent's side had the rest of its voice dropped, None if it did not.
        before: The sentence in front of the one that was talked over, "" if none.
        last_said: The sentence that was talked over.
        heard: What was made of the words over it, "" if nothing was.
        next_said: The first sentence after it was dropped, "" if none.
        stale_ms: Voice that still arrived after that and belonged to no new sentence.
        stopped_ms: From the caller's first voiced sample to the agent's last one; None if the
            agent did not stop, or happened to be silent already.
        silent_s: From there to the agent's next sound, None if there is none.
    """

    name: str
    starts: int = 0
    ends: int = 0
    cleared: int | None = None
    before: str = ""
    last_said: str = ""
    heard: str = ""
    next_said: str = ""
    stale_ms: float = 0.0
    stopped_ms: float | None = None
    silent_s: float | None = None

    @property
    def taken_up(self) -> bool:
        """Whether the agent went on where it was stopped, or with the end of what came before:
        it steps back a word or two."""
        return bool(self.next_said) and self.next_said in (self.last_said, self.before)


@dataclass
class BargingCaller:
    """One call in which each attempt is made in turn.

    Attributes:
        url: Of the media WebSocket.
        client: Slug of the client to call.
        attempts: In order.
        echo_db: How loud the agent's voice comes back, of what it was; None: not at all.
    """

    url: str
    client: str
    attempts: Sequence[Attempt]
    echo_db: float | None = None
    outcomes: list[Outcome] = field(default_factory=list)
    caller: Samples = field(default_factory=lambda: np.zeros(0, np.int16))
    agent: Samples = field(default_factory=lambda: np.zeros(0, np.int16))

    def __post_init__(self) -> None:
        self._left: list[bytes] = []
        self._right: list[bytes] = []
        self._playout = bytearray()
        self._listening = False
        self._over = False
        self._current: Outcome | None = None
        self._before = self._said = ""
        self._began = 0.0

    async def run(self) -> list[Outcome]:
        """Place the call; returns what came of the attempts that could be made.

        An attempt cannot be made where the agent has nothing to say or not long enough.

        Raises:
            OSError: The server cannot be reached.
        """
        async with connect(self.url, max_size=2**20, open_timeout=10) as socket:
            values = {"client": self.client, "format": "alaw", "rate": TELEPHONE_RATE_HZ}
            await socket.send(message("start", **values, caller=NUMBER, pacing="realtime"))
            hearing = asyncio.create_task(self._hear(socket), name="hearing")
            try:
                self._began = time.monotonic()
                await self._play(socket)
                await socket.send(message("hangup"))
            except ConnectionClosed:
                pass  # the agent hung up
            finally:
                hearing.cancel()
                await asyncio.gather(hearing, return_exceptions=True)
        self.caller = np.array(samples_of(b"".join(self._left)))
        self.agent = np.array(samples_of(b"".join(self._right)))
        for outcome in self.outcomes:
            measure(outcome, self.caller, self.agent)
        return self.outcomes

    async def _play(self, socket: ClientConnection) -> None:
        await self._wait(socket, self._agent_done)
        for attempt in self.attempts:
            if self._over:
                return
            self._listening = False
            await self._say(socket, attempt.question)
            if await self._agent_speaks(socket):
                await self._say_over(socket, attempt)
            await self._wait(socket, self._agent_done)
            self._current = None
            for _ in range(int(BREATH_S * 1000 / FRAME_MS)):
                await self._tick(socket, _SILENCE)

    async def _say_over(self, socket: ClientConnection, attempt: Attempt) -> None:
        self._current = Outcome(
            attempt.name, starts=self._now(), before=self._before, last_said=self._said
        )
        self._listening = False
        await self._say(socket, attempt.over)
        self._current.ends = self._now()
        self.outcomes.append(self._current)

    async def _agent_speaks(self, socket: ClientConnection) -> bool:
        """Wait until the agent has spoken for a while; False if it does not."""
        voiced = 0

        def enough() -> bool:
            nonlocal voiced
            loud = rms(samples_of(self._right[-1])) > VOICED_RMS
            voiced += loud
            return loud and voiced * FRAME_MS >= AFTER_S * 1000

        await self._wait(socket, lambda: enough() or self._agent_done())
        return voiced * FRAME_MS >= AFTER_S * 1000

    def _agent_done(self) -> bool:
        return self._listening and not self._playout

    async def _say(self, socket: ClientConnection, samples: Samples) -> None:
        pcm = samples.astype("<i2").tobytes()
        pcm += bytes(-len(pcm) % _FRAME_BYTES)
        for at in range(0, len(pcm), _FRAME_BYTES):
            await self._tick(socket, pcm[at : at + _FRAME_BYTES])

    async def _wait(self, socket: ClientConnection, enough: Callable[[], bool]) -> None:
        deadline = time.monotonic() + REPLY_LIMIT_S
        while not self._over and time.monotonic() < deadline:
            await self._tick(socket, _SILENCE)
            if enough():
                return

    async def _tick(self, socket: ClientConnection, frame: bytes) -> None:
        """One frame of each channel, on the clock of the ear."""
        due = self._began + len(self._left) * FRAME_MS / 1000
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        heard = bytes(self._playout[:_FRAME_BYTES])
        del self._playout[:_FRAME_BYTES]
        await socket.send(alaw_encode(self._with_echo(frame)))
        self._left.append(frame)
        self._right.append(heard + bytes(_FRAME_BYTES - len(heard)))

    def _with_echo(self, frame: bytes) -> bytes:
        late = len(self._right) - ECHO_FRAMES
        if self.echo_db is None or late < 0:
            return frame
        echo = to_float(samples_of(self._right[late])) * 10 ** (self.echo_db / 20)
        mixed: bytes = to_int16(to_float(samples_of(frame)) + echo).tobytes()
        return mixed

    def _now(self) -> int:
        return len(self._left) * TELEPHONE_FRAME_SAMPLES

    async def _hear(self, socket: ClientConnection) -> None:
        try:
            async for received in socket:
                if isinstance(received, bytes):
                    self._take_voice(alaw_decode(received))
                else:
                    self._take_event(json.loads(received))
        except ConnectionClosed:
            pass
        self._over = True

    def _take_voice(self, pcm: bytes) -> None:
        outcome = self._current
        if outcome is not None and outcome.cleared is not None and not outcome.next_said:
            windows = voiced_windows(samples_of(pcm), TELEPHONE_RATE_HZ)
            outcome.stale_ms += 10.0 * windows.size
        self._playout += pcm

    def _take_event(self, event: dict[str, Any]) -> None:
        outcome = self._current
        match event["event"]:
            case "clear":
                self._playout.clear()
                if outcome is not None and outcome.cleared is None:
                    outcome.cleared = self._now()
            case "said":
                self._before, self._said = self._said, str(event["text"])
                if outcome is not None and outcome.cleared is None:
                    outcome.before, outcome.last_said = self._before, self._said
                elif outcome is not None and not outcome.next_said:
                    outcome.next_said = self._said
            case "heard":
                if outcome is not None and not outcome.next_said:
                    outcome.heard = str(event["text"])
            case "listening":
                self._listening = True
            case "ended" | "refused":
                self._over = True


def measure(outcome: Outcome, caller: Samples, agent: Samples) -> None:
    """Read off the two channels when the agent stopped and when it spoke again.

    Args:
        outcome: Of an attempt; its times are filled in.
        caller, agent: The channels, 8 kHz, on one clock.
    """
    if outcome.cleared is None:
        return
    spoken = voiced_windows(caller[outcome.starts : outcome.ends], TELEPHONE_RATE_HZ)
    if not spoken.size:
        return
    first = outcome.starts + int(spoken[0]) * _WINDOW
    voiced = voiced_windows(agent, TELEPHONE_RATE_HZ) * _WINDOW
    before = voiced[voiced < outcome.cleared]
    after = voiced[voiced >= outcome.cleared]
    if before.size and (last := int(before[-1]) + _WINDOW) > first:
        outcome.stopped_ms = (last - first) * 1000 / TELEPHONE_RATE_HZ
        if after.size:
            outcome.silent_s = (int(after[0]) - last) / TELEPHONE_RATE_HZ
