"""A pipeline at work: started, watched, and torn down, by force where it does not go by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from pipecat.frames.frames import ErrorFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker, ProcessorUnusablePolicy
from pipecat.utils.asyncio.task_manager import TaskManager
from pipecat.workers.runner import WorkerRunner

from agent.call.transport import Line

CANCEL_S = 5.0
"""Time for the pipeline to stop once cancelled; what is left is then cancelled task by task."""


class Carrying:
    """One line's pipeline, from `start` to `stop`.

    Attributes:
        running: Done once the pipeline has ended; None before `start`.
    """

    def __init__(self, pipeline: Pipeline, line: Line, failed: Callable[[str, bool], None]) -> None:
        """Prepare.

        Args:
            pipeline: What carries the line's frames.
            line: Its rates are the pipeline's.
            failed: Told of each error, and whether the pipeline cannot go on with it.
        """
        self._tasks = TaskManager(loop=asyncio.get_running_loop())
        self._worker = PipelineWorker(
            pipeline,
            params=PipelineParams(
                audio_in_sample_rate=line.rate_in_hz, audio_out_sample_rate=line.rate_out_hz
            ),
            idle_timeout_secs=None,  # the dialogue ends a silent call, with words
            cancel_timeout_secs=CANCEL_S,
            check_dangling_tasks=False,  # `stop` cancels and awaits what is left
            enable_rtvi=False,
            enable_turn_tracking=False,
            processor_unusable_policy=ProcessorUnusablePolicy.CANCEL,
            task_manager=self._tasks,
        )
        self.running: asyncio.Task[None] | None = None

        @self._worker.event_handler("on_pipeline_error")
        async def _failed(_: object, frame: ErrorFrame) -> None:
            unusable = frame.processor is not None and not frame.processor.is_usable
            failed(frame.error, frame.fatal or unusable)

    async def start(self) -> asyncio.Task[None]:
        """Set it to work; returns the task that ends with it."""
        runner = WorkerRunner(
            handle_sigint=False,
            handle_sigterm=False,
            check_dangling_tasks=False,
            task_manager=self._tasks,
        )
        await runner.add_workers(self._worker)
        self.running = asyncio.create_task(runner.run(), name="runner")
        return self.running

    async def stop_when_done(self) -> None:
        """Have it end once all that was said has been sent."""
        await self._worker.stop_when_done()

    async def stop(self) -> bool:
        """Tear it down; returns whether it had to be by force (pipecat #5211)."""
        running, stuck = self.running, False
        assert running is not None, "what was not started is not stopped"
        if not running.done():
            try:
                async with asyncio.timeout(CANCEL_S):
                    await self._worker.cancel()
                    await running
            except TimeoutError:
                stuck = True
                running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        stray = [task for task in self._tasks.current_tasks() if not task.done()]
        for task in stray:
            task.cancel()
        await asyncio.gather(*stray, return_exceptions=True)
        return stuck
