"""One call: owns its tasks, its deadlines and its record, which is saved whatever dies."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from agent.call.carrying import Carrying
from agent.call.echo import echo_canceller
from agent.call.errands import Ask, Sense
from agent.call.handover import OperatorEvent, Operators, Transfer
from agent.call.hearing import Hearing
from agent.call.joint import Joint
from agent.call.live import LiveCalls
from agent.call.moves import NOTHING_OWN, WITH_PEOPLE, Own, State
from agent.call.pipeline import build_pipeline
from agent.call.playback import Playback
from agent.call.record import CallLog, CallRecord, Handoff, HandoffDesk, recording_of
from agent.call.recorder import Recorder
from agent.call.reply import Reply
from agent.call.speaking import Fillers, Speaking, Spoken
from agent.call.transcriber import Transcriber
from agent.call.transport import Line
from agent.call.turns import TurnModels
from agent.call.voice import Voice
from agent.log import call_id_var
from agent.sealing.vault import Vault
from voices.prompts import prompt

logger = logging.getLogger(__name__)

FILLERS = ("filler_look", "filler_moment", "filler_check")
"""Prompts that are heard while an answer is looked for."""

TALK_LOOK_S = 2.0
"""How often it is looked whether a talk that has outlasted the longest call is over."""

GOODBYE_S = 20.0
"""Time for the last words to be heard once the call is to end."""


@dataclass(frozen=True)
class CallServices:
    """What every call shares: models, stores and threads, made once a process.

    Attributes:
        blocking: Threads for the manuals and the stores.
        data_dir: Folder under which recordings are kept.
        max_call_s: Longest call, seconds.
        vault: Seals the recordings.
    """

    transcriber: Transcriber
    voice: Voice
    turns: TurnModels
    desk: HandoffDesk
    operators: Operators
    live: LiveCalls
    log: CallLog
    blocking: Executor
    data_dir: Path
    max_call_s: float
    vault: Vault = field(default_factory=Vault)


class CallSession:
    """A call from its first frame to its saved record."""

    def __init__(
        self,
        *,
        call_id: str,
        client: str,
        brand: str,
        line: Line,
        ask: Ask,
        sense: Sense,
        services: CallServices,
        vocabulary: Sequence[str] = (),
        recorded: bool = False,
        pronounce: Callable[[str], str] = lambda text: text,
        ring_first_s: float = 0.0,
        own: Own = NOTHING_OWN,
        test: bool = False,
        rates: bool = False,
    ) -> None:
        """Prepare a call.

        Args:
            call_id: Unique.
            client: Slug of the client that is called.
            brand: Its name, as it is said.
            line: On which the caller waits.
            ask: Asks the client's manuals.
            sense: Senses danger in words.
            services: What calls share.
            vocabulary: Words that the recogniser is to expect.
            recorded: The client wants its calls recorded; the caller is told, and may refuse.
            pronounce: Puts the client's words as they are spoken.
            ring_first_s: How long operators are rung before the agent answers; 0: not at all.
            own: What the client has said in its own words, and how fast.
            test: The client's own people try their line.
            rates: Callers are asked for a mark when all is settled.
        """
        self.record = CallRecord(
            call_id=call_id,
            client=client,
            started_at=datetime.now(UTC),
            caller_number=line.caller_number,
            transport=line.kind,
            test=test,
        )
        self._line = line
        self._services = services
        self._ended = asyncio.Event()
        self._leaving = asyncio.Event()
        self._playback = Playback()
        self._joint = Joint(line.rate_out_hz)
        self._recorder = self._make_recorder() if recorded else None
        fillers = Fillers([pronounce(prompt(name)) for name in FILLERS])
        self._speaking = Speaking(services.voice, self._playback, fillers, own.pace)
        self._reply = Reply(
            record=self.record,
            brand=brand,
            ask=ask,
            sense=sense,
            desk=services.desk,
            operators=services.operators,
            log=services.log,
            blocking=services.blocking,
            playback=self._playback,
            joint=self._joint,
            fillers=fillers,
            hang_up=self._hang_up,
            recorder=self._recorder,
            pronounce=pronounce,
            changed=lambda: services.live.changed(call_id),
            ring_first_s=ring_first_s,
            own=own,
            rates=rates,
        )
        self._vocabulary = tuple(vocabulary)
        self._hearing = Hearing(services.transcriber, self._likely, self._overhear)

    def _likely(self) -> tuple[str, ...]:
        """Words likely to be said now: while a detail is dictated, none of the manuals'."""
        return () if self._reply.takes_down else self._vocabulary

    async def _overhear(self, pcm: bytes, rate_hz: int) -> None:
        await self._joint.hear(pcm, rate_hz)
        if self._recorder is not None:
            self._recorder.hear(pcm)

    def _sent(self, pcm: bytes) -> None:
        self._joint.sent(pcm)
        if self._recorder is not None:
            self._recorder.say(pcm)

    def _make_recorder(self) -> Recorder:
        path = self._services.data_dir / recording_of(self.record.client, self.record.call_id)
        line = self._line
        services = self._services
        return Recorder(path, services.blocking, line.rate_in_hz, line.rate_out_hz, services.vault)

    @property
    def state(self) -> State:
        """Where the conversation stands."""
        return self._reply.state

    @property
    def partial(self) -> str:
        """What the caller is saying now, as far as it is heard."""
        return self._reply.partial

    @property
    def joined(self) -> bool:
        """Whether the caller and an operator hear one another."""
        return self._reply.joined

    def told(self, event: OperatorEvent) -> None:
        """The operators' side says something."""
        self._reply.told(event)

    def take_over(self, transfer: Transfer) -> None:
        """An operator comes unasked."""
        self._reply.taken_over(transfer)

    async def open(self) -> None:
        """Keep the call's record before the caller is told that the call is taken."""
        await self._save()

    async def run(self) -> CallRecord:
        """Carry the call to its end and return its record, saved.

        Cancelling this saves the record too; the caller of `run` then sees the cancellation.
        """
        token = call_id_var.set(self.record.call_id)
        logger.info("call for %s by %s", self.record.client, self._line.kind)
        try:
            with self._services.live.show(self):
                await self._carry()
        except asyncio.CancelledError:
            self._end("server")
            raise
        except Exception as error:  # the call's boundary: one call's failure is its own
            logger.exception("the call failed")
            self.record.error = f"{type(error).__name__}: {error}"
            self._end("error")
        finally:
            self._close_record()
            await asyncio.shield(self._keep())
            logger.info("call ended by %s: %s", self.record.ended_by, self.record.outcome)
            call_id_var.reset(token)
        return self.record

    async def _carry(self) -> None:
        line = self._line
        echo = echo_canceller(line.rate_in_hz, line.rate_out_hz) if line.at_pace else None
        pipeline = build_pipeline(
            line,
            self._services.turns,
            self._hearing,
            self._reply,
            self._speaking,
            self._joint,
            Spoken(self._playback, echo, self._sent),
            self._recorder,
            echo,
        )
        carrying = Carrying(pipeline, line, self._failed)

        @line.transport.event_handler("on_client_disconnected")
        async def _gone(_: object, by: str = "caller") -> None:
            self._end(by)

        running = await carrying.start()
        watching = asyncio.create_task(self._watch(carrying), name="deadlines")
        try:
            await asyncio.wait({running, watching}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            if await carrying.stop():
                self.record.anomalies["stuck_pipeline"] = 1

    def _failed(self, error: str, for_good: bool) -> None:
        self.record.error = self.record.error or error
        if for_good:
            self._end("error")

    async def _watch(self, carrying: Carrying) -> None:
        """Wait for the end of the call; returns when the pipeline must be torn down."""
        leaving = asyncio.create_task(self._leaving.wait())
        ended = asyncio.create_task(self._ended.wait())
        try:
            limit_s = self._services.max_call_s
            while True:
                await asyncio.wait(
                    {leaving, ended}, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED
                )
                if self._ended.is_set():
                    return
                if self._leaving.is_set() or self.state.phase not in WITH_PEOPLE:
                    break
                limit_s = TALK_LOOK_S  # nobody cuts two people off
            if not self._leaving.is_set():
                self.record.ended_by = "limit"
                await self._reply.time_up()
                await asyncio.wait(
                    {leaving, ended}, timeout=GOODBYE_S, return_when=asyncio.FIRST_COMPLETED
                )
            await carrying.stop_when_done()
            await asyncio.wait({ended}, timeout=GOODBYE_S)
        finally:
            for task in (leaving, ended):
                task.cancel()
            await asyncio.gather(leaving, ended, return_exceptions=True)

    async def _hang_up(self) -> None:
        self.record.ended_by = self.record.ended_by or "agent"
        self._leaving.set()

    def _end(self, by: str) -> None:
        self.record.ended_by = self.record.ended_by or by
        self._ended.set()

    def _close_record(self) -> None:
        self.record.ended_at = datetime.now(UTC)
        self.record.ended_by = self.record.ended_by or "agent"
        if self._hearing.failures:
            self.record.anomalies["undecoded_turn"] = self._hearing.failures
        if self._speaking.failures:
            self.record.anomalies["unspoken_sentence"] = self._speaking.failures
        self.record.settle_outcome()

    async def _keep(self) -> None:
        """Keep the recording, if there is one, then the record."""
        recorder, record = self._recorder, self.record
        if recorder is not None:
            if await recorder.finish():
                record.recording = recording_of(record.client, record.call_id)
                if recorder.began_at is not None:
                    began_s = recorder.began_at - record.started_at.timestamp()
                    record.recording_from_s = round(began_s, 1)
            if recorder.failures:
                record.anomalies["failed_recording"] = recorder.failures
        await self._save()
        if record.handoff is not None:
            await self._complete(record.handoff)

    async def _complete(self, handoff: Handoff) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(
                self._services.blocking, self._services.desk.complete, handoff
            )
        except Exception:  # they are told a few minutes later
            logger.exception("those who are to be told of the ticket could not be told yet")

    async def _save(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(
                self._services.blocking, self._services.log.save, self.record
            )
        except Exception:  # nothing more can be done for the record; the call goes on
            logger.exception("the call's record could not be saved")
