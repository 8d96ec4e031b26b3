"""A question as it was heard becomes what is searched: readings, words and sounds. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.phonetics import Ear
from knowledge.safety import fold
from knowledge.spoken import normalise

MOST_READINGS = 2
"""Readings that are embedded: each costs some 25 ms."""

LEAST_WEIGHT = 0.1
"""Weight under which another reading is not looked at."""


@dataclass(frozen=True)
class Reading:
    """One way to read what was said, in canonical form, and its weight; weights sum to 1."""

    text: str
    weight: float


@dataclass(frozen=True)
class Understood:
    """A question, ready to be searched.

    Attributes:
        text: Its likeliest reading, in canonical form.
        readings: Those to be embedded, likeliest first.
        searched: The texts whose words are searched: readings and what they sound like.
        sounded: The text whose sounds are searched: the likeliest reading, with its terms mended.
        confidence: The recogniser's weight of the first reading, 0 to 1; 1 for a written question.
    """

    text: str
    readings: tuple[Reading, ...]
    searched: tuple[str, ...]
    sounded: str
    confidence: float


def understand(readings: Sequence[tuple[str, float]], ear: Ear | None = None) -> Understood:
    """Bring the recogniser's readings to what is searched.

    Args:
        readings: Texts with their weights, likeliest first; one, of weight 1, if written.
        ear: Finds the client's own terms by sound: « vie d'ange » is searched as « vidange » too.
    """
    kept: dict[str, tuple[str, float]] = {}
    for text, weight in readings:
        canonical = normalise(text)
        key = fold(canonical)
        if key in kept:
            kept[key] = (kept[key][0], kept[key][1] + weight)
        elif weight >= LEAST_WEIGHT or not kept:
            kept[key] = (canonical, weight)
    ordered = sorted(kept.values(), key=lambda item: -item[1])
    best, confidence = ordered[0] if ordered else ("", 1.0)
    texts = [text for text, _ in ordered[:MOST_READINGS]]
    mended = ear.mend(best) if ear is not None else best
    searched = list(dict.fromkeys([*texts, mended]))
    if fold(mended) != fold(best):
        texts = [best, mended][:MOST_READINGS]
    total = len(texts)
    return Understood(
        text=best,
        readings=tuple(Reading(text, 1.0 / total) for text in texts),
        searched=tuple(searched),
        sounded=mended,
        confidence=min(1.0, confidence),
    )
