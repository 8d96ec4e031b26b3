"""A client's own test questions: what each must be answered from, and how the last checks went.

A manual is published once they have been asked of it: a question has the page on which its answer
must stand, or must not be answered at all.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from pydantic import TypeAdapter
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from agent.errors import PermanenceError
from agent.store.clients import require_client
from agent.store.database import Database, NotKeptError
from agent.store.schema import TestQuestionRow, TestRunRow
from knowledge.answer import Answer, Inquiry

LONGEST_QUESTION, LONGEST_APPLIANCE = 300, 100
"""Characters."""

MOST_QUESTIONS = 500
"""Of a client: checking so many takes a minute."""

RUNS_KEPT = 50
"""Checks of a client whose results are kept."""

Ask = Callable[[str, Inquiry, bool], Answer]
"""Asks the manuals of a client: in service (False) or as they would be published (True)."""

Progress = Callable[[int, int], None]
"""Called with how many questions were asked, and how many there are."""


class QuestionRefusedError(PermanenceError):
    """A test question cannot be kept so; said in French."""


@dataclass(frozen=True)
class Place:
    """A page of a manual."""

    manual: str
    page: int


@dataclass(frozen=True)
class KeptQuestion:
    """A question that is asked of every version of the manuals.

    Attributes:
        appliance: Which one it is about, for when the agent asks; "" where that is not told.
        expected: Where its answer stands; None where it must not be answered.
        added_by: Identifier of a user.
        added_at: UTC.
        changed_at: When it last got other words or another page, UTC; results before tell nothing.
    """

    question_id: str
    client: str
    question: str
    appliance: str
    expected: Place | None
    added_by: str
    added_at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class NewQuestion:
    """A question to be kept: see `KeptQuestion`."""

    question: str
    expected: Place | None
    appliance: str = ""


@dataclass(frozen=True)
class Checked:
    """What became of a question.

    Attributes:
        decision: What the agent decided, the appliance told if it asked (`knowledge.answer`).
        found: On which page; None if on none.
        confidence: Probability that this page answers, 0 to 1.
        reason: Why, in the manuals' words; "" for none.
    """

    question_id: str
    passed: bool
    decision: str
    found: Place | None
    confidence: float
    reason: str = ""


@dataclass(frozen=True)
class Check:
    """All test questions, asked once.

    Attributes:
        at: UTC.
        draft: Of what would be published; else of what is in service.
        by: Identifier of a user, "" where nobody asked for it.
    """

    check_id: str
    client: str
    at: datetime
    draft: bool
    by: str
    results: tuple[Checked, ...]

    @property
    def failed(self) -> int:
        """How many questions were not answered as they must be."""
        return sum(not one.passed for one in self.results)


_RESULTS = TypeAdapter(tuple[Checked, ...])


class KeptQuestions:
    """The test questions in the database; every method is of one client. Blocks.

    Attributes:
        ask: See `Ask`.
    """

    def __init__(self, database: Database, ask: Ask) -> None:
        self._database = database
        self.ask = ask

    def list(self, slug: str) -> tuple[KeptQuestion, ...]:
        """The client's questions, the oldest first.

        Raises:
            UnknownClientError: There is no such client.
        """
        with self._database.reading() as session:
            require_client(session, slug)
            return tuple(_question(row) for row in _rows(session, slug))

    def add(self, slug: str, new: Iterable[NewQuestion], by: str) -> tuple[KeptQuestion, ...]:
        """Keep questions, all or none; one that is there in the same words is replaced.

        Raises:
            UnknownClientError: There is no such client.
            QuestionRefusedError: One cannot be kept, or they are too many.
        """
        checked = [_allowed(one) for one in new]
        now = datetime.now(UTC)
        with self._database.transaction() as session:
            require_client(session, slug)
            known = {_key(row.question, row.appliance): row for row in _rows(session, slug)}
            kept = []
            for place, one in enumerate(checked):
                row = known.get(_key(one.question, one.appliance))
                if row is None:
                    at = now + timedelta(microseconds=place)  # in their order
                    row = TestQuestionRow(
                        id=uuid.uuid4().hex[:12], client=slug, added_by=by, added_at=at
                    )
                    session.add(row)
                    known[_key(one.question, one.appliance)] = row
                _write(row, one, now)
                kept.append(row)
            if len(known) > MOST_QUESTIONS:
                raise QuestionRefusedError(
                    f"Cela ferait {len(known)} questions d'essai : gardez-en {MOST_QUESTIONS} au"
                    " plus, en supprimant celles qui ne servent plus."
                )
            session.flush()
            return tuple(_question(row) for row in kept)

    def change(self, slug: str, question_id: str, new: NewQuestion) -> KeptQuestion:
        """Give a question other words, or expect something else of it.

        Raises:
            NotKeptError: The client has no such question.
            QuestionRefusedError: It cannot be kept so.
        """
        allowed = _allowed(new)
        with self._database.transaction() as session:
            row = _row(session, slug, question_id)
            if _new(row) != allowed:
                _write(row, allowed, datetime.now(UTC))
            return _question(row)

    def remove(self, slug: str, question_id: str) -> KeptQuestion:
        """Ask a question no more; returns what it was.

        Raises:
            NotKeptError: The client has no such question.
        """
        with self._database.transaction() as session:
            row = _row(session, slug, question_id)
            gone = _question(row)
            session.delete(row)
            return gone

    # --- checking -----------------------------------------------------------------------------

    def check(
        self,
        slug: str,
        draft: bool,
        *,
        by: str = "",
        only: str | None = None,
        progress: Progress | None = None,
    ) -> Check:
        """Ask all questions (or one) of the manuals, and keep how it went (25 to 100 ms each).

        Args:
            slug: The client.
            draft: Of what would be published; else of what is in service.
            by: Identifier of the user who wants it.
            only: Identifier of the one question to ask; None: all.
            progress: Told how far it is.

        Raises:
            UnknownClientError: There is no such client.
            NotKeptError: It has no question `only`.
            IndexMissingError: It has no such manuals.
        """
        asked = [one for one in self.list(slug) if only in (None, one.question_id)]
        if only is not None and not asked:
            raise NotKeptError(_NOT_KEPT)
        results = []
        for number, one in enumerate(asked):
            if progress is not None:
                progress(number, len(asked))
            results.append(self.result_of(one, draft))
        if progress is not None:
            progress(len(asked), len(asked))
        check = Check(uuid.uuid4().hex[:12], slug, datetime.now(UTC), draft, by, tuple(results))
        self._keep(check)
        return check

    def result_of(self, kept: KeptQuestion, draft: bool) -> Checked:
        """Ask one question; nothing of it is kept."""
        inquiry = Inquiry(kept.question)
        answer = self.ask(kept.client, inquiry, draft)
        if answer.decision == "clarify" and kept.appliance:
            answer = self.ask(kept.client, replace(inquiry, which=kept.appliance), draft)
        return judged(kept, answer)

    def last(self, slug: str, *, draft: bool) -> dict[str, tuple[datetime, Checked]]:
        """The last result of each question since it was last changed, and when it was asked."""
        query = (
            select(TestRunRow)
            .where(TestRunRow.client == slug, TestRunRow.draft == draft)
            .order_by(TestRunRow.at)
        )
        found: dict[str, tuple[datetime, Checked]] = {}
        with self._database.reading() as session:
            changed = {row.id: row.changed_at for row in _rows(session, slug)}
            for run in session.scalars(query):
                for result in _check(run).results:
                    if run.at >= changed.get(result.question_id, datetime.max.replace(tzinfo=UTC)):
                        found[result.question_id] = (run.at, result)
        return found

    def checks(self, slug: str) -> tuple[Check, ...]:
        """The client's last checks, the newest first."""
        query = (
            select(TestRunRow)
            .where(TestRunRow.client == slug)
            .order_by(TestRunRow.at.desc(), TestRunRow.id)
        )
        with self._database.reading() as session:
            return tuple(_check(row) for row in session.scalars(query))

    def _keep(self, check: Check) -> None:
        with self._database.transaction() as session:
            require_client(session, check.client)
            session.add(
                TestRunRow(
                    id=check.check_id, client=check.client, at=check.at, draft=check.draft,
                    by=check.by, results=_RESULTS.dump_python(check.results, mode="json"),
                )
            )  # fmt: skip
            session.flush()
            mine = TestRunRow.client == check.client
            newest = select(TestRunRow.id).where(mine).order_by(TestRunRow.at.desc())
            kept = session.scalars(newest.limit(RUNS_KEPT)).all()
            session.execute(delete(TestRunRow).where(mine, TestRunRow.id.not_in(kept)))


def judged(kept: KeptQuestion, answer: Answer) -> Checked:
    """Whether an answer is what is expected. Pure.

    An answer and what is put to the caller to be confirmed rest on the first passage. Where nothing
    must be answered, a person takes over, or the agent asks back without an answer, or speaks of a
    danger first.
    """
    speaks = answer.decision in ("answer", "confirm")
    first = answer.evidence[0] if answer.evidence else None
    found = Place(first.manual, first.page) if first is not None and speaks else None
    passed = not speaks if kept.expected is None else speaks and found == kept.expected
    confidence = round(answer.confidence, 3)
    reason = "" if speaks else answer.reason
    return Checked(kept.question_id, passed, answer.decision, found, confidence, reason)


_NOT_KEPT = "Cette question d'essai n'existe plus : rechargez la page."


def _rows(session: Session, slug: str) -> Sequence[TestQuestionRow]:
    query = select(TestQuestionRow).where(TestQuestionRow.client == slug)
    return session.scalars(query.order_by(TestQuestionRow.added_at, TestQuestionRow.id)).all()


def _row(session: Session, slug: str, question_id: str) -> TestQuestionRow:
    row = session.get(TestQuestionRow, question_id)
    if row is None or row.client != slug:
        raise NotKeptError(_NOT_KEPT)
    return row


def _question(row: TestQuestionRow) -> KeptQuestion:
    new = _new(row)
    return KeptQuestion(
        row.id, row.client, new.question, new.appliance, new.expected, row.added_by, row.added_at,
        row.changed_at,
    )  # fmt: skip


def _new(row: TestQuestionRow) -> NewQuestion:
    expected = None if row.page is None else Place(row.manual, row.page)
    return NewQuestion(row.question, expected, row.appliance)


def _write(row: TestQuestionRow, new: NewQuestion, now: datetime) -> None:
    row.question, row.appliance, row.changed_at = new.question, new.appliance, now
    row.manual = "" if new.expected is None else new.expected.manual
    row.page = None if new.expected is None else new.expected.page


def _key(question: str, appliance: str) -> tuple[str, str]:
    return question.casefold(), appliance.casefold()


def _allowed(new: NewQuestion) -> NewQuestion:
    """The question as it is kept.

    Raises:
        QuestionRefusedError: It cannot be kept.
    """
    question, appliance = (" ".join(text.split()) for text in (new.question, new.appliance))
    if not any(map(str.isalnum, question)):
        raise QuestionRefusedError("Écrivez la question comme un appelant la poserait.")
    if len(question) > LONGEST_QUESTION:
        raise QuestionRefusedError(
            f"La question compte {len(question)} signes : gardez-en {LONGEST_QUESTION} au plus."
        )
    if len(appliance) > LONGEST_APPLIANCE:
        raise QuestionRefusedError(
            f"Le nom de l'appareil compte {len(appliance)} signes : {LONGEST_APPLIANCE} suffisent."
        )
    expected = new.expected
    if expected is not None:
        manual = " ".join(expected.manual.split())
        if not manual or expected.page < 1:
            raise QuestionRefusedError(
                "Indiquez la notice et la page attendues, ou « ne pas répondre »."
            )
        expected = Place(manual, expected.page)
    return NewQuestion(question, expected, appliance)


def _check(row: TestRunRow) -> Check:
    results = _RESULTS.validate_python(row.results)
    return Check(row.id, row.client, row.at, row.draft, row.by, results)
