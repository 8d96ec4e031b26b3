"""The media WebSocket as a pipecat transport: A-law or PCM frames and JSON events.

Written on pipecat's transport bases rather than its FastAPI transport, because a telephone line
needs what that one leaves out: frames sent to an exact 20 ms clock, garbage counted instead of
ending the receive loop, and an optional unpaced mode for evaluations. Audio goes straight from the
socket into the pipeline and out of it: pipecat's queue behind the socket, and its limit of a write,
cost a task a frame.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from fastapi import WebSocket, WebSocketDisconnect
from pipecat.audio.dtmf.types import KeypadEntry
from pipecat.frames.frames import (
    Frame,
    InputAudioRawFrame,
    InputDTMFFrame,
    InterruptionFrame,
    OutputAudioRawFrame,
    OutputTransportMessageFrame,
    OutputTransportMessageUrgentFrame,
    StartFrame,
)
from pipecat.processors.frame_processor import FrameDirection
from pipecat.transports.base_output import BaseOutputTransport
from pipecat.transports.base_transport import BaseTransport, TransportParams
from starlette.websockets import WebSocketState

from agent.audio import TELEPHONE_RATE_HZ, alaw_decode, alaw_encode
from agent.telephony.media_protocol import (
    Dtmf,
    GarbageError,
    Hangup,
    Start,
    check_audio,
    message,
    parse_event,
)
from agent.telephony.socket_line import (
    GARBAGE_LIMIT,
    LEAD_S,
    WRITE_LIMIT_S,
    SocketInput,
    socket_params,
)

logger = logging.getLogger(__name__)


class MediaSocketInput(SocketInput):
    """Reads the caller's frames from the socket."""

    def __init__(self, owner: MediaSocketTransport, params: TransportParams) -> None:
        super().__init__(params)
        self._owner = owner

    async def _read(self) -> None:
        try:
            while True:
                received = await self._owner.websocket.receive()
                if received["type"] == "websocket.disconnect":
                    break
                if not await self._take(received):
                    break
        except (WebSocketDisconnect, RuntimeError, OSError) as error:
            # starlette raises RuntimeError when the socket is closed under a receive
            logger.info("the line broke: %s", error)
        await self._owner.disconnected()

    async def _take(self, received: Any) -> bool:
        """Deal with one message; False ends the reading."""
        try:
            data, text = received.get("bytes"), received.get("text")
            if data is not None:
                await self._take_audio(data)
            elif text is not None:
                event = parse_event(text)
                if isinstance(event, Hangup):
                    return False
                await self._take_key(event)
        except GarbageError as error:
            self._owner.count_garbage(str(error))
            return self._owner.garbage < GARBAGE_LIMIT
        return True

    async def _take_audio(self, data: bytes) -> None:
        encoding = self._owner.start.format
        check_audio(data, encoding)
        pcm = alaw_decode(data) if encoding == "alaw" else data
        await self.push_frame(InputAudioRawFrame(pcm, TELEPHONE_RATE_HZ, num_channels=1))
        await asyncio.sleep(0)  # a peer that sends faster than the ear keeps no other from its turn

    async def _take_key(self, event: Dtmf) -> None:
        await self.push_frame(InputDTMFFrame(button=KeypadEntry(event.digit)))


class MediaSocketOutput(BaseOutputTransport):
    """Writes the agent's frames to the socket, to the clock of the ear."""

    def __init__(self, owner: MediaSocketTransport, params: TransportParams) -> None:
        super().__init__(params)
        self._owner = owner
        self._next_at = 0.0

    async def start(self, frame: StartFrame) -> None:
        """Begin to write."""
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """On an interruption, have the peer drop what it has not yet played."""
        await super().process_frame(frame, direction)
        if isinstance(frame, InterruptionFrame):
            self._next_at = 0.0
            await self._owner.send_text(message("clear"))

    async def write_audio_frame(self, frame: OutputAudioRawFrame) -> bool:
        """Send one frame, then wait until the next one is due."""
        payload = alaw_encode(frame.audio) if self._owner.start.format == "alaw" else frame.audio
        try:
            async with asyncio.timeout(WRITE_LIMIT_S):
                if not await self._owner.send_bytes(payload):
                    return False
        except TimeoutError as error:
            await self.push_error(
                "the peer has stopped reading", error, force_treat_as_permanent=True
            )
            return False
        if self._owner.start.pacing == "realtime":
            now = time.monotonic()
            duration_s = len(frame.audio) / 2 / self.sample_rate
            self._next_at = max(self._next_at, now) + duration_s
            await asyncio.sleep(max(0.0, self._next_at - LEAD_S - now))
        return True

    async def send_message(
        self, frame: OutputTransportMessageFrame | OutputTransportMessageUrgentFrame
    ) -> None:
        """Send an event."""
        values = dict(frame.message)
        await self._owner.send_text(message(values.pop("event"), **values))


class MediaSocketTransport(BaseTransport):
    """One caller's socket; fires `on_client_disconnected` when the caller's side ends.

    Args:
        websocket: Accepted; its start message has been read.
        start: That message.
    """

    def __init__(self, websocket: WebSocket, start: Start) -> None:
        super().__init__()
        self.websocket = websocket
        self.start = start
        self.garbage = 0
        params = socket_params(TELEPHONE_RATE_HZ)
        self._input = MediaSocketInput(self, params)
        self._output = MediaSocketOutput(self, params)
        self._register_event_handler("on_client_disconnected")

    def input(self) -> MediaSocketInput:
        """The caller's side."""
        return self._input

    def output(self) -> MediaSocketOutput:
        """The agent's side."""
        return self._output

    async def disconnected(self) -> None:
        """Tell the session that the caller has gone."""
        await self._call_event_handler("on_client_disconnected")

    def count_garbage(self, what: str) -> None:
        """Count a message that could not be understood; log the first."""
        self.garbage += 1
        if self.garbage == 1:
            logger.warning("the line sent something unintelligible (%s); skipped", what)

    async def send_bytes(self, data: bytes) -> bool:
        """Send audio; False once the line is gone."""
        return await self._send(self.websocket.send_bytes(data))

    async def send_text(self, text: str) -> bool:
        """Send an event; False once the line is gone."""
        return await self._send(self.websocket.send_text(text))

    async def _send(self, sending: Any) -> bool:
        if self.websocket.application_state is not WebSocketState.CONNECTED:
            sending.close()
            return False
        try:
            await sending
        except (WebSocketDisconnect, RuntimeError, OSError):
            return False
        return True
