"""Running text that has a form: questions and answers, labelled problems, lines of codes. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

LONGEST_QUESTION = 170
"""Characters of a question that stands before its answer."""

_QUESTION = re.compile(
    r"^(?:Q(?:uestion)?"
    r" ?\d*\s?[.:)–-]\s+)?(?P<asked>[A-ZÀ-ÖØ-Þ«\"][^.!?]{6,}\?)(?:\s+(?P<said>\S.*))?$",
    re.DOTALL,
)
_ANSWER = re.compile(r"^(?:R(?:é|e)?(?:p(?:onse)?)?|A(?:nswer)?)\s?[.:)–-]+\s+")
_LABELS = {
    "symptom": r"probl[eè]mes?|sympt[oô]mes?|pannes?|d[ée]fauts?|anomalies?|constats?"
               r"|constatations?|incidents?|problem|fault",
    "cause": r"causes?(?: possibles?| probables?| [ée]ventuelles?)?|raisons?(?: possibles?)?"
             r"|origines?|possible causes?|reason",
    "action": r"rem[eè]des?|solutions?(?: possibles?)?|que faire|actions?|[aà] faire"
              r"|v[ée]rifications?|correction|remedy",
}  # fmt: skip
_LABEL = re.compile(
    r"(?:^|(?<=[.;!?…»)\n] )|(?<=\n))(?:"
    + "|".join(rf"(?P<{name}>{words})" for name, words in _LABELS.items())
    + r")\s*\??\s*[:–—]\s+",
    re.IGNORECASE,
)


@dataclass
class Problem:
    """A symptom with its causes and what to do for each, as it is gathered."""

    symptom: str
    page: int
    pairs: list[tuple[str, str]] = field(default_factory=list)

    def add(self, label: str, text: str) -> None:
        """A labelled piece: a cause opens a pair, an action ends it."""
        if label == "cause" or not self.pairs:
            self.pairs.append((text, "") if label == "cause" else ("", text))
        else:
            cause, action = self.pairs[-1]
            self.pairs[-1] = (cause, f"{action} {text}".strip())


def labelled(text: str) -> list[tuple[str, str]]:
    """« Problème : … Cause : … Remède : … » as (label, text); [] if the text has no label first."""
    marks = list(_LABEL.finditer(text))
    if not marks or marks[0].start():
        return []
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    return [
        (mark.lastgroup or "", text[mark.end() : end].strip())
        for mark, end in zip(marks, ends, strict=True)
    ]


def question_and_answer(text: str) -> tuple[str, str] | None:
    """A paragraph that begins with a question: the question and what follows, "" if nothing."""
    found = _QUESTION.match(text.strip())
    if found is None or len(found["asked"]) > LONGEST_QUESTION:
        return None
    return found["asked"], answer_of(found["said"] or "")


def answer_of(text: str) -> str:
    """An answer without its « R : »."""
    return _ANSWER.sub("", text.strip())


def sentences(text: str) -> Iterator[str]:
    """A text's sentences, as they stand."""
    for sentence in re.split(r"(?<=[.!?])\s+(?=[A-ZÀ-ÖØ-Þ«])", text.strip()):
        if sentence:
            yield sentence
