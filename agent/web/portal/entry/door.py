"""Whoever has shown who they are is let in: by a code first, where they have a second factor."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response

from agent.house import House
from agent.store.users import ALL_CLIENTS, User
from agent.web.auth import AFTER_SIGN_IN, COOKIE, SIGN_IN
from agent.web.checking import PasswordChecks
from agent.web.devices import device_of
from agent.web.origin import network_of
from agent.web.portal.entry.pages import redirect

CODE, ENROL = f"{SIGN_IN}/code", f"{SIGN_IN}/second-facteur"

STEP_COOKIE, DEVICE_COOKIE = "permanence_step", "permanence_device"
STEP_S, DEVICE_S = 600, 180 * 86_400
"""How long a browser keeps them."""


class Door:
    """Lets in.

    Attributes:
        house: What serves calls.
        checks: Of passwords and codes.
    """

    def __init__(self, house: House, checks: PasswordChecks, *, admins_need_code: bool) -> None:
        self.house, self.checks = house, checks
        self._admins_need_code = admins_need_code

    async def enter(self, request: Request, user: User, onward: str) -> Response:
        """Go on with somebody who has given their password, or used a link of theirs."""
        if await asyncio.to_thread(self.house.accounts.factors.is_on, user.id):
            return await self._step(request, user, CODE, onward)
        if user.role == "admin" and self._admins_need_code:
            return await self._step(request, user, ENROL, onward)
        return await self.let_in(request, user, onward)

    async def let_in(self, request: Request, user: User, onward: str) -> Response:
        """Sign somebody in, and whoever was signed in in that browser out."""
        answer = redirect(onward or AFTER_SIGN_IN)
        await self.sign_in(request, user, answer)
        return answer

    async def sign_in(self, request: Request, user: User, answer: Response) -> None:
        """The same with an answer of one's own."""
        tokens = await asyncio.to_thread(
            self._signed_in,
            user,
            request.cookies.get(COOKIE, ""),
            request.cookies.get(DEVICE_COOKIE, ""),
            device_of(request.headers.get("user-agent", "")),
            network_of(request),
        )
        secure = request.url.scheme == "https"
        answer.set_cookie(COOKIE, tokens[0], path="/", httponly=True, samesite="lax", secure=secure)
        answer.set_cookie(
            DEVICE_COOKIE, tokens[1], max_age=DEVICE_S, path=SIGN_IN, httponly=True,
            samesite="lax", secure=secure,
        )  # fmt: skip
        if STEP_COOKIE in request.cookies:
            answer.delete_cookie(STEP_COOKIE, path=SIGN_IN, httponly=True, samesite="lax")

    async def waiting(self, request: Request) -> User | None:
        """Who has given the password in that browser, and not the code yet."""
        token = request.cookies.get(STEP_COOKIE, "")
        return await asyncio.to_thread(self._waiting, token) if token else None

    async def done_waiting(self, request: Request) -> None:
        """The code was given: it is not asked for again by what the browser holds."""
        token = request.cookies.get(STEP_COOKIE, "")
        await asyncio.to_thread(self.house.accounts.steps.close, token)

    async def _step(self, request: Request, user: User, path: str, onward: str) -> Response:
        token = await asyncio.to_thread(self.house.accounts.steps.open, user.id, datetime.now(UTC))
        answer = redirect(f"{path}?{urlencode({'next': onward})}" if onward else path)
        answer.set_cookie(
            STEP_COOKIE, token, max_age=STEP_S, path=SIGN_IN, httponly=True, samesite="lax",
            secure=request.url.scheme == "https",
        )  # fmt: skip
        return answer

    def _waiting(self, token: str) -> User | None:
        user_id = self.house.accounts.steps.user_of(token, datetime.now(UTC))
        user = None if user_id is None else self.house.users.get(user_id)
        return user if user is not None and user.active else None

    def _signed_in(
        self, user: User, before: str, device_token: str, device: str, network: str
    ) -> tuple[str, str]:
        now = datetime.now(UTC)
        if before:
            self.house.sessions.close(before)
        token = self.house.sessions.open(user.id, now, device=device, network=network)
        known = self.house.accounts.devices.keep(user.id, device_token, now)
        self.house.audit.note(
            "user.signed_in", user=user, client=client_of(user), subject=user.email, device=device
        )
        return token, known


def client_of(user: User) -> str | None:
    """The client whose log tells what a user does of their own account; None for several."""
    alone = len(user.clients) == 1 and user.clients != ALL_CLIENTS
    return user.clients[0] if alone else None
