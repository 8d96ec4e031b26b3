"""Puts the live pages (NiceGUI) of console and portal into the application, behind its routes."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import Response
from nicegui import core, ui

from agent.web.console import callbacks, desk, history, past_call  # noqa: F401  # their pages
from agent.web.pages import missing_page
from agent.web.portal import PAGES  # noqa: F401  # and those of the portal

RECONNECT_S = 3.0
"""How long a page may be away, for a reload, before its operator counts as gone."""

NO_PAGE = "Cette page n'existe pas."


def mount_pages(app: FastAPI) -> None:
    """Mount the pages; after all routers, which come first.

    NiceGUI's application is one for the process: where several are served one after the other, as
    tests do, what an earlier one has built of it is taken back.
    """
    core.app.user_middleware.clear()
    core.app.middleware_stack = None
    core.app.add_exception_handler(404, _missing)
    ui.run_with(
        app,
        title="permanence",
        language="fr",
        dark=None,
        reconnect_timeout=RECONNECT_S,
        binding_refresh_interval=None,
        tailwind=False,
        show_welcome_message=False,
    )


async def _missing(request: Request, error: Exception) -> Response:
    """Instead of NiceGUI's own page, which is a whole live one: strangers try many addresses."""
    return missing_page(NO_PAGE)
