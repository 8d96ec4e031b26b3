"""The answers: asked for in a terminal, each checked at once, or read from a TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

from agent.errors import PermanenceError
from agent.install.questions import BY_KEY, QUESTIONS, Given, Question

Ask = Callable[[str, str, bool], str]
"""Words, default, whether it is secret → what was typed."""

Tell = Callable[[str], None]


class AnswerError(PermanenceError):
    """An answer cannot be used; names its key."""


def asked(ask: Ask, tell: Tell, before: Given, *, offline: bool) -> dict[str, str]:
    """Ask each question until its answer can be used.

    Args:
        ask: Asks for a line.
        tell: Shows why an answer cannot be used.
        before: Answers of an earlier time, which become the defaults.
        offline: Try nothing outside this process.
    """
    given: dict[str, str] = {}
    for question in QUESTIONS:
        if not question.wanted(given):
            continue
        default = before.get(question.key, question.default(given))
        while True:
            answer = ask(question.words, default, question.secret).strip() or default
            try:
                given[question.key] = checked(question, answer, offline=offline)
                break
            except ValueError as error:
                tell(f"{error}.")
    return given


def read(file: Path, before: Given, *, offline: bool) -> dict[str, str]:
    """The answers of a TOML file, `key = "value"` a line; what it leaves out is by default.

    Raises:
        AnswerError: It cannot be read, or an answer cannot be used.
    """
    try:
        told = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise AnswerError(
            f"The answers in {file} cannot be read ({error}); correct the file."
        ) from error
    if unknown := sorted(told.keys() - BY_KEY):
        raise AnswerError(
            f"{file} answers {unknown[0]!r}, which is not asked; there is: {', '.join(BY_KEY)}."
        )
    given: dict[str, str] = {}
    for question in QUESTIONS:
        if not question.wanted(given):
            continue
        answer = told.get(question.key, before.get(question.key, question.default(given)))
        words = str(answer).lower() if isinstance(answer, bool) else str(answer)
        try:
            given[question.key] = checked(question, words.strip(), offline=offline)
        except ValueError as error:
            raise AnswerError(f"{question.key} in {file}: {error}.") from error
    return given


def checked(question: Question, answer: str, *, offline: bool) -> str:
    """The answer as it is kept.

    Raises:
        ValueError: It cannot be used.
    """
    if not answer.isprintable():
        raise ValueError("Write it on one line, without control characters")
    kept = question.form(answer)
    if question.attempt is not None and not offline:
        question.attempt(kept)
    return kept
