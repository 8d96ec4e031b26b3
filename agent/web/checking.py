"""Passwords given on the sign-in page, checked: few at one time, few by the same people."""

from __future__ import annotations

import asyncio
import math
import time
from datetime import UTC, datetime

from agent.errors import StoreError
from agent.store.sessions import SessionStore
from agent.store.users import UnknownUserError, UserRefusedError, UserStore, normal_email
from agent.web.attempts import Attempts

MOST_A_USER, MOST_A_NETWORK = 10, 30
"""Failed attempts in `attempts.WINDOW_S`; an office of many people has one address."""

MOST_CHECKED, MOST_WAITING = 1, 20
"""Passwords checked at one time, and with those that wait: calls need the cores more."""

WRONG = "L'adresse ou le mot de passe ne convient pas : vérifiez-les, puis réessayez."
BUSY = "Trop de personnes se connectent en ce moment : réessayez dans un instant."
OUT_OF_ORDER = "La connexion n'est pas possible en ce moment : réessayez dans quelques minutes."


def too_many(wait_s: float) -> str:
    """The sentence for one who has failed too often."""
    minutes = math.ceil(wait_s / 60)
    when = "dans une minute" if minutes <= 1 else f"dans {minutes} minutes"
    return f"Trop d'essais n'ont pas abouti : réessayez {when}."


class SignInRefusedError(Exception):
    """A sign-in is refused; its text is for whoever tried.

    Attributes:
        status: HTTP status.
        wait_s: Seconds after which another attempt makes sense; 0: at once.
    """

    def __init__(self, text: str, status: int, wait_s: float = 0.0) -> None:
        super().__init__(text)
        self.status = status
        self.wait_s = wait_s


class PasswordChecks:
    """Checks passwords in a thread and signs in whose they are."""

    def __init__(self, users: UserStore, sessions: SessionStore) -> None:
        self._users, self._sessions = users, sessions
        self._by_user, self._by_network = Attempts(MOST_A_USER), Attempts(MOST_A_NETWORK)
        self._free = asyncio.Semaphore(MOST_CHECKED)
        self._running = 0

    async def token_for(self, email: str, password: str, network: str) -> str:
        """The token of a new session.

        Args:
            email: As it was typed.
            password: As it was typed.
            network: Whose attempts are counted together.

        Raises:
            SignInRefusedError: Address and password are no active user's, too many were tried, too
                many wait, or the database cannot be used.
        """
        now_s, who = time.monotonic(), _key(email)
        wait_s = max(self._by_user.wait_s(who, now_s), self._by_network.wait_s(network, now_s))
        if wait_s:
            raise SignInRefusedError(too_many(wait_s), 429, wait_s)
        if self._running >= MOST_WAITING:
            raise SignInRefusedError(BUSY, 503, 5.0)
        self._by_user.begin(who, now_s)
        self._by_network.begin(network, now_s)
        self._running += 1
        try:
            async with self._free:
                token = await asyncio.to_thread(self._sign_in, email, password)
        except StoreError as error:
            raise SignInRefusedError(OUT_OF_ORDER, 503, 60.0) from error
        finally:
            self._running -= 1
        if token is None:
            raise SignInRefusedError(WRONG, 403)
        self._by_user.take_back(who, now_s)
        self._by_network.take_back(network, now_s)
        return token

    def _sign_in(self, email: str, password: str) -> str | None:
        user = self._users.verified(email, password)
        if user is None:
            return None
        try:
            return self._sessions.open(user.id, datetime.now(UTC))
        except UnknownUserError:  # deactivated meanwhile
            return None


def _key(email: str) -> str:
    """Under what an address is counted; all that are none together."""
    try:
        return normal_email(email)
    except UserRefusedError:
        return ""
