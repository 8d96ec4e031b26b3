"""A closed server is let go of: else each module of tests would add its house to the process.

Each in a process of its own: in that of other tests anything may hold on to a house.
"""

from __future__ import annotations

import gc
import weakref
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import httpx
from nicegui import background_tasks, core

from agent.settings import Settings
from agent.web.server import running_server
from tests.leftovers import let_go
from tests.web.console_house import client_of, console_house, console_server


def begin_later() -> None:
    """Begin something while no server runs: NiceGUI keeps it for each one to come."""

    async def nothing() -> None:
        pass

    background_tasks.create_or_defer(nothing(), name="begun between two servers")


def of_a_console(folder: Path) -> weakref.ref[object]:
    """A part of the house of a server whose live pages were looked at; it is closed."""
    with console_house(folder) as house:
        with console_server(house) as url, client_of(house, url, "gerante") as browser:
            assert browser.get("/portail/acme/").status_code == 200
            assert browser.get("/portail/bora/").status_code == 404
        return weakref.ref(house.switchboard)


def of_a_whole_house(settings: Settings) -> weakref.ref[object]:
    """The same of the service's own server."""
    with running_server(settings) as running:
        assert httpx.get(f"{running.url}/portail/orvane/").status_code == 303
        return weakref.ref(running.house.switchboard)


def stays_of_a_console(folder: Path) -> tuple[bool, bool]:
    """Whether such a part is there before it is let go of, and after."""
    gc.disable()
    part = of_a_console(folder)
    before = part() is not None
    let_go()
    return before, part() is not None


def stays_of_a_whole_house(settings: Settings) -> tuple[bool, int]:
    """Whether such a part is there after it was let go of; how much would be begun once more."""
    begin_later()
    part = of_a_whole_house(settings)
    let_go()
    return part() is not None, len(core.app._startup_handlers)


def test_nothing_of_a_closed_server_stays(tmp_path: Path) -> None:
    """Cause: FastAPI remembers routes' functions, NiceGUI pages and the server: they hold it."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        assert process.submit(stays_of_a_console, tmp_path).result() == (True, False)


def test_nothing_of_a_whole_house_stays(settings: Settings) -> None:
    """Cause: NiceGUI does not find its server, so nothing told that there was one to collect."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        assert process.submit(stays_of_a_whole_house, settings).result() == (False, 0)
