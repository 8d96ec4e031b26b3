"""A carrier's media stream as a pipecat transport, over pipecat's own serializer of that carrier.

The serializers know the carriers' messages for sound, keys and interruptions, and no more: they
raise on what is malformed (in pipecat's own transport that ends the call), take the agent's voice
for the caller's where a carrier streams both, pass every message of ours on to the carrier, and
hang up by a request without a time limit in the middle of the pipeline's end. So each message is
checked and counted here first, nothing but sound and `clear` goes out, frames are sent to the clock
of the ear as on the media WebSocket, and who hangs up is the door.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from fastapi import WebSocket, WebSocketDisconnect
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
from pipecat.processors.frame_processor import FrameDirection, FrameProcessorSetup
from pipecat.serializers.base_serializer import FrameSerializer
from pipecat.transports.base_output import BaseOutputTransport
from pipecat.transports.base_transport import BaseTransport, TransportParams
from starlette.websockets import WebSocketState

from agent.audio import TELEPHONE_RATE_HZ
from agent.telephony.carriers.carrier import Carrier, StreamStart
from agent.telephony.carriers.stream_protocol import check_sound, is_of_agent, read
from agent.telephony.media_protocol import GarbageError
from agent.telephony.socket_line import (
    GARBAGE_LIMIT,
    LEAD_S,
    WRITE_LIMIT_S,
    SocketInput,
    socket_params,
)

logger = logging.getLogger(__name__)

CLOSE_LIMIT_S = 2.0

LAST_WORDS = "last-words"
"""Name of the mark behind all that was said."""

_OTHERS = {"connected", "clearedAudio", "playedStream", "mark"}
"""Messages that ask for nothing; marks come back also when an interruption drops them."""


class CarrierInput(SocketInput):
    """Reads the caller's sound and keys from the stream, and from the one that takes its place."""

    def __init__(self, owner: CarrierStream, params: TransportParams) -> None:
        super().__init__(params)
        self._owner = owner
        self._setup: FrameProcessorSetup | None = None
        self._one_stream: asyncio.Task[None] | None = None
        self._last_chunk = -1

    async def setup(self, setup: FrameProcessorSetup) -> None:  # type: ignore[override]
        """Tell the serializer the pipeline's rates."""
        await super().setup(setup)
        self._setup = setup
        await self.prepare(self._owner.serializer)

    async def prepare(self, serializer: FrameSerializer) -> None:
        """Tell a serializer the pipeline's rates, once these are known."""
        if self._setup is not None:
            await serializer.setup(self._setup)

    def let_go(self) -> None:
        """Read no more from the stream that is being left."""
        if self._one_stream is not None:
            self._one_stream.cancel()

    async def _read(self) -> None:
        while True:
            self._last_chunk, read = -1, self._owner.streams
            self._one_stream = self.create_task(self._read_stream(), "read one stream")
            try:
                await asyncio.wait({self._one_stream})
            finally:
                self._one_stream.cancel()
            if not await self._owner.comes_back(read):
                break
        await self._owner.disconnected()

    async def _read_stream(self) -> None:
        while True:
            text = await self._owner.receive()
            if text is None or not await self._take(text):
                return

    async def _take(self, text: str) -> bool:
        """Deal with one message; False ends the reading."""
        owner = self._owner
        try:
            message = read(text)
            event = message["event"]
            if event == "stop":
                owner.stopped = True
                return False
            if event == "error":
                owner.count("carrier_error", str(message.get("payload", ""))[:200])
            elif event in ("media", "dtmf"):
                await self._take_frame(message, text)
            elif event not in _OTHERS:
                raise GarbageError(f"event {event[:40]!r}")
        except GarbageError as error:
            owner.count("garbage", str(error))
            return owner.counted.get("garbage", 0) < GARBAGE_LIMIT
        return True

    async def _take_frame(self, message: Mapping[str, Any], text: str) -> None:
        if message["event"] == "media":
            if is_of_agent(message):
                return
            chunk = check_sound(message)
            if chunk is not None and chunk <= self._last_chunk:
                self._owner.count("late_audio", "a chunk that others have overtaken")
                return
            self._last_chunk = self._last_chunk if chunk is None else chunk
        try:
            frame = await self._owner.serializer.deserialize(text)
        except Exception as error:  # whatever a stranger's serializer makes of a stranger's message
            raise GarbageError(f"{type(error).__name__} in {message['event']}") from error
        if isinstance(frame, InputAudioRawFrame):
            await self.push_frame(frame)  # not by pipecat's queue: that costs a task a frame
            await asyncio.sleep(0)  # who sends faster than the ear keeps no other from its turn
        elif isinstance(frame, InputDTMFFrame):
            await self.push_frame(frame)
        else:
            raise GarbageError(f"nothing in {message['event']}")


class CarrierOutput(BaseOutputTransport):
    """Writes the agent's sound to the stream, to the clock of the ear."""

    def __init__(self, owner: CarrierStream, params: TransportParams) -> None:
        super().__init__(params)
        self._owner = owner
        self._next_at = 0.0
        self._may_be_cut = True

    async def start(self, frame: StartFrame) -> None:
        """Begin to write."""
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """On an interruption, have the carrier drop what it has not yet played.

        Not while the greeting is heard, which goes on: its words would be missing in the middle.
        """
        await super().process_frame(frame, direction)
        if isinstance(frame, InterruptionFrame) and self._may_be_cut:
            self._next_at = 0.0
            await self._owner.send(frame)

    async def write_audio_frame(self, frame: OutputAudioRawFrame) -> bool:
        """Send one frame, then wait until the next one is due."""
        self._may_be_cut = frame.interruptible
        try:
            async with asyncio.timeout(WRITE_LIMIT_S):
                if not await self._owner.send(frame):
                    return False
        except TimeoutError as error:
            await self.push_error(
                "the carrier has stopped reading", error, force_treat_as_permanent=True
            )
            return False
        now = time.monotonic()
        duration_s = len(frame.audio) / 2 / self.sample_rate
        self._next_at = max(self._next_at, now) + duration_s
        await asyncio.sleep(max(0.0, self._next_at - LEAD_S - now))
        return True

    async def send_message(
        self, frame: OutputTransportMessageFrame | OutputTransportMessageUrgentFrame
    ) -> None:
        """Send none: what is heard and said is no business of the carrier's."""


class CarrierStream(BaseTransport):
    """One call's stream; fires `on_client_disconnected` when the carrier's side ends.

    Attributes:
        stopped: The carrier has said that the stream is over; else it broke.
        streams: How many there have been: a caller who comes back from an operator is on another.
        counted: How often which message could not be used.

    Args:
        websocket: Accepted; its start message has been read.
        carrier: Whose stream it is.
        start: That message.
    """

    def __init__(self, websocket: WebSocket, carrier: Carrier, start: StreamStart) -> None:
        super().__init__()
        self.serializer = carrier.serializer(start)
        self.stopped = False
        self.streams = 1
        self.counted: dict[str, int] = {}
        self._websocket = websocket
        self._carrier = carrier
        self._start = start
        self._away = False
        self._back = asyncio.Event()
        self._back.set()
        params = socket_params(TELEPHONE_RATE_HZ)
        self._input = CarrierInput(self, params)
        self._output = CarrierOutput(self, params)
        self._register_event_handler("on_client_disconnected")

    def input(self) -> CarrierInput:
        """The caller's side."""
        return self._input

    def output(self) -> CarrierOutput:
        """The agent's side."""
        return self._output

    async def disconnected(self, by: str = "caller") -> None:
        """Tell the session that the carrier's side has ended, wherever the caller was.

        Args:
            by: Who ended it: caller | operator.
        """
        self._back.set()
        await self._call_event_handler("on_client_disconnected", by)

    # --- the caller goes to an operator, and may come back --------------------------------------

    @property
    def is_away(self) -> bool:
        """Whether the caller is with somebody else."""
        return self._away

    async def leave(self) -> None:
        """Our stream ends, the call does not: the carrier asks what is to be done with it."""
        self._away = True
        self._back.clear()
        self._input.let_go()
        with suppress(WebSocketDisconnect, RuntimeError, OSError, TimeoutError):
            async with asyncio.timeout(CLOSE_LIMIT_S):
                await self._websocket.close()

    async def return_to(self, websocket: WebSocket, start: StreamStart) -> bool:
        """The caller is back, on another stream; False if they were not away, or it is no such."""
        if start.encoding != self._start.encoding:
            return False
        serializer = self._carrier.serializer(start)
        await self._input.prepare(serializer)
        if not self._away:
            return False
        self._websocket, self._start, self.serializer = websocket, start, serializer
        self.streams += 1
        self._away = False
        self._back.set()
        return True

    async def is_back(self, limit_s: float) -> bool:
        """Wait for the caller to be on our line again, or gone; whether they are on it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self._back.wait()
        return not self._away

    async def comes_back(self, read: int) -> bool:
        """Wait for a caller who is with somebody else; whether they are on a newer stream."""
        if self._away:
            await self._back.wait()
        return self.streams > read

    def count(self, what: str, detail: str) -> None:
        """Count a message that could not be used; log the first of its kind."""
        self.counted[what] = self.counted.get(what, 0) + 1
        if self.counted[what] == 1:
            logger.warning("%s from %s (%s)", what, self._carrier.name, detail)

    async def receive(self) -> str | None:
        """The next message, "" for one that is no text; None once the stream is gone."""
        try:
            received = await self._websocket.receive()
        except (WebSocketDisconnect, RuntimeError, OSError) as error:
            # starlette raises RuntimeError when the socket is closed under a receive
            logger.info("the stream broke: %s", error)
            return None
        if received["type"] == "websocket.disconnect":
            return None
        return received.get("text") or ""

    async def send(self, frame: Frame) -> bool:
        """Send a frame; False once the stream is gone. To who is away nothing is sent."""
        if self._away:
            return True
        message = await self.serializer.serialize(frame)
        return isinstance(message, str) and await self._send(message)

    async def last_words(self, limit_s: float) -> bool:
        """Wait until the carrier has played all that was sent; to be called when nobody reads.

        Returns:
            Whether it says so; False too where it hangs up first, or says nothing in time, or the
            caller is with somebody else.
        """
        if self._away:
            return False
        mark = json.dumps(self._carrier.mark(self._start, LAST_WORDS))
        try:
            async with asyncio.timeout(limit_s):
                if not await self._send(mark):
                    return False
                while (text := await self.receive()) is not None:
                    if self._is_last(text):
                        return True
        except TimeoutError:
            logger.info("%s does not say that all was played", self._carrier.name)
        return False

    def _is_last(self, text: str) -> bool:
        try:
            return self._carrier.marked(read(text)) == LAST_WORDS
        except GarbageError:
            return False

    async def _send(self, text: str) -> bool:
        if self._websocket.application_state is not WebSocketState.CONNECTED:
            return False
        try:
            await self._websocket.send_text(text)
        except (WebSocketDisconnect, RuntimeError, OSError):
            return False
        return True
