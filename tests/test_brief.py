"""The story of a call in one sentence, made of what the call knows and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from agent.call.record import Brief, Handoff, HandoffRequest, Urgency
from agent.handoff.brief import TRIED_CHARACTERS, brief_of
from agent.handoff.hours import Schedule
from agent.handoff.hours_text import parse
from agent.handoff.tickets import TicketDesk
from knowledge.answer import Evidence

REQUEST = HandoffRequest(
    client="orvane",
    call_id="0123456789ab",
    caller_number="0639981234",
    product="lave-vaisselle VS320",
    question="comment nettoyer le filtre",
    reason="unsure",
    tried=("Il s'agit de ceci : le filtre. C'est bien ça ?",),
    looked_at=(
        Evidence("vs320.pdf", 10, "p1", "Rincer le filtre."),
        Evidence("vs320.pdf", 11, "p2", "Le sel."),
        Evidence("vs320.pdf", 10, "p3", "Le microfiltre."),
    ),
    urgency="normal",
)


def test_brief_has_the_whole_story() -> None:
    """Every field, word for word; a page is named once."""
    assert brief_of(REQUEST) == Brief(
        line="lave-vaisselle VS320 — « comment nettoyer le filtre » — "
        "la réponse n'est pas dans les notices.",
        caller_number="0639981234",
        product="lave-vaisselle VS320",
        question="comment nettoyer le filtre",
        reason="la réponse n'est pas dans les notices",
        tried=("Il s'agit de ceci : le filtre. C'est bien ça ?",),
        pages=("vs320.pdf, page 10", "vs320.pdf, page 11"),
    )


def test_brief_says_what_is_not_known() -> None:
    """Nothing is made up for a caller who asked for a person at once."""
    empty = replace(
        REQUEST, caller_number=None, product=None, question="  ", reason="human", tried=(),
        looked_at=(),
    )  # fmt: skip
    assert brief_of(empty) == Brief(
        line="appareil non précisé — « demande non formulée » — le client demande un conseiller.",
        caller_number=None,
        product=None,
        question="demande non formulée",
        reason="le client demande un conseiller",
        tried=(),
        pages=(),
    )


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("unsure", "la réponse n'est pas dans les notices"),
        ("human", "le client demande un conseiller"),
        ("unheard", "le client est mal compris au téléphone"),
        ("technical", "panne technique de l'assistant"),
        ("danger", "DANGER signalé par le client"),
        ("autre", "autre"),
    ],
)
def test_every_reason_is_in_words(reason: str, words: str) -> None:
    """The reason ends the line; an unknown one stands as it is."""
    brief = brief_of(replace(REQUEST, reason=reason))
    assert brief.reason == words
    assert brief.line.endswith(f"— {words}.")


def test_long_sentences_of_the_agent_are_cut_between_words() -> None:
    """A step of 300 characters is cut to what a person reads, one of 160 is not."""
    exact = "a" * TRIED_CHARACTERS
    long = "Tournez le filtre d'un quart de tour vers la gauche. " * 6
    brief = brief_of(replace(REQUEST, tried=(exact, long, "b" * 500)))
    assert brief.tried[0] == exact
    assert brief.tried[1].endswith("…")
    assert long.startswith(brief.tried[1].removesuffix("…") + " ")
    assert all(len(text) <= TRIED_CHARACTERS for text in brief.tried)


class Book:
    """Tickets in a list; what is asked of it is kept."""

    def __init__(self) -> None:
        self.opened: list[tuple[str, str, Brief, Urgency]] = []
        self.numbers: list[tuple[str, str]] = []
        self.due: list[datetime | None] = []

    def open_ticket(
        self, client: str, call_id: str, brief: Brief, urgency: Urgency, due_at: datetime | None
    ) -> str:
        """Keep the request."""
        self.due.append(due_at)
        self.opened.append((client, call_id, brief, urgency))
        return f"T{len(self.opened)}"

    def set_number(self, ticket_id: str, caller_number: str) -> None:
        """Keep the number."""
        self.numbers.append((ticket_id, caller_number))


def test_desk_keeps_the_brief_and_then_the_number() -> None:
    """The handoff carries the ticket, its urgency and the brief, then the number that was given."""
    book = Book()
    desk = TicketDesk(book)
    masked = replace(REQUEST, caller_number=None, urgency="urgent")
    handoff = desk.open(masked)
    assert handoff == Handoff("T1", "urgent", brief_of(masked))
    assert book.opened == [("orvane", "0123456789ab", brief_of(masked), "urgent")]
    numbered = desk.set_number(handoff, "0639981234")
    assert numbered == Handoff(
        "T1", "urgent", brief_of(replace(masked, caller_number="0639981234"))
    )
    assert book.numbers == [("T1", "0639981234")]


def test_desk_promises_nothing_that_the_book_did_not_keep() -> None:
    """A book that fails is heard of: no handoff comes back."""

    class BrokenBook(Book):
        def open_ticket(self, *_: object) -> str:
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        TicketDesk(BrokenBook()).open(REQUEST)


OFFICE = parse("lundi-vendredi 9h-18h")
FRIDAY_EVENING = datetime(2026, 11, 27, 19, 0, tzinfo=ZoneInfo("Europe/Paris"))


def test_a_request_outside_the_hours_is_due_when_they_begin() -> None:
    """The caller is told when, and the ticket holds it."""
    book = Book()
    handoff = TicketDesk(book, lambda _: OFFICE, lambda: FRIDAY_EVENING).open(REQUEST)
    monday = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
    assert (handoff.due_at, handoff.reopens) == (monday, "lundi matin à 9 h")
    assert book.due == [monday]


def test_within_the_hours_an_urgent_request_or_one_without_hours_is_due_at_once() -> None:
    """Nothing is said of an opening."""
    noon = FRIDAY_EVENING - timedelta(hours=7)
    urgent = replace(REQUEST, urgency="urgent")
    for hours, now, request in (
        (OFFICE, noon, REQUEST),
        (OFFICE, FRIDAY_EVENING, urgent),
        (None, FRIDAY_EVENING, REQUEST),
        (Schedule(), FRIDAY_EVENING, REQUEST),  # never open: nothing can be promised
    ):
        handoff = TicketDesk(Book(), lambda _, hours=hours: hours, lambda now=now: now).open(
            request
        )
        assert (handoff.due_at, handoff.reopens) == (None, "")
