"""The story of a call in one sentence, made of what the call knows and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import TypeAdapter

from agent.call.record import (
    Brief,
    Handoff,
    HandoffRequest,
    Sourced,
    StepResult,
    Story,
    TriedStep,
    Urgency,
)
from agent.handoff.brief import TRIED_CHARACTERS, brief_of
from agent.handoff.brief_text import brief_text
from agent.handoff.hours import Schedule
from agent.handoff.hours_text import parse
from agent.handoff.tickets import TicketDesk
from knowledge.answer import Danger, Evidence

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
        problem="comment nettoyer le filtre",
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


def _of(step: TriedStep) -> tuple[str, str]:
    return step.text, step.page


RINCE = TriedStep("Rincez le filtre.", "done", "vs320.pdf, page 10")
SEL = TriedStep("Mettez du sel.", "no_help", "vs320.pdf, page 11")
TOURNEZ = Sourced("Tournez le filtre.", "vs320.pdf, page 10")
MICRO = Sourced("Le microfiltre.", "vs320.pdf, page 10")
STORY = Story(
    problem="comment nettoyer le filtre",
    earlier=("et le sel ?",),
    reference="VS320",
    mood="upset",
    said=(Sourced("Le filtre est au fond.", "vs320.pdf, page 10"), Sourced(*_of(RINCE))),
    steps=(RINCE, SEL),
    left=(TOURNEZ,),
    lead=MICRO,
)


def test_brief_tells_what_was_told() -> None:
    """Answers and steps with their pages, what came of them, what is next, what was before."""
    brief = brief_of(replace(REQUEST, story=STORY))
    assert brief.problem == "comment nettoyer le filtre"
    assert brief.earlier == ("et le sel ?",)
    assert (brief.reference, brief.mood, brief.danger) == ("VS320", "upset", None)
    assert (brief.said, brief.steps) == (STORY.said, (RINCE, SEL))
    assert brief.next_step == TOURNEZ
    assert brief.line == (
        "lave-vaisselle VS320 — « comment nettoyer le filtre » — "
        "2 étapes essayées, sans succès — la réponse n'est pas dans les notices."
    )


@pytest.mark.parametrize(
    ("changes", "reason", "danger", "expected"),
    [
        ({}, "unsure", None, TOURNEZ),
        ({"left": ()}, "human", None, MICRO),
        ({"left": (), "lead": None}, "human", None, None),
        ({}, "danger", "gas", None),
    ],
)
def test_the_next_step_is_the_manuals_or_none(
    changes: dict[str, Any], reason: str, danger: Danger | None, expected: Sourced | None
) -> None:
    """The untried part first, then what was not denied; nothing is to be tried after a danger."""
    story = replace(STORY, **changes)
    request = replace(REQUEST, story=story, reason=reason, danger=danger)
    assert brief_of(request).next_step == expected


@pytest.mark.parametrize(
    ("results", "words"),
    [
        ((), ""),
        (("unknown",), "une étape donnée, non faite — "),
        (("done",), "une étape essayée — "),
        (("no_help",), "une étape essayée, sans succès — "),
        (("done", "no_help"), "2 étapes essayées, sans succès — "),
        (("done", "done", "not_done"), "2 étapes essayées, bloqué à la suivante — "),
        (("done", "unknown"), "une étape essayée — "),
    ],
)
def test_the_line_says_how_far_it_went(results: tuple[StepResult, ...], words: str) -> None:
    """In a few words, whatever came of the steps."""
    steps = tuple(TriedStep(f"Étape {n}.", result) for n, result in enumerate(results))
    line = brief_of(replace(REQUEST, story=replace(STORY, steps=steps))).line
    assert line.removeprefix("lave-vaisselle VS320 — « comment nettoyer le filtre » — ") == (
        f"{words}la réponse n'est pas dans les notices."
    )


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({}, ("name", "reference")),
        ({"reference": "VS320", "details": {"name": "Martin"}}, ()),
        ({"caller_number": None}, ("number", "name", "reference")),
        ({"product": None}, ("name", "product", "reference")),
        ({"product": None, "details": {"appliance": "le four"}}, ("name", "reference")),
        ({"problem": None}, ("name", "reference", "subject")),
        ({"problem": None, "details": {"subject": "une panne"}}, ("name", "reference")),
    ],
)
def test_what_is_still_to_be_asked(changes: dict[str, Any], missing: tuple[str, ...]) -> None:
    """Follows what the caller gives after the ticket was opened."""
    assert replace(brief_of(REQUEST), **changes).missing == missing


def test_a_brief_kept_before_still_loads() -> None:
    """What an older version kept has none of the newer fields."""
    kept = {"line": "…", "caller_number": None, "product": None, "question": "le filtre",
            "reason": "…", "tried": [], "pages": []}  # fmt: skip
    brief = TypeAdapter(Brief).validate_python(kept)
    assert (brief.steps, brief.said, brief.next_step, brief.mood) == ((), (), None, "calm")
    assert brief_text(brief).startswith("appareil non précisé\n« le filtre »\n")


def test_text_of_a_brief_is_read_in_five_seconds() -> None:
    """Line by line, what counts most first."""
    brief = brief_of(replace(REQUEST, story=STORY, details={"name": "Martin", "also": "le joint"}))
    assert brief_text(brief).splitlines() == [
        "lave-vaisselle VS320",
        "« comment nettoyer le filtre »",
        "Et aussi : « le joint »",
        "Motif : la réponse n'est pas dans les notices",
        "Appelant : Martin, 06 39 98 12 34, mécontent",
        "Étapes données :",
        "- Rincez le filtre. → fait, vs320.pdf, page 10",
        "- Mettez du sel. → sans effet, vs320.pdf, page 11",
        "Répondu : « Le filtre est au fond. » (vs320.pdf, page 10)",
        "À voir : « Tournez le filtre. » (vs320.pdf, page 10)",
        "Avant : « et le sel ? »",
    ]


def test_text_of_a_danger_begins_with_it() -> None:
    """Whatever else there is."""
    story = Story(problem="ça sent le gaz")
    request = replace(
        REQUEST, question="ça sent le gaz", product=None, caller_number=None, reason="danger",
        danger="gas", story=story, looked_at=(), tried=(),
    )  # fmt: skip
    assert brief_text(brief_of(request)).splitlines() == [
        "DANGER : gaz",
        "appareil non précisé",
        "« ça sent le gaz »",
        "Motif : DANGER signalé par le client",
        "Appelant : numéro inconnu",
        "À demander : son numéro, son nom, l'appareil, la référence",
    ]


@pytest.mark.parametrize(
    ("last", "words"),
    [
        ("not_done", "À reprendre : la dernière étape"),
        ("no_help", "À voir : « Tournez le filtre. »"),
    ],
)
def test_a_step_that_was_not_done_is_taken_up_again(last: StepResult, words: str) -> None:
    """It is not written out twice."""
    step = TriedStep("Vissez." if last == "no_help" else TOURNEZ.text, last)
    text = brief_text(brief_of(replace(REQUEST, story=replace(STORY, steps=(step,)))))
    assert words in text


def test_many_steps_are_told_by_the_last_ones() -> None:
    """Of those before, how many there were."""
    steps = tuple(TriedStep(f"Étape {letter}.", "done") for letter in "abcdef")
    text = brief_text(brief_of(replace(REQUEST, story=replace(STORY, steps=steps, said=()))))
    assert "Étapes données (2 avant celles-ci) :\n- Étape c." in text


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

    def set_detail(self, ticket_id: str, field: str, value: str) -> None:
        """Nothing is asked of it."""


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


def test_the_line_follows_what_the_caller_gives() -> None:
    """Who only asked for a person is asked what it is about, and for which appliance."""
    desk = TicketDesk(Book())
    bare = replace(REQUEST, question="un conseiller", product=None, reason="human", story=Story())
    handoff = desk.set_detail(desk.open(bare), "subject", "il fuit")
    handoff = desk.set_detail(handoff, "appliance", "le four")
    assert handoff.brief.line == "le four — « il fuit » — le client demande un conseiller."


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
