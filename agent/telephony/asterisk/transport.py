"""Asterisk's media WebSocket as a pipecat transport.

Asterisk keeps the caller's clock: what is sent is queued there and played frame by frame. Sound is
sent a little ahead of that clock and no further, so that what is interrupted has hardly left; what
has left is flushed. While nothing is said silence is sent, for Asterisk makes none: a caller's line
that carries nothing sounds dead, and routers forget it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from typing import Any

from fastapi import WebSocket
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
from starlette.websockets import WebSocketDisconnect, WebSocketState

from agent.audio import FRAME_MS, alaw_decode, alaw_encode
from agent.call.transport import Line
from agent.telephony.asterisk.media import (
    RATES_HZ,
    Flow,
    Format,
    KeyPressed,
    MarkHeard,
    MediaStart,
    command,
    parse_event,
)
from agent.telephony.media_protocol import GarbageError
from agent.telephony.socket_line import (
    GARBAGE_LIMIT,
    LEAD_S,
    WRITE_LIMIT_S,
    SocketInput,
    socket_params,
)

logger = logging.getLogger(__name__)

SILENCE_MS = 60
"""Length of a piece of silence: what is said waits no longer than this for it."""

SILENCE_AFTER_S = 0.04
"""With nothing to say for so long, silence is sent."""

MARK_EVERY_S = 1.0
LATE_S = 0.4
"""Sound that is played so much later than it was due lags behind the talk; it is counted."""

MAX_AUDIO_BYTES = 16_000


class AsteriskInput(SocketInput):
    """Reads the caller's frames from the socket, and from the one that takes its place."""

    def __init__(self, owner: AsteriskTransport, params: TransportParams) -> None:
        super().__init__(params)
        self._owner = owner

    async def _read(self) -> None:
        while True:
            await self._read_socket()
            if not await self._owner.comes_back():
                break
        await self._owner.hung_up()

    async def _read_socket(self) -> None:
        socket = self._owner.websocket
        try:
            while True:
                received = await socket.receive()
                if received["type"] == "websocket.disconnect" or not await self._take(received):
                    return
        except (WebSocketDisconnect, RuntimeError, OSError) as error:
            logger.info("the exchange's socket broke: %s", error)

    async def _take(self, received: Any) -> bool:
        """Deal with one message; False ends the reading."""
        try:
            data, text = received.get("bytes"), received.get("text")
            if data is not None:
                await self._take_audio(data)
            elif text is not None:
                await self._take_event(text)
        except GarbageError as error:
            self._owner.count("garbage", str(error))
            return self._owner.anomalies["garbage"] < GARBAGE_LIMIT
        return True

    async def _take_audio(self, data: bytes) -> None:
        if not data or len(data) > MAX_AUDIO_BYTES:
            raise GarbageError(f"audio of {len(data)} bytes")
        pcm, rate_hz = self._owner.decoded(data), self._owner.rate_hz
        await self.push_frame(InputAudioRawFrame(pcm, rate_hz, num_channels=1))

    async def _take_event(self, text: str) -> None:
        event = parse_event(text)
        if isinstance(event, KeyPressed):
            await self.push_frame(InputDTMFFrame(button=KeypadEntry(event.digit)))
        elif isinstance(event, Flow):
            self._owner.flows(event.open)
        elif isinstance(event, MarkHeard):
            self._owner.heard(event.mark)


class AsteriskOutput(BaseOutputTransport):
    """Writes the agent's frames to the socket, a little ahead of the caller's clock."""

    def __init__(self, owner: AsteriskTransport, params: TransportParams) -> None:
        super().__init__(params)
        self._owner = owner
        self._next_at = 0.0
        self._filling: asyncio.Task[None] | None = None

    async def start(self, frame: StartFrame) -> None:
        """Begin to write; silence until there is something to say."""
        await super().start(frame)
        await self.set_transport_ready(frame)
        if self._filling is None:
            self._filling = self.create_task(self._fill(), "fill")

    async def cleanup(self) -> None:
        """Write no more."""
        task, self._filling = self._filling, None
        if task is not None:
            await self.cancel_task(task)
        await super().cleanup()

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """On an interruption, have Asterisk drop what it has not yet played."""
        await super().process_frame(frame, direction)
        if isinstance(frame, InterruptionFrame):
            self._next_at = 0.0
            await self._owner.send_text(command("FLUSH_MEDIA"))

    async def write_audio_frame(self, frame: OutputAudioRawFrame) -> bool:
        """Send one frame, then wait until the next one is due."""
        try:
            async with asyncio.timeout(WRITE_LIMIT_S):
                if not await self._owner.send_sound(frame.audio):
                    return False
        except TimeoutError as error:
            await self.push_error(
                "the exchange has stopped reading", error, force_treat_as_permanent=True
            )
            return False
        now = time.monotonic()
        self._next_at = max(self._next_at, now) + len(frame.audio) / 2 / self.sample_rate
        await self._owner.mark(self._next_at)
        await asyncio.sleep(max(0.0, self._next_at - LEAD_S - now))
        return True

    async def send_message(
        self, frame: OutputTransportMessageFrame | OutputTransportMessageUrgentFrame
    ) -> None:
        """A telephone shows nothing."""

    async def _fill(self) -> None:
        """Send silence whenever nothing else is due."""
        silence = bytes(2 * self._owner.rate_hz * SILENCE_MS // 1000)
        while True:
            now = time.monotonic()
            if now > self._next_at - LEAD_S + SILENCE_AFTER_S:
                await self._owner.send_sound(silence)
                self._next_at = max(self._next_at, now) + SILENCE_MS / 1000
            await asyncio.sleep(max(FRAME_MS / 1000, self._next_at - LEAD_S - now))


class AsteriskTransport(BaseTransport):
    """One caller's line; fires `on_client_disconnected` when the caller's side ends.

    Args:
        websocket: Accepted; its MEDIA_START has been read.
        start: That event.

    Attributes:
        anomalies: Counts of what the line did wrong, by kind.
        ended: Set once the call is over, for whoever holds a socket of it open.
        hung_up_by: Who ends it, as the exchange tells before it does: caller | operator.
        gone: Set once the exchange has told that the caller hung up.
    """

    def __init__(self, websocket: WebSocket, start: MediaStart) -> None:
        super().__init__()
        self.websocket = websocket
        self.format: Format = start.format
        self.rate_hz = RATES_HZ[start.format]
        self.anomalies: dict[str, int] = {}
        self.ended = asyncio.Event()
        self.hung_up_by = "caller"
        self.gone = asyncio.Event()
        self._may_send = asyncio.Event()
        self._may_send.set()
        self._away = False
        self._back = asyncio.Event()
        self._back.set()
        self._marks: dict[str, float] = {}
        self._marked_at = 0.0
        params = socket_params(self.rate_hz)
        self._input = AsteriskInput(self, params)
        self._output = AsteriskOutput(self, params)
        self._register_event_handler("on_client_disconnected")

    def line(self, caller_number: str | None) -> Line:
        """This transport as a line that a call takes."""
        return Line(self, "sip", self.rate_hz, self.rate_hz, caller_number)

    def input(self) -> AsteriskInput:
        """The caller's side."""
        return self._input

    def output(self) -> AsteriskOutput:
        """The agent's side."""
        return self._output

    # --- the caller goes to an operator, and may come back --------------------------------------

    @property
    def is_away(self) -> bool:
        """Whether the caller is with somebody else."""
        return self._away

    async def leave(self) -> None:
        """The exchange joins the caller to somebody else: our leg ends, the call does not."""
        self._away = True
        self._back.clear()
        await self.send_text(command("HANGUP"))

    def return_to(self, websocket: WebSocket, start: MediaStart) -> bool:
        """The caller is back, on another socket; False if the format is another."""
        if not self._away or start.format != self.format:
            return False
        self.websocket, self._away = websocket, False
        self._marks.clear()
        self._may_send.set()
        self._back.set()
        return True

    def over(self) -> None:
        """The caller who was with somebody else has hung up."""
        self._away = False
        self._back.set()

    async def is_back(self, limit_s: float) -> None:
        """Wait until the caller is on our line again, or gone; at most so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self._back.wait()

    async def comes_back(self) -> bool:
        """Wait for a caller who is with somebody else; returns whether they are on a new socket."""
        if not self._away:
            return False
        old = self.websocket
        await self._back.wait()
        return self.websocket is not old

    async def hung_up(self) -> None:
        """Tell the session that the caller has gone, and whose doing it was."""
        await self._call_event_handler("on_client_disconnected", self.hung_up_by)

    # --- what goes to Asterisk and comes from it ------------------------------------------------

    def decoded(self, data: bytes) -> bytes:
        """Sound of the line as int16."""
        if self.format == "alaw":
            return alaw_decode(data)
        return data[: len(data) // 2 * 2]

    async def send_sound(self, pcm: bytes) -> bool:
        """Send int16 sound, once Asterisk takes some; False once the line is gone."""
        if self._away:
            return True
        if not self._may_send.is_set():
            self.count("stopped_flow")
            await self._may_send.wait()
        if self.format == "alaw":
            pcm = alaw_encode(pcm)
        return await self._send(self.websocket.send_bytes(pcm))

    async def send_text(self, text: str) -> bool:
        """Send a command; False once the line is gone."""
        return await self._send(self.websocket.send_text(text))

    def flows(self, open_: bool) -> None:
        """Asterisk takes sound, or no more for now."""
        if open_:
            self._may_send.set()
        else:
            self._may_send.clear()

    async def mark(self, due_at: float) -> None:
        """Have Asterisk say when what was sent so far is heard; at most once a second."""
        now = time.monotonic()
        if self._away or now - self._marked_at < MARK_EVERY_S:
            return
        self._marked_at = now
        name = str(int(now * 1000))
        self._marks[name] = due_at
        if len(self._marks) > 60:  # flushed marks are never reported
            self._marks.pop(next(iter(self._marks)))
        await self.send_text(command("MARK_MEDIA", name))

    def heard(self, mark: str) -> None:
        """What was sent before a mark has been heard."""
        due_at = self._marks.pop(mark, None)
        if due_at is not None and time.monotonic() - due_at > LATE_S:
            self.count("late_sound")

    def count(self, anomaly: str, detail: str = "") -> None:
        """Count something that the line did wrong; log the first of its kind."""
        self.anomalies[anomaly] = self.anomalies.get(anomaly, 0) + 1
        if self.anomalies[anomaly] == 1:
            logger.warning("anomaly on the telephone's line: %s %s", anomaly, detail)

    async def _send(self, sending: Any) -> bool:
        if self.websocket.application_state is not WebSocketState.CONNECTED:
            sending.close()
            return False
        try:
            await sending
        except (WebSocketDisconnect, RuntimeError, OSError):
            return False
        return True
