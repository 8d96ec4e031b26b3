"""One part of the service that is tried now and then: never twice at once, never without end."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

logger = logging.getLogger(__name__)

WELL = "En ordre."

RETRY_S = 1.0
"""How long a failure is kept before the part is tried again."""


class UnwellError(Exception):
    """A part does not work.

    Attributes:
        sentence: What is wrong and what to do, in French.
    """

    def __init__(self, sentence: str, detail: str = "") -> None:
        super().__init__(detail)
        self.sentence = sentence


@dataclass(frozen=True)
class State:
    """What came of a try.

    Attributes:
        sentence: In French; says what to do where it is not `ok`.
        detail: The error's own words.
    """

    ok: bool
    sentence: str
    detail: str = ""


class Check:
    """A part, and what came of the last try; used from the event loop only."""

    def __init__(
        self,
        name: str,
        attempt: Callable[[], Awaitable[str | None]],
        remedy: str,
        *,
        deadline_s: float,
        fresh_s: float,
    ) -> None:
        """Nothing was tried yet.

        Args:
            name: A word.
            attempt: Tries the part, and may return a sentence; raises if it does not work.
            remedy: What to do then, in French, unless an `UnwellError` says it.
            deadline_s: After which it counts as not working, though the try goes on.
            fresh_s: How long a success is kept.
        """
        self.name = name
        self.last: State | None = None
        self._attempt = attempt
        self._remedy = remedy
        self._deadline_s = deadline_s
        self._fresh_s = fresh_s
        self._tried_at = 0.0
        self._begun_at = 0.0
        self._trying: asyncio.Task[None] | None = None

    async def state(self) -> State:
        """What there is to say of it now; returns within the deadline, at once if it was passed."""
        now = time.monotonic()
        if self.last is not None:
            kept_s = self._fresh_s if self.last.ok else min(RETRY_S, self._fresh_s)
            if self._trying is None and now - self._tried_at < kept_s:
                return self.last
        if self._trying is None:
            self._begun_at = now
            self._trying = asyncio.create_task(self._try(), name=f"check {self.name}")
        trying = self._trying
        left_s = self._begun_at + self._deadline_s - now
        if left_s > 0:
            await asyncio.wait({trying}, timeout=left_s)
        if not trying.done():
            waited_s = time.monotonic() - self._begun_at
            self._say(State(False, self._remedy, f"no answer for {waited_s:.1f} s"))
        assert self.last is not None
        return self.last

    async def close(self) -> None:
        """Try no more; what a thread has begun is not awaited."""
        if self._trying is not None:
            self._trying.cancel()
            await asyncio.gather(self._trying, return_exceptions=True)

    async def _try(self) -> None:
        try:
            found = State(True, await self._attempt() or WELL)
        except asyncio.CancelledError:
            self._trying = None
            raise
        except UnwellError as error:
            found = State(False, error.sentence, str(error))
        except Exception as error:  # whatever a part raises says that it does not work
            found = State(False, self._remedy, f"{type(error).__name__}: {error}")
        self._trying = None
        self._tried_at = time.monotonic()
        self._say(found)

    def _say(self, found: State) -> None:
        before, self.last = self.last, found
        if before is None or before.ok != found.ok:
            if not found.ok:
                logger.error("not ready: %s: %s (%s)", self.name, found.sentence, found.detail)
            elif before is not None:
                logger.warning("ready again: %s", self.name)
