"""When a turn is held to be over: cut off too early, or waited for too long.

Clips with pauses in the middle and clips that are complete run through the processors of a call
(`TurnModels`). Their clock is the audio's: Silero counts windows, Smart Turn's silence is counted
in samples, and frames, decisions and the frames after them keep their order through the pipeline;
so a clip can run faster than the ear and the end of its turn is known by the number of frames
before it. What wall clock there is does not matter here: Smart Turn finds where speech began by
it, which the half second before each clip covers, and the turn's watchdog of five seconds is
longer than any silence. The time that Smart Turn thinks comes on top and is added.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from pipecat.frames.frames import (
    Frame,
    InputAudioRawFrame,
    MetricsFrame,
    UserStartedSpeakingFrame,
    UserStoppedSpeakingFrame,
)
from pipecat.metrics.metrics import TurnMetricsData
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.utils.asyncio.task_manager import TaskManager
from pipecat.workers.runner import WorkerRunner

from agent.audio import FRAME_MS, SAMPLE_BYTES, TELEPHONE_FRAME_SAMPLES, TELEPHONE_RATE_HZ
from agent.call import turns as settings_of_calls
from agent.call.half_said import UNHURRIED_S
from agent.call.turns import TurnModels
from evals.bounded import each
from evals.turn_clips import Clip

PLAY_LIMIT_S = 60.0
"""Longest time that a clip may take to run through."""

REPLY_S, AT_ONCE_S = UNHURRIED_S - settings_of_calls.VAD_STOP_S, 0.1
"""From the end of a turn to the agent's first sound, about, where Smart Turn ended it and the words
are a statement, and where silence did: a caller who goes on before that is not talked over, both
halves are heard as one turn. `permanence eval calls --pauses` plays the whole agent."""

AT_ONCE = 2
AT_ONCE_PACED = 8


@dataclass(frozen=True)
class Waiting:
    """How long a turn is waited for.

    Attributes:
        vad_stop_s: Silence after which speech has paused and Smart Turn is asked.
        unfinished_s: Silence that ends a turn which Smart Turn holds for unfinished.
    """

    vad_stop_s: float
    unfinished_s: float

    def __str__(self) -> str:
        return f"{self.vad_stop_s:g} s / {self.unfinished_s:g} s"


AS_CALLED = Waiting(settings_of_calls.VAD_STOP_S, settings_of_calls.UNFINISHED_TURN_S)
TRIED = (
    Waiting(0.2, 1.0), Waiting(0.2, 1.4), Waiting(0.2, 1.8), Waiting(0.2, 2.6), Waiting(0.35, 1.4),
    Waiting(0.5, 1.4), Waiting(0.8, 1.4),
)  # fmt: skip


@dataclass(frozen=True)
class Heard:
    """What the turn processors made of a clip.

    Attributes:
        clip: What was played.
        begun_s: Starts of turns, seconds of audio.
        ended_s: Ends of turns, seconds of audio.
        thinking_ms: For each end, how long Smart Turn thought about it; 0 where silence decided.
        judged: When Smart Turn was asked, seconds of audio, and its probability of an end.
    """

    clip: Clip
    begun_s: tuple[float, ...]
    ended_s: tuple[float, ...]
    thinking_ms: tuple[float, ...]
    judged: tuple[tuple[float, float], ...] = ()

    @property
    def was_cut(self) -> bool:
        """Whether a turn was declared over before the last word had ended."""
        return any(end < self.clip.ends_s for end in self.ended_s)

    @property
    def talked_over(self) -> bool:
        """Whether the agent began to answer in the middle: the caller went on too late.

        The reply is got ready from the last word on, so that after a long silence it comes at once.
        """
        ends = zip(self.ended_s, self.thinking_ms, strict=True)
        return any(
            all(not end <= start <= end + (REPLY_S if thought else AT_ONCE_S)
                for start in self.begun_s)
            for end, thought in ends
            if end < self.clip.ends_s
        )  # fmt: skip

    @property
    def waited_s(self) -> float | None:
        """From the last word's end to the end of its turn, thinking included; None if never."""
        for end_s, thinking_ms in zip(self.ended_s, self.thinking_ms, strict=True):
            if end_s >= self.clip.ends_s:
                return end_s - self.clip.ends_s + thinking_ms / 1000
        return None


class _Probe(FrameProcessor):
    """Counts the audio that has passed when a turn begins or ends."""

    def __init__(self, frames: int) -> None:
        super().__init__()
        self._awaited = frames
        self._passed = 0
        self.over = asyncio.Event()
        self.begun_s: list[float] = []
        self.ended_s: list[float] = []
        self.thinking_ms: list[float] = []
        self.judged: list[tuple[float, float]] = []
        self._decided: tuple[int, float] = (-1, 0.0)

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Note what passes; every frame goes on."""
        await super().process_frame(frame, direction)
        if isinstance(frame, InputAudioRawFrame):
            self._passed += 1
            if self._passed == self._awaited:
                self.over.set()
        elif isinstance(frame, UserStartedSpeakingFrame):
            self.begun_s.append(self._passed * FRAME_MS / 1000)
        elif isinstance(frame, UserStoppedSpeakingFrame):
            self.ended_s.append(self._passed * FRAME_MS / 1000)
            decided_at, thought_ms = self._decided
            self.thinking_ms.append(thought_ms if decided_at == self._passed else 0.0)
        elif isinstance(frame, MetricsFrame):
            for data in frame.data:
                if isinstance(data, TurnMetricsData):
                    self._note(data)
        await self.push_frame(frame, direction)

    def _note(self, data: TurnMetricsData) -> None:
        self.judged.append((self._passed * FRAME_MS / 1000, data.probability))
        if data.is_complete:
            self._decided = self._passed, data.e2e_processing_time_ms


@contextmanager
def waiting(wanted: Waiting) -> Iterator[None]:
    """Turn processors made inside wait as wanted: the constants of calls, exchanged meanwhile."""
    before = settings_of_calls.VAD, settings_of_calls.UNFINISHED_TURN_S
    settings_of_calls.VAD = before[0].model_copy(update={"stop_secs": wanted.vad_stop_s})
    settings_of_calls.UNFINISHED_TURN_S = wanted.unfinished_s
    try:
        yield
    finally:
        settings_of_calls.VAD, settings_of_calls.UNFINISHED_TURN_S = before


async def play(models: TurnModels, clip: Clip, *, paced: bool = False) -> Heard:
    """Run a clip through the turn processors of a call.

    Args:
        models: Loaded once for many clips.
        clip: What is played.
        paced: At the pace of the ear; else as fast as it goes.

    Raises:
        TimeoutError: It did not run through.
    """
    pcm = clip.samples.astype("<i2").tobytes()
    step = TELEPHONE_FRAME_SAMPLES * SAMPLE_BYTES
    frames = [pcm[at : at + step] for at in range(0, len(pcm) - step + 1, step)]
    probe = _Probe(len(frames))
    tasks = TaskManager(loop=asyncio.get_running_loop())
    worker = PipelineWorker(
        Pipeline([models.voice_activity(), models.end_of_turn(), probe]),
        params=PipelineParams(
            audio_in_sample_rate=TELEPHONE_RATE_HZ, audio_out_sample_rate=TELEPHONE_RATE_HZ
        ),
        idle_timeout_secs=None,
        check_dangling_tasks=False,
        enable_rtvi=False,
        enable_turn_tracking=False,
        task_manager=tasks,
    )
    runner = WorkerRunner(
        handle_sigint=False, handle_sigterm=False, check_dangling_tasks=False, task_manager=tasks
    )
    await runner.add_workers(worker)
    running = asyncio.create_task(runner.run(), name="turns")
    try:
        async with asyncio.timeout(PLAY_LIMIT_S):
            for audio in frames:
                await worker.queue_frame(InputAudioRawFrame(audio, TELEPHONE_RATE_HZ, 1))
                if paced:
                    await asyncio.sleep(FRAME_MS / 1000)
            await probe.over.wait()
            await worker.cancel()
            await running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    return Heard(
        clip, tuple(probe.begun_s), tuple(probe.ended_s), tuple(probe.thinking_ms),
        tuple(probe.judged),
    )  # fmt: skip


async def play_all(
    clips: Sequence[Clip], wanted: Waiting = AS_CALLED, *, paced: bool = False
) -> list[Heard]:
    """All clips with one kind of waiting, a few at a time."""
    models = TurnModels()
    try:
        with waiting(wanted):
            at_once = AT_ONCE_PACED if paced else AT_ONCE
            return await each(clips, lambda clip: play(models, clip, paced=paced), at_once)
    finally:
        await models.close()
