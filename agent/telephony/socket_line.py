"""What every line over a WebSocket has in common: how its reading begins and ends, its bounds."""

from __future__ import annotations

import asyncio
from abc import abstractmethod

from pipecat.frames.frames import CancelFrame, ClientConnectedFrame, EndFrame, StartFrame
from pipecat.transports.base_input import BaseInputTransport
from pipecat.transports.base_transport import TransportParams

from agent.audio import FRAME_MS

LEAD_S = 0.06
"""How far ahead of the ear audio is sent: three frames, against jitter."""

WRITE_LIMIT_S = 5.0
"""Longest write; a peer that takes longer has stopped reading."""

GARBAGE_LIMIT = 500
"""Unintelligible messages after which the line is given up."""


def socket_params(rate_hz: int) -> TransportParams:
    """Parameters of a line whose sound is of that rate, Hz, both ways.

    pipecat's own limit of a write costs a task a frame: each output has `WRITE_LIMIT_S` instead.
    """
    return TransportParams(
        audio_in_enabled=True,
        audio_out_enabled=True,
        audio_in_sample_rate=rate_hz,
        audio_out_sample_rate=rate_hz,
        audio_out_10ms_chunks=FRAME_MS // 10,
        audio_out_end_silence_secs=0,
    ).model_copy(update={"audio_out_write_timeout_secs": None})


class SocketInput(BaseInputTransport):
    """Reads a socket from the pipeline's start to its end, whichever way it ends."""

    def __init__(self, params: TransportParams) -> None:
        super().__init__(params)
        self._reading: asyncio.Task[None] | None = None

    @abstractmethod
    async def _read(self) -> None:
        """Read until the line is over, then tell so."""

    async def start(self, frame: StartFrame) -> None:
        """Begin to read."""
        await super().start(frame)
        await self.set_transport_ready(frame)
        await self.push_frame(ClientConnectedFrame())
        if self._reading is None:
            self._reading = self.create_task(self._read(), "read")

    async def stop(self, frame: EndFrame) -> None:
        """Stop reading; what the caller says after our goodbye is not heard."""
        await self._stop_reading()
        await super().stop(frame)

    async def cancel(self, frame: CancelFrame) -> None:
        """Stop reading at once."""
        await self._stop_reading()
        await super().cancel(frame)

    async def cleanup(self) -> None:
        """Stop reading, whichever way the call ended."""
        await self._stop_reading()
        await super().cleanup()

    async def _stop_reading(self) -> None:
        task, self._reading = self._reading, None
        if task is not None and task is not asyncio.current_task():
            await self.cancel_task(task)
