"""Details that callers dictate, with the agent's read-back: as text and through the telephone.

References are played twice: without a list, and for a client that lists four in five of them among
their look-alikes, so that what is not on the list may be taken for one that is.

evals/data/captures.jsonl was written by somebody who had not seen the code: what the caller says
when asked, when asked again, and figure by figure. The simulated caller says « oui » to a read-back
of exactly their value and « non » to any other, so that a wrong value can only be kept if the agent
takes it without a yes; at the keypad they type it. Through the telephone each utterance is said by
a synthetic caller at 8 kHz A-law and decoded as a call decodes it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from agent.call import capture as capturing
from agent.call.capture import Ask, Capture, Captured, Field, GivenUp, Move
from agent.call.transcriber import Transcript
from agent.settings import Settings
from evals.learning import upper_bound
from evals.lookalikes import known_references
from evals.questions import DATA
from evals.spoken_clips import heard
from knowledge.safety import fold

TODAY = date(2026, 11, 26)
"""The day on which the data's « l'an dernier » were written."""

YES, NO = "Oui, c'est bien ça.", "Non, ce n'est pas ça."
LONGEST = 12
"""Turns after which a capture goes round in a circle."""

Hear = Callable[[str], Transcript]


@dataclass(frozen=True)
class Case:
    """A detail as one caller gives it; the utterances are in words."""

    field: Field
    value: str
    first: str
    again: str
    slowly: str

    @property
    def utterances(self) -> tuple[str, ...]:
        """All that the caller may say."""
        return (self.first, self.again, self.slowly, YES, NO)


@dataclass(frozen=True)
class Outcome:
    """How a capture ended: right, wrong or given up; by voice or keys; in how many turns.

    `offered` are the values that were read back, the agreed one last.
    """

    case: Case
    kept: str | None
    keyed: bool
    turns: int
    heard: tuple[str, ...]
    offered: tuple[str, ...] = ()

    @property
    def right(self) -> bool:
        """Whether what was kept is the caller's value (names: without case and accents)."""
        if self.kept is None:
            return False
        if self.case.field == "name":
            return fold(self.kept) == fold(self.case.value)
        return self.kept == self.case.value


def read_cases() -> list[Case]:
    """All of them, in the file's order."""
    lines = (DATA / "captures.jsonl").read_text("utf-8").splitlines()
    return [Case(**json.loads(line)) for line in lines]


def as_text(text: str) -> Transcript:
    """What is heard where nothing is lost."""
    return Transcript(text, (), 0.0, 0.0)


def through_telephone(settings: Settings, cases: Sequence[Case]) -> Hear:
    """What the recogniser makes of every utterance."""
    texts = list(dict.fromkeys(text for case in cases for text in case.utterances))
    return heard(settings, texts).__getitem__


def play(case: Case, hear: Hear, known: Sequence[str] = ()) -> Outcome:
    """One capture from the question to its end.

    Args:
        case: The caller and their detail.
        hear: What is heard of an utterance.
        known: References that the client lists.
    """
    capture, text = capturing.ask(case.field, today=TODAY, known=known)
    said, keyed, told, asked = case.first, False, [], 0
    offered: dict[str, None] = {}
    for turn in range(1, LONGEST + 1):
        move: Move | None
        if said == "<keys>":
            keyed = True
            capture, move = _type(capture, case.value)
        else:
            transcript = hear(said)
            told.append(transcript.text)
            capture, move = capturing.heard(capture, transcript.text, transcript.alternatives)
        match move:
            case Captured(value):
                return Outcome(case, value, keyed, turn, tuple(told), tuple(offered))
            case GivenUp():
                return Outcome(case, None, keyed, turn, tuple(told), tuple(offered))
            case Ask(text):
                asked += 1
                offered |= {capture.offered: None} if capture.offered else {}
                said = _reply(case, capture, text, asked)
            case None:
                said = case.again
    return Outcome(case, None, keyed, LONGEST, tuple(told), tuple(offered))


def play_all(cases: Sequence[Case], hear: Hear) -> tuple[list[Outcome], list[Outcome]]:
    """Every capture without a list; and the references once more, for a client that lists some."""
    references = [case for case in cases if case.field == "reference"]
    known = known_references([case.value for case in references])
    listed = [play(case, hear, known) for case in references]
    return [play(case, hear) for case in cases], listed


def _reply(case: Case, capture: Capture, text: str, asked: int) -> str:
    folded = fold(text)
    if capture.offered:
        return YES if capture.offered == case.value or _same_name(case, capture.offered) else NO
    if "touches" in folded or "clavier" in folded:
        return "<keys>"
    if "par chiffre" in folded or "par lettre" in folded or asked > 1:
        return case.slowly
    return case.again


def _same_name(case: Case, offered: str) -> bool:
    return case.field == "name" and fold(offered) == fold(case.value)


def _type(capture: Capture, value: str) -> tuple[Capture, Move | None]:
    digits = f"0{value[3:]}" if value.startswith("+33") else value.replace("+", "00")
    move: Move | None = None
    for digit in f"{digits}#":
        if move is None:
            capture, move = capturing.key(capture, digit)
    return capture, move


def report_listed(title: str, outcomes: Sequence[Outcome], *, show: bool) -> str:
    """The line of references with a list, and of those that are on it and those that are not."""
    known = known_references([one.case.value for one in outcomes])
    lines = [report(f"{title}, {len(known)} listed", outcomes, show=show)]
    for name, on_it in (("on the list", True), ("not on it", False)):
        part = [one for one in outcomes if (one.case.value in known) == on_it]
        other = sum(any(o in known and o != one.case.value for o in one.offered) for one in part)
        lines.append(
            f"  {name}: right {sum(one.right for one in part)} of {len(part)}, a wrong listed one "
            f"read back to {other}, kept {sum(one.kept in known and not one.right for one in part)}"
        )
    return "\n".join(lines)


def report(title: str, outcomes: Sequence[Outcome], *, show: bool) -> str:
    """A line a field: right, right by voice alone, given up, wrong; the failures if asked."""
    lines = []
    for field in dict.fromkeys(outcome.case.field for outcome in outcomes):
        of_field = [outcome for outcome in outcomes if outcome.case.field == field]
        count = len(of_field)
        right = sum(outcome.right for outcome in of_field)
        voice = sum(outcome.right and not outcome.keyed for outcome in of_field)
        wrong = sum(outcome.kept is not None and not outcome.right for outcome in of_field)
        turns = Counter(outcome.turns for outcome in of_field if outcome.right)
        mean = sum(k * n for k, n in turns.items()) / max(1, right)
        lines.append(
            f"{title}: {field:14} right {right} of {count} ({right / count:.3f}), by voice alone "
            f"{voice}, given up {count - right - wrong}, wrong kept {wrong} (at most "
            f"{upper_bound(wrong, count):.3f}); {mean:.1f} turns"
        )
    if show:
        lines += [
            f"  {one.case.field}: {one.case.value} kept {one.kept} keyed {one.keyed}: {one.heard}"
            for one in outcomes
            if not one.right or one.keyed
        ]
    return "\n".join(lines)
