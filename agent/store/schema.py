"""The tables, as SQLAlchemy sees them; `migrations` makes the same ones."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    MetaData,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

HEAD = "0014"

"""Newest revision in `migrations/versions`; known here so that a start at head needs no Alembic."""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware when written, UTC when read (SQLite itself keeps no offset)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an instant into UTC.

        Raises:
            ValueError: The value is naive, so the instant is unknown.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Read an instant as UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of every table; names each constraint, so that a migration can refer to it."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012  # SQLAlchemy's form


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


class ManualRow(Base):
    """A manual that a client uploaded, as it was last ingested."""

    __tablename__ = "manuals"
    __table_args__ = (UniqueConstraint("client", "file_name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(ForeignKey("clients.slug"))
    file_name: Mapped[str]
    sha256: Mapped[str]
    pages: Mapped[int]
    product_title: Mapped[str]
    product_references: Mapped[str]
    appliance: Mapped[str]
    languages: Mapped[str]
    passages: Mapped[int]
    ingested_at: Mapped[datetime]


class CallRow(Base):
    """A call. `record` is the whole truth; the other columns repeat what queries need.

    A `test` was placed by the client's own people to try their line: it counts nowhere.
    """

    __tablename__ = "calls"
    __table_args__ = (Index(None, "client", "started_at"), Index(None, "ended_at"))

    call_id: Mapped[str] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(ForeignKey("clients.slug"))
    caller_number: Mapped[str | None]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    outcome: Mapped[str]
    error: Mapped[str | None]
    test: Mapped[bool] = mapped_column(server_default=false())
    record: Mapped[dict[str, Any]]


class CallFactRow(Base):
    """A call that is over, in a few small columns: what figures are made of.

    Beside the records, which are large, and in the order of time: a year of a client's calls is
    read in milliseconds.
    """

    __tablename__ = "call_facts"
    __table_args__ = (UniqueConstraint("call_id"), {"sqlite_with_rowid": False})

    client: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    call_id: Mapped[str] = mapped_column(
        ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True
    )
    outcome: Mapped[str]
    length_s: Mapped[int]
    waited_ms: Mapped[int | None]
    danger: Mapped[bool]
    asked: Mapped[bool]
    rating: Mapped[int | None]
    product: Mapped[str]


class CallCodeRow(Base):
    """An error code that a call was about."""

    __tablename__ = "call_codes"
    __table_args__ = (Index(None, "call_id"), {"sqlite_with_rowid": False})

    client: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    call_id: Mapped[str] = mapped_column(
        ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True
    )
    code: Mapped[str] = mapped_column(primary_key=True)


class CallPageRow(Base):
    """A question of a call that a page of a manual answered, by the position of its turn."""

    __tablename__ = "call_pages"
    __table_args__ = (Index(None, "call_id"), {"sqlite_with_rowid": False})

    client: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    call_id: Mapped[str] = mapped_column(
        ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    manual: Mapped[str]
    page: Mapped[int]


class TurnRow(Base):
    """A turn of a call, from position 0, repeated from the call's record for queries."""

    __tablename__ = "turns"

    call_id: Mapped[str] = mapped_column(
        ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    heard: Mapped[str]
    said: Mapped[str]
    decision: Mapped[str]
    confidence: Mapped[float | None]
    evidence: Mapped[list[Any]]
    timings_ms: Mapped[dict[str, Any]]


class TicketRow(Base):
    """A callback request. Its call need not be kept yet: the request must not wait for it."""

    __tablename__ = "tickets"
    __table_args__ = (
        Index(None, "client", "created_at"),
        Index(None, "client", "caller_number"),
        Index(None, "status", "due_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(ForeignKey("clients.slug"))
    call_id: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    urgency: Mapped[str]
    status: Mapped[str]
    caller_number: Mapped[str | None]
    brief: Mapped[dict[str, Any]]
    line: Mapped[str]
    due_at: Mapped[datetime | None]
    taken_by: Mapped[str | None]
    attempts: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    notes: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    done_at: Mapped[datetime | None]
    late_at: Mapped[datetime | None]
    called_at: Mapped[datetime | None]


class OutboxRow(Base):
    """Something to be sent about a ticket; its key tells a receiver that it has come before."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("ticket_id", "event", "kind", "target"),
        Index(None, "sent_at", "due_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(ForeignKey("clients.slug"))
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"))
    event: Mapped[str]
    kind: Mapped[str]
    target: Mapped[str]
    body: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    sent_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]
    error: Mapped[str | None]


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


class HandoffRow(Base):
    """A caller who was handed over, or was to be, and each state that this went through."""

    __tablename__ = "handoffs"
    __table_args__ = (Index(None, "client", "requested_at"), Index(None, "call_id"))

    id: Mapped[str] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(ForeignKey("clients.slug"))
    call_id: Mapped[str]
    ticket_id: Mapped[str | None]
    state: Mapped[str]
    operator: Mapped[str | None]
    requested_at: Mapped[datetime]
    connected_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    history: Mapped[list[Any]]


class VerdictRow(Base):
    """What an operator thinks of a turn of the agent's."""

    __tablename__ = "verdicts"

    call_id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    verdict: Mapped[str]
    note: Mapped[str] = mapped_column(server_default=text("''"))
    user_id: Mapped[str]
    given_at: Mapped[datetime]


class TestQuestionRow(Base):
    """A question of a client's that every version of its manuals is asked; page None: no answer."""

    __test__ = False
    __tablename__ = "test_questions"
    __table_args__ = (Index(None, "client", "added_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(ForeignKey("clients.slug"))
    question: Mapped[str]
    appliance: Mapped[str]
    manual: Mapped[str]
    page: Mapped[int | None]
    added_by: Mapped[str]
    added_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class FaqRow(Base):
    """An answer that a client's people have written for its callers; a deleted one has no words."""

    __tablename__ = "faq_answers"
    __table_args__ = (UniqueConstraint("client", "number"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(ForeignKey("clients.slug"))
    number: Mapped[int]
    question: Mapped[str]
    answer: Mapped[str]
    variants: Mapped[list[Any]]
    appliance: Mapped[str]
    models: Mapped[list[Any]]
    written_by: Mapped[str]
    written_at: Mapped[datetime]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class GapRow(Base):
    """A question that was not answered, its group of the same meaning, and what was done of it.

    It goes with its call: the vector of what a caller said is theirs.
    """

    __tablename__ = "gap_questions"
    __table_args__ = (Index(None, "client", "group_key"),)

    call_id: Mapped[str] = mapped_column(
        ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    client: Mapped[str] = mapped_column(ForeignKey("clients.slug"))
    heard: Mapped[str]
    embedder: Mapped[str]
    vector: Mapped[bytes]
    group_key: Mapped[str]
    place: Mapped[int]
    settled: Mapped[str] = mapped_column(server_default=text("''"))
    settled_by: Mapped[str] = mapped_column(server_default=text("''"))
    settled_at: Mapped[datetime | None]


class TestRunRow(Base):
    """All test questions of a client, asked once, and what became of each."""

    __test__ = False
    __tablename__ = "test_runs"
    __table_args__ = (Index(None, "client", "at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(ForeignKey("clients.slug"))
    at: Mapped[datetime]
    draft: Mapped[bool]
    by: Mapped[str]
    results: Mapped[list[Any]]


class ManualUploadRow(Base):
    """A file that somebody sent to be a manual, and what became of it."""

    __tablename__ = "manual_uploads"
    __table_args__ = (Index(None, "client", "at"), Index(None, "state"))

    upload_id: Mapped[str] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(ForeignKey("clients.slug"))
    file_name: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
    user_id: Mapped[str]
    who: Mapped[str]
    at: Mapped[datetime]
    state: Mapped[str]
    refusal: Mapped[str]
    pages: Mapped[int]
    passages: Mapped[int]
    attempts: Mapped[int]
    finished_at: Mapped[datetime | None]


class ManualPublicationRow(Base):
    """A version of a client's manuals that was put in service."""

    __tablename__ = "manual_publications"
    __table_args__ = (Index(None, "client", "at"),)

    publication_id: Mapped[str] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(ForeignKey("clients.slug"))
    at: Mapped[datetime]
    kind: Mapped[str]
    version: Mapped[str]
    user_id: Mapped[str]
    who: Mapped[str]
    difference: Mapped[dict[str, Any]]
    check: Mapped[dict[str, Any]]


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
