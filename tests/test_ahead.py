"""What is done ahead is done once, and asked for once."""

from __future__ import annotations

import asyncio

import pytest

from agent.call.ahead import KEPT, Ahead


class Work:
    """Counts how often it is done."""

    def __init__(self) -> None:
        self.done = 0

    async def __call__(self) -> int:
        """The number of this time, a little later."""
        await asyncio.sleep(0)
        self.done += 1
        return self.done


async def test_what_was_begun_is_not_done_again() -> None:
    """Whether it is over or still going on."""
    ahead, work = Ahead(), Work()
    begun = ahead.begin("filtre", work)
    assert ahead.begin("filtre", work) is begun
    assert await begun == 1
    assert await ahead.take("filtre", work) == 1
    assert work.done == 1


async def test_what_was_taken_is_done_anew() -> None:
    """The same question later in the call meets the manuals as they are then."""
    ahead, work = Ahead(), Work()
    await ahead.begin("filtre", work)
    await ahead.take("filtre", work)
    assert await ahead.take("filtre", work) == 2


async def test_something_else_is_not_mistaken_for_it() -> None:
    """One word more is another question."""
    ahead, work = Ahead(), Work()
    await ahead.begin("le filtre", work)
    assert await ahead.take("le filtre de la hotte", work) == 2


async def test_a_caller_who_goes_on_does_not_stop_it() -> None:
    """Who waits may give up; the work is there for the next who asks."""
    ahead, work = Ahead(), Work()
    waiting = asyncio.shield(ahead.begin("filtre", work))
    waiting.cancel()
    assert await ahead.take("filtre", work) == 1
    assert work.done == 1


async def test_a_failure_is_told_to_whom_it_concerns() -> None:
    """And only to them."""

    async def fails() -> int:
        raise LookupError

    ahead = Ahead()
    with pytest.raises(LookupError):
        await ahead.begin("filtre", fails)
    with pytest.raises(LookupError):
        await ahead.take("filtre", Work())
    assert await ahead.take("filtre", Work()) == 1


async def test_only_the_last_are_kept() -> None:
    """A caller who pauses at each word fills no memory."""
    ahead, work = Ahead(), Work()
    for number in range(KEPT + 1):
        await ahead.begin(number, work)
    assert await ahead.take(0, work) == KEPT + 2
    assert await ahead.take(1, work) == 2
