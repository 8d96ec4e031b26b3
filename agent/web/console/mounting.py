"""The console's pages, and what they need of the house."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter

from agent.house import House
from agent.web.console import callbacks, desk, history, past_call  # noqa: F401  # their pages
from agent.web.console.feed import CallbackFeed
from agent.web.headset import Headsets


def console_router(house: House, headsets: Headsets) -> APIRouter:
    """What the pages need of the house, in the state of each connection."""

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[dict[str, object]]:
        feed = CallbackFeed(house)
        looking = asyncio.create_task(feed.run(), name="callbacks")
        standing: Counter[str] = Counter()
        try:
            yield {"house": house, "headsets": headsets, "feed": feed, "standing": standing}
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)

    return APIRouter(lifespan=lifespan)
