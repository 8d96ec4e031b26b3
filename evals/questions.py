"""Question sets, and what counts as right."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from knowledge.answer import Answer
from knowledge.safety import fold
from knowledge.spoken import normalise

DATA = Path(__file__).parent / "data"
SETS = DATA / "questions"
DEMO_SETS = ("development.jsonl", "holdout.jsonl", "demo_questions.jsonl")
"""The demo brand's sets: known from the beginning, hence development only."""

Split = Literal["development", "pairs", "calibration", "practice", "test", "fresh"]
SPLITS: tuple[Split, ...] = (
    "development", "pairs", "calibration", "practice", "test", "fresh",
)  # fmt: skip
"""`pairs`: an answerable question beside one that nearly is; for learning only. `practice`: twelve
more appliances for the gate. `fresh`: six that nothing was learned or changed on."""


@dataclass(frozen=True)
class Question:
    """A question with what the manuals say of it.

    Attributes:
        text: As said.
        answerable: The manuals hold a sufficient answer.
        places: (manual, page) pairs on which it stands.
        kind: code, procedure, trouble, spec, …; "none" if not answerable.
        ambiguous: It fits several appliances; asking back is right.
        danger: The safety text is right.
        client: Slug of the brand that is called.
        product: Reference of the appliance that it is about: what the sets are split by.
        facts: What a right answer says: one alternative at least of each group.
        group: What kind of near miss, if not answerable.
        heard: The recogniser's readings of it over the telephone, with weights, likeliest first.
    """

    text: str
    answerable: bool
    places: frozenset[tuple[str, int]]
    kind: str
    ambiguous: bool
    danger: bool
    client: str = "orvane"
    product: str = ""
    facts: tuple[tuple[str, ...], ...] = ()
    group: str = ""
    heard: tuple[tuple[str, float], ...] = ()


def read_questions(file: Path) -> list[Question]:
    """The questions of a JSON Lines file."""
    lines = (line for line in file.read_text("utf-8").splitlines() if line.strip())
    return [_question(json.loads(line)) for line in lines]


def read_split(split: Split) -> list[Question]:
    """All questions of a split, with the recogniser's readings where they were made."""
    questions = read_questions(SETS / f"{split}.jsonl")
    if split == "development":
        questions = [q for name in DEMO_SETS for q in read_questions(DATA / name)] + questions
    heard = read_heard()
    return [replace(q, heard=heard.get(q.text, ())) for q in questions]


def read_heard() -> dict[str, tuple[tuple[str, float], ...]]:
    """The recogniser's readings by question; made by `python -m evals.noise`."""
    file = SETS / "heard.jsonl"
    if not file.exists():
        return {}
    entries = (json.loads(line) for line in file.read_text("utf-8").splitlines())
    return {e["question"]: tuple((str(t), float(w)) for t, w in e["readings"]) for e in entries}


def _question(entry: dict[str, Any]) -> Question:
    manuals = entry.get("manuals") or [entry.get("manual")]
    places = {(str(m), int(p)) for m in manuals if m for p in entry.get("pages") or []}
    places |= {(str(m), int(p)) for m, p in entry.get("places") or []}
    return Question(
        text=entry["question"],
        answerable=bool(entry["answerable"]),
        places=frozenset(places),
        kind=str(entry.get("kind", "")),
        ambiguous=bool(entry.get("ambiguous")),
        danger=bool(entry.get("danger")),
        client=str(entry.get("client", "orvane")),
        product=str(entry.get("product") or _product_of(entry)),
        facts=tuple(tuple(str(one) for one in group) for group in entry.get("facts") or []),
        group=str(entry.get("group", "")),
    )


def _product_of(entry: dict[str, Any]) -> str:
    manual = str(entry.get("manual") or "")
    return manual.removesuffix(".pdf").rsplit("-", 1)[-1].upper()


def states(facts: Sequence[Sequence[str]], text: str) -> bool:
    """Whether a text says one alternative of each group; case, accents and number words aside."""
    said = fold(normalise(text))
    return all(any(fold(normalise(one)) in said for one in group) for group in facts)


def supports(question: Question, answer: Answer) -> bool:
    """Whether what would be spoken answers the question: the right page and the right facts."""
    if not question.answerable or not answer.evidence:
        return False
    first = answer.evidence[0]
    return (first.manual, first.page) in question.places and states(question.facts, answer.text)


def verdict(question: Question, answer: Answer) -> str:
    """right | wrong | asked | handed over | safety, of one answer.

    An answer is right when the passage it is spoken from stands on a page that holds the answer
    and what is said holds the facts listed with the question; it is wrong when it does not, or
    when the manuals hold none.
    """
    if answer.decision == "answer":
        return "right" if supports(question, answer) else "wrong"
    if answer.decision in ("confirm", "clarify"):
        return "asked"
    return "safety" if answer.decision == "safety" else "handed over"
