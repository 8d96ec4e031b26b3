"""The reader's lessons: every label points at a passage, and none is about the test split."""

from __future__ import annotations

import json

from evals.lessons import HEARD, LESSONS, counted, read_lessons
from evals.questions import SPLITS, read_split
from knowledge.safety import fold
from knowledge.spoken import normalise

LESSON_LIST = read_lessons()


def test_every_label_points_at_a_passage() -> None:
    """Answers and near passages stand in the lesson; a near miss has no answer."""
    for lesson in LESSON_LIST:
        places = range(len(lesson.passages))
        for question in lesson.questions:
            assert all(place in places for place in question.answers), (lesson.name, question)
            assert bool(question.answers) != (question.near is not None), (lesson.name, question)


def test_no_question_has_two_labels() -> None:
    """In one lesson, the same words always have the same answers."""
    for lesson in LESSON_LIST:
        known: dict[str, tuple[int, ...]] = {}
        for question in lesson.questions:
            assert known.setdefault(question.text, question.answers) == question.answers, (
                lesson.name, question.text,
            )  # fmt: skip


def test_lessons_and_evaluations_are_apart() -> None:
    """No question of any split, and no reference of its products, is taught."""
    asked = {fold(normalise(q.text)) for split in SPLITS for q in read_split(split)}
    taught = {fold(question.text) for lesson in LESSON_LIST for question in lesson.questions}
    assert not asked & taught
    products = {q.product for split in SPLITS for q in read_split(split) if len(q.product) > 3}
    contexts = " ".join(context for lesson in LESSON_LIST for context, _ in lesson.passages)
    assert not [product for product in products if product in contexts]


def test_what_was_heard_was_said() -> None:
    """Each misheard question stands beside the one that was said."""
    said = set()
    for file in LESSONS.glob("*-*.jsonl"):
        entries = (json.loads(line) for line in file.read_text("utf-8").splitlines() if line)
        said |= {entry["q"] for entry in entries if "q" in entry}
    lines = (LESSONS / HEARD).read_text("utf-8").splitlines()
    assert all(json.loads(line)["said"] in said for line in lines)


def test_how_much_there_is() -> None:
    """What the README says of them."""
    assert counted(LESSON_LIST).startswith(f"{len(LESSON_LIST)} manuals, ")
    near = sum(not question.answers for lesson in LESSON_LIST for question in lesson.questions)
    total = sum(len(lesson.questions) for lesson in LESSON_LIST)
    assert total > 15_000
    assert 0.3 < near / total < 0.5
