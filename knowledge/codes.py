"""A client's error codes, and which of them a caller names: its own list and nothing else. Pure.

« erreur trois », « i dix », « dé ache », « cinq E », « le voyant Départ clignote trois fois »: each
is looked up in the client's list; what was clearly a code and stands in no list is `unknown`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from knowledge.heard_codes import Heard, figures_after_cue, misheard, spelled, unlisted
from knowledge.lamps import Lamp, lamp_of, lamps_said
from knowledge.passages import Passage
from knowledge.safety import fold
from knowledge.spoken import normalise
from knowledge.utterance import Utterance

Exactness = Literal[
    "exact", "zeros", "letter_missing", "letter_misheard", "lamp_missing", "unknown"
]

_SIGNS = {
    "--": r"(?:\b(?:2|deux|3|trois|des|les|deux petits|des petits) (?:tirets?|traits?|barres?)\b"
          r"|\btirets? tirets?\b|(?<!\w)[-–—](?: ?[-–—])+(?!\w))",
    "°F": r"(?:° ?F\b|\bdegr[ée]s? (?:F\b|effe\b|fahrenheit))",
    "°C": r"(?:° ?C\b(?=.*affich)|\baffich\w*.{0,20}° ?C\b)",
}  # fmt: skip
"""Codes of signs and how they are said."""


@dataclass(frozen=True)
class CodeMatch:
    """A code that a caller named.

    Attributes:
        code: As the manual writes it; for `unknown`, what was heard.
        exactness: "exact"; "zeros" if only leading zeros differ (F2 for F02); "letter_missing" if
            only its figures were said, "lamp_missing" if only how often it blinks: both are to be
            confirmed; "letter_misheard" if another letter was heard that sounds like it: to be
            asked back; "unknown" if it stands in no list: it must not be answered from other text.
        products: Names of the appliances in whose lists it stands, as passages name them.
        passage_ids: Its passages.
        models: References for which it holds, () for all.
    """

    code: str
    exactness: Exactness
    products: tuple[str, ...] = ()
    passage_ids: tuple[str, ...] = ()
    models: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Entry:
    code: str
    key: str
    product: str
    passage_id: str
    models: tuple[str, ...]
    lamp: Lamp | None


def key_of(code: str) -> str:
    """What tells codes apart: « E-05 » and « e05 » are one; "" for a code of signs alone."""
    return re.sub(r"[^A-Z0-9]", "", fold(code).upper()) if not code.startswith("°") else ""


class CodeBook:
    """The error codes of a client's manuals.

    Args:
        passages: The client's, of any kind.
        language: Of the passages that are spoken.
    """

    def __init__(self, passages: Iterable[Passage], language: str = "fr") -> None:
        self._entries = tuple(
            _Entry(p.code, key_of(p.code), p.product, p.passage_id, p.models, lamp_of(p.code))
            for p in passages
            if p.code and p.language == language
        )

    def codes(self, product: str | None = None) -> tuple[str, ...]:
        """The codes as they are written, each once, of one appliance or of all."""
        return tuple(dict.fromkeys(entry.code for entry in self._of(product)))

    def find(self, text: str, product: str | None = None) -> tuple[CodeMatch, ...]:
        """The codes that a caller names, the surest first; one that corrects another before it.

        Args:
            text: As said or normalised.
            product: The appliance if known, as passages name it: other lists are not looked at.
        """
        entries = self._of(product)
        written = [entry for entry in entries if entry.lamp is None and entry.key]
        utterance = Utterance(normalise(text))
        lamps = tuple(entry.lamp for entry in entries if entry.lamp is not None)
        found = self._by_lamp(utterance, entries, lamps)
        found += self._by_sign(utterance, entries)
        heard = spelled(utterance, {entry.key for entry in written})
        if not found:
            letters = {key[:1] for key in (e.key for e in written) if re.search(r"\d", key)}
            heard = heard or figures_after_cue(utterance, {entry.key for entry in written})
            heard += unlisted(utterance, letters, [one.span for one in heard])
        found += [match for one in _in_order(utterance, heard) for match in _match(one, written)]
        return tuple({(m.code, m.exactness): m for m in found}.values())

    def near(self, text: str, product: str | None = None) -> tuple[CodeMatch, ...]:
        """The one code that may have been misheard, where `find` knows none: to be asked back.

        Args:
            text, product: As for `find`.
        """
        entries = [entry for entry in self._of(product) if entry.lamp is None and entry.key]
        heard = misheard(Utterance(normalise(text)), {entry.key for entry in entries})
        return () if heard is None else tuple(_match(heard, entries))

    def _of(self, product: str | None) -> list[_Entry]:
        return [entry for entry in self._entries if product in (None, entry.product)]

    def _by_lamp(
        self, utterance: Utterance, entries: Sequence[_Entry], lamps: Sequence[Lamp]
    ) -> list[CodeMatch]:
        said = lamps_said(utterance.text, lamps)
        if said is None:
            return []
        same = [entry for entry in entries if entry.lamp in said.lamps]
        if not same:
            return [CodeMatch(said.words, "unknown")]
        exactness: Exactness = "exact" if said.named else "lamp_missing"
        return _merged(same, exactness)

    def _by_sign(self, utterance: Utterance, entries: Sequence[_Entry]) -> list[CodeMatch]:
        signs = {
            code
            for code, words in _SIGNS.items()
            if re.search(words, utterance.text, re.IGNORECASE)
        }
        return _merged([entry for entry in entries if entry.code in signs], "exact")


def _match(heard: Heard, entries: Sequence[_Entry]) -> list[CodeMatch]:
    same = [entry for entry in entries if entry.key in heard.keys]
    if not same:
        return [CodeMatch(heard.words, "unknown")]
    return _merged(same, heard.exactness)


def _merged(entries: Sequence[_Entry], exactness: Exactness) -> list[CodeMatch]:
    """One match for each code, with all its appliances and passages."""
    merged: dict[str, CodeMatch] = {}
    for entry in entries:
        known = merged.get(entry.key or entry.code)
        if known is None:
            known = CodeMatch(entry.code, exactness, models=entry.models)
        merged[entry.key or entry.code] = replace(
            known,
            products=tuple(dict.fromkeys((*known.products, entry.product))),
            passage_ids=tuple(dict.fromkeys((*known.passage_ids, entry.passage_id))),
            models=known.models if known.models == entry.models else (),
        )
    return list(merged.values())


def _in_order(utterance: Utterance, heard: Sequence[Heard]) -> list[Heard]:
    """By place; what follows « non, pardon » comes first."""
    ordered = sorted(heard, key=lambda one: one.span)
    for at in range(len(ordered) - 1, 0, -1):
        if utterance.corrects(ordered[at - 1].span[1], ordered[at].span[0]):
            ordered.insert(0, ordered.pop(at))
            break
    return ordered
