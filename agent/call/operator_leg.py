"""An operator's side of a joined call: their line, joined to the caller's, and their words."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from pipecat.frames.frames import ClientConnectedFrame, Frame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from agent.call.carrying import Carrying
from agent.call.hearing import HeardFrame, Hearing, PartialFrame
from agent.call.joint import Joint, Sent
from agent.call.transcriber import Transcriber
from agent.call.transport import Line
from agent.call.turns import TurnModels
from agent.log import call_id_var

logger = logging.getLogger(__name__)


class _Words(FrameProcessor):
    """Takes the operator's words off their line, and tells when it carries sound."""

    def __init__(self, here: Callable[[], None], words: Callable[[str], None]) -> None:
        super().__init__()
        self._here = here
        self._words = words

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Pass everything on but the words."""
        await super().process_frame(frame, direction)
        if isinstance(frame, HeardFrame):
            if frame.transcript.text:
                self._words(frame.transcript.text)
            return
        if isinstance(frame, PartialFrame):
            return
        if isinstance(frame, ClientConnectedFrame):
            self._here()
        await self.push_frame(frame, direction)


class OperatorLeg:
    """An operator on a call.

    Attributes:
        joint: Where their line meets the caller's.
        words: Called with each sentence of theirs; set by the call that they are on.
    """

    def __init__(
        self,
        call_id: str,
        line: Line,
        transcriber: Transcriber,
        turns: TurnModels,
        here: Callable[[], None],
    ) -> None:
        """Prepare.

        Args:
            call_id: Of the call that they take over, for the log.
            line: Their own.
            transcriber: Shared by all calls.
            turns: Shared by all calls.
            here: Called once their line carries sound.
        """
        self._call_id = call_id
        self._line = line
        self._transcriber = transcriber
        self._turns = turns
        self._here = here
        self._ended = asyncio.Event()
        self._why = "lost"
        self.joint = Joint(line.rate_out_hz)
        self.words: Callable[[str], None] = lambda _: None

    async def run(self) -> str:
        """Carry their line to its end; returns how it ended: what `close` was given, or lost."""
        token = call_id_var.set(self._call_id)
        carrying = Carrying(self._pipeline(), self._line, self._failed)

        @self._line.transport.event_handler("on_client_disconnected")
        async def _gone(*_: object) -> None:
            self._ended.set()

        try:
            running = await carrying.start()
            ended = asyncio.create_task(self._ended.wait(), name="leg ended")
            try:
                await asyncio.wait({running, ended}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                ended.cancel()
                await asyncio.gather(ended, return_exceptions=True)
                self.joint.part()
                await carrying.stop()
        finally:
            logger.info("the operator's line ended: %s", self._why)
            call_id_var.reset(token)
        return self._why

    def close(self, why: str) -> None:
        """End their line; the first reason counts."""
        if not self._ended.is_set():
            self._why = why
            self._ended.set()

    def _pipeline(self) -> Pipeline:
        line = self._line
        return Pipeline(
            [
                line.transport.input(),
                self._turns.voice_activity(),  # a headset, and the browser, leave no echo
                self._turns.end_of_turn(),
                Hearing(self._transcriber, overhear=self.joint.hear),
                _Words(self._here, lambda text: self.words(text)),
                self.joint,
                line.transport.output(),
                Sent(self.joint),
            ]
        )

    def _failed(self, error: str, for_good: bool) -> None:
        logger.error("the operator's line failed: %s", error)
        if for_good:
            self._ended.set()
