"""Question sets, and what counts as right."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge.answer import Answer

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Question:
    """A question with what the manuals say of it.

    Attributes:
        answerable: The manuals hold a sufficient answer.
        places: (manual, page) pairs on which it stands.
        ambiguous: It fits several appliances; asking back is right.
    """

    text: str
    answerable: bool
    places: frozenset[tuple[str, int]]
    kind: str
    ambiguous: bool
    danger: bool


def read_questions(file: Path) -> list[Question]:
    """The questions of a JSON Lines file."""
    lines = (line for line in file.read_text("utf-8").splitlines() if line.strip())
    return [_question(json.loads(line)) for line in lines]


def _question(entry: dict[str, Any]) -> Question:
    manuals = entry.get("manuals") or [entry.get("manual")]
    places = {(str(m), int(p)) for m in manuals if m for p in entry.get("pages") or []}
    return Question(
        text=entry["question"],
        answerable=bool(entry["answerable"]),
        places=frozenset(places),
        kind=str(entry.get("kind", "")),
        ambiguous=bool(entry.get("ambiguous")),
        danger=bool(entry.get("danger")),
    )


def verdict(question: Question, answer: Answer) -> str:
    """right | wrong | asked | handed over | safety, of one answer.

    An answer is right when the passage it is spoken from stands on a page that holds the answer;
    it is wrong when it does not, or when the manuals hold none.
    """
    if answer.decision == "answer":
        first = answer.evidence[0]
        return "right" if (first.manual, first.page) in question.places else "wrong"
    if answer.decision in ("confirm", "clarify"):
        return "asked"
    return "safety" if answer.decision == "safety" else "handed over"
