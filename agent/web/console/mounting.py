"""Puts the console's pages into the application."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from nicegui import core, ui

from agent.house import House
from agent.web.console import callbacks, desk, history, past_call  # noqa: F401  # their pages
from agent.web.console.feed import CallbackFeed
from agent.web.headset import Headsets

PATH = "/console"

RECONNECT_S = 3.0
"""How long a page may be away, for a reload, before its operator counts as gone."""


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


def mount_console(app: FastAPI) -> None:
    """Mount the pages; after all routers.

    NiceGUI's application is one for the process: where several are served one after the other, as
    tests do, what an earlier one has built of it is taken back.
    """
    core.app.user_middleware.clear()
    core.app.middleware_stack = None
    ui.run_with(
        app,
        mount_path=PATH,
        title="permanence",
        language="fr",
        dark=None,
        reconnect_timeout=RECONNECT_S,
        binding_refresh_interval=None,
        tailwind=False,
        show_welcome_message=False,
    )
