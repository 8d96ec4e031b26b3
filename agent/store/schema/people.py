"""Those who sign in, how they do, and those who are invited."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text, true
from sqlalchemy.orm import Mapped, mapped_column

from agent.store.schema.base import Base


class UserRow(Base):
    """Somebody who signs in."""

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password: Mapped[str]
    role: Mapped[str]
    clients: Mapped[list[Any]]
    languages: Mapped[list[Any]] = mapped_column(server_default=text("'[\"fr\"]'"))
    phone: Mapped[str] = mapped_column(server_default=text("''"), default="")
    language: Mapped[str] = mapped_column(server_default=text("'fr'"), default="fr")
    active: Mapped[bool] = mapped_column(server_default=true())
    created_at: Mapped[datetime]
    signed_in_at: Mapped[datetime | None]


class SessionRow(Base):
    """Somebody signed in: a browser holds the token of which only the digest is kept."""

    __tablename__ = "sessions"

    digest: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    device: Mapped[str] = mapped_column(server_default=text("''"), default="")
    network: Mapped[str] = mapped_column(server_default=text("''"), default="")


class SignInStepRow(Base):
    """Somebody who has given the password and is asked for a code; only a digest is kept."""

    __tablename__ = "sign_in_steps"

    digest: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime]


class DeviceRow(Base):
    """A browser in which a user has signed in; it holds a token of which this is the digest."""

    __tablename__ = "devices"

    digest: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    used_at: Mapped[datetime]


class AttemptRow(Base):
    """Attempts that failed, under a digest of whose they are; fractions are being forgiven."""

    __tablename__ = "attempts"
    __table_args__ = (Index(None, "counted_at"),)

    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[float]
    counted_at: Mapped[datetime]
    blocked_until: Mapped[datetime]


class SecondFactorRow(Base):
    """The key of a user's app of codes; it counts once it is confirmed."""

    __tablename__ = "second_factors"

    user_id: Mapped[str] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str]
    last_step: Mapped[int]
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]


class RecoveryCodeRow(Base):
    """A code on paper that was not used."""

    __tablename__ = "recovery_codes"

    user_id: Mapped[str] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    digest: Mapped[str] = mapped_column(primary_key=True)


class InvitationRow(Base):
    """Somebody who is invited, or who has asked for a link to choose another password."""

    __tablename__ = "invitations"
    __table_args__ = (Index(None, "client"), Index(None, "email"), Index(None, "due_at"))

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    email: Mapped[str]
    role: Mapped[str]
    client: Mapped[str | None] = mapped_column(ForeignKey("clients.slug"))
    language: Mapped[str]
    invited_by: Mapped[str | None]
    inviter: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    attempts: Mapped[int]
    sent_at: Mapped[datetime | None]
    error: Mapped[str | None]
    used_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class InvitationLinkRow(Base):
    """A link of an invitation; only a digest is kept."""

    __tablename__ = "invitation_links"
    __table_args__ = (Index(None, "invitation_id"),)

    digest: Mapped[str] = mapped_column(primary_key=True)
    invitation_id: Mapped[str] = mapped_column(ForeignKey("invitations.id", ondelete="CASCADE"))
    made_at: Mapped[datetime]
