"""Manuals, what is asked of them, what they leave unanswered, and answers that people wrote."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from agent.store.schema.base import Base


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
