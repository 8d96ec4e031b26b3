"""What every page of the console has: who is signed in, where else to go, one style."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from nicegui import ui
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from agent.store.users import User
from agent.web.auth import FORBIDDEN, SIGN_OUT, sign_in_url, signed_in

TABS = (("En direct", "/console/"),)


async def who(request: Request) -> User | Response:
    """Who is signed in and may use the console; else where to go first, or a refusal."""
    user = await signed_in(request)
    if user is None:
        return RedirectResponse(sign_in_url(request), 303)
    return user if user.role in ("operator", "admin") else PlainTextResponse(FORBIDDEN, 403)


@contextmanager
def framed(user: User, here: str) -> Iterator[None]:
    """The page's head and navigation; what is made within is its content."""
    ui.add_head_html('<link rel="stylesheet" href="/static/console.css">')
    ui.page_title(f"{here} — permanence")
    ui.colors(primary="#14624c", negative="#a32518", dark="#1d2422")
    with ui.element("header").classes("bar"):
        ui.html('<a class="brand" href="/console/">permanence</a>', sanitize=False)
        with ui.element("nav").props('aria-label="Pages"'):
            for name, path in TABS:
                link = ui.link(name, path)
                if name == here:
                    link.props('aria-current="page"')
        ui.label(user.name).classes("me")
        ui.html(
            f'<form method="post" action="{SIGN_OUT}"><button class="quiet">Se déconnecter'
            "</button></form>",
            sanitize=False,
        )
    with ui.element("main"):
        yield
