"""Work that is begun at a pause, before it is known whether the caller's turn is over.

What a pause leads to is rehearsed on the words so far: the manuals are asked and the first sentence
is made while the end of the turn is waited for. If the turn ends with these words, the results are
there; if the caller goes on, they are dropped.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

T = TypeVar("T")

KEPT = 6
"""Results that may wait to be wanted: dangers sensed and answers found, of the last pauses."""


class Ahead:
    """Results begun early, by what they are the results of."""

    def __init__(self) -> None:
        self._begun: deque[tuple[object, asyncio.Task[Any]]] = deque(maxlen=KEPT)

    def begin(self, key: object, work: Callable[[], Awaitable[T]]) -> asyncio.Task[T]:
        """The work, begun at once if it was not yet; the result is kept until it is taken.

        Whoever waits for the task shields it: it goes on when they give up.
        """
        task = self._find(key)
        if task is None:
            task = asyncio.ensure_future(_awaited(work))
            task.add_done_callback(_looked_at)
            self._begun.append((key, task))
        return task

    async def take(self, key: object, work: Callable[[], Awaitable[T]]) -> T:
        """What was begun for the key, once; else the work is done now."""
        task = self._find(key)
        if task is None:
            return await work()
        self._begun = deque(
            ((other, one) for other, one in self._begun if one is not task), maxlen=KEPT
        )
        result: T = await asyncio.shield(task)
        return result

    def _find(self, key: object) -> asyncio.Task[Any] | None:
        return next((task for known, task in self._begun if known == key), None)


async def _awaited(work: Callable[[], Awaitable[T]]) -> T:
    return await work()


def _looked_at(task: asyncio.Task[Any]) -> None:
    """A failure that nobody came to ask for is no news."""
    if not task.cancelled():
        task.exception()
