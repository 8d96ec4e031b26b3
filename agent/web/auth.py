"""Signing in and out, and who is signed in: for pages, for programs and for sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import cast
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Request
from starlette.requests import HTTPConnection

from agent.errors import UnknownClientError
from agent.house import House
from agent.store.clients import Client
from agent.store.sessions import SessionStore
from agent.store.users import Role, User, may_see
from agent.web.checking import PasswordChecks
from agent.web.origin import same_origin

COOKIE = "permanence_session"
SIGN_IN, SIGN_OUT = "/connexion", "/deconnexion"
AFTER_SIGN_IN = SIGN_IN
"""Where one who came without `next` goes on to, and from there to their own pages."""

HOMES: dict[Role, str] = {
    "operator": "/console/", "admin": "/console/", "manager": "/portail/", "reader": "/portail/",
}  # fmt: skip
"""Where each goes on to from there."""

FOREIGN = "Cette demande ne vient pas de cette page : rechargez-la, puis réessayez."
FORBIDDEN = "Votre compte ne donne pas accès à cette page : adressez-vous à votre administrateur."
NO_CLIENT = "Ce client n'existe pas, ou n'est pas un des vôtres."


async def signed_in(connection: HTTPConnection) -> User | None:
    """Who is signed in, as they are now; None if nobody is.

    For a request, a WebSocket before it is accepted, and a NiceGUI page's request alike. A
    WebSocket must come from a page of this site. One that stays open should ask again from time to
    time: whoever is deactivated is signed out, but not hung up on.

    Args:
        connection: Of an application that has included `auth_router`, started by its server.

    Raises:
        StoreError: The database cannot be read.
    """
    token = connection.cookies.get(COOKIE)
    if not token or (connection.scope["type"] == "websocket" and not same_origin(connection)):
        return None
    sessions = cast(SessionStore, connection.state.sessions)
    return await asyncio.to_thread(sessions.user_of, token, datetime.now(UTC))


def require_user(*roles: Role) -> Callable[[Request], Awaitable[User]]:
    """A dependency: the signed-in user, who has one of these roles (none given: any).

    A page that is asked for by somebody else sends them to sign in and then back; any other request
    is answered 401. Whoever has another role, and a change that comes from another site: 403. That
    a client is this user's is for `client_for` to tell.
    """

    async def user_of(request: Request) -> User:
        reads = request.method in ("GET", "HEAD")
        if not reads and not same_origin(request):
            raise HTTPException(403, FOREIGN)
        user = await signed_in(request)
        if user is None:
            if reads and "text/html" in request.headers.get("accept", ""):
                raise HTTPException(303, headers={"Location": sign_in_url(request)})
            raise HTTPException(401, "Vous n'êtes pas connecté.")
        if roles and user.role not in roles:
            raise HTTPException(403, FORBIDDEN)
        return user

    return user_of


def client_for(house: House, user: User, slug: str) -> Client | None:
    """The client of a page's address, if it is the user's (blocks).

    What there is not and what is another's are answered alike: `NO_CLIENT`, 404.

    Raises:
        StoreError: The database cannot be read.
    """
    try:
        return house.clients.get(slug) if may_see(user, slug) else None
    except UnknownClientError:
        return None


def sign_in_url(request: Request) -> str:
    """Where to sign in, to come back to what was asked for."""
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"{SIGN_IN}?{urlencode({'next': asked})}"


def auth_router(house: House, *, admins_need_code: bool = False) -> APIRouter:
    """The routes of coming in and going out; once it is included, `signed_in` works everywhere.

    Args:
        house: What serves calls.
        admins_need_code: An admin without a second factor makes one before coming in.
    """
    from agent.web.portal.entry.door import Door  # the pages, which know this module
    from agent.web.portal.entry.forgotten import forgotten_routes
    from agent.web.portal.entry.invited import invited_routes
    from agent.web.portal.entry.second_step import second_step_routes
    from agent.web.portal.entry.sign_in import sign_in_routes

    checks = PasswordChecks(house.users, house.accounts)

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[dict[str, object]]:
        # In the state of every connection, mounted applications' too.
        yield {"sessions": house.sessions, "checks": checks}

    router = APIRouter(lifespan=lifespan)
    door = Door(house, checks, admins_need_code=admins_need_code)
    for add in (sign_in_routes, second_step_routes, forgotten_routes, invited_routes):
        add(router, door)
    return router
