"""A caller who asks for a person, then says and does what they are told while they wait."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from agent.audio import (
    FRAME_MS,
    SAMPLE_BYTES,
    TELEPHONE_FRAME_SAMPLES,
    TELEPHONE_RATE_HZ,
    VOICED_RMS,
    Samples,
    rms,
    samples_of,
)
from agent.demo import CLIENT
from agent.telephony.media_protocol import message
from agent.telephony.recorded_caller import BREATH_S, HeardCall, RecordedCaller

_SILENCE = bytes(SAMPLE_BYTES * TELEPHONE_FRAME_SAMPLES)


class WaitingCaller(RecordedCaller):
    """One call; used on one event loop.

    Attributes:
        events: Each event of the line, with its time (seconds since the epoch).
        done: The call, once it was started.
    """

    def __init__(
        self, url: str, asks: Samples | None, number: str | None, client: str = CLIENT
    ) -> None:
        """Args:
        url: Of the media WebSocket.
        asks: What they say once they are greeted, 8 kHz; None: nothing.
        number: Theirs, None if it is masked.
        client: Whom they call.
        """
        turns = [] if asks is None else [asks]
        super().__init__(url, client, turns, caller=number, on_event=self._note)
        self.events: list[tuple[float, dict[str, Any]]] = []
        self._to_say: asyncio.Queue[Samples | str] = asyncio.Queue()
        self._hung_up = False
        self.done: asyncio.Task[HeardCall] | None = None

    def start(self) -> None:
        """Place the call; whoever starts it awaits `done`."""
        self.done = asyncio.create_task(self.run(), name="caller")

    @property
    def call_id(self) -> str:
        """The call's identifier; "" until it is taken."""
        return self._call.call_id

    @property
    def now_s(self) -> float:
        """How much of the call has been heard, seconds."""
        return self._samples_played() / TELEPHONE_RATE_HZ

    def heard(self, from_s: float = 0.0) -> Samples:
        """What they have heard so far, 8 kHz."""
        return samples_of(b"".join(self._right[int(from_s * 1000 / FRAME_MS) :]))

    def hears_pause(self, since_s: float) -> bool:
        """Whether the other side has said something since a place of the call, and pauses now."""
        frames = [samples_of(one) for one in self._right[int(since_s * 1000 / FRAME_MS) :]]
        voiced = [rms(one) > VOICED_RMS for one in frames]
        last = int(BREATH_S * 1000 / FRAME_MS)
        return any(voiced) and not any(voiced[-last:])

    @property
    def is_over(self) -> bool:
        """Whether the line has ended."""
        return self._over.is_set()

    def say(self, samples: Samples) -> None:
        """Say something at once, 8 kHz."""
        self._to_say.put_nowait(samples)

    def key(self, digits: str) -> None:
        """Press keys."""
        for digit in digits:
            self._to_say.put_nowait(digit)

    def hang_up(self) -> None:
        """Hang up at once."""
        self._hung_up = True

    def said(self, since: float = 0.0) -> list[str]:
        """The sentences that the agent has begun since a time."""
        return [
            str(event["text"]) for at, event in self.events
            if event["event"] == "said" and at >= since
        ]  # fmt: skip

    def at(self, event: str) -> float | None:
        """When an event came first, seconds since the epoch; None if it has not."""
        return next((at for at, one in self.events if one["event"] == event), None)

    def _note(self, event: dict[str, Any]) -> None:
        self.events.append((time.time(), event))

    async def _play(self, socket: ClientConnection) -> None:
        try:
            for samples in self._turns:
                await self._wait_for_agent(socket)
                await self._speak(socket, samples)
            while not self._hung_up:
                told = None if self._to_say.empty() else self._to_say.get_nowait()
                if isinstance(told, str):
                    await socket.send(message("dtmf", digit=told))
                elif told is not None:
                    await self._speak(socket, told)
                await self._tick(socket, _SILENCE)
            await socket.send(message("hangup"))
            await self._silence(socket, self._over.is_set, 5.0)
        except ConnectionClosed:
            self._over.set()
