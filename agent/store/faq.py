"""Answers that a client's people have written and approved for its callers.

The database is the truth; what callers are answered from is made of it (`knowledge.approved`), at
each change and again when a process died between the two.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from agent.errors import PermanenceError
from agent.store.clients import require_client
from agent.store.database import Database, NotKeptError
from agent.store.schema import FaqRow

LONGEST_QUESTION, LONGEST_ANSWER, LONGEST_APPLIANCE = 200, 600, 100
"""Characters; six hundred take three quarters of a minute to be said."""

MOST_VARIANTS = 40
"""Of an answer: the first ones are kept; more of them find no more callers."""

MOST_ANSWERS = 300
"""Of a client."""

_GONE = "Cette réponse approuvée n'existe plus : rechargez la page."


class FaqRefusedError(PermanenceError):
    """An answer cannot be kept so; said in French."""


@dataclass(frozen=True)
class NewFaq:
    """An answer as it is written.

    Attributes:
        question: Its title, as one would ask.
        answer: What is said.
        variants: Callers' own words for the question.
        appliance: The kind that it holds for, "" for any.
        models: References for which it holds; () for all.
    """

    question: str
    answer: str
    variants: tuple[str, ...] = ()
    appliance: str = ""
    models: tuple[str, ...] = ()


@dataclass(frozen=True)
class Faq:
    """An approved answer.

    Attributes:
        number: From 1 within the client, never given twice.
        written_by: Identifier of a user; `changed_by` likewise.
        written_at: UTC; `changed_at` likewise.
    """

    faq_id: str
    client: str
    number: int
    new: NewFaq
    written_by: str
    written_at: datetime
    changed_by: str
    changed_at: datetime


class FaqStore:
    """The approved answers in the database; every method is of one client. Blocks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, slug: str) -> tuple[Faq, ...]:
        """The client's answers, the oldest first.

        Raises:
            UnknownClientError: There is no such client.
        """
        with self._database.reading() as session:
            require_client(session, slug)
            return tuple(map(_faq, _rows(session, slug)))

    def get(self, slug: str, faq_id: str) -> Faq:
        """One of them.

        Raises:
            NotKeptError: The client has no such answer.
        """
        with self._database.reading() as session:
            return _faq(_row(session, slug, faq_id))

    def add(self, slug: str, new: NewFaq, by: str) -> Faq:
        """Keep an answer; callers hear it once it was put in service.

        Raises:
            UnknownClientError: There is no such client.
            FaqRefusedError: It cannot be kept so.
        """
        allowed, now = _allowed(new), datetime.now(UTC)
        with self._database.transaction() as session:
            require_client(session, slug)
            last = select(func.max(FaqRow.number)).where(FaqRow.client == slug)
            number = (session.scalar(last) or 0) + 1
            if len(_rows(session, slug)) >= MOST_ANSWERS:
                raise FaqRefusedError(
                    f"Il y a déjà {MOST_ANSWERS} réponses approuvées : supprimez-en d'abord."
                )
            row = FaqRow(
                id=uuid.uuid4().hex[:12], client=slug, number=number, written_by=by, written_at=now
            )
            _write(row, allowed, by, now)
            session.add(row)
            session.flush()
            return _faq(row)

    def change(self, slug: str, faq_id: str, new: NewFaq, by: str) -> Faq:
        """Keep other words for an answer.

        Raises:
            NotKeptError: The client has no such answer.
            FaqRefusedError: It cannot be kept so.
        """
        allowed = _allowed(new)
        with self._database.transaction() as session:
            row = _row(session, slug, faq_id)
            if _new(row) != allowed:
                _write(row, allowed, by, datetime.now(UTC))
            return _faq(row)

    def add_variants(self, slug: str, faq_id: str, words: Iterable[str], by: str) -> Faq:
        """Have more questions of callers answered so.

        Raises:
            NotKeptError: The client has no such answer.
        """
        before = self.get(slug, faq_id).new
        variants = (*before.variants, *words)
        new = NewFaq(before.question, before.answer, variants, before.appliance, before.models)
        return self.change(slug, faq_id, new, by)

    def remove(self, slug: str, faq_id: str) -> Faq:
        """Answer so no more; returns what it was. Its number stays taken, its words do not.

        Raises:
            NotKeptError: The client has no such answer.
        """
        with self._database.transaction() as session:
            row = _row(session, slug, faq_id)
            gone = _faq(row)
            row.question = row.answer = row.appliance = ""
            row.variants, row.models = [], []
            row.deleted_at = datetime.now(UTC)
            return gone


def _rows(session: Session, slug: str) -> Sequence[FaqRow]:
    query = select(FaqRow).where(FaqRow.client == slug, FaqRow.deleted_at.is_(None))
    return session.scalars(query.order_by(FaqRow.number)).all()


def _row(session: Session, slug: str, faq_id: str) -> FaqRow:
    row = session.get(FaqRow, faq_id)
    if row is None or row.client != slug or row.deleted_at is not None:
        raise NotKeptError(_GONE)
    return row


def _faq(row: FaqRow) -> Faq:
    return Faq(
        row.id, row.client, row.number, _new(row), row.written_by, row.written_at, row.changed_by,
        row.changed_at,
    )  # fmt: skip


def _new(row: FaqRow) -> NewFaq:
    return NewFaq(row.question, row.answer, tuple(row.variants), row.appliance, tuple(row.models))


def _write(row: FaqRow, new: NewFaq, by: str, now: datetime) -> None:
    row.question, row.answer, row.appliance = new.question, new.answer, new.appliance
    row.variants, row.models = list(new.variants), list(new.models)
    row.changed_by, row.changed_at = by, now


def _allowed(new: NewFaq) -> NewFaq:
    """The answer as it is kept.

    Raises:
        FaqRefusedError: It cannot be.
    """
    question, answer, appliance = (
        " ".join(text.split()) for text in (new.question, new.answer, new.appliance)
    )
    if not any(map(str.isalnum, question)):
        raise FaqRefusedError("Écrivez la question, comme un appelant la poserait.")
    if not any(map(str.isalnum, answer)):
        raise FaqRefusedError("Écrivez la réponse, comme vous la diriez au téléphone.")
    for name, text, longest in (
        ("La question", question, LONGEST_QUESTION),
        ("La réponse", answer, LONGEST_ANSWER),
        ("Le nom de l'appareil", appliance, LONGEST_APPLIANCE),
    ):
        if len(text) > longest:
            raise FaqRefusedError(f"{name} compte {len(text)} signes : {longest} au plus.")
    if "http" in answer or "www." in answer:
        raise FaqRefusedError("Une adresse internet ne se dit pas au téléphone : enlevez-la.")
    words = (" ".join(text.split())[:LONGEST_QUESTION] for text in new.variants)
    variants = {text.casefold(): text for text in words if any(map(str.isalnum, text))}
    models = tuple(dict.fromkeys(" ".join(name.split()) for name in new.models if name.strip()))
    return NewFaq(question, answer, tuple(variants.values())[:MOST_VARIANTS], appliance, models)
