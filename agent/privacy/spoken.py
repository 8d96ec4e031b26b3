"""Numbers that are dictated: « zéro six, trente-neuf, quatre-vingt-dix-huit… », mixed with figures.

A run of numbers is somebody's if its figures make a telephone number, a card or an IBAN, or a part
of a telephone number where the words around it say that it is one. What counts something (degrees,
minutes, euros) and what the caller calls a reference is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from agent.privacy.numerals import SOUNDS_LIKE, Piece, is_number, pieces_of
from agent.privacy.span import Kind, Span, Token, plain
from agent.privacy.written import DATE, is_card

_BETWEEN = frozenset(
    "euh heu hum hm et puis alors apres ensuite donc le la les l c est ben bah bon voila virgule"
    " tiret espace hein attendez enfin oui ok encore mais aussi ca fait je dis non pardon plutot"
    " pas reprends cherche recommence corrige double triple fois".split()
)
"""Words between two numbers that may belong to one dictation, corrections among them."""

_MOST_BETWEEN = 4
_COUNTED = frozenset(
    "h heure heures minute minutes mn min s seconde secondes an ans annee annees mois jour jours"
    " semaine semaines fois euro euros degre degres tour tours litre litres kilo kilos kg gramme"
    " grammes g l ml cl watt watts w kwh volt volts v hz cm mm m metre metres centimetre"
    " centimetres millimetre millimetres bar bars pour pourcent couvert couverts page pages etape"
    " etapes programme programmes pouce pouces cycle cycles lavage lavages".split()
)
_PHONE = re.compile(
    r"\b(?:telephone|tel|portable|mobile|fixe|joindre|joignable|rappel\w*|appeler|numero"
    r"(?! (?:de |du |d |des )?(?:serie|modele|produit|commande|reference|article|piece|dossier"
    r"|client|contrat|facture|ticket|page|programme|touche|bouton|est sur|un\b|deux|trois)))\b"
)
_REFERENCE = re.compile(
    r"\b(?:references?|serie|modele|produit|commande|article|piece|dossier|contrat|facture|code"
    r"|lot|ean|sn|numero (?:de |du |d )?(?:serie|modele|produit|commande|reference|article))\b"
)
_HOUR = re.compile(r"(?<!\d)\d{1,2}:\d\d(?::\d\d)?(?!\d)")
_BREAKS = re.compile(r"[^\s,;.!?…:/()+\-\u2011'’\"«»]")
"""Signs between two numbers that do not belong to one dictation: « @ », « = », « & »."""

_LINKS = re.compile(
    r"\b(?:non|pardon|derniere?s?|fin|finir|pas|plutot|betises?|trompe\w*|et|puis|enfin|suite)\b"
)
_NEAR = 40
"""Characters between a telephone number and a run that corrects or ends it."""

_AROUND = 48
"""Characters before a run in which the words tell what it is."""


def spoken_numbers(text: str, tokens: Sequence[Token], *, dictating: bool) -> Iterator[Span]:
    """The numbers of a text that are somebody's.

    Args:
        text: What was said.
        tokens: Its words.
        dictating: The caller was just asked for a number: parts of one count too.
    """
    runs = list(_runs(tokens, _dated(text)))
    taken = [_kind(text, tokens, run, dictating=dictating) for run in runs]
    for at, (run, kind) in enumerate(zip(runs, taken, strict=True)):
        begun_again = "phone" in taken[at + 1 : at + 2] and _begins(tokens, run)
        if kind is None and (begun_again or (at and taken[at - 1] == "phone")):
            after = not begun_again and not _ends(text, tokens, runs[at - 1], run)
            kind = taken[at] = None if after else "phone"
        if kind is not None:
            start = _iban_start(tokens, run[0].first) if kind == "iban" else run[0].first
            yield Span(tokens[start].start, tokens[run[-1].last - 1].end, kind)


def _begins(tokens: Sequence[Token], run: Sequence[Piece]) -> bool:
    """Whether a run may be a part of the telephone number behind it: « zéro six »."""
    figures = "".join(piece.figures for piece in run)
    return re.match(r"0[1-79]", figures) is not None and not _counts(tokens, run)


def _ends(text: str, tokens: Sequence[Token], phone: Sequence[Piece], run: Sequence[Piece]) -> bool:
    """Whether a run corrects or ends the telephone number before it: « … et dix pour finir »."""
    if not run or not phone:
        return False
    between = text[tokens[phone[-1].last - 1].end : tokens[run[0].first].start]
    figures = "".join(piece.figures for piece in run)
    linked = len(between) <= _NEAR and _LINKS.search(plain(between)) is not None
    return linked and len(figures) >= 2 and not _counts(tokens, run)


def _dated(text: str) -> set[int]:
    """Where dates and hours in figures stand: they are in no run."""
    found = (*DATE.finditer(text), *_HOUR.finditer(text))
    return {at for match in found for at in range(match.start(), match.end())}


def _runs(tokens: Sequence[Token], dated: set[int]) -> Iterator[list[Piece]]:
    """Numbers that follow each other, with at most a few empty words between."""
    at = 0
    while at < len(tokens):
        if not _starts(tokens, at) or tokens[at].start in dated:
            at += 1
            continue
        end, last = at + 1, at + 1
        while end < len(tokens) and end - last <= _MOST_BETWEEN:
            token = tokens[end]
            if _BREAKS.search(token.gap) or token.start in dated:
                break
            if is_number(token) or _sounds(tokens, end):
                last = end + 1
            elif not (token.plain in _BETWEEN or _as_hour(tokens, end)):
                break
            end += 1
        yield _trimmed(tokens, pieces_of(tokens, at, last))
        at = last


def _trimmed(tokens: Sequence[Token], pieces: list[Piece]) -> list[Piece]:
    """A run without the articles around it and without what counts something behind it."""
    if len(pieces) > 1 and pieces[0].figures == "1" and pieces[1].figures[0] == "0":
        pieces = pieces[1:]  # « c'est un zéro six… »
    while len(pieces) > 1 and pieces[-1].first > pieces[-2].last:
        article = tokens[pieces[-1].first].plain in ("un", "une")
        if not (article or _counts(tokens, pieces)):
            break
        pieces = pieces[:-1]  # « … c'est un portable », « … après dix-huit heures »
    return pieces


def _starts(tokens: Sequence[Token], at: int) -> bool:
    if at and not tokens[at].gap and not tokens[at - 1].plain.isdigit():
        return False  # « E20 »
    begins = tokens[at].plain == "heros" and at + 1 < len(tokens) and is_number(tokens[at + 1])
    return is_number(tokens[at]) or begins


def _sounds(tokens: Sequence[Token], at: int) -> bool:
    """« zéro cet trente-neuf »: a word that sounds like a number, between two of them."""
    if tokens[at].plain not in SOUNDS_LIKE or at + 1 >= len(tokens):
        return False
    return is_number(tokens[at + 1]) and is_number(tokens[at - 1])


def _as_hour(tokens: Sequence[Token], at: int) -> bool:
    """« 06h39 »: a pair as a recogniser may write it."""
    return (
        tokens[at].plain == "h"
        and not tokens[at].gap
        and re.fullmatch(r"0[1-9]", tokens[at - 1].plain) is not None
        and at + 1 < len(tokens)
        and not tokens[at + 1].gap
    )


def _kind(
    text: str, tokens: Sequence[Token], run: Sequence[Piece], *, dictating: bool
) -> Kind | None:
    """What a run is of somebody's, None if it is nothing of the kind."""
    if not run:
        return None
    first, last = tokens[run[0].first], tokens[run[-1].last - 1]
    figures = "".join(piece.figures for piece in run)
    if len(figures) >= 10 and _iban_start(tokens, run[0].first) < run[0].first:
        return "iban"
    if len(run) == 1 and first.plain.isdigit():
        short = len(figures) >= 2 and not _counts(tokens, run)
        return "phone" if dictating and short and not _unlike(text, tokens, run) else None
    if is_card(figures):
        return "card"
    if _unlike(text, tokens, run):
        return None
    plus = first.gap.rstrip().endswith("+") or (
        run[0].first > 0 and tokens[run[0].first - 1].plain == "plus"
    )
    before = plain(text[max(0, first.start - _AROUND) : first.start])
    after = plain(text[last.end : last.end + _AROUND])
    about = _last(_PHONE, before), _last(_REFERENCE, before)
    if about[1] > about[0]:
        return None
    if figures.startswith("08"):
        return None  # a service's, nobody's
    if re.match(r"0[1-79]", figures):
        enough = 6
        if dictating or about[0] >= 0 or re.search(r"\b(?:mon|ma|tel|portable|fixe)\b", after):
            enough = 3
        return "phone" if enough <= len(figures) <= 26 else None
    if plus or re.match(r"00[1-9]", figures):
        return "phone" if len(figures) >= 8 else None
    if dictating or about[0] >= 0:
        return "phone" if len(figures) >= 4 or (dictating and len(figures) >= 2) else None
    pairs = sum(len(piece.figures) <= 2 for piece in run)
    alike = len(figures) >= 8 and pairs == len(run) and not _written(tokens, run)
    return "phone" if alike else None


def _written(tokens: Sequence[Token], run: Sequence[Piece]) -> bool:
    """Whether a run stands in figures only: `agent.privacy.written` judges those."""
    return all(tokens[piece.first].plain.isdigit() for piece in run)


def _unlike(text: str, tokens: Sequence[Token], run: Sequence[Piece]) -> bool:
    """Whether a run is a list, counts something or is a decimal: « 1 2 3 4 », « trente degrés »."""
    if _counts(tokens, run) and not re.match(r"0[1-79]", run[0].figures):
        return True
    values = [int(piece.figures) for piece in run]
    steps = {after - before for before, after in pairwise(values)}
    if len(values) > 2 and steps == {1}:
        return True
    gaps = {tokens[piece.first].gap for piece in run[1:]}
    decimal = bool(gaps & {",", ".", ":", "/"}) and not run[0].figures.startswith("0")
    return decimal or (bool(gaps) and gaps <= {":", "-", "/"} and len(run) < 5)


def _counts(tokens: Sequence[Token], run: Sequence[Piece]) -> bool:
    after = [token.plain for token in tokens[run[-1].last : run[-1].last + 2]]
    return (
        after[:1] != [] and after[0] in _COUNTED and (after[0] != "pour" or after[1:] == ["cent"])
    )


def _last(pattern: re.Pattern[str], text: str) -> int:
    return max((found.end() for found in pattern.finditer(text)), default=-1)


def _iban_start(tokens: Sequence[Token], at: int) -> int:
    """Where « F R » stands before a run; at the run itself if it does not."""
    before = [token.plain for token in tokens[max(0, at - 2) : at]]
    if before[-1:] == ["fr"]:
        return at - 1
    return at - 2 if before == ["f", "r"] else at
