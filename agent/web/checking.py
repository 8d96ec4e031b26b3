"""Passwords and codes that are given, checked: few at one time, and slower the more were wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Literal, TypeVar

from agent.errors import StoreError
from agent.store.accounts import Accounts
from agent.store.attempts import Allowance, Counter
from agent.store.second_factor import Used
from agent.store.users import UnknownUserError, User, UserRefusedError, UserStore, normal_email

Made = TypeVar("Made")

A_USER = Allowance(free=5, first_s=60, longest_s=900, forgiven_every_s=3600)
"""Failed attempts of one address, from browsers in which its user has not signed in before."""

A_NETWORK = Allowance(free=30, first_s=60, longest_s=900, forgiven_every_s=600)
"""Of one network; an office of many people has one address."""

A_DEVICE = Allowance(free=10, first_s=60, longest_s=900, forgiven_every_s=3600)
"""Of a user in a browser that is known as theirs: whatever strangers try does not count there."""

A_CODE = Allowance(free=5, first_s=60, longest_s=900, forgiven_every_s=3600)
"""Of codes of one user: whoever is asked for one has given the password."""

RESETS_OF_USER = Allowance(free=3, first_s=1800, longest_s=3600, forgiven_every_s=3600)
RESETS_OF_NETWORK = Allowance(free=20, first_s=60, longest_s=900, forgiven_every_s=300)
"""Messages asked for by those who have forgotten their password."""

MOST_CHECKED, MOST_WAITING = 1, 20
"""Passwords checked at one time, and with those that wait: calls need the cores more."""

Why = Literal["wrong", "code", "wait", "busy", "out_of_order"]

STATUS: dict[Why, int] = {"wrong": 403, "code": 403, "wait": 429, "busy": 503, "out_of_order": 503}


class SignInRefusedError(Exception):
    """A sign-in is refused.

    Attributes:
        why: Password or code is wrong, too many were, too many people sign in at this moment, or
            the database cannot be used.
        status: HTTP status.
        wait_s: Seconds after which another attempt makes sense; 0: at once.
    """

    def __init__(self, why: Why, wait_s: float = 0.0) -> None:
        super().__init__(why)
        self.why = why
        self.status = STATUS[why]
        self.wait_s = wait_s


class PasswordChecks:
    """Checks passwords and codes in threads."""

    def __init__(self, users: UserStore, accounts: Accounts) -> None:
        self._users, self._accounts = users, accounts
        self._free = asyncio.Semaphore(MOST_CHECKED)
        self._running = 0

    async def user_for(self, email: str, password: str, network: str, device: str = "") -> User:
        """The active user whose address and password these are.

        Args:
            email: As it was typed.
            password: As it was typed.
            network: Whose attempts are counted together.
            device: Token of the browser; "" for none.

        Raises:
            SignInRefusedError: See there.
        """
        counters = await self._stored(self._counters, email, network, device)
        return await self._counted(email, password, counters)

    async def confirm(self, user: User, password: str) -> None:
        """Have somebody who is signed in show that it is they, by their password.

        Raises:
            SignInRefusedError: See there.
        """
        await self._counted(user.email, password, [Counter(f"confirm:{user.id}", A_CODE)])

    async def code(self, user_id: str, code: str) -> Used:
        """What a user's code is: of the app, or on paper.

        Raises:
            SignInRefusedError: See there.
        """
        counters = [Counter(f"code:{user_id}", A_CODE)]
        await self._begin(counters)
        used = await self._stored(self._accounts.factors.check, user_id, code, datetime.now(UTC))
        if used is None:
            raise SignInRefusedError("code")
        await self._stored(self._accounts.attempts.clear, counters)
        return used

    async def may_ask_reset(self, email: str, network: str) -> bool:
        """Whether a message may be asked for, for that address.

        Raises:
            SignInRefusedError: That network has asked for too many.
        """
        await self._begin([Counter(f"resets of:{network}", RESETS_OF_NETWORK)])
        counter = Counter(f"reset:{email.casefold()}", RESETS_OF_USER)
        return await self._stored(self._accounts.attempts.begin, [counter], _now()) == 0.0

    async def _counted(self, email: str, password: str, counters: Sequence[Counter]) -> User:
        """Check a password that counts."""
        if self._running >= MOST_WAITING:
            raise SignInRefusedError("busy", 5.0)
        await self._begin(counters)
        self._running += 1
        try:
            async with self._free:
                user = await self._stored(self._users.verified, email, password)
        finally:
            self._running -= 1
        if user is None:
            raise SignInRefusedError("wrong")
        await self._stored(self._forget, counters)
        return user

    async def _begin(self, counters: Sequence[Counter]) -> None:
        wait_s = await self._stored(self._accounts.attempts.begin, counters, _now())
        if wait_s:
            raise SignInRefusedError("wait", wait_s)

    async def _stored(self, work: Callable[..., Made], *given: object) -> Made:
        """Have a store do something, in a thread."""
        try:
            return await asyncio.to_thread(work, *given)
        except StoreError as error:
            raise SignInRefusedError("out_of_order", 60.0) from error

    def _counters(self, email: str, network: str, device: str) -> list[Counter]:
        """What an attempt counts for: in a known browser for that alone."""
        try:
            user: User | None = self._users.by_email(email)
        except (UserRefusedError, UnknownUserError):
            user = None
        if user is not None and self._accounts.devices.is_known(user.id, device, _now()):
            return [Counter(f"device:{device}:{user.id}", A_DEVICE)]
        return [
            Counter(f"user:{_normal(email)}", A_USER),
            Counter(f"network:{network}", A_NETWORK),
        ]

    def _forget(self, counters: Sequence[Counter]) -> None:
        """After a success: all attempts of the user, and this one of the network."""
        own = [one for one in counters if one.allowance is not A_NETWORK]
        self._accounts.attempts.clear(own)
        others = [one for one in counters if one.allowance is A_NETWORK]
        self._accounts.attempts.take_back(others, _now())


def _now() -> datetime:
    return datetime.now(UTC)


def _normal(email: str) -> str:
    """Under what an address is counted; all that are none together."""
    try:
        return normal_email(email)
    except UserRefusedError:
        return ""
