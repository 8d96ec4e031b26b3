"""The browser as a telephone: WebRTC audio and a data channel, as a pipecat transport.

Written over pipecat's SmallWebRTC transport, which leaves out what a telephone line needs: a peer
that connects before the pipeline has started would never be greeted (its frame comes too early and
is dropped), one that never connects would keep its place for good, and one that vanishes (tab
killed, laptop closed) is noticed by ICE only after half a minute.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from aiortc.sdp import SessionDescription
from pipecat.audio.dtmf.types import KeypadEntry
from pipecat.frames.frames import (
    CancelFrame,
    ClientConnectedFrame,
    EndFrame,
    Frame,
    InputAudioRawFrame,
    InputDTMFFrame,
    OutputTransportMessageUrgentFrame,
    StartFrame,
    UserStartedSpeakingFrame,
    UserStoppedSpeakingFrame,
)
from pipecat.processors.frame_processor import FrameDirection
from pipecat.transports.base_transport import TransportParams
from pipecat.transports.smallwebrtc.connection import SmallWebRTCConnection
from pipecat.transports.smallwebrtc.transport import (
    SmallWebRTCClient,
    SmallWebRTCInputTransport,
    SmallWebRTCOutputTransport,
    SmallWebRTCTransport,
)

from agent.audio import RECOGNISER_RATE_HZ
from agent.call.transport import Line
from agent.errors import PermanenceError

logger = logging.getLogger(__name__)

RATE_IN_HZ = RECOGNISER_RATE_HZ
RATE_OUT_HZ = 24_000
"""Rate of the house voice; Opus carries it whole."""

ANSWER_LIMIT_S = 5.0
"""Longest preparation of an answer (ICE candidates, mDNS names among them)."""

CONNECT_LIMIT_S = 8.0
"""Longest wait for the peer once it has its answer."""

NEVER_S = 86_400
"""pipecat's own connecting limit must not be reached: it cancels itself half-way through closing
the peer connection (1.14), whose sockets then stay open. `CONNECT_LIMIT_S` is ours."""

SILENT_LINE_S = 6.0
"""A browser sends audio every 20 ms, silence too; none for so long means that it is gone."""

CLOSE_LIMIT_S = 3.0
FRAMES_WAITING = 150
"""Audio frames (3 s) that may wait for the pipeline; a newer one is dropped and counted, since a
live microphone cannot be made to wait."""

KEYS = frozenset("0123456789*#")


class BadOfferError(PermanenceError):
    """The browser's offer is not one audio line that can be answered."""


class AudioConnection(SmallWebRTCConnection):
    """A peer connection that never looks for pictures (pipecat warns of each one it misses)."""

    def video_input_track(self) -> None:
        """There is none."""

    def screen_video_input_track(self) -> None:
        """There is none."""


class BrowserInput(SmallWebRTCInputTransport):
    """The caller's microphone and keys."""

    def __init__(
        self, owner: BrowserTransport, client: SmallWebRTCClient, params: TransportParams
    ) -> None:
        super().__init__(client, params)
        self._owner = owner
        self._watching: asyncio.Task[None] | None = None
        self._heard_at = 0.0

    async def start(self, frame: StartFrame) -> None:
        """Begin to listen, and to watch over the peer."""
        await super().start(frame)
        if self._watching is None:
            self._watching = self.create_task(self._watch(), "watch")

    async def stop(self, frame: EndFrame) -> None:
        """Stop; what the caller says after our goodbye is not heard."""
        await self._stop_watching()
        await super().stop(frame)

    async def cancel(self, frame: CancelFrame) -> None:
        """Stop at once."""
        await self._stop_watching()
        await super().cancel(frame)

    async def cleanup(self) -> None:
        """Stop, whichever way the call ended."""
        await self._stop_watching()
        await super().cleanup()

    async def push_audio_frame(self, frame: InputAudioRawFrame) -> None:
        """Take a frame of the microphone; it proves that the peer lives."""
        self._heard_at = time.monotonic()
        if self._audio_in_queue.qsize() >= FRAMES_WAITING:
            self._owner.count("dropped_audio")
            return
        await super().push_audio_frame(frame)

    async def push_key(self, digit: str) -> None:
        """Take a key, once the call has begun."""
        if self._watching is not None:
            await self.push_frame(InputDTMFFrame(button=KeypadEntry(digit)))

    async def _stop_watching(self) -> None:
        task, self._watching = self._watching, None
        if task is not None:
            await self.cancel_task(task)

    async def _watch(self) -> None:
        """Announce the peer when it is there, and its end when it is heard no more."""
        try:
            async with asyncio.timeout(CONNECT_LIMIT_S):
                await self._owner.connected.wait()
        except TimeoutError:
            logger.info("the browser never connected")
            await self._owner.hung_up()
            return
        await self.push_frame(ClientConnectedFrame())
        self._heard_at = time.monotonic()
        silent_s = self._owner.silent_s
        left_s = silent_s
        while left_s > 0:
            await asyncio.sleep(left_s)
            left_s = self._heard_at + silent_s - time.monotonic()
        logger.info("the browser sends nothing any more")
        await self._owner.hung_up()


class BrowserOutput(SmallWebRTCOutputTransport):
    """The agent's voice and events; also tells the page when the caller is heard speaking."""

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Pass frames on; the bounds of the caller's turns become events."""
        await super().process_frame(frame, direction)
        if isinstance(frame, (UserStartedSpeakingFrame, UserStoppedSpeakingFrame)):
            speaking = isinstance(frame, UserStartedSpeakingFrame)
            await self.send_message(
                OutputTransportMessageUrgentFrame(message={"event": "caller", "speaking": speaking})
            )


class BrowserTransport(SmallWebRTCTransport):
    """One browser's call; fires `on_client_disconnected` when the caller's side ends.

    Made by `take`; whoever makes one closes it.

    Attributes:
        connected: Set once the peer's audio can flow.
        silent_s: How long the peer may send nothing before it counts as gone.
        anomalies: Counts of what the line did wrong, by kind.
    """

    def __init__(self, connection: SmallWebRTCConnection, silent_s: float | None = None) -> None:
        self.silent_s = SILENT_LINE_S if silent_s is None else silent_s
        params = TransportParams(
            audio_in_enabled=True,
            audio_out_enabled=True,
            audio_in_sample_rate=RATE_IN_HZ,
            audio_out_sample_rate=RATE_OUT_HZ,
            audio_out_end_silence_secs=1,  # the browser still plays what it has buffered
        )
        super().__init__(connection, params)
        self.connected = asyncio.Event()
        self.anomalies: dict[str, int] = {}
        self._connection = connection

    @classmethod
    async def take(cls, sdp: str, silent_s: float | None = None) -> BrowserTransport:
        """Answer an offer; the peer may connect from now on.

        No ICE server is asked: the caller must reach this machine (loopback, LAN) by itself.

        Args:
            sdp: The browser's offer, candidates included.
            silent_s: How long it may send nothing before it counts as gone; None:
                `SILENT_LINE_S`.

        Raises:
            BadOfferError: It cannot be answered.
        """
        _check_offer(sdp)
        connection = AudioConnection(connection_timeout_secs=NEVER_S)
        transport = cls(connection, silent_s)
        try:
            async with asyncio.timeout(ANSWER_LIMIT_S):
                await connection.initialize(sdp, "offer")
        except asyncio.CancelledError:
            await transport.close()
            raise
        except Exception as error:  # aiortc raises many kinds, all meaning the same
            await transport.close()
            raise BadOfferError(f"The offer cannot be answered ({error}).") from error
        return transport

    @property
    def answer(self) -> str:
        """The SDP to give back to the browser."""
        return str(self._connection.get_answer()["sdp"])

    def line(self) -> Line:
        """This transport as a line that a call takes."""
        return Line(transport=self, kind="browser", rate_in_hz=RATE_IN_HZ, rate_out_hz=RATE_OUT_HZ)

    def input(self) -> BrowserInput:
        """The caller's side."""
        if not isinstance(self._input, BrowserInput):
            self._input = BrowserInput(self, self._client, self._params)
        return self._input

    def output(self) -> BrowserOutput:
        """The agent's side."""
        if not isinstance(self._output, BrowserOutput):
            self._output = BrowserOutput(self._client, self._params)
        return self._output

    def count(self, anomaly: str) -> None:
        """Count something that the line did wrong; log the first of its kind."""
        self.anomalies[anomaly] = self.anomalies.get(anomaly, 0) + 1
        if self.anomalies[anomaly] == 1:
            logger.warning("anomaly on the browser's line: %s", anomaly)

    async def hung_up(self) -> None:
        """Tell the session that the caller has gone."""
        await self._call_event_handler("on_client_disconnected")

    async def close(self) -> None:
        """Close the peer connection whatever its state.

        pipecat closes it only if it was connected: a peer that never came would stay open.
        """
        try:
            async with asyncio.timeout(CLOSE_LIMIT_S):
                await self._connection.disconnect()
                await self._connection.cleanup()
        except TimeoutError:
            logger.warning("the browser's connection could not be closed in time")

    async def _on_client_connected(self, webrtc_connection: SmallWebRTCConnection) -> None:
        self.connected.set()  # the input announces it once the pipeline has started
        await self._call_event_handler("on_client_connected", webrtc_connection)

    async def _on_app_message(self, message: Any, sender: str) -> None:
        match message:
            case {"type": "dtmf", "digit": str(digit)} if digit in KEYS:
                await self.input().push_key(digit)
            case {"type": "hangup"}:
                await self.hung_up()
            case _:
                self.count("garbage")


def _check_offer(sdp: str) -> None:
    try:
        media = [part.kind for part in SessionDescription.parse(sdp).media]
    except Exception as error:  # the parser raises whatever the text makes it stumble on
        raise BadOfferError(f"The offer is not SDP ({error}).") from error
    if media.count("audio") != 1 or not set(media) <= {"audio", "application"}:
        raise BadOfferError("The offer must hold one audio line, one data channel, no video.")
