"""Rows of invitations and of their links, for the stores that work on them."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Select, delete, select
from sqlalchemy.orm import Session

from agent.errors import PermanenceError
from agent.store.schema import InvitationLinkRow, InvitationRow, UserRow
from agent.store.ticket_work import Scope

Kind = Literal["invite", "reset"]

TOKEN_BYTES = 32
MOST_LINKS = 20
"""Of one invitation: of more, those drawn first end."""


class InvitationOverError(PermanenceError):
    """A link is of no invitation, or of one that was used, withdrawn or is too old."""


@dataclass(frozen=True)
class Invitation:
    """Somebody who was sent a link, or is to be.

    Attributes:
        id: Unique, hexadecimal; opens nothing.
        kind: "invite"; "reset" of the password of somebody who has asked for it.
        email: To whom.
        role: That they will have; "" for a reset.
        client: Slug for which; None: an admin, or a reset.
        language: Of the message and of the page.
        inviter: Name of who invites; "" for the command line.
        due_at: When the message is to be sent; None: never, its link is shown instead.
        sent_at: When the mail server took it.
        error: Of the last attempt to send it.
    """

    id: str
    kind: Kind
    email: str
    role: str
    client: str | None
    language: str
    inviter: str
    created_at: datetime
    expires_at: datetime
    due_at: datetime | None
    attempts: int
    sent_at: datetime | None
    error: str | None


def forget_links(session: Session, invitation_id: str) -> None:
    """End all links of an invitation."""
    links = InvitationLinkRow.invitation_id == invitation_id
    session.execute(delete(InvitationLinkRow).where(links))


def drawn_link(session: Session, invitation_id: str, now: datetime) -> str:
    """Draw one more link; returns its token, which is nowhere else."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    links = session.scalars(
        select(InvitationLinkRow)
        .where(InvitationLinkRow.invitation_id == invitation_id)
        .order_by(InvitationLinkRow.made_at)
    ).all()
    for old in links[: max(0, len(links) - MOST_LINKS + 1)]:
        session.delete(old)
    session.add(InvitationLinkRow(digest=_digest(token), invitation_id=invitation_id, made_at=now))
    return token


def found_by(session: Session, token: str, now: datetime) -> tuple[InvitationRow, UserRow | None]:
    """The invitation of a link that is still worth something, and its address's user."""
    link = session.get(InvitationLinkRow, _digest(token))
    row = None if link is None else session.get(InvitationRow, link.invitation_id)
    if row is None or row.used_at or row.withdrawn_at or row.expires_at <= now:
        raise InvitationOverError("The link is worth nothing any more; ask for another.")
    user = session.scalar(select(UserRow).where(UserRow.email == row.email))
    if row.kind == "reset" and (user is None or not user.active):
        raise InvitationOverError("The link is worth nothing any more; ask for another.")
    return row, user


def standing(now: datetime) -> ColumnElement[bool]:
    """That an invitation was neither used nor withdrawn, and is not too old."""
    return (
        InvitationRow.used_at.is_(None)
        & InvitationRow.withdrawn_at.is_(None)
        & (InvitationRow.expires_at > now)
    )


def scoped(query: Select[InvitationRow], clients: Scope) -> Select[InvitationRow]:
    """Of a query of invitations, those of these clients."""
    if clients is None or "*" in clients:
        return query
    return query.where(InvitationRow.client.in_(list(clients)))


def invitation_of(row: InvitationRow) -> Invitation:
    """The invitation that a row keeps."""
    return Invitation(**{kept.name: getattr(row, kept.name) for kept in fields(Invitation)})


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
