"""Facts of a brief that stand nowhere in its call's record: there must be none. Pure.

Looked at independently of how a brief is made: words of the caller must be in what was heard,
words of the agent in what it said, what is yet to be tried in a passage that was looked at; pages,
references, numbers and names must have been heard, said or read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.call.record import Brief, CallRecord
from agent.handoff.brief_text import brief_text
from knowledge.appliances import appliances_in
from knowledge.safety import fold
from knowledge.spoken import normalise, references

LONGEST_PATCHWORK = 3
"""Turns of which a quotation of the caller may be made: the question, the appliance, a danger."""

STANDS_ALONE = re.compile(r"\d[\d .,]*")
_CUT = "…"
_DETAILS_AS_SAID = ("subject", "appliance", "also")
_ALSO = " — "
_NO_QUESTION = "demande non formulée"


class Words:
    """What a record holds, as it is compared."""

    def __init__(self, record: CallRecord) -> None:
        turns = record.turns
        self.heard = [fold(turn.heard) for turn in turns if turn.heard]
        self.said = [fold(turn.said) for turn in turns if turn.said]
        evidence = [one for turn in turns for one in turn.evidence]
        self.passages = [fold(one.text) for one in evidence]
        self.pages = {f"{one.manual}, page {one.page}" for one in evidence}
        self.references = {name for turn in turns for name in references(turn.heard)}
        self.appliances = {
            name for turn in turns for name in appliances_in(f"{turn.heard} {turn.said}")
        }
        texts = [*(turn.heard for turn in turns), *(turn.said for turn in turns)]
        texts += [normalise(turn.heard) for turn in turns]
        texts += [one.text for one in evidence] + sorted(self.pages)
        self.all = fold(" ".join(texts))
        self.digits = [re.sub(r"\D", "", text) for text in (*texts, record.caller_number or "")]

    def is_quoted(self, text: str) -> bool:
        """Whether these are the caller's words: of one turn, or several turns, each whole."""
        words = fold(text)
        return any(_holds(turn, words) for turn in self.heard) or self._is_made_of_turns(words)

    def _is_made_of_turns(self, words: str, pieces: int = LONGEST_PATCHWORK) -> bool:
        if not words or not pieces:
            return not words
        return any(
            self._is_made_of_turns(words.removeprefix(turn).strip(), pieces - 1)
            for turn in dict.fromkeys(self.heard)
            if f"{words} ".startswith(f"{turn} ")
        )

    def is_said(self, text: str) -> bool:
        """Whether the agent said this, perhaps cut short since."""
        words = fold(text.removesuffix(_CUT))
        return any(words in turn for turn in self.said)

    def is_read(self, text: str) -> bool:
        """Whether this stands in a passage that was looked at, or was said."""
        words = fold(text.removesuffix(_CUT))
        return self.is_said(text) or any(words in passage for passage in self.passages)

    def has_digits(self, digits: str) -> bool:
        """Whether a number was dictated, read back or on the line."""
        return any(digits in held for held in self.digits)


def brief_facts_outside(brief: Brief, record: CallRecord) -> tuple[str, ...]:
    """What a brief says and the record does not hold, each in a few words.

    Args:
        brief: Any.
        record: Of its call, with all turns.
    """
    words = Words(record)
    return tuple(dict.fromkeys((*_of_the_caller(brief, words), *_of_the_manuals(brief, words),
                                *_results(brief, record), *_numbers(brief, words))))  # fmt: skip


def _of_the_caller(brief: Brief, words: Words) -> Iterator[str]:
    quoted = [brief.question, brief.problem or "", *brief.earlier]
    quoted += [brief.details.get(field, "") for field in _DETAILS_AS_SAID]
    for whole in quoted:
        for text in whole.split(_ALSO):
            if text and text != _NO_QUESTION and not words.is_quoted(text):
                yield f"words of the caller: {text}"
    number = re.sub(r"\D", "", (brief.caller_number or "").replace("+33", "0"))
    if number and not words.has_digits(number):
        yield f"number: {brief.caller_number}"
    name = fold(brief.details.get("name", ""))
    if any(part not in words.all.split() for part in name.split()):
        yield f"name: {brief.details['name']}"
    if brief.reference is not None and brief.reference not in words.references:
        yield f"reference: {brief.reference}"
    if brief.product is not None:
        if not set(appliances_in(brief.product)) <= words.appliances:
            yield f"product: {brief.product}"
        told = fold(" ".join((*words.said, *words.references, *(one.page for one in brief.said))))
        model = [word for word in brief.product.split() if any(map(str.isdigit, word))]
        if any(fold(word) not in told for word in model):
            yield f"reference: {brief.product}"


def _of_the_manuals(brief: Brief, words: Words) -> Iterator[str]:
    for text in (*brief.tried, *(one.text for one in brief.said), *(s.text for s in brief.steps)):
        if not words.is_said(text):
            yield f"words of the agent: {text}"
    step = brief.next_step
    if step is not None and not words.is_read(step.text):
        yield f"next step: {step.text}"
    sourced = (*brief.said, *brief.steps, *((step,) if step is not None else ()))
    for page in (*brief.pages, *(one.page for one in sourced)):
        if page and page not in words.pages:
            yield f"page: {page}"


def _results(brief: Brief, record: CallRecord) -> Iterator[str]:
    """What came of a step is what the caller said after it."""
    for step in brief.steps:
        told = fold(step.text)
        after = [n for n, turn in enumerate(record.turns) if told in fold(turn.said)]
        if step.result != "unknown" and not any(
            turn.heard for n in after for turn in record.turns[n + 1 :]
        ):
            yield f"result of a step: {step.text}: {step.result}"


def _numbers(brief: Brief, words: Words) -> Iterator[str]:
    """Figures of the text as it is read, but for how many steps there were."""
    text = re.sub(r"\(\d+ avant celles-ci\)", "", brief_text(brief))
    text = re.sub(r"\b\d+ étapes essayées", "", f"{text} {brief.line}")
    for found in STANDS_ALONE.finditer(text):
        digits = re.sub(r"\D", "", found[0])
        if not words.has_digits(digits):
            yield f"figures: {found[0].strip()}"


def _holds(turn: str, words: str) -> bool:
    return f" {words} " in f" {turn} "
