"""What of an utterance arrived in the recogniser's readings: words, terms, codes, numbers. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evals.learning import bootstrap
from evals.plots import Rate
from evals.utterances import Lexicon, Utterance, stems
from knowledge.references import same_reference
from knowledge.safety import fold
from knowledge.spoken import codes, digits_said, normalise, references, same_code

RESAMPLINGS = 1000


@dataclass(frozen=True)
class Take:
    """One utterance as it was recognised once.

    Attributes:
        utterance: What was said.
        speaker: By which voice.
        condition: Name of what the line did to it.
        biased: The recogniser was given the client's words.
        readings: What it understood, likeliest first; none if nothing.
    """

    utterance: Utterance
    speaker: str
    condition: str
    biased: bool
    readings: tuple[str, ...]

    @property
    def best(self) -> str:
        """The likeliest reading, "" if none."""
        return self.readings[0] if self.readings else ""


@dataclass(frozen=True)
class Row:
    """The measures of a group of takes, each over the utterances that it is about.

    Attributes:
        words: Word error rate of the questions.
        terms: Share of their domain words that are not in the best reading.
        terms_any: The same, in no reading.
        code, code_any: Share of the codes that are in the best reading, in any.
        code_looked_up: Share that the client's own list gives for the best reading, as a call
            looks them up.
        reference, reference_any: Share of the references that are in the best reading, in any.
        number: Share of telephone numbers whose ten figures the best reading gives.
    """

    words: Rate
    terms: Rate
    terms_any: Rate
    code: Rate
    code_any: Rate
    code_looked_up: Rate
    reference: Rate
    reference_any: Rate
    number: Rate


def word_errors(said: str, heard: str) -> tuple[int, int]:
    """Edit distance in words between two texts, and the words said.

    Figures in words and in digits count as the same word.
    """
    reference, found = fold(normalise(said)).split(), fold(normalise(heard)).split()
    row = np.arange(len(found) + 1)
    for i, word in enumerate(reference, start=1):
        above = row.copy()
        row[0] = i
        for j, other in enumerate(found, start=1):
            row[j] = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (word != other))
    return int(row[-1]), len(reference)


def code_in(wanted: str, heard: str) -> bool:
    """Whether a code with its letter can be read in what was heard."""
    return any(same_code(wanted, code) for code in codes(heard))


def code_found(wanted: str, heard: str, lexicon: Lexicon) -> bool:
    """Whether the first code that the client's list gives for what was heard is the one said."""
    return any(match.code == wanted for match in lexicon.book.find(heard)[:1])


def reference_in(wanted: str, heard: str) -> bool:
    """Whether a reference can be read in what was heard."""
    return any(same_reference(wanted, name) for name in references(heard))


def rate_of_sums(parts: Sequence[tuple[int, int]], seed: int = 1) -> Rate:
    """A ratio of sums with its 95 % interval, by resampling the utterances.

    Args:
        parts: (errors, of how many) of each utterance.
        seed: Of the resampling.
    """
    table = np.array(parts, dtype=np.float64).reshape(-1, 2)
    total = table.sum(axis=0)
    if not total[1]:
        return Rate(float("nan"), float("nan"), float("nan"), 0)
    drawn = np.random.default_rng(seed).integers(0, len(table), (RESAMPLINGS, len(table)))
    sums = table[drawn].sum(axis=1)
    low, high = np.percentile(sums[:, 0] / np.maximum(sums[:, 1], 1), (2.5, 97.5))
    return Rate(float(total[0] / total[1]), float(low), float(high), int(total[1]))


def rate_of(found: Sequence[bool]) -> Rate:
    """A share with its 95 % interval, by resampling."""
    if not found:
        return Rate(float("nan"), float("nan"), float("nan"), 0)
    values = np.array(found, dtype=np.float64)
    low, high = bootstrap(values)
    return Rate(float(values.mean()), low, high, len(found))


def measured(takes: Sequence[Take], lexicons: Mapping[str, Lexicon]) -> Row:
    """The measures of some takes."""
    of = {
        kind: [take for take in takes if take.utterance.kind == kind]
        for kind in ("question", "code", "reference", "number")
    }

    def share(kind: str, arrived: Callable[[str, str], bool], *, among_all: bool) -> Rate:
        return rate_of([
            any(arrived(t.utterance.wanted, r) for r in (t.readings if among_all else [t.best]))
            for t in of[kind]
        ])  # fmt: skip

    return Row(
        words=rate_of_sums([word_errors(t.utterance.text, t.best) for t in of["question"]]),
        terms=rate_of_sums([missed(t.utterance.terms, [t.best]) for t in of["question"]]),
        terms_any=rate_of_sums([missed(t.utterance.terms, t.readings) for t in of["question"]]),
        code=share("code", code_in, among_all=False),
        code_any=share("code", code_in, among_all=True),
        code_looked_up=rate_of([
            code_found(t.utterance.wanted, t.best, lexicons[t.utterance.client])
            for t in of["code"]
        ]),
        reference=share("reference", reference_in, among_all=False),
        reference_any=share("reference", reference_in, among_all=True),
        number=share("number", lambda wanted, r: digits_said(r) == wanted, among_all=False),
    )  # fmt: skip


def missed(terms: frozenset[str], readings: Sequence[str]) -> tuple[int, int]:
    """How many domain words stand in none of some readings, and how many were said."""
    heard = frozenset().union(*(stems(reading) for reading in readings))
    return len(terms - heard), len(terms)
