"""What the reader is taught with: invented manuals, and what callers ask of them.

Each file of evals/data/lessons is one small manual: a line for the appliance, some 28 passages,
some 100 questions, each with the passages that answer it, or none. They are no part of any
evaluation: the appliances, passages and questions of evals/data/questions are others.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.questions import DATA
from knowledge.spoken import normalise

LESSONS = DATA / "lessons"
HEARD = "heard.jsonl"
"""Some of the questions as a weak recogniser hears them: {"said": …, "heard": …}."""

KEPT_OUT = "kept-out.txt"


@dataclass(frozen=True)
class Asked:
    """A question of a lesson.

    Attributes:
        text: In canonical form, as it is searched.
        answers: Places of the passages that answer it, each by itself; none if it is a near miss.
        near: Place of the passage that a near miss comes nearest to, else None.
    """

    text: str
    answers: tuple[int, ...]
    near: int | None


@dataclass(frozen=True)
class Lesson:
    """A small manual: its passages as (context, text), and its questions."""

    name: str
    passages: tuple[tuple[str, str], ...]
    questions: tuple[Asked, ...]


def read_lessons(folder: Path = LESSONS) -> list[Lesson]:
    """All lessons, by name; a question heard badly stands beside itself."""
    heard: dict[str, str] = {}
    if (folder / HEARD).exists():
        for line in (folder / HEARD).read_text("utf-8").splitlines():
            entry = json.loads(line)
            heard[entry["said"]] = entry["heard"]
    files = sorted(file for file in folder.glob("*.jsonl") if file.name != HEARD)
    return [_read(file, heard) for file in files]


def kept_out(folder: Path = LESSONS) -> frozenset[str]:
    """Names of the lessons that judge how well the others teach, always the same."""
    return frozenset((folder / KEPT_OUT).read_text("utf-8").split())


def _read(file: Path, heard: dict[str, str]) -> Lesson:
    head, *entries = [json.loads(ln) for ln in file.read_text("utf-8").splitlines() if ln.strip()]
    product = f"{head['appliance']} {', '.join(head.get('models') or ())}".strip()
    printed = [entry for entry in entries if "p" in entry]
    place = {entry["p"]: number for number, entry in enumerate(printed)}
    questions = []
    for entry in entries:
        if "q" in entry:
            answers = tuple(place[number] for number in entry["a"])
            near = place.get(entry.get("near"))
            texts = [entry["q"], *([heard[entry["q"]]] if entry["q"] in heard else [])]
            questions += [Asked(normalise(text), answers, near) for text in texts]
    passages = tuple((f"{product} > {entry['heading']}", _whole(entry)) for entry in printed)
    return Lesson(file.stem, passages, tuple(questions))


def _whole(entry: dict[str, str]) -> str:
    """A passage's words as ingestion has them: its own title first."""
    title, text = entry["title"], entry["text"]
    if not title or text.casefold().startswith(title.casefold()):
        return text
    return f"{title}. {text}"


def counted(lessons: Sequence[Lesson]) -> str:
    """How much there is, as text."""
    asked = [question for lesson in lessons for question in lesson.questions]
    unanswered = sum(not question.answers for question in asked)
    passages = sum(len(lesson.passages) for lesson in lessons)
    return (
        f"{len(lessons)} manuals, {passages} passages, {len(asked)} questions, "
        f"{unanswered} of them near misses"
    )
