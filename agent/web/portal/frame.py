"""Who may come into the portal, and what each of its pages has: the head, the navigation."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from nicegui import ui
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from agent.house import House
from agent.store.clients import Client
from agent.store.users import Role, User, may_see
from agent.web.auth import (
    FORBIDDEN,
    NO_CLIENT,
    SIGN_OUT,
    client_for,
    sign_in_url,
    signed_in,
)
from agent.web.console.pieces import Words, link, set_attributes
from agent.web.pages import missing_page
from agent.web.portal.guarding import Guarded, send_to_sign_in
from agent.web.portal.words import speaking, t

WRITERS: tuple[Role, ...] = ("admin", "manager")
PATH = "/portail"


@dataclass(frozen=True)
class Visit(Guarded):
    """Somebody who has come to a page of a client's.

    Attributes:
        request: Theirs.
        user: As they were when they came.
        client: Whose page it is, as it was then.
        house: What serves calls.
    """

    request: Request
    user: User
    client: Client
    house: House

    @property
    def language(self) -> str:
        """Of the page: "fr" or "en"."""
        return self.user.language

    @property
    def may_write(self) -> bool:
        """Whether they may change what is the client's: no controls are shown to who may not."""
        return self.user.role in WRITERS

    def path(self, name: str = "") -> str:
        """Of a page of the same client's: "manuels"."""
        return f"{PATH}/{self.client.slug}/{name}"

    async def now(self) -> User | None:
        """Who they are at this moment, if they are still signed in and may still see the client.

        Raises:
            StoreError: The database cannot be read.
        """
        user = await signed_in(self.request)
        return user if user is not None and may_see(user, self.client.slug) else None

    async def may_look(self) -> bool:
        """Whether they may still see the client's things; who may not is sent to sign in."""
        if await self.now() is not None:
            return True
        send_to_sign_in()
        return False

    async def may_still(self) -> bool:
        """Whether they may still change things; who may only look now is told so."""
        user = await self.now()
        if user is None:
            send_to_sign_in()
        elif user.role not in WRITERS:
            ui.notify(t("Votre compte permet de consulter, pas de modifier."), type="negative")
        return user is not None and user.role in WRITERS

    async def note(self, action: str, subject: str = "", **detail: Any) -> None:
        """Keep in the audit log that they did something to what is the client's."""
        await asyncio.to_thread(
            self.house.audit.note,
            action, user=self.user, client=self.client.slug, subject=subject, **detail,
        )  # fmt: skip


async def visiting(request: Request, slug: str, *roles: Role) -> Visit | Response:
    """Who has come to a client's page; else what to answer.

    Args:
        request: Of the page.
        slug: Of the client, from its path.
        roles: Who may come; admins may always. None given: managers and readers.

    Returns:
        The visit; or the way to sign in, a refusal of another role (403), and of a client that
        there is not or that is none of the user's the same page (404).

    Raises:
        StoreError: The database cannot be read.
    """
    user = await signed_in(request)
    if user is None:
        return RedirectResponse(sign_in_url(request), 303)
    if user.role not in ("admin", *(roles or ("manager", "reader"))):
        return PlainTextResponse(FORBIDDEN, 403)
    house: House = request.state.house
    client = await asyncio.to_thread(client_for, house, user, slug)
    if client is None:
        return missing_page(NO_CLIENT)
    return Visit(request, user, client, house)


def _pages() -> tuple[tuple[str, str], ...]:
    """The navigation: the last part of the path, and the name."""
    return (
        ("", t("Accueil")),
        ("manuels", t("Manuels")),
        ("essayer", t("Essayer")),
        ("questions", t("Questions")),
        ("tableau", t("Tableau de bord")),
        ("appels", t("Appels")),
        ("reglages", t("Réglages")),
        ("personnes", t("Personnes")),
        ("donnees", t("Données")),
    )


@contextmanager
def framed(visit: Visit, here: str, title: str = "") -> Iterator[None]:
    """The page's head and navigation; what is made within is its content.

    Args:
        visit: To the page.
        here: The last part of the path of the page in the navigation that this one belongs to.
        title: Of the page, where it is not that one itself; it is shown as its heading.
    """
    with speaking(visit.language):
        names = dict(_pages())
        with page_frame(visit.user, title or names[here], visit.client.name, visit.path()):
            with ui.element("aside"):
                Words(
                    t("Menu"), "button", "menu plain",
                    type="button", aria_expanded="false", aria_controls="pages",
                )  # fmt: skip
                with ui.element("nav") as nav:
                    set_attributes(nav, id="pages", aria_label=t("Pages"))
                    for name, label in names.items():
                        made = link(label, visit.path(name))
                        if name == here:
                            set_attributes(made, aria_current="page")
            with ui.element("main"):
                Words(title or names[here], "h1")
                yield


@contextmanager
def page_frame(user: User, title: str, brand: str = "", home: str = f"{PATH}/") -> Iterator[None]:
    """The head of a page that need not be a client's; `main` is the caller's to make.

    Args:
        user: Who is signed in; the page speaks their language from here on.
        title: Of the page.
        brand: The client's name.
        home: Where the client's name leads.
    """
    page_client = ui.context.client
    page_client.portal_language = user.language  # type: ignore[attr-defined]
    page_client.page = copy.copy(page_client.page)  # the page is shared by all who look at it
    page_client.page.language = "fr" if user.language == "fr" else "en-US"
    for sheet in ("console.css", "work.css", "portal.css"):
        ui.add_head_html(f'<link rel="stylesheet" href="/static/{sheet}">')
    ui.add_body_html('<script type="module" src="/static/portal.js"></script>')
    ui.page_title(f"{title} — {brand or 'permanence'}")
    ui.colors(primary="#14624c", negative="#a32518", dark="#1d2422")
    with speaking(user.language):
        with ui.element("header").classes("bar portal-bar"):
            link("permanence", f"{PATH}/", "brand")
            if brand:
                link(brand, home, "whose")
            if user.role in ("admin", "operator"):
                link(t("Console des opérateurs"), "/console/", "elsewhere")
            link(user.name, "/compte", "me")
            with ui.element("form") as leaving:
                set_attributes(leaving, method="post", action=SIGN_OUT)
                Words(t("Se déconnecter"), "button", "quiet")
        with ui.element("div").classes("portal"):
            yield
