"""Puts the live pages (NiceGUI) of console and portal into the application, behind its routes."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import FastAPI, Request
from fastapi.responses import Response
from nicegui import core, ui
from starlette.routing import BaseRoute, Match, Mount
from starlette.types import ASGIApp, Scope

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
    pages = next(route for route in app.routes if getattr(route, "app", None) is core.app)
    app.routes[app.routes.index(pages)] = _LastResort(app.routes, core.app)


class _LastResort(Mount):
    """The pages at the root, but for addresses of ours that are asked for by a wrong method.

    Whatever is mounted at the root has every address: « 405 » would become « 404 ».
    """

    def __init__(self, routes: Sequence[BaseRoute], app: ASGIApp) -> None:
        super().__init__("", app)
        self._others = routes

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether the pages are to answer."""
        ours = (route for route in self._others if route is not self)
        if any(route.matches(scope)[0] is Match.PARTIAL for route in ours):
            return Match.NONE, {}
        return super().matches(scope)


async def _missing(request: Request, error: Exception) -> Response:
    """Instead of NiceGUI's own page, which is a whole live one: strangers try many addresses."""
    return missing_page(NO_PAGE)
