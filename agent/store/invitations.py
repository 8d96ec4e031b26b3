"""Invitations and password resets: links of which only digests are kept, each of one use.

A link is drawn anew each time that it is sent or shown: so none stands in the database, and a
message that could not be sent is tried again with another link. All links of one invitation end
together: once one is used, after `VALID`, or when it is withdrawn.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import get_args

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from agent.errors import PermanenceError
from agent.store.clients import require_client
from agent.store.database import Database, NotKeptError
from agent.store.invitation_rows import (
    Invitation,
    Kind,
    drawn_link,
    forget_links,
    found_by,
    invitation_of,
    scoped,
    standing,
)
from agent.store.schema import ClientRow, InvitationRow, SessionRow, UserRow
from agent.store.ticket_work import Scope
from agent.store.users import (
    ALL_CLIENTS,
    LANGUAGES,
    Role,
    User,
    digest_of,
    fill_row,
    may_see,
    new_row,
    normal_email,
    user_of,
)

VALID = {"invite": timedelta(hours=72), "reset": timedelta(hours=24)}
"""How long links are worth something."""

FORGOTTEN = timedelta(days=30)
"""An invitation is forgotten so long after its end."""

ASKED_AGAIN = timedelta(minutes=2)
"""Who asks for a reset twice within so long gets one message."""


class InvitationRefusedError(PermanenceError):
    """Somebody cannot be invited so; says why."""


class OtherUserError(PermanenceError):
    """An invitation is accepted by a user for whom it is not, or whose role is another."""


class InvitationStore:
    """The invitations in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def invite(
        self,
        email: str,
        role: str,
        client: str | None,
        now: datetime,
        *,
        by: User | None = None,
        language: str = "fr",
        mailed: bool = True,
    ) -> Invitation:
        """Invite somebody; who was invited to the same already is invited anew instead.

        Args:
            email: Their address.
            role: One of `Role`.
            client: Slug; None for an admin alone.
            now: UTC.
            by: Who invites: an admin, or a manager of that client. None: the provider's own
                command line, which may do anything.
            language: Of the message, one of `LANGUAGES`.
            mailed: Send the message; else its link is only shown.

        Raises:
            InvitationRefusedError: They may not invite so, or the address has access already.
            UserRefusedError: It is no address.
            UnknownClientError: There is no such client.
        """
        normal = normal_email(email)
        if language not in LANGUAGES:
            raise InvitationRefusedError(f"A message cannot be in {language[:10]!r}; fr or en.")
        with self._database.transaction() as session:
            _check_role(role, client, None if by is None else _as_now(session, by))
            if client is not None:
                require_client(session, client)
            known = session.scalar(select(UserRow).where(UserRow.email == normal))
            if known is not None and known.active and _has_access(user_of(known), client):
                raise InvitationRefusedError(f"{normal} has access already.")
            row = session.scalar(
                select(InvitationRow)
                .where(standing(now), InvitationRow.kind == "invite", InvitationRow.email == normal)
                .where(InvitationRow.client == client)
            )
            if row is None:
                row = _new(session, "invite", normal, now)
            row.role, row.client, row.language = role, client, language
            row.inviter, row.invited_by = ("", None) if by is None else (by.name, by.id)
            _renew(session, row, now, mailed)
            session.flush()
            return invitation_of(row)

    def ask_reset(self, email: str, now: datetime) -> Invitation | None:
        """Send whoever signs in with that address a link to choose another password.

        What is written is the same whoever has the address, so that no answer tells it; what is for
        nobody is dropped when it is to be sent.

        Returns:
            The reset; None where one was asked for a moment ago.

        Raises:
            UserRefusedError: It is no address.
        """
        normal = normal_email(email)
        with self._database.transaction() as session:
            row = _reset(session, normal, now)
            if row is not None and row.created_at > now - ASKED_AGAIN:
                return None
            row = row or _new(session, "reset", normal, now)
            _renew(session, row, now, mailed=True)
            session.flush()
            return invitation_of(row)

    def reset_link(self, email: str, now: datetime) -> str:
        """The token of a link to choose another password, to be shown once: the provider's alone.

        Raises:
            UserRefusedError: It is no address.
        """
        normal = normal_email(email)
        with self._database.transaction() as session:
            row = _reset(session, normal, now) or _new(session, "reset", normal, now)
            row.expires_at = now + VALID["reset"]
            session.flush()
            return drawn_link(session, row.id, now)

    def list(self, now: datetime, clients: Scope, client: str | None = None) -> list[Invitation]:
        """The invitations that still stand, by address.

        Args:
            now: UTC.
            clients: Whose may be seen; None for all, those of admins too.
            client: Only those of this one.
        """
        query = scoped(
            select(InvitationRow).where(standing(now), InvitationRow.kind == "invite"), clients
        ).order_by(InvitationRow.email)
        if client is not None:
            query = query.where(InvitationRow.client == client)
        with self._database.reading() as session:
            return [invitation_of(row) for row in session.scalars(query)]

    def renew(
        self, invitation_id: str, now: datetime, clients: Scope, *, mailed: bool = True
    ) -> Invitation:
        """Send it again, for another `VALID`; the links so far end.

        Raises:
            NotKeptError: There is none that stands, or it is of none of `clients`.
        """
        with self._standing(invitation_id, now, clients) as (session, row):
            _renew(session, row, now, mailed)
            return invitation_of(row)

    def withdraw(self, invitation_id: str, now: datetime, clients: Scope) -> Invitation:
        """End it: its links are worth nothing from now on.

        Raises:
            NotKeptError: As `renew`.
        """
        with self._standing(invitation_id, now, clients) as (session, row):
            row.withdrawn_at = now
            forget_links(session, row.id)
            return invitation_of(row)

    def link(self, invitation_id: str, now: datetime, clients: Scope) -> str:
        """The token of one more link, to be shown once.

        Raises:
            NotKeptError: As `renew`.
        """
        with self._standing(invitation_id, now, clients) as (session, row):
            return drawn_link(session, row.id, now)

    def find(self, token: str, now: datetime) -> tuple[Invitation, User | None]:
        """What a link is of, and who signs in with its address already.

        Raises:
            InvitationOverError: It is worth nothing, or no more.
        """
        with self._database.reading() as session:
            row, known = found_by(session, token, now)
            return invitation_of(row), None if known is None else user_of(known)

    def accept(
        self, token: str, name: str, password: str, now: datetime
    ) -> tuple[Invitation, User]:
        """Use a link: a new user signs in from now on, or one who is there has another password.

        Whoever is signed in as that user is signed out. Who was disabled signs in again, for the
        client that invites them alone.

        Args:
            token: Of the link.
            name: Of the new user; not looked at for a reset.
            password: That they chose.
            now: UTC.

        Raises:
            InvitationOverError: It is worth nothing, or no more.
            OtherUserError: It invites a user who is there already: see `accept_as`.
            UserRefusedError: Name or password is not allowed.
        """
        invitation, known = self.find(token, now)
        called = known.name if invitation.kind == "reset" and known else name
        about = [invitation.email, called, self._brand(invitation.client)]
        digest = digest_of(password, about)  # takes its time, and must not hold the write lock
        with self._database.transaction() as session:
            row, user = found_by(session, token, now)
            if row.kind == "reset" and user is not None:
                user.password = digest
            elif user is not None and user.active:
                raise OtherUserError(f"{row.email} signs in already.")
            else:
                user = user or new_row(session, row.email)
                clients = ALL_CLIENTS if row.client is None else (row.client,)
                fill_row(session, user, name, row.role, clients)
                user.password, user.language, user.active = digest, row.language, True
            session.execute(delete(SessionRow).where(SessionRow.user_id == user.id))
            _use(session, row, now)
            return invitation_of(row), user_of(user)

    def accept_as(self, token: str, user: User, now: datetime) -> tuple[Invitation, User]:
        """Use a link as somebody who signs in already: they work for one client more.

        Raises:
            InvitationOverError: It is worth nothing, or no more.
            OtherUserError: It is for another address, or for another role than theirs.
        """
        with self._database.transaction() as session:
            row, known = found_by(session, token, now)
            if row.kind != "invite" or known is None or known.id != user.id or not known.active:
                raise OtherUserError(f"The invitation is not for {user.email}.")
            if known.role != row.role:
                raise OtherUserError(f"The invitation is for a {row.role}; you are {known.role}.")
            if row.client is not None and not _has_access(user_of(known), row.client):
                known.clients = sorted({*known.clients, row.client})
            _use(session, row, now)
            return invitation_of(row), user_of(known)

    def _brand(self, client: str | None) -> str:
        if client is None:
            return ""
        with self._database.reading() as session:
            row = session.get(ClientRow, client)
            return "" if row is None else row.name

    @contextmanager
    def _standing(
        self, invitation_id: str, now: datetime, clients: Scope
    ) -> Iterator[tuple[Session, InvitationRow]]:
        query = select(InvitationRow).where(standing(now), InvitationRow.id == invitation_id)
        with self._database.transaction() as session:
            row = session.scalar(scoped(query, clients).with_for_update())
            if row is None:
                raise NotKeptError("There is no such invitation any more.")
            yield session, row


def _check_role(role: str, client: str | None, by: User | None) -> None:
    if role not in get_args(Role):
        raise InvitationRefusedError(f"A role cannot be {role[:20]!r}.")
    if (role == "admin") != (client is None):
        raise InvitationRefusedError(f"Invite a {role} for one client; an admin for none.")
    if by is None or by.role == "admin":
        return
    if by.role != "manager" or role == "admin" or not may_see(by, client or ""):
        raise InvitationRefusedError("You may not invite anybody to this.")


def _as_now(session: Session, user: User) -> User:
    """A user as they are now: the page of one who was let go may still be open."""
    row = session.get(UserRow, user.id)
    if row is None or not row.active:
        raise InvitationRefusedError("You may not invite anybody any more.")
    return user_of(row)


def _has_access(user: User, client: str | None) -> bool:
    return user.clients == ALL_CLIENTS or client in user.clients


def _new(session: Session, kind: Kind, email: str, now: datetime) -> InvitationRow:
    session.execute(delete(InvitationRow).where(InvitationRow.expires_at < now - FORGOTTEN))
    row = InvitationRow(id=uuid.uuid4().hex, kind=kind, email=email, attempts=0)
    row.created_at = row.expires_at = now
    row.role, row.language, row.inviter = "", "fr", ""
    session.add(row)
    return row


def _reset(session: Session, email: str, now: datetime) -> InvitationRow | None:
    of_email = InvitationRow.kind == "reset", InvitationRow.email == email
    return session.scalar(select(InvitationRow).where(standing(now), *of_email))


def _renew(session: Session, row: InvitationRow, now: datetime, mailed: bool) -> None:
    if row.kind == "invite":  # a stranger who asks for a reset must not end a link that came
        forget_links(session, row.id)
    row.created_at, row.expires_at = now, now + VALID[row.kind]
    row.due_at = now if mailed else None
    row.attempts, row.sent_at, row.error = 0, None, None


def _use(session: Session, row: InvitationRow, now: datetime) -> None:
    row.used_at = now
    forget_links(session, row.id)
