"""An appliance's reference, spelled or read off its plate, and the known one that it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from agent.call.capture.amending import amended
from agent.call.capture.dictation import Costs, strings_in
from agent.call.capture.letter_names import letter_named
from agent.call.capture.nearness import distance, nearest
from agent.call.capture.reading import NOTHING, Reading
from agent.call.capture.runs import Place, with_repeats
from agent.call.capture.words import Word, phrase, plain, words_of
from voices.numbers import spelled

_TOUCHING = re.compile(r"(?<![^\W\d_])[a-z]{1,5}(?=\d)|(?<=\d)[a-z]{1,4}(?![^\W\d_])")
_LOOKS_LIKE = re.compile(r"(?=.*\d)(?:(?=.*[A-Z])[A-Z0-9]{4,20}|\d{6,15})")
_SAID_BEFORE = re.compile(
    r"\b(?:(?:il|elle)(?: y)? a|c['’ ]?est|(?<!\b[b-xz], )(?<!\b[b-xz] )j['’]ai|je lis"
    r"|r[ée]f[ée]rence|mod[eè]le|num[ée]ro"
    r"|alors|voil[aà])\b(?:[ :,]+(?:une?|l[ea]|est|c['’]est)\b)*(?! comme\b)",
    re.IGNORECASE,
)
_CORRECTS = frozenset("non pardon plutot rectification reprends recommence".split())
_PLACES = frozenset("fin debut dernier derniere derniers premier premiere lettre chiffre".split())
_BEFORE_PLACES = frozenset("a au la le l en tout toute".split())
_ALIKE = 0.5
"""Distance under which one letter or figure may be mistaken for another."""


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
        costs, doubts = strings_in(chunk)
        unsure = unsure or (extra == 0 and doubts)
        while rest:
            again, following = _until_correction(rest[1:])
            alone, _ = strings_in(again)
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
        if kept and denied is not None and _mistaken(denied, _letter_before(kept)):
            skip = at + 1
        elif at != skip:
            kept.append(word)
    return kept


def _letter_before(words: Sequence[Word]) -> Word:
    """The last letter or figure of words, be it that of an example."""
    last = words[-1]
    if len(words) > 2 and words[-2].plain == "comme":
        return replace(last, raw=last.plain[0].upper(), plain=last.plain[0])
    return last


def _mistaken(denied: Word, meant: Word) -> bool:
    one, other = (_one_sign(word) for word in (denied, meant))
    return bool(one and other) and distance(one, other) < _ALIKE


def _one_sign(word: Word) -> str:
    if word.plain in ("zero", "0"):
        return "0"
    named = letter_named(word)
    return named[0][0] if named is not None else ""


def _until_correction(words: Sequence[Word]) -> tuple[list[Word], list[Word]]:
    at = next((at for at in range(len(words)) if _corrects(words, at)), len(words))
    return list(words[:at]), list(words[at:])


def _corrects(words: Sequence[Word], at: int) -> bool:
    """Whether a word corrects what comes before it; « F comme faire non, » is F comme Fernand."""
    example = at > 1 and words[at - 2].plain == "comme" and not words[at].paused
    return words[at].plain in _CORRECTS and not example


def _patched(bases: Costs, words: Sequence[Word]) -> Costs:
    """Strings with a part replaced by what is said: « 460 », « B pas P », « X à la fin »."""
    said = phrase(words)
    place: Place = "end" if re.search(r"\b(?:fin|derniere?s?)\b", said) else ""
    if re.search(r"\b(?:debut|premiere?s?)\b", said):
        place = "start"
    words = _without_place(words)
    at = next((at for at, word in enumerate(words) if word.plain == "pas"), len(words))
    new, _ = strings_in(words[:at])
    old, _ = strings_in(words[at + 1 :])
    if at < len(words) and not new:  # « pas P, B »
        pause = next((i for i in range(at + 2, len(words)) if words[i].paused), len(words))
        old, _ = strings_in(words[at + 1 : pause])
        new, _ = strings_in(words[pause:])
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
