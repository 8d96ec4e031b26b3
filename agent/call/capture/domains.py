"""The part of an e-mail address after « @ »: services as recognisers write them, and others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.call.capture.numerals import figures_heard
from agent.call.capture.spelling import is_spelled, signs_of
from agent.call.capture.words import Word

_SERVICES: dict[str, tuple[str, str]] = {
    "gmail": ("com", "gmail gimail jmail jaimail gemail gmel gimel geemail gmaille jaimel jemail"
                     " gmai chemail jimail gmaile gmelle gemel"),
    "hotmail": ("fr com", "hotmail otmail hotmel hotmaille autmail otmel outmail hotmale hottmail"),
    "outlook": ("fr com", "outlook outlouk autlook outluc outlooke"),
    "yahoo": ("fr com", "yahoo yaou yahou yaoo yau yaoux yaourt"),
    "orange": ("fr", "orange oranges lorange"),
    "wanadoo": ("fr", "wanadoo wanadou vanadou ouanadou wanado vanadoo wannadoo vannadou wanadous"),
    "free": ("fr", "free fri frie frit fry"),
    "laposte": ("net", "laposte postes poste lapost"),
    "sfr": ("fr", "sfr essefr esfr esefere esseefferre esfere"),
    "neuf": ("fr", "neuf 9 neufs"),
    "bbox": ("fr", "bbox bebox beboxe bibox"),
    "numericable": ("fr", "numericable numericables"),
    "club-internet": ("fr", "clubinternet club-internet"),
    "aliceadsl": ("fr", "aliceadsl"),
    "icloud": ("com", "icloud aicloud ailcloud aiecloud aycloud hicloud icloude aillecloud"
                      " eyecloud"),
    "live": ("fr com", "live laive lived laivv"),
    "msn": ("com", "msn emesseenne"),
    "aol": ("com", "aol"),
    "gmx": ("fr com", "gmx"),
    "protonmail": ("com", "protonmail protonmel"),
    "proton": ("me", "proton"),
    "me": ("com", "me"),
    "skynet": ("be", "skynet"),
    "bluewin": ("ch", "bluewin bluewine"),
}  # fmt: skip
_SERVICE_OF = {
    spelling: name for name, (_, spellings) in _SERVICES.items() for spelling in spellings.split()
}

_END_OF = {
    "com": "com", "comme": "com", "kom": "com", "come": "com", "commes": "com", "fr": "fr",
    "effe": "fr", "effeerre": "fr", "efr": "fr", "eferre": "fr", "effair": "fr", "france": "fr",
    "net": "net", "nette": "net", "nete": "net", "org": "org", "orgue": "org", "eu": "eu",
    "be": "be", "ch": "ch", "ceache": "ch", "beheu": "be", "io": "io", "me": "me", "info": "info",
    "pro": "pro", "lu": "lu", "ca": "ca", "uk": "uk", "de": "de", "it": "it", "es": "es",
}  # fmt: skip
_MOST_WORDS = 4
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")


@dataclass(frozen=True)
class Domain:
    """A domain that was said.

    Attributes:
        name: In lower case: « gmail.com ».
        known: It is one of the usual services.
        guessed: Its end was not said.
    """

    name: str
    known: bool = False
    guessed: bool = False


def domain_said(tokens: Sequence[Word | str]) -> Domain | None:
    """The domain that words and signs start with, None if they start with none."""
    service, width = _service(tokens)
    if service:
        rest = tokens[width:]
        dotted = rest[:1] == ["."]
        end, _ = _end(rest[1:] if dotted else rest)
        ends = _SERVICES[service][0].split()
        if end:
            return Domain(f"{service}.{end}", known=True)
        if not dotted or not rest[1:]:
            return Domain(f"{service}.{ends[0]}", known=True, guessed=True)
    return _other(tokens)


def end_said(tokens: Sequence[Word | str]) -> str:
    """The end of a domain that words start with: « com », « F R »; empty if they do not."""
    return _end(tokens)[0]


def domain_spoken(domain: str) -> str:
    """A domain as it is read back: « gmail point com », « S F R point F R »."""
    said = []
    for part in re.findall(r"[a-z]+|\d+|[.-]", domain):
        if part in ".-":
            said.append("point" if part == "." else "tiret")
        elif part == "laposte":
            said.append("la poste")
        elif part.isdigit() or (len(part) > 2 and re.search("[aeiouy]", part) and part != "aol"):
            said.append("B box" if part == "bbox" else part)
        else:
            said.append(" ".join(part.upper()))
    return " ".join(said)


def _words_only(tokens: Sequence[Word | str], most: int) -> list[Word]:
    words: list[Word] = []
    for token in tokens[:most]:
        if isinstance(token, str):
            break
        words.append(token)
    return words


def _joined(words: Sequence[Word]) -> str:
    """Words in one piece, letters where all are spelled."""
    signs = signs_of(words)
    if is_spelled(signs):
        return "".join(sign.text for sign in signs).lower()
    return "".join(word.plain for word in words)


def _service(tokens: Sequence[Word | str]) -> tuple[str, int]:
    """The usual service that tokens start with, and how many of them name it."""
    words = _words_only(tokens, _MOST_WORDS)
    for width in range(len(words), 0, -1):
        for text in {"".join(word.plain for word in words[:width]), _joined(words[:width])}:
            if text in _SERVICE_OF:
                return _SERVICE_OF[text], width
    if [t if isinstance(t, str) else t.plain for t in tokens[:3]] == ["club", "-", "internet"]:
        return "club-internet", 3
    return "", 0


def _end(tokens: Sequence[Word | str]) -> tuple[str, int]:
    """The end of a domain that tokens start with: « com », « F R »."""
    words = _words_only(tokens, 3)
    for width in range(len(words), 0, -1):
        for text in {"".join(word.plain for word in words[:width]), _joined(words[:width])}:
            if text in _END_OF:
                return _END_OF[text], width
    return "", 0


def _other(tokens: Sequence[Word | str]) -> Domain | None:
    """Any other domain: labels with points between them up to an end that is one."""
    labels: list[str] = []
    label = ""
    at = 0
    while at < len(tokens):
        words = _words_only(tokens[at:], _MOST_WORDS)
        if labels and not label:
            end, width = _end(tokens[at:])
            if end and tokens[at + width : at + width + 1] != ["."]:
                return Domain(".".join([*labels, end]))
        if words:
            label += _label(words)
            at += len(words)
            continue
        sign = tokens[at]
        if sign == "." and _LABEL.fullmatch(label):
            labels.append(label)
            label = ""
        elif sign == "-" and label:
            label += "-"
        else:
            return None
        at += 1
    written = len(labels) > 0 and label.isalpha() and 2 <= len(label) <= 4
    return Domain(".".join([*labels, label]), guessed=True) if written else None


def _label(words: Sequence[Word]) -> str:
    out = ""
    for word in words:
        if word.figures or not figures_heard([word]):
            out += word.plain
        else:
            out += figures_heard([word])
    signs = signs_of(words)
    return "".join(sign.text for sign in signs).lower() if is_spelled(signs) else out
