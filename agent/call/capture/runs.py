"""Runs of numbers in a caller's words and how each stands to the one before: « non, douze »."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from agent.call.capture.numerals import SOUNDS_LIKE, as_heard, figures_heard, is_number, value_of
from agent.call.capture.words import Word, phrase, words_of

Link = Literal["other", "correction", "restart", "old"]
Place = Literal["", "start", "end"]

FILLERS = frozenset(
    "euh heu hum hm mmh et puis alors ensuite donc le la les l c est ben bah bon voila virgule"
    " tiret espace point hein du coup apres attendez enfin oui ok numero chiffre suivi encore"
    " mais aussi ca fait je dis".split()
)
"""Words inside a number that say nothing of it."""

CORRECTS = re.compile(
    r"\b(?:non|nan|pardon|plutot|excusez moi|je me (?:suis )?trompe\w*|je (?:veux|voulais) dire"
    r"|rectif\w+|oups|mince|zut|je corrige|erreur|faux)\b"
)
_RESTARTS = re.compile(
    r"\b(?:je|on|nous) (?:me )?(?:re)?(?:prends?|prenons|commence|recommence|repete|redis)\b"
    r"|\breprenons\b|\brecommencons\b|\bdepuis le debut\b"
)
_OLD = re.compile(
    r"\b(?:pas|(?:au|en) lieu d[eu]|a la place d[eu]|plutot que?|et non|et pas)"
    r"(?: (?:un|une|le|la|les|l|de|des|du|que|en))*$"
)
_AT_END = re.compile(r"\b(?:fin|derniere?s?|termine\w*|finit|finissent)\b")
_AT_START = re.compile(r"\b(?:debut|premiere?s?|commence)\b")

COUNTED = frozenset(
    "heure heures h minute minutes mn an ans annee annees mois jour jours semaine semaines euro"
    " euros numeros chiffres secondes seconde degres kilos etage rue avenue boulevard chemin place"
    " allee impasse quai route bis ter eme e janvier fevrier mars avril mai juin juillet aout"
    " septembre octobre novembre decembre telephones portables enfants personnes appareils"
    " machines".split()
)
"""What a number counts or dates when it is none of a telephone number or a postcode."""

_AS_HOURS = re.compile(r"\b(0[1-9]) ?h ?(?=\d\d\b)")
"""« zéro six, trente-neuf » as a recogniser may write it: 06h39."""

_TIMES = {"deux": 2, "2": 2, "trois": 3, "3": 3, "quatre": 4, "4": 4}
_FOLDS = {"double": 2, "doubles": 2, "triple": 3, "triples": 3}


@dataclass(frozen=True)
class Run:
    """Numbers said one after the other.

    Attributes:
        words: Number words and groups of figures.
        link: How it stands to the run before it; « old » is what another one replaces.
        plus: « plus » or « + » stands before it.
        before: The plain words between the run before and this one.
        after: The plain words between this run and the next one.
        place: Where in a number it belongs, if the caller says so.
    """

    words: tuple[Word, ...]
    link: Link = "other"
    plus: bool = False
    before: str = ""
    after: str = ""

    @property
    def place(self) -> Place:
        """Where it belongs, as the words around it say."""
        around = f"{self.before} {self.after}"
        if _AT_END.search(around):
            return "end"
        return "start" if _AT_START.search(around) else ""


@dataclass(frozen=True)
class Edit:
    """One run, and the one that it replaces where the caller names it: « six, pas dix »."""

    run: Run
    old: tuple[Word, ...] = ()


def with_repeats(words: Sequence[Word]) -> list[Word]:
    """« double zéro » and « deux fois six » as zero zero and six six."""
    out: list[Word] = []
    at = 0
    while at < len(words):
        times, width = _FOLDS.get(words[at].plain, 1), 1
        if words[at].plain in _TIMES and [w.plain for w in words[at + 1 : at + 2]] == ["fois"]:
            article = [w.plain for w in words[at + 2 : at + 3]] in (["le"], ["un"])
            times, width = _TIMES[words[at].plain], 3 if article else 2
        repeated = at + width < len(words) and is_number(words[at + width])
        if times > 1 and repeated:
            one = replace(words[at + width], gap=words[at].gap)
            out += [one, *[replace(one, gap=",")] * (times - 1)]
            at += width + 1
        else:
            out.append(words[at])
            at += 1
    return out


def _meant(words: Sequence[Word], at: int, follows: bool) -> Word | None:
    """The number that a word is, None for an article or any other word."""
    word = words[at]
    following = words[at + 1] if at + 1 < len(words) else None
    leads = following is not None and is_number(following) and not following.elided
    if word.plain in ("un", "une"):
        # « c'est un zéro six … », but « un, zéro, cinq … »
        zero = at > 0 and leads and following is not None and following.plain[0] in "0z"
        zero = zero and following is not None and not following.paused
        return word if follows or (leads and not zero) else None
    if is_number(word):
        return word
    last = following is None or following.paused
    if word.plain in SOUNDS_LIKE and follows and (leads or last) and not word.elided:
        meant = SOUNDS_LIKE[word.plain]
        return Word(meant, meant, word.gap)
    return None


def _link(between: str) -> Link:
    if _OLD.search(between):
        return "old"
    if _RESTARTS.search(between):
        return "restart"
    if CORRECTS.search(between) or _AT_END.search(between):
        return "correction"
    return "other"


def runs_of(text: str) -> list[Run]:
    """The runs of numbers of a text, in order, without hours, ages, streets and dates."""
    words = with_repeats(words_of(_AS_HOURS.sub(r"\1 ", text)))
    runs: list[Run] = []
    between: list[Word] = []
    plus = False
    for at, word in enumerate(words):
        follows = bool(runs) and all(w.plain in FILLERS for w in between)
        number = _meant(words, at, follows and phrase(between) in ("", "et"))
        if number is None:
            plus = word.plain == "plus"
            between.append(word)
            continue
        plus = plus or "+" in word.gap
        if follows and not plus and _goes_on(runs[-1], between, number):
            joining = _joining(runs[-1], between, number)
            runs[-1] = replace(runs[-1], words=(*runs[-1].words, *joining))
        else:
            before = phrase(between)
            if runs:
                runs[-1] = replace(runs[-1], after=before)
            runs.append(Run((number,), _link(before), plus, before))
        between, plus = [], False
    if runs:
        runs[-1] = replace(runs[-1], after=phrase(between))
    return [run for run in map(_uncounted, runs) if run.words]


def _goes_on(run: Run, between: Sequence[Word], number: Word) -> bool:
    """Whether a number goes on the run before it: only fillers stand between."""
    if run.link == "old":  # « pas cinq, c'est quinze »
        return not between and not number.paused
    return not between or _link(phrase(between)) == "other"


def _joining(run: Run, between: Sequence[Word], number: Word) -> list[Word]:
    """A number that goes on a run: with « et » where both make one, else after a pause."""
    if not between:
        return [number]
    if [word.plain for word in between] == ["et"] and not between[0].paused:
        both = [run.words[-1], *between, number]
        tens = [run.words[-2], *both] if len(run.words) > 1 else both
        if value_of(both) is not None or value_of(tens) is not None:
            return [*between, number]
    return [replace(number, gap=",")]


def _uncounted(run: Run) -> Run:
    """A run without the number that counts what follows: « … 34 après 18 heures »."""
    following = run.after.split()[:1]
    counts = bool(following) and following[0] in COUNTED
    minutes = bool(re.search(r"\b(?:heures?|h)$", run.before))
    if minutes and len(figures_heard(run.words)) <= 2:
        return replace(run, words=())
    if not counts:
        return run
    pieces = as_heard(run.words)
    return replace(run, words=run.words[: pieces[-1][0]] if pieces else ())


def edits_of(runs: Sequence[Run]) -> list[Edit]:
    """Runs with what they replace: « six, pas dix » and « c'est pas dix, c'est six »."""
    edits: list[Edit] = []
    at = 0
    while at < len(runs):
        run, following = runs[at], runs[at + 1] if at + 1 < len(runs) else None
        if following is not None and following.link == "old" and not _denies(runs, at + 1):
            edits.append(Edit(run, following.words))
            at += 2
        elif run.link == "old" and following is not None:
            edits.append(Edit(following, run.words))
            at += 2
        else:
            if run.link != "old":
                edits.append(Edit(run))
            at += 1
    return edits


def _denies(runs: Sequence[Run], at: int) -> bool:
    """Whether what is replaced comes before what replaces it: « non c'est pas dix, c'est six »."""
    if at + 1 == len(runs) or runs[at + 1].link not in ("other", "correction"):
        return False
    opens = re.search(r"\b(?:non|est|etait)\b", runs[at].before)
    instead = re.match(r"(?:mais )?(?:c est|c etait|il y a|mettez|plutot)\b", runs[at + 1].before)
    return opens is not None or instead is not None
