"""An appliance's reference, spelled or read off its plate, and the known one that it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from agent.call.capture.amending import amended
from agent.call.capture.letter_names import letter_named
from agent.call.capture.nearness import distance, nearest
from agent.call.capture.numerals import ways
from agent.call.capture.reading import NOTHING, Reading
from agent.call.capture.runs import Place, with_repeats
from agent.call.capture.spelling import Sign, signs_of
from agent.call.capture.words import Word, phrase, plain, words_of
from voices.numbers import spelled

_TOUCHING = re.compile(r"(?<![^\W\d_])[a-z]{1,5}(?=\d)|(?<=\d)[a-z]{1,4}(?![^\W\d_])")
_LOOKS_LIKE = re.compile(r"(?=.*\d)(?:(?=.*[A-Z])[A-Z0-9]{4,20}|\d{6,15})")
_SAID_BEFORE = re.compile(
    r"\b(?:(?:il|elle)(?: y)? a|c['’ ]?est|(?<!(?-i:\b[A-Z]), )(?<!(?-i:\b[A-Z]) )j['’]ai|je lis"
    r"|r[ée]f[ée]rence|mod[eè]le|num[ée]ro"
    r"|alors|voil[aà])\b(?:[ :,]+(?:une?|l[ea]|est|c['’]est)\b)*(?! comme\b)",
    re.IGNORECASE,
)
_JOINS = frozenset("tiret trait union d espace slash barre point et puis ensuite blanc"
                   " chiffre chiffres lettre lettres letter oui encore".split())  # fmt: skip
_DASH = re.compile(r"tir(?:es?|er|ez|ait|ets?|erait)")
"""What a recogniser makes of « tiret »."""

_SOUNDS_TWO = ("de", "des")
"""« cinq, de, zéro »: a « deux » between two figures."""

_UNITS = frozenset("ans an mois euros degres kilos litres minutes heures watts fois".split())
_CORRECTS = frozenset("non pardon plutot rectification reprends recommence".split())
_PLACES = frozenset("fin debut dernier derniere derniers premier premiere lettre chiffre".split())
_BEFORE_PLACES = frozenset("a au la le l en tout toute".split())
_PIECES = ("elle emme enne erre esse effe zede ixe ache el em en er es ef be ce de ge pe te ve ka"
           " ku ji").split()  # fmt: skip
_LETTER_OF_PIECE = {"elle": "L", "emme": "M", "enne": "N", "erre": "R", "esse": "S", "effe": "F",
                    "zede": "Z", "ixe": "X", "ache": "H", "ku": "Q", "ka": "K", "el": "L",
                    "em": "M", "en": "N", "er": "R", "es": "S", "ef": "F", "ji": "J"}  # fmt: skip
_STRINGS, _PER_SIGN = 24, 4
"""Readings kept of a run, and of one sign of it."""

_ALIKE = 0.5
"""Distance under which one letter or figure may be mistaken for another."""

_OTHER_OPTION, _DROPPED = 0.3, 0.1
_MOST_DROPPED = 2

Costs = dict[str, float]


@dataclass(frozen=True)
class _Part:
    """One sign of a run with the strings that it may stand for, likeliest first."""

    strings: Costs
    sure: bool = True


def read(text: str, known: Sequence[str] = ()) -> Reading:
    """The reference that is said.

    Args:
        text: The caller's words.
        known: References of the client's appliances, as the manuals write them.

    Returns:
        The known reference that was said, as it is written there; else the nearest one, doubtful;
        else the letters and figures themselves if they look like a reference.
    """
    heard, unsure = strings_of(text)
    found = _among(heard, known)
    if found is not None:
        return found
    if not heard:
        return NOTHING
    likely = sorted(heard, key=lambda said: (heard[said], -len(said)))
    for whole in likely:
        if heard[whole] < 1 and _LOOKS_LIKE.fullmatch(whole):
            return Reading(whole, True, bool(known) or unsure)
    begun = heard[likely[0]] < 1 and len(likely[0]) <= 20
    return Reading(likely[0]) if begun else NOTHING


def amend(value: str, text: str, known: Sequence[str] = ()) -> Reading:
    """The reference once a caller has corrected what was read back: « non, B pas P ».

    Args:
        value: The reference that was read back.
        text: The caller's words.
        known: References of the client's appliances.
    """
    patched = _patched({bare(value): 0.0}, words_of(_without_lead_in(text)))
    patched.pop(bare(value), None)
    found = _among(patched, known)
    if found is not None:
        return found
    best = min(patched, key=lambda said: (patched[said], said), default="")
    return Reading(best, True, bool(known)) if _LOOKS_LIKE.fullmatch(best) else NOTHING


def said(value: str) -> str:
    """A reference as it is read back: letters by name, figures as a number."""
    return spelled(value.upper())


def looks_like_one(text: str) -> bool:
    """Whether capitals and figures look like a whole reference."""
    return _LOOKS_LIKE.fullmatch(text) is not None


def bare(name: str) -> str:
    """A reference as it is compared: capitals and figures only."""
    return re.sub(r"[^A-Z0-9]", "", plain(name).upper())


def _among(heard: Costs, known: Sequence[str]) -> Reading | None:
    """The known reference among what was heard, else the nearest to it."""
    names = {bare(name): name for name in reversed(known) if bare(name)}
    exact = [name for name in names if name in heard]
    if exact:
        best = min(exact, key=lambda name: (-len(name), heard[name], name))
        return Reading(names[best], True)
    likely = sorted((said for said in heard if len(said) > 2), key=lambda said: heard[said])
    near = nearest(likely[:12], names)
    return Reading(names[near[0]], True, True) if near is not None else None


# What was said, as strings of capitals and figures.


def _without_lead_in(text: str) -> str:
    return _SAID_BEFORE.sub(" ; ", _with_capitals(text))


def _with_capitals(text: str) -> str:
    """« lv450x » as LV450X: letters that touch figures are letters of a reference."""
    return _TOUCHING.sub(lambda found: found[0].upper(), text)


def strings_of(text: str) -> tuple[Costs, bool]:
    """Strings that a text may hold with their costs, and whether its letters are not sure."""
    heard: Costs = {}
    unsure = False
    for variant, extra in ((_without_lead_in(text), 0.0), (_with_capitals(text), 1.0)):
        words = with_repeats(words_of(variant))
        chunk, rest = _until_correction(words)
        chunk = _without_denied(chunk)
        costs, doubts = _strings_in(chunk)
        unsure = unsure or (extra == 0 and doubts)
        while rest:
            again, following = _until_correction(rest[1:])
            alone, _ = _strings_in(again)
            whole = {s: c for s, c in alone.items() if _LOOKS_LIKE.fullmatch(s)}
            costs = whole or _patched(costs, again) or costs or alone
            rest = following
        for string, cost in costs.items():
            heard[string] = min(cost + extra, heard.get(string, 99.0))
    return heard, unsure


def _without_denied(words: Sequence[Word]) -> list[Word]:
    """« zéro, pas O », « J, pas G »: what stands after « pas » is what it is mistaken for."""
    kept: list[Word] = []
    skip = -1
    for at, word in enumerate(words):
        denied = words[at + 1] if word.plain == "pas" and at + 1 < len(words) else None
        if kept and denied is not None and _mistaken(denied, kept[-1]):
            skip = at + 1
        elif at != skip:
            kept.append(word)
    return kept


def _mistaken(denied: Word, meant: Word) -> bool:
    one, other = (_one_sign(word) for word in (denied, meant))
    return bool(one and other) and distance(one, other) < _ALIKE


def _one_sign(word: Word) -> str:
    if word.plain in ("zero", "0"):
        return "0"
    named = letter_named(word)
    return named[0][0] if named is not None else ""


def _until_correction(words: Sequence[Word]) -> tuple[list[Word], list[Word]]:
    at = next((at for at, word in enumerate(words) if word.plain in _CORRECTS), len(words))
    return list(words[:at]), list(words[at:])


def _patched(bases: Costs, words: Sequence[Word]) -> Costs:
    """Strings with a part replaced by what is said: « 460 », « B pas P », « X à la fin »."""
    said = phrase(words)
    place: Place = "end" if re.search(r"\b(?:fin|derniere?s?)\b", said) else ""
    if re.search(r"\b(?:debut|premiere?s?)\b", said):
        place = "start"
    words = _without_place(words)
    at = next((at for at, word in enumerate(words) if word.plain == "pas"), len(words))
    new, _ = _strings_in(words[:at])
    old, _ = _strings_in(words[at + 1 :])
    if at < len(words) and not new:  # « pas P, B »
        pause = next((i for i in range(at + 2, len(words)) if words[i].paused), len(words))
        old, _ = _strings_in(words[at + 1 : pause])
        new, _ = _strings_in(words[pause:])
    patched: Costs = {}
    for base, cost in list(bases.items())[:8]:
        for fresh, more in list(new.items())[:6]:
            for wrong in list(old)[:4] or [""]:
                result = amended(base, fresh, old=wrong, place=place)
                if result is not None:
                    patched[result] = min(cost + more, patched.get(result, 99.0))
    return patched


def _without_place(words: Sequence[Word]) -> list[Word]:
    """Words without « à la fin », « au début », « la dernière lettre »: they hold no letter."""
    kept: list[Word] = []
    for word in words:
        if word.plain in _PLACES:
            while kept and kept[-1].plain in _BEFORE_PLACES:
                kept.pop()
        else:
            kept.append(word)
    return kept


def _strings_in(words: Sequence[Word]) -> tuple[Costs, bool]:
    """Strings of the runs of letters and figures in words, with their costs."""
    costs: Costs = {}
    unsure = False
    for run in _runs(words):
        letters = [part for part in run if not part.sure]
        for left in range(min(_MOST_DROPPED, len(run) - 1) + 1):
            for right in range(min(_MOST_DROPPED, len(run) - 1 - left) + 1):
                dropped = left * _DROPPED * 3 + right * _DROPPED * 4
                for string, cost in _strings(run[left : len(run) - right]).items():
                    costs[string] = min(cost + dropped, costs.get(string, 99.0))
        unsure = unsure or len(letters) * 2 > len(run)
    return dict(sorted(costs.items(), key=lambda item: (item[1], -len(item[0])))), unsure


def _strings(run: Sequence[_Part]) -> Costs:
    heads: Costs = {"": 0.0}
    for part in run:
        longer: Costs = {}
        for head, cost in heads.items():
            for string, more in part.strings.items():
                whole = head + string
                longer[whole] = min(cost + more, longer.get(whole, 99.0))
        heads = dict(sorted(longer.items(), key=lambda item: item[1])[:_STRINGS])
    return heads


def _runs(words: Sequence[Word]) -> Iterator[list[_Part]]:
    """Runs of letters and figures with no other word between them."""
    run: list[_Part] = []
    figures: list[Word] = []
    signs = signs_of(_without_articles(words))
    for sign, following in zip_longest((*signs, None), signs[1:]):
        if sign is not None and sign.kind == "figures":
            figures += sign.words
            continue
        text = sign.words[0].plain if sign is not None else ""
        then = following.kind if following is not None else ""
        if figures and text in _SOUNDS_TWO and then == "figures":
            figures.append(Word("deux", "deux", ","))
            continue
        if figures and text not in _UNITS and not _is_article(run, figures, sign):
            run.append(_figures(figures))
        figures = []
        elides = following is not None and following.words[0].elided  # « n'est » holds no N
        part = _letters(sign) if sign is not None and not (elides and sign.kind == "word") else None
        if part is not None:
            run.append(part)
        elif sign is None or not (text in _JOINS or _DASH.fullmatch(text)):
            # « LV 460 car il … »: a word that only sounds like a letter is a word before a word.
            while sign is not None and run and not run[-1].sure and not sign.words[0].paused:
                run.pop()
            if run:
                yield run
            run = []


def _without_articles(words: Sequence[Word]) -> list[Word]:
    """« la lettre O, le chiffre zéro » without « la » and « le »: they part no reference."""
    return [
        word
        for word, after in zip_longest(words, words[1:])
        if word.plain not in ("la", "le", "l")
        or after is None
        or after.plain not in ("lettre", "letter", "chiffre")
    ]


def _is_article(run: Sequence[_Part], figures: Sequence[Word], sign: Sign | None) -> bool:
    return not run and sign is not None and [w.plain for w in figures] in (["un"], ["une"])


def _figures(words: Sequence[Word]) -> _Part:
    costs = sorted(ways(words, thousands=True, longest=12).items(), key=lambda way: way[1])
    return _Part({figures: cost * 0.5 for figures, cost in costs[:_PER_SIGN]})


def _letters(sign: Sign) -> _Part | None:
    """The letters that a sign stands for, None if it is any other word."""
    if sign.kind == "letter":
        strings = {option: at * _OTHER_OPTION for at, option in enumerate(sign.options)}
        if sign.doubled:
            strings = {f"2{sign.options[0][0]}": 0.0, sign.options[0]: _OTHER_OPTION}
        return _Part(strings, sign.sure)
    word = sign.words[0]
    literal = word.plain.upper()
    capitals = word.raw.isupper() and len(word.raw) <= 6
    if literal == "WWW":  # « double vé » before a point
        return _Part({"W": 0.0, literal: _OTHER_OPTION})
    if capitals or (word.gap == "" and len(literal) <= 4):
        return _Part({literal: 0.0})
    if len(literal) <= 4 and not re.search("[AEIOUY]", literal):
        return _Part({literal: 0.0})
    pieces = _in_pieces(word.plain)
    return _Part({pieces: _OTHER_OPTION}, sure=False) if pieces else None


def _in_pieces(word: str) -> str:
    """Letters whose names a recogniser wrote in one word: « elvé » is L V; none if it is a word."""
    if not 4 <= len(word) <= 8:
        return ""
    letters: dict[int, str] = {0: ""}
    for at in range(len(word)):
        for piece in _PIECES if at in letters else ():
            if word.startswith(piece, at):
                name = _LETTER_OF_PIECE.get(piece, piece[0].upper())
                letters.setdefault(at + len(piece), letters[at] + name)
    return letters.get(len(word), "")
