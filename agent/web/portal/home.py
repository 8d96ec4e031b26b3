"""Where one comes into the portal: one's own client, or the choice among several."""

from __future__ import annotations

import asyncio

from nicegui import ui
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from agent.house import House
from agent.store.users import may_see
from agent.web.auth import sign_in_url, signed_in
from agent.web.console.pieces import Words, link
from agent.web.portal.frame import PATH, framed, page_frame, visiting
from agent.web.portal.own import Own
from agent.web.portal.provider import provider_page
from agent.web.portal.welcome import show_welcome
from agent.web.portal.words import t


@ui.page(f"{PATH}/", title="permanence")
async def entrance(request: Request) -> Response | None:
    """To the user's client; where there are several, their names."""
    user = await signed_in(request)
    if user is None:
        return RedirectResponse(sign_in_url(request), 303)
    house: House = request.state.house
    mine = [one for one in await asyncio.to_thread(house.clients.list) if may_see(user, one.slug)]
    if len(mine) == 1 and user.role != "admin":
        return RedirectResponse(f"{PATH}/{mine[0].slug}/", 303)
    if user.role == "admin":
        with page_frame(user, t("Clients")), ui.element("main"):
            Words(t("Clients"), "h1")
            await provider_page(Own(request, user, house, ("admin",)), mine, PATH)
        return None
    with page_frame(user, t("Clients")), ui.element("main"):
        Words(t("Clients"), "h1")
        with ui.element("ul").classes("clients"):
            for one in mine:
                with ui.element("li"):
                    link(one.name, f"{PATH}/{one.slug}/")
    return None


@ui.page(f"{PATH}/{{slug}}/", title="permanence")
async def home(request: Request, slug: str) -> Response | None:
    """A client's first page."""
    visit = await visiting(request, slug)
    if isinstance(visit, Response):
        return visit
    with framed(visit, ""):
        await show_welcome(visit)
    return None
