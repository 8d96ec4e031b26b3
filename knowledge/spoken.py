"""What a speech recogniser writes to one canonical form: figures, error codes, references.

« euh mon lave-linge affiche E vingt-quatre » → « mon lave-linge affiche E24 ».
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

_UNITS = {
    "zéro": 0, "zero": 0, "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5,
    "six": 6, "sept": 7, "huit": 8, "neuf": 9, "dix": 10, "onze": 11, "douze": 12, "treize": 13,
    "quatorze": 14, "quinze": 15, "seize": 16,
}  # fmt: skip
_TENS = {
    "vingt": 20, "vingts": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60,
    "septante": 70, "huitante": 80, "octante": 80, "quatre vingt": 80, "quatre vingts": 80,
    "nonante": 90,
}  # fmt: skip
_HUNDRED, _THOUSAND, _MILLION = {"cent", "cents"}, {"mille"}, {"million", "millions"}
_HUNDREDS = {*range(1, 10), *range(11, 20)}  # what « cent » multiplies: « dix-neuf cent » is 1900
_NUMBER_WORDS = {*_UNITS, *_TENS, *_HUNDRED, *_THOUSAND, *_MILLION}

_LETTERS = {
    "e": "e eux eu heu euh", "f": "f ef eff effe èfe", "b": "b bé", "c": "c cé", "d": "d dé",
    "g": "g gé", "h": "h ache hache", "i": "i", "j": "j ji", "k": "k ka", "l": "l elle el",
    "a": "a", "m": "m emme aime", "n": "n enne haine", "o": "o", "p": "p pé", "q": "q ku",
    "r": "r erre air", "s": "s esse", "t": "t té", "u": "u", "v": "v vé", "w": "w", "x": "x ixe",
    "y": "y", "z": "z zède",
}  # fmt: skip
_LETTER_NAMED = {name: key.upper() for key, names in _LETTERS.items() for name in names.split()}
_LETTER_NAMED |= {"double vé": "W", "double v": "W", "i grec": "Y"}
_NAMES = "(?:" + "|".join(sorted(_LETTER_NAMED, key=len, reverse=True)) + ")"
_SURE = r"(?:[B-Zb-z](?<![YOyo])|eux|eff?|effe|èfe|ixe|zède|double vé|i grec|vé|bé|gé|pé)"
"""Letter names that are hardly anything else before a figure: they need no « code » before them."""

_CUE = (
    r"(?:codes?(?: d[e'] ?(?:erreur|défaut|panne))?(?: erreurs?| défaut| panne)?|erreurs?|pannes?"
    r"|défaut|affich\w*|marqué?e?|indique|clignote)"
)
_LINK = (
    r"(?:[ ,:]+(?:c'est|est|le|la|les|un|une|de|du|au|numéro|code|erreur|lettre|bien|alors|:))*"
    r"[ ,:]*"
)
_COUNTED = (
    r"(?: ?(?:°|degrés?|minutes?|min|heures?|h|secondes?|s|kilos?|kg|litres?|l|ans?|mois|jours?"
    r"|fois|euros?|€|%|pour cent|tours?|tr/min|volts?|watts?|bars?|cm|mm|centimètres?|mètres?"
    r"|programmes?)(?![\w'])|[:,]\d)"
)
_NOT_REFERENCES = {"CO2", "H2O", "MP3", "MP4", "4G", "5G"}
_ACRONYMS = r"(?:SAV|LED|USB|LCD|TTC|HT|TV|NF|CE|PVC|EDF|WIFI|OK)"

_Word = re.Match[str]
_WORD = re.compile(r"\d+|[^\W\d_]+")
_NOT_COUNTED = {"depuis", "mais", "dans", "pas", "plus", "puis", "très", "vous", "nous", "alors",
                "sans", "moins", "jamais", "ils", "elles", "des", "les", "mes", "ses"}  # fmt: skip
_BEFORE_NEUF = {"code", "erreur", "numéro", "étape", "programme", "touche", "page", "position",
                "niveau", "chiffre", "affiche", "virgule"}  # fmt: skip


class _Number(NamedTuple):
    value: int
    end: int


def _table() -> dict[tuple[str, ...], int]:
    """The words of each number under 100, « septante » and « nonante » included."""
    small: dict[tuple[str, ...], int] = {(word,): value for word, value in _UNITS.items()}
    small |= {("dix", word): 10 + value for word, value in _UNITS.items() if 7 <= value <= 9}
    table = dict(small)
    for ten, value in _TENS.items():
        head = tuple(ten.split())
        table[head] = value
        for tail, unit in small.items():
            if 0 < unit < (20 if value in (60, 80) else 10):
                table[(*head, *tail)] = value + unit
                if unit in (1, 11):
                    table[(*head, "et", *tail)] = value + unit
    return table


_BELOW_HUNDRED = _table()


def _below_hundred(words: list[str], at: int) -> _Number | None:
    for end in range(min(at + 4, len(words)), at, -1):
        if (value := _BELOW_HUNDRED.get(tuple(words[at:end]))) is not None:
            return _Number(value, end)
    return None


def _below_thousand(words: list[str], at: int) -> _Number | None:
    head = _below_hundred(words, at)
    if words[at : at + 1] and words[at] in _HUNDRED:
        head = _Number(1, at)
    multiplied = head and head.value in _HUNDREDS and _HUNDRED & {*words[head.end : head.end + 1]}
    if not head or not multiplied:
        return head
    rest = _below_hundred(words, head.end + 1)
    if rest and rest.value:
        return _Number(head.value * 100 + rest.value, rest.end)
    return _Number(head.value * 100, head.end + 1)


def _number(words: list[str], at: int) -> _Number | None:
    """The longest number below a thousand million that starts at a word, if one does."""
    total, start = 0, at
    for scale_words, scale in ((_MILLION, 1_000_000), (_THOUSAND, 1_000)):
        head = _below_thousand(words, at)
        if head and head.end < len(words) and words[head.end] in scale_words and head.value:
            total, at = total + head.value * scale, head.end + 1
        elif words[at : at + 1] and words[at] in scale_words & _THOUSAND:
            total, at = total + scale, at + 1
    rest = _below_thousand(words, at)
    if rest and (rest.value or at == start):
        return _Number(total + rest.value, rest.end)
    return _Number(total, at) if at > start else None


def _is_numeral(words: list[str], at: int, end: int, before: str) -> bool:
    """Tells « neuf minutes » from « lave-linge neuf », and leaves the articles alone."""
    if end - at > 1 or words[at] not in ("un", "une", "neuf"):
        return True
    following = words[end] if end < len(words) else ""
    if words[at] != "neuf":
        return following == "virgule" or before in ("zéro", "zero", "virgule")
    letters = _LETTER_NAMED.keys() - {"a", "y"}
    named = before.isdigit() or before in _BEFORE_NEUF | _NUMBER_WORDS | letters
    counts = following.endswith(("s", "x")) and following not in _NOT_COUNTED
    return named or counts or following in _NUMBER_WORDS


def _clean(text: str) -> str:
    text = re.sub(r"[   \s]+", " ", text).replace("’", "'").replace("‑", "-")
    text = re.sub(r"\b(?:à|a) fiche\b", "affiche", text, flags=re.IGNORECASE)  # as it is heard
    return re.sub(r"(?<!\S)([1-9]\d{0,2}) (\d{3})(?! ?\d)(?=\W|$)", r"\1\2", text.strip())


def _runs(text: str) -> Iterator[list[_Word]]:
    """Words of a text in runs with nothing but spaces and hyphens between them."""
    run: list[_Word] = []
    for word in _WORD.finditer(text):
        if run and text[run[-1].end() : word.start()].strip(" -"):
            yield run
            run = []
        run.append(word)
    if run:
        yield run


def _with_figures(text: str) -> str:
    """Writes number words as figures: « soixante-quinze degrés » → « 75 degrés »."""
    said, done, before = [], 0, ""
    text = re.sub(r"(?<=\w) pour ?cents?\b(?! euros)", " %", text)
    for run in _runs(text):
        words = [word[0].lower() for word in run]
        at = 0
        while at < len(words):
            number = _number(words, at)
            if number is None or not _is_numeral(words, at, number.end, before):
                at += 1
            else:
                said += [text[done : run[at].start()], str(number.value)]
                at, done = number.end, run[number.end - 1].end()
            before = words[at - 1]
    text = "".join(said) + text[done:]
    point = re.compile(r"\b(\d+) virgule ((?:0 )*\d+)\b")
    return point.sub(lambda found: f"{found[1]},{found[2].replace(' ', '')}", text)


def _one_number(digits: str) -> str:
    """Figures said one by one or as a ten and a unit: « 2 4 » → 24, « 20 4 » → 24, « 0 7 » → 07."""
    parts = re.findall(r"\d+", digits)
    if len(parts) == 2 and len(parts[0]) == 2 and parts[0][1] == "0" and len(parts[1]) == 1:
        return str(int(parts[0]) + int(parts[1]))
    return "".join(parts)


_FIGURES = r"(?P<figures>\d[ -]\d(?:[ -]\d)?|[2-9]0[ -][1-9]|\d{1,3})(?!\d|[ -]\d)"
_SPELLED = (
    r"(?<![\w'])(?<!\by )(?!y a\b)(?P<letters>(?:(?:X)[ .-]*){2,5})"
    r"(?P<figures>\d{1,5}(?:[ -]\d{1,4}){0,3})"
).replace("X", _NAMES[:-1] + r")(?![\w'])")
_TAIL = (
    r"(?P<tail>(?: ?(?:(?-i:[B-XZ]{1,3})|[b-xz](?<![lcdnstjm])"
    r"|ixe|zède|double vé|vé|bé|effe))?)(?![\w'])"
)
_REFERENCE_SPELLED = re.compile(_SPELLED + _TAIL, re.I)
_REFERENCE_PARTED = re.compile(
    rf"(?<![\w'])(?!{_ACRONYMS}\b)(?P<letters>[A-Z]{{2,4}})[ -]"
    r"(?P<figures>\d{2,5}(?:[ -]\d{1,4}){0,2})(?P<tail>(?: ?[B-XZ]{1,3})?)(?![\w'])"
)
_REFERENCE_WHOLE = re.compile(
    r"(?<![\w'])(?=[A-Z0-9-]*\d)(?:[A-Z]{2,}-?[A-Z0-9]*\d|[A-Z]-?\d{3})[A-Z0-9]*"
    r"(?:[-/][A-Z0-9]*\d[A-Z0-9]*)?(?!\w)",
    re.I,
)
_CORRECTION = re.compile(r"\b(?:non|pardon|plutôt|je veux dire|je me trompe)\b", re.I)
_ZERO_AS_LETTER = re.compile(r"(?<![\w'])([A-BD-Z])O(\d)(?!\w)")
_CODE_CUED = re.compile(
    rf"(?P<cue>\b{_CUE}{_LINK})(?<![\w'])(?P<letter>{_NAMES})[ .:-]*{_FIGURES}(?!{_COUNTED})(?!\w)",
    re.I,
)
_CODE_SURE = re.compile(
    rf"(?P<cue>)(?<![\w'])(?:(?P<letter>{_SURE})[ .-]*{_FIGURES}(?!{_COUNTED})"
    r"|(?P<joined>[A-Za-z]-?\d{1,2}))(?!\w)"
)
_CODE_BARE = re.compile(
    rf"\b{_CUE}{_LINK}(?P<figures>\d[A-Z]?\d?|\d{{1,3}})(?![\w/])(?!{_COUNTED})", re.I
)
_DIGIT = r"(?:\d|zéro|un|deux|trois|quatre|cinq|six|sept|huit|neuf)"
_UN_AFTER_LETTER = re.compile(
    rf"((?i:\b(?:code|erreur|affiche) {_NAMES})|(?<![\w'])[B-XZ]) une?\b"
    rf"(?= {_DIGIT}\b|(?! \w))"
)


def _reference(found: _Word) -> str:
    figures, rest, letters = found["figures"], "", found["letters"]
    if re.match(_COUNTED, found.string[found.end("figures") :]):
        rest = re.findall(r"[ -]?\d+", figures)[-1]
        figures = figures.removesuffix(rest)
    digits = re.sub(r"\D", "", figures)
    names = re.findall(rf"(?<![\w']){_NAMES}(?![\w'])", letters, re.I) or [*letters]
    # « elle a 450 » names two letters too: one of them must be nothing but a letter.
    if len(digits) < 2 or not any(re.fullmatch(_SURE, name) for name in names):
        return found[0]
    tail = found["tail"].strip().upper()
    ending = rest + found["tail"] if rest else _LETTER_NAMED.get(tail.lower(), tail)
    return "".join(_LETTER_NAMED.get(name.lower(), name) for name in names) + digits + ending


def _code(found: _Word) -> str:
    if found.groupdict().get("joined"):
        return found["joined"].replace("-", "").upper()
    letter = _LETTER_NAMED[re.sub(" +", " ", found["letter"].lower())]
    return f"{found['cue']}{letter}{_one_number(found['figures'])}"


def _joined(text: str) -> str:
    """Figures for number words, then references and codes in one piece."""
    text = re.sub(rf"\b({_NAMES}) (?:zéro|zero) une?\b", r"\1 0 1", _clean(text), flags=re.I)
    text = _with_figures(_UN_AFTER_LETTER.sub(r"\1 1", text))
    text = _ZERO_AS_LETTER.sub(r"\g<1>0\2", text)
    text = _REFERENCE_PARTED.sub(_reference, _REFERENCE_SPELLED.sub(_reference, text))
    text = _REFERENCE_WHOLE.sub(lambda found: found[0].replace("-", "").upper(), text)
    return _CODE_SURE.sub(_code, _CODE_CUED.sub(_code, text))


_FILLERS = [
    re.compile(rf"(?<![\w'-]){filler}(?![\w'-])[ ,.…!]*", re.I)
    for filler in (
        r"(?:bonjour|bonsoir|all[ôo])(?: (?:madame|monsieur|mademoiselle|à vous))?",
        r"(?:s'il (?:vous|te) pla[îi]t|merci(?: (?:beaucoup|bien|d'avance))?)",
        r"(?:euh+|heu+|hum+|hmm+|mmh?|bah|ben|beh|hein)",
        r"(?:en fait|du coup|voyez-vous|vous voyez|comment dire|si vous voulez|je veux dire)",
        r"eh bien",
        r"(?<!ou )(?<!que )alors(?! qu['e])(?! même)",
        r"(?<!le )(?<!la )(?<!les )(?<!me )(?<!te )voilà(?! (?:ce|pourquoi|comment|qui|que|où)\b)",
    )
]
_FILLERS.append(re.compile(r"(?:^|(?<=[,.] ))(?:bon|écoutez|dites|tenez|donc|oh|ah)[ ,.]+", re.I))


def normalise(text: str) -> str:
    """One canonical form for retrieval: fillers out, numbers in figures, codes in one piece.

    An utterance of nothing but fillers gives an empty string.
    """
    text = _joined(text)
    for _ in range(2):
        for filler in _FILLERS:
            text = filler.sub("", text)
    text = re.sub(r" (?=[ ,.])", "", text)
    return re.sub(r"^[ ,.;:…!]+|(?<=\w)[ ,;:]+$|(?<=[?!.])[ ,.]+$", "", text)


def references(text: str) -> tuple[str, ...]:
    """Product references said or written, in order: letters and figures in one upper-case piece.

    A reference has two letters or more, or three figures or more.
    """
    found = (match[0].upper() for match in _REFERENCE_WHOLE.finditer(_joined(text)))
    return tuple(dict.fromkeys(name for name in found if name not in _NOT_REFERENCES))


def codes(text: str) -> tuple[str, ...]:
    """Candidate error codes, most likely first: « E24 », « F07 », or « 24 » if no letter was heard.

    Those that follow « code », « erreur » or « affiche » come first; a code that corrects
    another (« E24, non, E25 ») comes before it.
    """
    joined = _REFERENCE_WHOLE.sub(" ", _joined(text))
    cue = rf"\b{_CUE}{_LINK}"
    cued = [found[1] for found in re.finditer(rf"{cue}([A-Z]\d{{1,2}})(?!\w)", joined, re.I)]
    bare = [found["figures"].upper() for found in _CODE_BARE.finditer(joined)]
    whole = list(re.finditer(r"(?<![\w'])[A-Z]\d{1,2}(?!\w)", joined))
    corrected = [
        second[0]
        for first, second in pairwise(whole)
        if _CORRECTION.search(joined, first.end(), second.start())
    ]
    hesitant = re.finditer(rf"{cue}\b(?:euh|heu)\W+{_FIGURES}", _with_figures(_clean(text)), re.I)
    bare += [_one_number(found["figures"]) for found in hesitant]
    return tuple(dict.fromkeys([*corrected, *cued, *(one[0] for one in whole), *bare]))


def same_code(one: str, other: str, *, any_letter: bool = False) -> bool:
    """Whether two codes are the same but for case, hyphens and leading zeros: F07 and F7.

    Args:
        one, other: codes as `codes` gives them or as a manual writes them.
        any_letter: a code without its letter (« 24 ») equals one with any letter (« E24 »).
    """
    one, other = (re.sub(r"[\W_]", "", code).upper() for code in (one, other))
    first, second = (re.fullmatch(r"([A-Z]*)0*(\d+)([A-Z]?)", code) for code in (one, other))
    if not first or not second:
        return one == other
    if any_letter and not (first[1] and second[1]):
        return first.group(2, 3) == second.group(2, 3)
    return first.groups() == second.groups()


# Telephone numbers.

_BETWEEN_FIGURES = {"euh", "heu", "et", "puis", "alors", "ensuite", "donc", "le", "c", "est"}
_LONGEST_NUMBER = 14  # figures, with 0033: no longer reading is looked for


def _ten_and_unit(part: list[str]) -> str | None:
    """Figures as one number: « 60 », « 15 » → 75, the way a recogniser splits « 75 »."""
    if len(part) > 2 or not all(word.isdigit() for word in part):
        return None
    ten, unit = part[0], part[-1]
    below = {"20": 10, "30": 10, "40": 10, "50": 10, "60": 20, "80": 20}.get(ten, 0)
    if len(part) == 1:
        return ten
    return str(int(ten) + int(unit)) if unit[0] != "0" and int(unit) < below else None


def _readings(words: list[str], joins: list[str]) -> dict[str, int]:
    """Ways to read a run of numbers: figures and how often they depart from what was heard."""
    tails: list[dict[str, int]] = [{} for _ in words] + [{"": 0}]
    for at in range(len(words) - 1, -1, -1):
        pause = next((to for to in range(at + 1, len(words)) if joins[to] == ","), len(words))
        heard = _below_thousand(words[:pause], at)
        for end in range(at + 1, min(len(words), at + 5) + 1):
            number = _below_thousand(words[at:end], 0)
            value, cost = _ten_and_unit(words[at:end]), end - at - 1
            if value is None and number and number.end == end - at:
                value, cost = str(number.value), int(heard is None or heard.end != end)
            for tail, tail_cost in tails[end].items() if value else ():
                figures, total = f"{value}{tail}", cost + tail_cost
                if total == 0 or len(figures) <= _LONGEST_NUMBER:
                    tails[at][figures] = min(total, tails[at].get(figures, total))
    return tails[0]


def _best_reading(words: list[str], joins: list[str], plus: bool) -> tuple[bool, str]:
    """The reading of ten figures that departs least from what was heard, if there is just one."""
    whole: dict[str, int] = {}
    heard = ""
    for digits, cost in _readings(words, joins).items():
        if digits.startswith("0033") or (plus and digits.startswith("33")):
            digits = "0" + digits.removeprefix("00")[2:].removeprefix("0")
        heard = heard if cost else digits
        if re.fullmatch(r"0[1-9]\d{8}", digits):
            whole[digits] = cost
    best = [digits for digits, cost in whole.items() if cost == min(whole.values())]
    return (True, best[0]) if len(best) == 1 else (False, heard)


def digits_said(text: str) -> str:
    """The figures of a telephone number as French people say it, +33 written as 0.

    Pauses are ambiguous (« soixante, quinze » is 60 15 or 75): the reading of ten figures wins,
    else each number counts as it was heard. An empty string if no number was said.
    """
    text = re.sub(r"\bdouble zéro\b", "zéro zéro", _clean(text).lower())
    runs: list[tuple[bool, list[str], list[str]]] = []
    plus, last = False, 0
    for word in _WORD.finditer(text):
        gap = text[last : word.start()]
        follows_ten = bool(runs and runs[-1][1] and runs[-1][1][-1] in _TENS and word[0] == "et")
        if word[0].isdigit() or word[0] in _NUMBER_WORDS - _MILLION or follows_ten:
            if not runs or plus or "+" in gap:
                runs.append((plus or "+" in gap, [], []))
                plus = False
            runs[-1][1].append(word[0])
            runs[-1][2].append("," if re.search(r"[,.;…]", gap) else gap)
        elif word[0] == "plus":
            plus = True
        elif word[0] not in _BETWEEN_FIGURES:
            runs.append((False, [], []))
        last = word.end()
    said = []
    for with_plus, words, joins in runs:
        if not set(words) <= {"un", "une", "et", "neuf"}:
            complete, digits = _best_reading(words, joins, with_plus)
            if complete:
                return digits
            said.append(digits)
    return "".join(said)
