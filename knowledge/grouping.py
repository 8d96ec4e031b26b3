"""Questions of callers grouped by meaning, the same way for the same questions. Pure.

Alike by the embedding model's vectors; questions that name different appliances or different codes
are kept apart, as they have different answers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.appliances import appliances_in
from knowledge.embeddings import Vectors
from knowledge.likeness import Likeness
from knowledge.linkage import groups
from knowledge.safety import fold
from knowledge.spoken import normalise

APART = 0.2
"""Put to the distance of two questions that name different appliances: it changes nothing in the
development questions, of which few do, and keeps « nettoyer le filtre » of two appliances apart."""

NEVER = 4.0
"""Put to the distance of two that name different codes: more than any mean distance."""

_CODE = re.compile(r"(?<![A-Za-z\d])[A-Z]{1,3}[ -]?\d{1,3}(?![A-Za-z\d])")


@dataclass(frozen=True)
class Asked:
    """A question, as it is grouped.

    Attributes:
        text: In canonical form: numbers and codes as they are written.
        appliances: Kinds that it names.
        codes: Codes that it names.
    """

    text: str
    appliances: frozenset[str]
    codes: frozenset[str]


def asked(words: str) -> Asked:
    """What a caller's words are grouped by."""
    text = normalise(words)
    return Asked(text, frozenset(appliances_in(text)), codes_in(text))


def codes_in(text: str) -> frozenset[str]:
    """The codes and references that a question in canonical form names, without spaces."""
    return frozenset(re.sub(r"[ -]", "", code) for code in _CODE.findall(text))


def grouped(
    questions: Sequence[Asked], vectors: Vectors, learned: Likeness | None
) -> list[list[int]]:
    """Places of the questions, a list for each meaning, the largest group first.

    Deterministic: the same questions in the same order give the same groups.

    Args:
        questions: As they are grouped.
        vectors: Of each, shape (n, dimensions).
        learned: For the model that made these; None where nothing was: only equal words are alike.
    """
    if not questions:
        return []
    if learned is None:
        found = _of_equal_words(questions)
    else:
        alike = learned.centred(vectors)
        distances = np.asarray(1.0 - alike @ alike.T, dtype=np.float32)
        _keep_apart(distances, questions)
        found = groups(distances, learned.widest)
    return sorted(found, key=lambda one: (-len(one), one[0]))


def _keep_apart(distances: Vectors, questions: Sequence[Asked]) -> None:
    """Row by row, for the other threads."""
    kinds = sorted({kind for one in questions for kind in one.appliances})
    codes = sorted({code for one in questions for code in one.codes})
    for names, sets, more in (
        (kinds, [one.appliances for one in questions], APART),
        (codes, [one.codes for one in questions], NEVER),
    ):
        if not names:
            continue
        marks = np.array([[name in one for name in names] for one in sets])
        named = marks.any(axis=1)
        for place in np.flatnonzero(named):
            shared = (marks & marks[place]).any(axis=1)
            distances[place, named & ~shared] += np.float32(more)


def _of_equal_words(questions: Sequence[Asked]) -> list[list[int]]:
    found: dict[str, list[int]] = {}
    for place, one in enumerate(questions):
        found.setdefault(fold(one.text), []).append(place)
    return list(found.values())
