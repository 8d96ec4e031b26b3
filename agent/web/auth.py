"""Signing in and out, and who is signed in: for pages, for programs and for sockets."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from html import escape
from typing import cast
from urllib.parse import parse_qs, urlencode

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from starlette.requests import ClientDisconnect, HTTPConnection

from agent.house import House
from agent.store.sessions import SessionStore
from agent.store.users import Role, User
from agent.web.checking import PasswordChecks, SignInRefusedError
from agent.web.origin import local_path, network_of, same_origin
from agent.web.pages import page

logger = logging.getLogger(__name__)

COOKIE = "permanence_session"
SIGN_IN, SIGN_OUT = "/connexion", "/deconnexion"
AFTER_SIGN_IN = SIGN_IN
"""Where one who came without `next` goes on to, and from there to their own pages."""

HOMES: dict[Role, str] = {
    "operator": "/console/", "admin": "/console/", "manager": "/portail/", "reader": "/portail/",
}  # fmt: skip
"""Where each goes on to from there."""

FORM_LIMIT_BYTES = 8_000
FORM_LIMIT_S = 5.0
"""Longest arrival of a form."""

FOREIGN = "Cette demande ne vient pas de cette page : rechargez-la, puis réessayez."
UNREADABLE = "Votre demande n'est pas arrivée entière : réessayez."
FORBIDDEN = "Votre compte ne donne pas accès à cette page : adressez-vous à votre administrateur."


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
    a client is this user's is for `may_see` to tell.
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


def sign_in_url(request: Request) -> str:
    """Where to sign in, to come back to what was asked for."""
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"{SIGN_IN}?{urlencode({'next': asked})}"


def auth_router(house: House) -> APIRouter:
    """The routes of signing in and out; once it is included, `signed_in` works everywhere."""

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[dict[str, object]]:
        yield {"sessions": house.sessions}  # in the state of every connection, mounted apps' too

    router = APIRouter(lifespan=lifespan)
    checks = PasswordChecks(house.users, house.sessions)

    @router.get(SIGN_IN)
    async def ask(request: Request) -> Response:
        user = await signed_in(request)
        onward = local_path(request.query_params.get("next", ""), "")
        if user is None:
            return _form(onward)
        return _redirect(onward or HOMES[user.role])

    @router.post(SIGN_IN)
    async def sign_in(request: Request) -> Response:
        form = await _read_form(request)
        if form is None:
            return _form("", UNREADABLE, status=400)
        onward = local_path(form.get("next", ""), "")
        if not same_origin(request):
            return _form(onward, FOREIGN, status=403)
        email = form.get("email", "").strip()
        try:
            token = await checks.token_for(email, form.get("password", ""), network_of(request))
        except SignInRefusedError as refused:
            logger.info("a sign-in was refused: %d", refused.status)
            return _form(onward, str(refused), email, refused.status, refused.wait_s)
        await _close(house, request)  # whoever was signed in here
        answer = _redirect(onward or AFTER_SIGN_IN)
        answer.set_cookie(
            COOKIE, token, path="/", httponly=True, samesite="lax",
            secure=request.url.scheme == "https",
        )  # fmt: skip
        return answer

    @router.post(SIGN_OUT)
    async def sign_out(request: Request) -> Response:
        if not same_origin(request):
            return _form("", FOREIGN, status=403)
        await _close(house, request)
        answer = _redirect(SIGN_IN)
        answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
        return answer

    return router


async def _close(house: House, request: Request) -> None:
    token = request.cookies.get(COOKIE)
    if token:
        await asyncio.to_thread(house.sessions.close, token)


async def _read_form(request: Request) -> dict[str, str] | None:
    """The fields of a posted form, the last of each name; None if it is none."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return None
    body = bytearray()
    try:
        async with asyncio.timeout(FORM_LIMIT_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > FORM_LIMIT_BYTES:
                    return None
        fields = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=10)
    except (TimeoutError, ClientDisconnect, ValueError):
        return None
    return {name: values[-1] for name, values in fields.items()}


def _form(
    onward: str, error: str = "", email: str = "", status: int = 200, wait_s: float = 0.0
) -> Response:
    """The page with the form; where something is wrong, it is said and the cursor is there."""
    values = {
        "error": f"<p class='error' id='error' role='alert'>{escape(error)}</p>" if error else "",
        "email": escape(email),
        "next": escape(onward),
        "described": "aria-describedby='error' aria-invalid='true'" if error else "",
        "on_email": "" if email else "autofocus",
        "on_password": "autofocus" if email else "",
    }
    answer = page("sign_in.html", values, status, form_action="'self'")
    if wait_s:
        answer.headers["Retry-After"] = str(math.ceil(wait_s))
    return answer


def _redirect(path: str) -> RedirectResponse:
    return RedirectResponse(path, 303, headers={"Cache-Control": "no-store"})
