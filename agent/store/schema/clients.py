"""Clients, their line, and what is done for them: audit, programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from agent.store.schema.base import Base


class ClientRow(Base):
    """A brand whose callers are answered."""

    __tablename__ = "clients"

    slug: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    created_at: Mapped[datetime]
    recording: Mapped[bool] = mapped_column(server_default=false())
    pronunciations: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    hours: Mapped[str] = mapped_column(server_default=text("''"))
    answering: Mapped[str] = mapped_column(server_default=text("'always'"))
    overflow_rings: Mapped[int] = mapped_column(server_default=text("3"))
    ringing: Mapped[str] = mapped_column(server_default=text("'together'"))
    notify_emails: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    webhook_url: Mapped[str] = mapped_column(server_default=text("''"))
    webhook_secret: Mapped[str] = mapped_column(server_default=text("''"))
    on_call: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    satisfaction: Mapped[bool] = mapped_column(server_default=false())
    minutes_per_call: Mapped[int] = mapped_column(server_default=text("6"))
    spoken_name: Mapped[str] = mapped_column(server_default=text("''"))
    greeting_sentence: Mapped[str] = mapped_column(server_default=text("''"))
    greeting_heard: Mapped[str] = mapped_column(server_default=text("''"))
    voice: Mapped[str] = mapped_column(server_default=text("''"))
    pace: Mapped[float] = mapped_column(server_default=text("1.0"))
    recording_percent: Mapped[int] = mapped_column(server_default=text("100"))
    recording_notice: Mapped[str] = mapped_column(server_default=text("''"))
    keep_audio_days: Mapped[int] = mapped_column(server_default=text("180"))
    keep_transcript_days: Mapped[int] = mapped_column(server_default=text("365"))
    keep_ticket_days: Mapped[int] = mapped_column(server_default=text("365"))
    keep_analysis_days: Mapped[int] = mapped_column(server_default=text("365"))


class NumberRow(Base):
    """A number on which a client is called, in E.164."""

    __tablename__ = "client_numbers"
    __table_args__ = (Index(None, "client"),)

    number: Mapped[str] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(ForeignKey("clients.slug"))
    added_at: Mapped[datetime]


class AuditRow(Base):
    """Something that somebody did; `client` is null where it concerns the whole service."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "client", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    user_id: Mapped[str | None]
    who: Mapped[str]
    client: Mapped[str | None] = mapped_column(ForeignKey("clients.slug"))
    action: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))


class ApiTokenRow(Base):
    """What a program holds to use the API for one client; only the digest is kept."""

    __tablename__ = "api_tokens"
    __table_args__ = (Index(None, "client"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(ForeignKey("clients.slug"))
    name: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)
    prefix: Mapped[str]
    scopes: Mapped[list[Any]]
    created_by: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class ApiRequestRow(Base):
    """A request of the API that makes something, by its Idempotency-Key."""

    __tablename__ = "api_requests"
    __table_args__ = (Index(None, "begun_at"),)

    token_id: Mapped[str] = mapped_column(
        ForeignKey("api_tokens.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(ForeignKey("clients.slug"))
    fingerprint: Mapped[str]
    begun_at: Mapped[datetime]
    made: Mapped[str | None]
