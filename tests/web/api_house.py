"""The API over real stores and a real library of two clients, on a real server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from agent.approving import Approving
from agent.gap_grouping import GapGrouping
from agent.house import asking
from agent.manual_commands import add_manuals, reconcile
from agent.manual_desk import ManualDesk
from agent.opening import open_library
from agent.settings import load_settings
from agent.store.api_requests import ApiRequestStore
from agent.store.faq import FaqStore
from agent.store.gap_groups import GapStore
from agent.store.manual_work import ManualWork
from agent.store.pages import Pages
from agent.store.test_questions import KeptQuestions
from agent.web.api.app import PATH, mount_api
from agent.web.auth import auth_router
from agent.web.rates import Allowance
from evals.api_stage import CANARIES, FOREIGN, OWN
from knowledge.library import Library
from tests.builders import small_manual
from tests.web.console_house import ConsoleHouse, console_house
from tests.web.small_server import small_server

PLENTY = Allowance(1_000_000, 1_000_000)


@dataclass(frozen=True, kw_only=True)
class ApiHouse(ConsoleHouse):
    """Of the house, what the API needs."""

    pages: Pages
    api_requests: ApiRequestStore
    library: Library
    manuals: ManualDesk
    gaps: GapStore
    gap_grouping: GapGrouping
    approving: Approving


@contextmanager
def api_house(models_home: Path, folder: Path) -> Iterator[Any]:
    """A house whose clients have a manual each, with their own word in it."""
    (folder / "models").symlink_to(models_home / "models")
    settings = load_settings(home=folder)
    library = open_library(settings)
    try:
        with console_house(folder) as console:
            database, gaps = console.database, GapStore(console.database)
            own = {
                "pages": Pages(database), "api_requests": ApiRequestStore(database),
                "library": library,
                "test_questions": KeptQuestions(database, asking(library)),
                "settings": settings, "gaps": gaps,
                "gap_grouping": GapGrouping(gaps, library.embedder),
                "approving": Approving(FaqStore(database), library),
                "manuals": ManualDesk(
                    settings, ManualWork(database), console.audit,
                    lambda slug: reconcile(settings, console.clients, slug),
                ),
            }  # fmt: skip
            house = ApiHouse(**{**vars(console), **own})
            for slug in (OWN, FOREIGN):
                text = f"La garantie dure deux ans, {CANARIES[slug]}."
                file = small_manual(folder / f"{slug}.pdf", extra=[text])
                add_manuals(library, house.clients, slug, [file], None)
            try:
                yield house
            finally:
                house.manuals.close()
                house.gap_grouping.close()
    finally:
        library.close()


@contextmanager
def api_server(house: Any, allowance: Allowance = PLENTY) -> Iterator[str]:
    """A server of the API; yields the API's address."""

    def add_routes(app: FastAPI) -> None:
        app.include_router(auth_router(house))
        mount_api(app, house, allowance)

    with small_server(add_routes) as url:
        yield f"{url}{PATH}"


def bearer(secret: str, **headers: str) -> dict[str, str]:
    """The headers of a program."""
    return {"Authorization": f"Bearer {secret}", **headers}


def program(url: str, secret: str, **headers: str) -> httpx.Client:
    """A program that uses the API."""
    return httpx.Client(base_url=url, headers=bearer(secret, **headers), timeout=30)
