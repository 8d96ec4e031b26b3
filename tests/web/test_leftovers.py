"""A closed server is let go of: else each module of tests would add its house to the process."""

from __future__ import annotations

import weakref
from pathlib import Path

import httpx

from agent.settings import Settings
from agent.web.server import running_server
from tests.leftovers import let_go
from tests.web.console_house import client_of, console_house, console_server


def opened_and_closed(folder: Path) -> weakref.ref[object]:
    """A part of the house of a server whose live pages were looked at; it is closed."""
    with console_house(folder) as house:
        with console_server(house) as url, client_of(house, url, "gerante") as browser:
            assert browser.get("/portail/acme/").status_code == 200
            assert browser.get("/portail/bora/").status_code == 404
        return weakref.ref(house.switchboard)


def test_nothing_of_a_closed_server_stays(tmp_path: Path) -> None:
    """Cause: FastAPI remembers routes' functions, NiceGUI pages and the server: they hold it."""
    part = opened_and_closed(tmp_path)
    let_go()
    assert part() is None


def test_nothing_of_a_whole_house_stays(settings: Settings) -> None:
    """Cause: NiceGUI does not find its server, so nothing told that there was one to collect."""
    with running_server(settings) as running:
        assert httpx.get(f"{running.url}/portail/orvane/").status_code == 303
        part = weakref.ref(running.house.switchboard)
    del running
    let_go()
    assert part() is None
