"""Words and signs of an e-mail address, said or written: « tiret du six », « M A R T I N »."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from agent.call.capture.numerals import figures_heard
from agent.call.capture.reading import Reading
from agent.call.capture.spelling import Sign, is_spelled, signs_of
from agent.call.capture.words import Word, plain, words_of

Tokens = list[Word | str]
"""Words, and each sign of an address as a string of its own."""

ALIKE = 0.6
"""Likeness from which two words are the same one, heard twice."""

_LOCAL = re.compile(r"(?!.*\.\.)[a-z0-9](?:[a-z0-9._+-]{0,62}[a-z0-9_-])?")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,12}")
_AT = (
    r"\b(?:l )?a ?r{1,2}[oe] ?b{1,2}(?:a[scz]{1,2}e?s?|ots?|es?|a)\b|\barrow ?base\b"
    r"|\ba(?:u)? commercial\w*"
)
_SPOKEN: tuple[tuple[str, str], ...] = (
    (_AT, "@"),
    (
        r"\btiret (?:du |de |d )?(?:bas|8|huit|souligne)\b|\bsous ?-?tiret\b|\bblanc souligne\b"
        r"|\b(?:under|ender|ander) ?-?scores?\b|\bbarre (?:du |de )?(?:bas|basse|8|huit)\b"
        r"|\bsouligne\b",
        "_",
    ),
    (
        r"\btiret (?:du |de |d )(?:6|six|milieu|haut)\b|\btiret (?:normal|simple|haut)\b"
        r"|\btirets?\b|\btrait d.union\b|\bsigne moins\b",
        "-",
    ),
    (r"\bpoints?\b|\bdot\b", "."),
    (r"\bsigne plus\b", "+"),
    (
        r"\b(?:le tout |tout )?(?:attaches?|attachees?|colles?|en minuscules?|minuscules?)\b"
        r"|\b(?:en un seul mot|en un mot|sans espaces?|sans accents?|tout en un)\b",
        "",
    ),
)
_DOTTED_LETTERS = re.compile(r"\b(?:[^\W\d_][.-]){2,}[^\W\d_]\b(?!\w)\.?(?!\w*@)")
_MARKS = {"@": "\x01", ".": "\x02", "-": "\x03", "_": "\x04", "+": "\x05"}
_SIGN_OF = {mark: sign for sign, mark in _MARKS.items()}
_WRITING = str.maketrans("’‑", "'-")


def tokens_of(text: str) -> Tokens:
    """Words, and the signs « @ . - _ + » whether they were said or written."""
    text = text.translate(_WRITING).replace("œ", "oe")
    text = _DOTTED_LETTERS.sub(lambda found: re.sub("[.-]", " ", found[0]), text)
    text = re.sub(r"\S*@\S*", _written, text)
    text = re.sub(r"(?<=\w)\.(?=\w)|(?<=\s)\.(?=\s*[a-z0-9])", " \x02 ", text)
    text = text.replace("_", " \x04 ")
    for pattern, sign in _SPOKEN:
        text = _replaced(text, pattern, f" {_MARKS[sign]} " if sign else " ")
    tokens: Tokens = []
    for piece in re.split(r"([\x01-\x05])", text):
        if piece in _SIGN_OF:
            tokens.append(_SIGN_OF[piece])
        else:
            tokens += words_of(piece)
    return tokens


def _written(found: re.Match[str]) -> str:
    """An address in one piece: its signs are meant as they are written."""
    marked = found[0].rstrip(".,;!?")
    for sign, mark in _MARKS.items():
        marked = marked.replace(sign, f" {mark} ")
    return f" {marked} "


def _replaced(text: str, pattern: str, by: str) -> str:
    """Substitutes a pattern of plain text in text with accents."""
    flat = "".join(plain(char)[:1] or " " for char in text)
    out: list[str] = []
    end = 0
    for found in re.finditer(pattern, flat):
        out += [text[end : found.start()], by]
        end = found.end()
    return "".join([*out, text[end:]])


def assembled(tokens: Tokens) -> str:
    """The part of an address that words and signs make."""
    out = ""
    words: list[Word] = []
    for token in tokens:
        if isinstance(token, Word):
            words.append(token)
        else:
            out += _in_one_piece(words) + token
            words = []
    return out + _in_one_piece(words)


def _in_one_piece(words: Sequence[Word]) -> str:
    """Spelled letters as letters, numbers as figures, words as they are, all joined."""
    parts: list[tuple[str, bool]] = []
    signs, at = signs_of(words), 0
    while at < len(signs):
        end = at
        while end < len(signs) and signs[end].kind == signs[at].kind:
            end += 1
        run = signs[at:end]
        at = end
        if run[0].kind == "figures":
            figures = [word for sign in run for word in sign.words]
            parts.append((figures_heard(figures, thousands=True), False))
        elif run[0].kind == "letter" and (is_spelled(run) or any(sign.named for sign in run)):
            parts.append(("".join(sign.text for sign in run).lower(), True))
        else:
            parts += [(_literal(sign), False) for sign in run]
    return "".join(_without_said_twice(parts))


def _literal(sign: Sign) -> str:
    letter = sign.kind == "letter" and (sign.single or len(sign.words) > 1 or sign.named)
    return sign.text.lower() if letter else "".join(word.plain for word in sign.words)


def _without_said_twice(parts: Sequence[tuple[str, bool]]) -> list[str]:
    """« martin, M A R T I N »: the word goes, its letters stay."""
    kept: list[str] = []
    for at, (text, spelled) in enumerate(parts):
        beside = [*parts[max(0, at - 1) : at], *parts[at + 1 : at + 2]]
        twice = not spelled and any(
            len(s) > 2 and like(text, s) for s, letters in beside if letters
        )
        if not twice:
            kept.append(text)
    return kept


def like(one: str, other: str) -> bool:
    """Whether two words are nearly the same."""
    return SequenceMatcher(None, one, other).ratio() >= ALIKE


def address(local: str, domain: str, *, doubtful: bool = False) -> Reading:
    """An address of two parts: whole if its syntax is right."""
    local = local.strip(".")
    if not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        return Reading(f"{local}@{domain}" if local else "")
    return Reading(f"{local}@{domain}", True, doubtful)
