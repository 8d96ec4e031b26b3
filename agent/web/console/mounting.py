"""Puts the console's pages into the application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from nicegui import core, ui
from starlette.requests import HTTPConnection

from agent.house import House
from agent.web.console import desk  # noqa: F401  # its page
from agent.web.headset import Headsets

PATH = "/console"

RECONNECT_S = 3.0
"""How long a page may be away, for a reload, before its operator counts as gone."""


def console_router(house: House, headsets: Headsets) -> APIRouter:
    """What the pages need of the house, in the state of each connection."""

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[dict[str, object]]:
        yield {"house": house, "headsets": headsets}

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


def house_of(connection: HTTPConnection) -> House:
    """The house that serves a connection."""
    house = connection.state.house
    assert isinstance(house, House)
    return house
