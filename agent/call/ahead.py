"""Work that is begun at a pause, before it is known whether the caller's turn is over.

What a pause leads to is rehearsed on the words so far: the manuals are asked and the first sentence
is made while the end of the turn is waited for. If the turn ends with these words, the results are
there; if the caller goes on, they are dropped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")

KEPT = 6
"""Results that may wait to be wanted: dangers sensed and answers found, of the last pauses."""


class Ahead:
    """Results begun early, by what they are the results of."""

    def __init__(self) -> None:
        self._begun: dict[Hashable, asyncio.Task[Any]] = {}

    def begin(self, key: Hashable, work: Callable[[], Awaitable[T]]) -> asyncio.Task[T]:
        """The work, begun at once if it was not yet; the result is kept until it is taken.

        Whoever waits for the task shields it: it goes on when they give up.
        """
        if key not in self._begun:
            task = asyncio.ensure_future(_awaited(work))
            task.add_done_callback(_looked_at)
            self._begun[key] = task
            if len(self._begun) > KEPT:
                del self._begun[next(iter(self._begun))]
        return self._begun[key]

    async def take(self, key: Hashable, work: Callable[[], Awaitable[T]]) -> T:
        """What was begun for the key, once; else the work is done now."""
        task = self._begun.pop(key, None)
        if task is None:
            return await work()
        result: T = await asyncio.shield(task)
        return result


async def _awaited(work: Callable[[], Awaitable[T]]) -> T:
    return await work()


def _looked_at(task: asyncio.Task[Any]) -> None:
    """A failure that nobody came to ask for is no news."""
    if not task.cancelled():
        task.exception()
