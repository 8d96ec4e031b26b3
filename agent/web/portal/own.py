"""A page that is no client's: one's own account, the provider's page."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from agent.house import House
from agent.store.users import Role, User
from agent.web.auth import COOKIE, signed_in
from agent.web.checking import PasswordChecks
from agent.web.portal.entry.door import client_of
from agent.web.portal.guarding import Guarded, send_to_sign_in


@dataclass(frozen=True)
class Own(Guarded):
    """Somebody who has come to such a page.

    Attributes:
        request: Theirs.
        user: As they were when they came.
        house: What serves calls.
        roles: Who may be there; none: everybody who is signed in.
    """

    request: Request
    user: User
    house: House
    roles: tuple[Role, ...] = ()

    @property
    def token(self) -> str:
        """Of their session here."""
        return self.request.cookies.get(COOKIE, "")

    @property
    def checks(self) -> PasswordChecks:
        """Of their password."""
        checks: PasswordChecks = self.request.state.checks
        return checks

    async def now(self) -> User | None:
        """Who they are at this moment; None if they may be here no more."""
        user = await signed_in(self.request)
        if user is None or (self.roles and user.role not in self.roles):
            return None
        return user if user.id == self.user.id else None

    async def may_still(self) -> bool:
        """Whether they may still be here; who may not is sent to sign in."""
        if await self.now() is not None:
            return True
        send_to_sign_in()
        return False

    async def note(self, action: str, subject: str = "", **detail: Any) -> None:
        """Keep in the log that they did something to their own account."""
        await asyncio.to_thread(
            self.house.audit.note, action, user=self.user, client=client_of(self.user),
            subject=subject or self.user.email, **detail,
        )  # fmt: skip
