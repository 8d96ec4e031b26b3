"""Sends invitations and password resets by e-mail, and knows where their links lead."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from agent.handoff.delivery import DeliveryError, delay_after
from agent.handoff.letters import Text, invitation_text, reset_text
from agent.handoff.mail import Mailer
from agent.handoff.notify import SendingThreads
from agent.outbox import open_mailer
from agent.settings import Settings
from agent.store.database import Database
from agent.store.invitation_letters import Letter, LetterStore

logger = logging.getLogger(__name__)

KIND = "invitation"
PATH = "/invitation/"


class Letters:
    """What there is to send, as `SendingThreads` asks for it.

    Args:
        letters: Where messages wait.
        mailer: Who sends them.
        base_url: Of this service, as those outside reach it.
        now: The time, with its zone.
    """

    kinds = (KIND,)

    def __init__(
        self,
        letters: LetterStore,
        mailer: Mailer,
        base_url: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._letters, self._mailer = letters, mailer
        self._base_url, self._now = base_url, now

    def due_in_s(self, kind: str) -> float | None:
        """Seconds until the next message, 0 if one is due; None if none waits."""
        due_at = self._letters.next_due(self._now())
        return None if due_at is None else max((due_at - self._now()).total_seconds(), 0.0)

    def send_one(self, kind: str) -> bool:
        """Claim one message and send it; returns whether one was due."""
        letter = self._letters.claim(self._now())
        if letter is None:
            return False
        invitation = letter.invitation
        text = letter_text(letter, f"{self._base_url}{PATH}{letter.token}")
        body = {"subject": text.subject, "text": text.text, "urgent": False}
        try:
            key = f"{invitation.id}-{invitation.attempts}"  # each attempt has a link of its own
            self._mailer.send(key, invitation.email, body)
        except Exception as error:
            expected = isinstance(error, DeliveryError)
            why = str(error) if expected else f"{type(error).__name__}: {error}"
            delay = delay_after(invitation.attempts)
            again_at = None if delay is None else self._now() + delay
            logger.warning("an invitation was not sent, again in %s: %s", delay, why,
                           exc_info=None if expected else error)  # fmt: skip
            self._letters.failed(invitation.id, why, again_at)
            return True
        self._letters.sent(invitation.id, self._now())
        return True


class Post:
    """Where links lead, and who sends them.

    Attributes:
        sends: E-mail is sent; else links are only shown.
    """

    def __init__(self, base_url: str, threads: SendingThreads | None = None) -> None:
        self._base_url, self._threads = base_url, threads
        self.sends = threads is not None

    def url(self, token: str) -> str:
        """The link of a token."""
        return f"{self._base_url}{PATH}{token}"

    def wake(self) -> None:
        """Look again at what is due."""
        if self._threads is not None:
            self._threads.wake()

    def close(self) -> None:
        """End what sends; whatever waits is kept."""
        if self._threads is not None:
            self._threads.close()


def base_url(settings: Settings) -> str:
    """Where this service is reached: by the setting, else on this machine alone.

    Never what a request says (`Host`): a stranger would choose where a link leads.
    """
    if settings.public_url:
        return settings.public_url
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::", "") else settings.host
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def open_post(settings: Settings, database: Database) -> Post:
    """The post, sending if there is a mail server and this service knows its own address."""
    mailer, url = open_mailer(settings), base_url(settings)
    if mailer is None or not settings.public_url:
        logger.info("invitations are not sent by e-mail: their links are shown to be copied")
        return Post(url)
    return Post(url, SendingThreads(Letters(LetterStore(database), mailer, url), threads=1))


def letter_text(letter: Letter, url: str) -> Text:
    """What is written to somebody."""
    one = letter.invitation
    if one.kind == "reset":
        return reset_text(
            letter.language, name=letter.name, email=one.email, url=url, until=one.expires_at
        )
    return invitation_text(
        letter.language, inviter=one.inviter, brand=letter.brand, role=one.role, url=url,
        until=one.expires_at,
    )  # fmt: skip
