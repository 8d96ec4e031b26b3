"""A caller made of recordings: plays each file as one turn, hears the agent, keeps both channels.

Used by `permanence call`, the demo, the tests and the benchmarks: it comes in through the media
WebSocket as any carrier does, on the clock of the ear (one 20 ms frame of each channel a tick), so
that what it measures on the recording is what a caller would have heard.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from agent.audio import (
    FRAME_MS,
    TELEPHONE_FRAME_SAMPLES,
    TELEPHONE_RATE_HZ,
    Samples,
    alaw_decode,
    alaw_encode,
    samples_of,
    voiced_windows,
    write_wav,
)
from agent.errors import CallFailedError, CallRefusedError
from agent.telephony.media_protocol import message

BREATH_S = 0.4
"""What a caller lets pass between the agent's last word and their own."""

PATIENCE_S = 45.0
"""Longest wait for the agent before the caller gives up."""

_SILENCE = bytes(2 * TELEPHONE_FRAME_SAMPLES)


@dataclass
class HeardCall:
    """A call as its caller lived it.

    Attributes:
        caller, agent: The two channels, 8 kHz, on one clock.
        turns: The agent's account of each turn, as JSON values.
        spans: First and last sample of each file as played, on the caller's channel.
        texts: Sentences that the agent began, in order.
        realtime: The channels ran at the pace of the ear; else their times mean nothing.
    """

    call_id: str = ""
    outcome: str = "abandoned"
    ended_by: str = ""
    handoff: dict[str, Any] | None = None
    turns: list[dict[str, Any]] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    caller: Samples = field(default_factory=lambda: np.zeros(0, np.int16))
    agent: Samples = field(default_factory=lambda: np.zeros(0, np.int16))
    realtime: bool = True

    def voice_to_voice_ms(self) -> list[float | None]:
        """For each file: its last voiced sample -> the agent's first voiced sample after it, ms.

        None where the agent said nothing before the next file.
        """
        window = TELEPHONE_RATE_HZ // 100
        agent = voiced_windows(self.agent, TELEPHONE_RATE_HZ)
        found: list[float | None] = []
        for index, (start, end) in enumerate(self.spans):
            later = self.spans[index + 1][0] if index + 1 < len(self.spans) else self.agent.size
            voiced = voiced_windows(self.caller[start:end], TELEPHONE_RATE_HZ)
            last = start + (int(voiced[-1]) + 1) * window if voiced.size else end
            reply = agent[(agent * window >= last) & (agent * window < later)]
            found.append(None if reply.size == 0 else (int(reply[0]) * window - last) / 8.0)
        return found

    def write(self, path: Path) -> None:
        """Write the recording: caller on the left, agent on the right."""
        write_wav(path, TELEPHONE_RATE_HZ, self.caller, self.agent)

    def as_json(self) -> dict[str, Any]:
        """The call as `permanence call --json` writes it; timings as heard on the recording.

        `turns` are the caller's; what the agent said of its own accord (the greeting, « je vous
        écoute ») is in `unasked`.
        """
        measured = iter(self.voice_to_voice_ms() if self.realtime else [])
        turns = []
        for turn in self.turns:
            if _is_callers(turn):
                if (heard := next(measured, None)) is not None:
                    turn = {**turn, "timings_ms": {**turn["timings_ms"], "voice_to_voice": heard}}
                turns.append(turn)
        return {
            "call_id": self.call_id,
            "outcome": self.outcome,
            "ended_by": self.ended_by,
            "turns": turns,
            "handoff": self.handoff,
            "unasked": [turn["said"] for turn in self.turns if not _is_callers(turn)],
        }


def _is_callers(turn: dict[str, Any]) -> bool:
    """Whether the caller opened a turn, even if nothing could be understood."""
    return bool(turn["heard"]) or turn["timings_ms"]["end_of_turn"] is not None


class RecordedCaller:
    """Places one call and plays its files."""

    def __init__(
        self,
        url: str,
        client: str,
        turns: Sequence[Samples],
        *,
        caller: str | None = None,
        realtime: bool = True,
        on_event: Callable[[dict[str, Any]], None] = lambda _: None,
    ) -> None:
        """Prepare a call.

        Args:
            url: Of the media WebSocket.
            client: Slug of the client to call.
            turns: What is said, one array of 8 kHz samples a turn.
            caller: Number to present, None to mask it.
            realtime: False plays and hears as fast as both sides can.
            on_event: Told of each event of the protocol.
        """
        self._url, self._client, self._number = url, client, caller
        self._turns = list(turns)
        self._realtime = realtime
        self._on_event = on_event
        self._call = HeardCall(realtime=realtime)
        self._left: list[bytes] = []
        self._right: list[bytes] = []
        self._playout = bytearray()
        self._listening = asyncio.Event()
        self._over = asyncio.Event()
        self._refused: str | None = None

    async def run(self) -> HeardCall:
        """Place the call and see it through.

        Raises:
            CallRefusedError: The server would not take it.
            CallFailedError: The server cannot be reached, or stopped answering.
        """
        try:
            async with connect(self._url, max_size=2**20, open_timeout=10) as socket:
                await socket.send(self._start())
                await self._carry(socket)
        except (OSError, InvalidHandshake, TimeoutError) as error:
            raise CallFailedError(
                f"The server at {self._url} does not answer ({error}); start it with "
                "`permanence serve`."
            ) from error
        if self._refused is not None:
            raise CallRefusedError(self._refused)
        self._call.caller = np.array(samples_of(b"".join(self._left)))
        self._call.agent = np.array(samples_of(b"".join(self._right)))
        return self._call

    async def _carry(self, socket: ClientConnection) -> None:
        hearing = asyncio.create_task(self._hear(socket), name="hearing")
        playing = asyncio.create_task(self._play(socket), name="playing")
        over = asyncio.create_task(self._over.wait(), name="over")
        tasks = (hearing, playing, over)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if playing.done() and not playing.cancelled() and playing.exception() is not None:
                await playing
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self) -> str:
        pacing = "realtime" if self._realtime else "none"
        values: dict[str, Any] = {"client": self._client, "format": "alaw", "rate": 8000}
        if self._number:
            values["caller"] = self._number
        return message("start", **values, pacing=pacing)

    # --- hearing ------------------------------------------------------------------------------

    async def _hear(self, socket: ClientConnection) -> None:
        try:
            async for received in socket:
                if isinstance(received, bytes):
                    self._playout += alaw_decode(received)
                else:
                    self._take(json.loads(received))
        except ConnectionClosed:
            pass
        self._over.set()

    def _take(self, event: dict[str, Any]) -> None:
        self._on_event(event)
        match event["event"]:
            case "started":
                self._call.call_id = event["call_id"]
            case "refused":
                self._refused = event["message"]
            case "clear":
                self._playout.clear()
            case "said":
                self._call.texts.append(event["text"])
            case "turn":
                self._call.turns.append(event["turn"])
            case "listening":
                self._listening.set()
            case "ended":
                self._call.outcome = event["outcome"]
                self._call.ended_by = event["ended_by"]
                self._call.handoff = event["handoff"]
                self._over.set()

    # --- playing ------------------------------------------------------------------------------

    async def _play(self, socket: ClientConnection) -> None:
        try:
            for samples in self._turns:
                await self._wait_for_agent(socket)
                await self._speak(socket, samples)
            await self._wait_for_agent(socket)
            await socket.send(message("hangup"))
            await self._silence(socket, lambda: False, PATIENCE_S)
        except ConnectionClosed:
            self._over.set()

    async def _speak(self, socket: ClientConnection, samples: Samples) -> None:
        pcm = samples.astype("<i2").tobytes()
        pcm += bytes(-len(pcm) % len(_SILENCE))
        start = self._samples_played()
        for offset in range(0, len(pcm), len(_SILENCE)):
            await self._tick(socket, pcm[offset : offset + len(_SILENCE)])
        self._call.spans.append((start, self._samples_played()))

    async def _wait_for_agent(self, socket: ClientConnection) -> None:
        """Be silent until the agent has finished, was heard whole, and a breath has passed."""
        await self._silence(
            socket, lambda: self._listening.is_set() and not self._playout, PATIENCE_S
        )
        if self._realtime:
            ends = self._samples_played() + int(BREATH_S * TELEPHONE_RATE_HZ)
            await self._silence(socket, lambda: self._samples_played() >= ends, PATIENCE_S)
        self._listening.clear()

    async def _silence(
        self, socket: ClientConnection, enough: Callable[[], bool], limit_s: float
    ) -> None:
        deadline = time.monotonic() + limit_s
        while not enough():
            if time.monotonic() > deadline:
                raise CallFailedError(
                    f"The agent said nothing for {limit_s:.0f} s; see the server's log."
                )
            await self._tick(socket, _SILENCE)
            if not self._realtime:
                await asyncio.sleep(FRAME_MS / 10_000)  # ten times as fast as the ear

    async def _tick(self, socket: ClientConnection, frame: bytes) -> None:
        """One frame of each channel."""
        if self._realtime:
            due = self._began() + len(self._left) * FRAME_MS / 1000
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            heard = bytes(self._playout[: len(_SILENCE)])
            del self._playout[: len(_SILENCE)]
        else:
            heard = bytes(self._playout)
            self._playout.clear()
        await socket.send(alaw_encode(frame))
        self._left.append(frame)
        self._right.append(heard + bytes(max(0, len(_SILENCE) - len(heard))))

    _started_at: float | None = None

    def _began(self) -> float:
        if self._started_at is None:
            self._started_at = time.monotonic()
        return self._started_at

    def _samples_played(self) -> int:
        return len(self._left) * TELEPHONE_FRAME_SAMPLES
