"""What the recogniser is taught: said and written are the same thing, none of it is tested with."""

from __future__ import annotations

import json
import re
from functools import cache

import pytest

from agent.call.capture.phone import read
from evals.questions import DATA, SETS
from evals.spoken_lessons import Line, draw, punctuated, read_material
from knowledge.spoken import codes, same_code
from voices.french import speakable


@cache
def lines() -> tuple[Line, ...]:
    """Enough of them to hold every manner of saying."""
    return tuple(draw(read_material(), 3_000))


def test_the_same_lines_are_drawn_again() -> None:
    """So that what was spoken once is not spoken again."""
    assert draw(read_material(), 200) == list(lines()[:200])
    assert len({line.written for line in lines()}) == len(lines())


def test_nothing_is_left_that_a_voice_cannot_say() -> None:
    """Figures and signs are in words."""
    assert not [line for line in lines() if re.search(r"[\d@_+]", line.spoken)]


def test_the_figures_that_are_said_are_those_written() -> None:
    """As the capture of telephone numbers reads them."""
    numbers = [line for line in lines() if line.kind == "number"]
    assert len(numbers) > 200
    for line in numbers:
        found = read(line.spoken)
        if not found.doubtful:
            assert found.value[-9:] == re.sub(r"\D", "", line.written)[-9:], line


def test_the_code_that_is_said_is_the_one_written() -> None:
    """« F zéro sept » is F07."""
    told = [line for line in lines() if line.kind == "code"]
    for line in told:
        (written,) = re.findall(r"\b[A-Z](?:\d+|[A-Z])\b", line.written)[:1]
        apart = re.search(rf"{written[0]} {' '.join(map(speakable, written[1:]))}", line.spoken)
        # Longer ones are references, « A dix » may be a verb.
        plain = written[1:].isdigit() and len(written) < 4 and written[0] != "A"
        if plain and not apart:
            assert any(same_code(written, code) for code in codes(line.spoken)), line


def test_what_is_tested_is_not_taught() -> None:
    """But for what everybody says in a few words."""
    tested = {
        str(json.loads(entry)[key])
        for file, key in (
            (DATA / "dangers.jsonl", "text"), (DATA / "ordinary.jsonl", "text"),
            (SETS / "test.jsonl", "question"), (SETS / "fresh.jsonl", "question"),
        )
        for entry in file.read_text("utf-8").splitlines()
    }  # fmt: skip

    def plain(text: str) -> str:
        return " ".join(re.findall(r"\w+", text.casefold()))

    shared = {plain(text) for text in tested} & {plain(line.written) for line in lines()}
    assert not {text for text in shared if len(text.split()) > 7}, shared


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("comment nettoyer le filtre", "Comment nettoyer le filtre ?"),
        ("il fuit, c'est grave", "Il fuit, c'est grave ?"),
        ("il ne chauffe plus", "Il ne chauffe plus."),
        ("ça fuit !", "Ça fuit !"),
    ],
)
def test_a_question_is_written_as_the_recogniser_writes(said: str, written: str) -> None:
    """With a capital and a stop."""
    assert punctuated(said) == written
