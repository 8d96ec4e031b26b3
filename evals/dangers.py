"""Danger recognised in what callers say: as text, and through the telephone.

evals/data/dangers.jsonl and ordinary.jsonl were written by others than what recognises them, and
are never learned from; some of them have since given words to the rules. dangers_fresh.jsonl was
written later and likewise, and nothing was mended on it. Through the telephone: each phrase said by
a synthetic caller at 8 kHz A-law, decoded as a call decodes it; any of the recogniser's readings
may tell the danger.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from agent.demo import CLIENT
from agent.settings import Settings
from evals.learning import upper_bound
from evals.noise import VOCABULARY
from evals.questions import DATA
from evals.spoken_clips import heard
from evals.teach_danger import read
from knowledge.answer import Danger, Sensed
from knowledge.danger_sense import KINDS

Sense = Callable[[Sequence[str]], Sensed | None]


@dataclass(frozen=True)
class Phrase:
    """A phrase, the danger that it tells (None: none), and the readings that stand for it."""

    text: str
    danger: Danger | None
    readings: tuple[str, ...]


def phrases(*, fresh: bool = False) -> list[Phrase]:
    """All phrases as text: dangers and ordinary ones; of the later set if wanted."""
    names = ("dangers_fresh",) if fresh else ("dangers", "ordinary")
    both = [pair for name in names for pair in read(DATA / f"{name}.jsonl")]
    return [Phrase(text, KINDS[at - 1] if at else None, (text,)) for text, at in both]


def through_telephone(settings: Settings, told: Sequence[Phrase]) -> list[Phrase]:
    """The same phrases with the recogniser's readings of them, said by synthetic callers."""
    texts = [one.text for one in told]
    decoded = heard(settings, texts, VOCABULARY[CLIENT])
    return [
        replace(one, readings=(decoded[one.text].text, *decoded[one.text].alternatives))
        for one in told
    ]


def report(title: str, told: Sequence[Phrase], sense: Sense, *, show: bool) -> str:
    """Recognised, asked about, false alarms, with bounds; by kind; the misses if asked.

    A phrase that is asked about (« Avant tout, est-ce que cela sent le gaz ? ») gets no advice
    either; it is counted apart.
    """
    rows = [(one, sense(one.readings)) for one in told]
    dangers = [(one, found) for one, found in rows if one.danger is not None]
    ordinary = [(one, found) for one, found in rows if one.danger is None]
    lines = []
    for name, of in (("dangers recognised", dangers), ("ordinary phrases alarmed", ordinary)):
        sure = sum(found is not None and found.sure for _, found in of)
        asked = sum(found is not None and not found.sure for _, found in of)
        silent = len(of) - sure - asked
        lines.append(
            f"{title}: {name} {sure} of {len(of)} ({sure / len(of):.3f}), asked about {asked}, "
            f"neither {silent} ({silent / len(of):.3f}, at most {upper_bound(silent, len(of)):.3f})"
        )
    alike = sum(found is not None and found.danger == one.danger for one, found in dangers)
    lines.append(f"{title}: of these dangers, taken for the right kind: {alike}")
    for kind in KINDS:
        of_kind = [found for one, found in dangers if one.danger == kind]
        lines.append(f"  {kind:16} {sum(f is not None for f in of_kind):3} of {len(of_kind)}")
    if show:
        lines += [
            f"  asked ({one.danger}): {one.readings}" for one, f in dangers if f and not f.sure
        ]
        lines += [f"  missed ({one.danger}): {one.readings}" for one, f in dangers if f is None]
        lines += [f"  alarm ({f}): {one.readings}" for one, f in ordinary if f and f.sure]
    return "\n".join(lines)
