"""What is to be said if the caller has ended, got ready while that is not yet known."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from pipecat.processors.frame_processor import FrameProcessor

from agent.call import dialogue
from agent.call.errands import Errands
from agent.call.moves import State
from agent.call.speaking import SLOW_PACE, PrepareFrame, parts_of

logger = logging.getLogger(__name__)

PREPARED_PARTS = 2
"""How much of a reply is made before it is wanted: the opening, mostly ready, and what follows."""


class Foresight:
    """Rehearses one turn at a time."""

    def __init__(
        self, owner: FrameProcessor, errands: Errands, pronounce: Callable[[str], str]
    ) -> None:
        """Foresee nothing yet.

        Args:
            owner: Whose task it is, and whose frames the voice receives.
            errands: Of the call.
            pronounce: Puts the client's words as they are spoken.
        """
        self._owner = owner
        self._errands = errands
        self._pronounce = pronounce
        self._task: asyncio.Task[None] | None = None
        self._foreseen: tuple[dialogue.Heard, State] | None = None

    def begin(self, event: dialogue.Heard, state: State) -> None:
        """Rehearse the caller's words in a state, while the call goes on."""
        if self._foreseen == (event, state):
            return  # at the pause before the turn was over
        self._foreseen = event, state
        self._task = self._owner.create_task(self.rehearse(event, state), "foresee")

    async def forget(self) -> None:
        """The caller goes on: stop, what was found may still serve."""
        task, self._task = self._task, None
        if task is not None and not task.done():
            self._foreseen = None
            await self._owner.cancel_task(task)

    async def rehearse(self, event: dialogue.Heard, state: State) -> None:
        """Look up what the words lead to, and have its first sentences made."""
        try:
            say = await self._errands.foresee(state, event)
        except Exception:  # it comes again when it counts, and is dealt with there
            logger.debug("a turn could not be foreseen", exc_info=True)
            return
        if say is not None:
            parts = parts_of(self._pronounce(say.text))[:PREPARED_PARTS]
            await self._owner.push_frame(PrepareFrame(parts, SLOW_PACE if say.slow else 1.0))
