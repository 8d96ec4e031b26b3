"""Letters and figures in a caller's words that are codes, and what keeps others out. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal

from knowledge.letters import ERROR_WORDS, LETTER_OF, SURE, WORDS
from knowledge.utterance import FIRM, NUMBERING, Token, Utterance

Span = tuple[int, int]

_NOT_AFTER = re.compile(
    r"programmes?|prog|positions?|touches?|niveaux?|zones?|options?|modèles?|pages?|figures?|classes?|"
    r"étapes?|boutons?|cases?|format|repères?|taille|vitamine|gradins?|plaques?|foyers?"
)
_COUNTED = re.compile(
    r"\s?(?:°|%|€|degr|minutes?\b|min\b|heures?\b|h(?:\b|\d)|secondes?\b|s\b|kilos?\b|kg\b|litres?\b|ans?\b|mois\b"
    r"|jours?\b|fois\b|euros?\b|tours?\b|tr/|volts?\b|watts?\b|bars?\b|cm\b|mm\b|centim|m[eè]tres?\b"
    r"|programmes?\b|personnes?\b|bips?\b|pour cent|couverts?\b|[:,]\d)",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"^\W*(?:$|[,.;!?]|\b(?:et|qui|sur|clignot|s'|depuis|puis|mais|avec|en|à)\b)", re.I
)
_ARTICLES = frozenset(
    "le la les un une de du des et ou au aux en ce ça se ne si l d a as y il".split()
)
_ERROR_NAMES = frozenset(("err", "er"))
_UNIT_LETTERS = frozenset("hlgswvmk")


@dataclass(frozen=True)
class Heard:
    """A code that was heard: keys that it may be, what was said, its place and how exact it is."""

    keys: frozenset[str]
    words: str
    span: Span
    exactness: Literal["exact", "zeros", "letter_missing", "letter_misheard", "unknown"]


@dataclass(frozen=True)
class _Reading:
    end: int
    zeros: bool = False
    sure: bool = True
    tokens: int = 0


# Codes of the list.


def spelled(utterance: Utterance, keys: Collection[str]) -> list[Heard]:
    """The codes of a list that are said, letter by letter or in one piece; the longest wins."""
    found: list[Heard] = []
    for first in range(len(utterance.tokens)):
        for key in sorted(keys):
            readings = _readings(utterance.tokens, first, re.findall(r"[A-Z]+|\d+", key))
            for reading in readings:
                if _is_meant(utterance, key, first, reading):
                    start, end = (
                        utterance.tokens[first].start,
                        utterance.tokens[reading.end - 1].end,
                    )
                    exactness: Literal["exact", "zeros"] = "zeros" if reading.zeros else "exact"
                    words = utterance.words(first, reading.end)
                    found.append(Heard(frozenset({key}), words, (start, end), exactness))
                    break
    ranked = sorted(found, key=lambda h: (h.span[0] - h.span[1], h.exactness, h.span))
    kept: list[Heard] = []
    for one in ranked:
        if not any(_overlap(one.span, other.span) for other in kept):
            kept.append(one)
    return kept


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _readings(tokens: Sequence[Token], at: int, runs: Sequence[str]) -> Iterator[_Reading]:
    """Ways to read a code's runs of letters and figures from a token on."""
    if not runs:
        yield _Reading(at)
        return
    heads = _figures(tokens, at, runs[0]) if runs[0].isdigit() else _letters(tokens, at, runs[0])
    for head in heads:
        for tail in _readings(tokens, head.end, runs[1:]):
            yield _Reading(
                tail.end,
                head.zeros or tail.zeros,
                head.sure and tail.sure,
                head.tokens + tail.tokens,
            )


def _figures(tokens: Sequence[Token], at: int, figures: str) -> Iterator[_Reading]:
    said = ""
    for end in range(at, min(at + 4, len(tokens))):
        word = tokens[end].lower
        word = "1" if word in ("un", "une") and at and end == at else word
        if not word.isdigit():
            return
        tens = end == at + 1 and len(said) == 2 and said[1] == "0" != said[0] and len(word) == 1
        if tens and said[0] + word == figures:
            yield _Reading(end + 1)
        said += word
        if said == figures or (said.lstrip("0") == figures.lstrip("0") and said.strip("0")):
            yield _Reading(end + 1, zeros=said != figures)


def _letters(tokens: Sequence[Token], at: int, letters: str) -> Iterator[_Reading]:
    if at >= len(tokens):
        return
    word = tokens[at].lower
    if ERROR_WORDS.get(word) == letters or (letters == "ERR" and word == "r"):
        yield _Reading(at + 1, tokens=1, sure=word != "r")
    if word.upper() == letters and len(letters) > 1:
        yield _Reading(at + 1, tokens=1, sure=word not in WORDS)
    if letters[0] in LETTER_OF.get(word, ()):
        sure = word in SURE or (len(word) == 1 and tokens[at].text.isupper() and word != "a")
        if len(letters) == 1:
            yield _Reading(at + 1, sure=sure, tokens=1)
        else:
            for tail in _letters(tokens, at + 1, letters[1:]):
                yield _Reading(tail.end, sure=sure and tail.sure, tokens=tail.tokens + 1)
    elif len(word) > 1 and letters.startswith(word.upper()) and word.upper() != letters:
        for tail in _letters(tokens, at + 1, letters[len(word) :]):
            yield _Reading(tail.end, sure=tail.sure, tokens=tail.tokens + 1)


def _is_meant(utterance: Utterance, key: str, first: int, reading: _Reading) -> bool:
    """Whether a reading is meant as a code rather than a word, a measure or a programme."""
    tokens, last = utterance.tokens, reading.end
    before = tokens[first - 1] if first else None
    cued, alone = utterance.cued(first, last), utterance.alone(first, last)
    head = tokens[first]
    if before is not None and _NOT_AFTER.fullmatch(before.lower) and not cued:
        return False
    glued = before is not None and before.end == head.start
    glued = glued or (last < len(tokens) and tokens[last].start == tokens[last - 1].end
                      and tokens[last].text.isalnum())  # fmt: skip
    if glued or (utterance.text[head.start - 1 : head.start] == "'" and head.lower in _ARTICLES):
        return False
    if key.isdigit():
        return cued and not _COUNTED.match(utterance.rest(last))
    if not re.search(r"\d", key):
        return _is_meant_word(utterance, key, first, reading, cued=cued, alone=alone)
    one_piece = utterance.joined(first, last)
    if key[-1:].isdigit() and not one_piece and _COUNTED.match(utterance.rest(last)):
        return False
    if _is_unit(utterance, first):
        return False
    if key[0].isdigit() and not one_piece:
        return reading.sure and (cued or alone) and tokens[last - 1].lower not in _UNIT_LETTERS
    if one_piece or head.lower in ("err", "erreur", "error") or (key.startswith("ERR") and cued):
        return True
    if reading.sure and reading.tokens > 1:
        return cued or alone or utterance.near_cue(first, last)
    return cued or alone


def _is_unit(utterance: Utterance, first: int) -> bool:
    """Whether a letter goes with the figures before it: « 1 h 20 »."""
    tokens = utterance.tokens
    return (
        first > 0
        and tokens[first - 1].text.isdigit()
        and tokens[first].lower in _UNIT_LETTERS
        and (first < 2 or tokens[first - 2].end < tokens[first - 1].start)
    )


def _is_meant_word(
    utterance: Utterance, key: str, first: int, reading: _Reading, *, cued: bool, alone: bool
) -> bool:
    """The same for a code of letters alone: « dH », « LF », « dé ache », « fin »."""
    tokens, last = utterance.tokens, reading.end
    head = tokens[first]
    if last - first > 1:
        if tokens[last - 1].lower == "h" and first and tokens[first - 1].text.isdigit():
            return False
        spelled_out = (
            reading.sure
            or any(token.lower in SURE for token in tokens[first:last])
            or (cued and _ENDS.match(utterance.rest(last)) is not None)
        )
        return spelled_out and (cued or alone or (reading.sure and utterance.near_cue(first, last)))
    shown = head.text != head.lower and not (head.text.istitle() and first == 0 and not alone)
    if len(key) == 1:
        ends = re.match(r"^\W*(?:$|[,.;!?])", utterance.rest(last)) is not None
        at_end = _ENDS.match(utterance.rest(last)) is not None
        return cued and ((shown and at_end) or (head.lower in SURE and ends))
    if head.lower in WORDS:
        if head.lower in _ARTICLES and not shown:
            return False
        return cued and (shown or _ENDS.match(utterance.rest(last)) is not None)
    return cued or alone or (shown and utterance.near_cue(first, last))


# Figures alone, and codes of no list.


def figures_after_cue(utterance: Utterance, keys: Collection[str]) -> list[Heard]:
    """« il affiche 24 » for E24: codes of the list whose figures alone are said."""
    for first, token in enumerate(utterance.tokens):
        if not token.text.isdigit() or not utterance.cued(first, first + 1, NUMBERING):
            continue
        figures, last = _run_of_figures(utterance, first)
        firm = utterance.cued(first, last, FIRM) or utterance.alone(first, last)
        if not firm and not _ENDS.match(utterance.rest(last)):
            continue  # « il affiche 4 alors que le thermomètre dit 6 »
        if _COUNTED.match(utterance.rest(last)) or not _free(utterance, first, last):
            continue
        same = {k for k in keys if (m := re.fullmatch(r"[A-Z]+(\d+)", k))
                and m[1].lstrip("0") == figures.lstrip("0")}  # fmt: skip
        if same:
            span = (token.start, utterance.tokens[last - 1].end)
            return [Heard(frozenset(same), figures, span, "letter_missing")]
    return []


def _run_of_figures(utterance: Utterance, first: int) -> tuple[str, int]:
    """The figures that are said from a token on, and where they end."""
    run = list(takewhile(str.isdigit, (token.text for token in utterance.tokens[first:])))
    return "".join(run), first + len(run)


_NEAR = {
    "E": frozenset(
        "a à ah e é et est eh hé hey eu euh eux heu en un in le de des deux"
        " i y o u b c d g p t v bé cé dé gé pé té vé".split()
    ),
    "F": frozenset(
        "s l m n r x h elle es ef effet esse emme enne erre ache ixe oeuf œuf neuf euf".split()
    ),
}
"""What a code's letter is heard as on the telephone, where it is not heard as itself."""


def misheard(utterance: Utterance, keys: Collection[str]) -> Heard | None:
    """« il affiche à 90 » for E90: the one code of the list with these figures whose letter sounds
    like what was heard before them; None if there is none, or several.

    It is what was meant more often than not, but never sure.
    """
    for first, token in enumerate(utterance.tokens):
        if not token.text.isdigit() or not first:
            continue
        figures, last = _run_of_figures(utterance, first)
        letter = first - 1 if utterance.tokens[first - 1].text != "," else first - 2
        if letter < 0 or not utterance.cued(letter, last) or _COUNTED.match(utterance.rest(last)):
            continue
        heard = utterance.tokens[letter].lower
        same = {
            key
            for key in keys
            if (m := re.fullmatch(r"([A-Z])(\d+)", key))
            and m[2].lstrip("0") == figures.lstrip("0")
            and heard in _NEAR.get(m[1], ())
        }
        if len(same) == 1:
            span = (utterance.tokens[letter].start, utterance.tokens[last - 1].end)
            return Heard(frozenset(same), utterance.words(letter, last), span, "letter_misheard")
    return None


def _free(utterance: Utterance, first: int, last: int) -> bool:
    """Whether figures stand by themselves: no part of « 1:20 », « LV450 » or « 2 heures »."""
    tokens = utterance.tokens
    before = utterance.text[: tokens[first].start][-1:]
    after = utterance.rest(last)[:1]
    return not (before.isalnum() or after.isalnum() or (before in ":,." and first > 1
                and tokens[first - 2].text.isdigit()))  # fmt: skip


def unlisted(utterance: Utterance, letters: Collection[str], taken: Sequence[Span]) -> list[Heard]:
    """What is clearly said as a code and stands in no list.

    Args:
        utterance: The caller's words.
        letters: First letters of the codes of the list: such a code needs no « code » before it.
        taken: Places that are codes of the list.
    """
    found: list[Heard] = []
    for first in range(len(utterance.tokens)):
        last = _end_of_code(utterance, first, letters)
        if last is None:
            continue
        span = (utterance.tokens[first].start, utterance.tokens[last - 1].end)
        if not any(_overlap(span, other) for other in [*taken, *(one.span for one in found)]):
            words = utterance.words(first, last)
            found.append(Heard(frozenset(), words, span, "unknown"))
    return found


def _end_of_code(utterance: Utterance, first: int, letters: Collection[str]) -> int | None:
    """Where a code that starts at a token ends, None if none does."""
    tokens = utterance.tokens
    head = tokens[first]
    if first and tokens[first - 1].end == head.start and tokens[first - 1].text.isalnum():
        return None
    if _is_unit(utterance, first):
        return None
    pair = first + 1 < len(tokens) and tokens[first + 1].start == head.end
    before = tokens[first - 1].lower if first else ""
    if (
        pair
        and re.fullmatch(r"[A-Z]{1,2}", head.text)
        and re.fullmatch(r"\d{1,2}", tokens[first + 1].text)
    ):
        last = first + 2
        more = last < len(tokens) and tokens[last].start == tokens[last - 1].end
        if more and tokens[last].text.isalnum():
            return None
        cued = utterance.cued(first, last)
        if _NOT_AFTER.fullmatch(before) and not cued:
            return None
        plain = len(head.text) == 1 and (head.text in letters or head.text in "EF")
        return last if cued or plain or utterance.alone(first, last) else None
    if head.lower in _ERROR_NAMES and first + 1 < len(tokens):  # « Err 13 » of a list up to 12
        number, rest = tokens[first + 1].text, utterance.rest(first + 2)
        if number.isdigit() and len(number) <= 3 and not _COUNTED.match(rest):
            return first + 2
    if head.text.isdigit() and len(head.text) <= 3:
        firm = utterance.cued(first, first + 1, FIRM)
        counted = _COUNTED.match(utterance.rest(first + 1))
        return first + 1 if firm and not counted and _free(utterance, first, first + 1) else None
    if not utterance.cued(first, first + 1):
        return None
    if re.fullmatch(r"[A-Z]{2,3}|[a-z][A-Z]", head.text) and head.lower not in WORDS:
        return first + 1
    last = first
    while last < min(first + 4, len(tokens)) and tokens[last].lower in LETTER_OF:
        last += 1
    run = [token.lower for token in tokens[first:last]]
    return last if len(run) > 1 and all(word in SURE for word in run) else None
