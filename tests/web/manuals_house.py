"""A portal whose manuals are really prepared: real stores, the small model, real processes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from fastapi import FastAPI

from agent.house import asking
from agent.manual_commands import reconcile
from agent.manual_desk import ManualDesk
from agent.settings import load_settings
from agent.store.manual_work import ManualWork
from agent.store.test_questions import KeptQuestions
from agent.web.auth import auth_router
from agent.web.console.downloads import downloads_router
from agent.web.console.mounting import console_router
from agent.web.headset import Headsets
from agent.web.live_pages import mount_pages
from agent.web.manual_files import manual_files_router
from agent.web.page_picture import Pictures
from knowledge.library import Library
from tests.remembered import Remembered
from tests.web.console_house import console_house
from tests.web.small_server import small_server


@contextmanager
def manuals_house(folder: Path) -> Iterator[Any]:
    """The house of the portal, with Acmé's and Bora's manuals, of which there are none yet."""
    with console_house(folder) as console:
        settings = load_settings(home=folder / "home", embedding="e5-small")
        settings.data_dir.mkdir(parents=True)
        library = Library(settings.data_dir / "clients", Remembered())
        house = SimpleNamespace(
            **{
                **vars(console),
                "settings": settings,
                "library": library,
                "test_questions": KeptQuestions(console.database, asking(library)),
            }
        )
        house.manuals = ManualDesk(
            settings, ManualWork(console.database), console.audit,
            lambda slug: reconcile(settings, console.clients, slug),
        )  # fmt: skip
        try:
            yield house
        finally:
            house.manuals.close()
            library.close()


@contextmanager
def manuals_server(house: Any) -> Iterator[str]:
    """A server of its pages; yields its address."""

    def add_routes(app: FastAPI) -> None:
        app.include_router(auth_router(house))
        app.include_router(downloads_router(house))
        app.include_router(manual_files_router(house, Pictures()))
        app.include_router(console_router(house, Headsets(house)))
        mount_pages(app)

    with small_server(add_routes) as url:
        yield url
