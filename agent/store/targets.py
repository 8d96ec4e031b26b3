"""Where a client wants to be told of its tickets: e-mail addresses, a webhook, who is on call."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent.errors import PermanenceError
from agent.store.clients import require_client
from agent.store.database import Database
from agent.store.schema import ClientRow, OutboxRow

MOST_TARGETS = 20
"""E-mail addresses, and people on call, of one client."""

SHORTEST_SECRET = 16
"""Characters; a shorter one could be found by trying."""

_LONGEST_EMAIL, _LONGEST_URL = 254, 2000
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_SHOWN_IN_ERROR = 60


class TargetRefusedError(PermanenceError):
    """Nothing can be sent there; the message names what was given.

    Attributes:
        given: The address, or the URL, that cannot be used; "" if it is no one of them.
    """

    def __init__(self, message: str, given: str = "") -> None:
        super().__init__(message)
        self.given = given


class TargetsChangedError(PermanenceError):
    """Somebody else has changed them since they were shown; nothing of this change was kept."""


@dataclass(frozen=True)
class OnCall:
    """Somebody who is told of urgent tickets.

    Attributes:
        hours: When, as `agent.handoff.answering` reads it; "" is always.
    """

    email: str
    hours: str = ""


@dataclass(frozen=True)
class Targets:
    """Where a client is told.

    Attributes:
        emails: Told of each ticket.
        webhook_url: Told of each ticket; "" for none.
        webhook_secret: Key of the signature of what is sent there.
        on_call: Told of urgent tickets, in their hours.
    """

    emails: tuple[str, ...] = ()
    webhook_url: str = ""
    webhook_secret: str = field(default="", repr=False)
    on_call: tuple[OnCall, ...] = ()


class TargetStore:
    """The clients' targets in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, slug: str) -> Targets:
        """Where the client is told.

        Raises:
            UnknownClientError: There is no such client.
        """
        with self._database.reading() as session:
            return _targets(require_client(session, slug))

    def set(self, slug: str, targets: Targets, *, seen: Targets | None = None) -> Targets:
        """Tell the client there from now on.

        What still waits for a target that is gone is not sent any more; what waits for another
        webhook goes to the new one. The hours of who is on call are for the caller to check.

        Args:
            slug: The client.
            targets: Where it is to be told.
            seen: What they were when whoever changes them saw them; None: no matter.

        Raises:
            UnknownClientError: There is no such client.
            TargetRefusedError: One of them cannot be used; nothing has changed then.
            TargetsChangedError: They are not those seen any more; likewise.
        """
        _require_possible(targets)
        with self._database.transaction() as session:
            row = require_client(session, slug)
            session.refresh(row, with_for_update=True)
            if seen is not None and _targets(row) != seen:
                raise TargetsChangedError("Somebody else has changed where the client is told.")
            row.notify_emails = list(dict.fromkeys(targets.emails))
            row.webhook_url = targets.webhook_url
            row.webhook_secret = targets.webhook_secret
            row.on_call = [{"email": one.email, "hours": one.hours} for one in targets.on_call]
            _redirect_waiting(session, row)
            return _targets(row)


def _targets(row: ClientRow) -> Targets:
    return Targets(
        tuple(row.notify_emails),
        row.webhook_url,
        row.webhook_secret,
        tuple(OnCall(**one) for one in row.on_call),
    )


def _redirect_waiting(session: Session, client: ClientRow) -> None:
    """Bring what waits in line with the client's targets."""
    emails = {*client.notify_emails, *(one["email"] for one in client.on_call)}
    mine = select(OutboxRow).where(OutboxRow.client == client.slug).with_for_update()
    waiting = mine.where(OutboxRow.sent_at.is_(None), OutboxRow.given_up_at.is_(None))
    for row in session.scalars(waiting).all():
        if row.kind == "email" and row.target not in emails:
            session.delete(row)
        elif row.kind == "webhook" and row.target != client.webhook_url:
            told = mine.where(
                OutboxRow.ticket_id == row.ticket_id,
                OutboxRow.event == row.event,
                OutboxRow.kind == "webhook",
                OutboxRow.target == client.webhook_url,
            )
            if not client.webhook_url or session.scalar(told) is not None:
                session.delete(row)
            else:
                row.target = client.webhook_url


def _require_possible(targets: Targets) -> None:
    for what, given in (("e-mail addresses", targets.emails), ("people on call", targets.on_call)):
        if len(given) > MOST_TARGETS:
            raise TargetRefusedError(
                f"A client cannot have {len(given)} {what}; give {MOST_TARGETS} at most."
            )
    _require_emails([*targets.emails, *(one.email for one in targets.on_call)])
    if targets.webhook_url:
        _require_url(targets.webhook_url)
        if len(targets.webhook_secret) < SHORTEST_SECRET or not targets.webhook_secret.isascii():
            raise TargetRefusedError(
                f"A webhook's secret has {SHORTEST_SECRET} ASCII characters or more; give a longer"
                " one, or none to have one made."
            )


def _require_emails(addresses: Iterable[str]) -> None:
    for address in addresses:
        if _EMAIL.fullmatch(address) is None or len(address) > _LONGEST_EMAIL:
            raise TargetRefusedError(
                f"{address[:_SHOWN_IN_ERROR]!r} is no e-mail address; write it as NAME@DOMAIN,"
                " without accents.",
                address,
            )


def _require_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        port_is_possible = parts.port != 0
    except ValueError:
        parts, port_is_possible = urlsplit(""), False
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or not port_is_possible
        or parts.username is not None
        or parts.fragment
        or not url.isascii()
        or not url.isprintable()
        or " " in url
        or len(url) > _LONGEST_URL
    ):
        raise TargetRefusedError(
            f"{_without_password(url)!r} cannot be a webhook; write https://HOST/PATH or"
            " http://HOST/PATH, without a user, accents or spaces.",
            url,
        )


def _without_password(url: str) -> str:
    return re.sub(r"//[^/@]*@", "//…@", url)[:_SHOWN_IN_ERROR]
