"""An e-mail address as people say it: « marie point durand, arobase, gmail point com ».

Syntax: the plain part of RFC 5321 that public mail services give out. A hyphen that only a
recogniser wrote (« Jean-Pierre ») is no hyphen of the address: who has one says « tiret ».
"""

from __future__ import annotations

import re

from agent.call.capture.domains import domain_said, domain_spoken
from agent.call.capture.email_changes import amend, with_start
from agent.call.capture.email_words import Tokens, address, assembled, tokens_of
from agent.call.capture.reading import NOTHING, Reading
from agent.call.capture.spelling import is_spelled, signs_of
from agent.call.capture.words import Word

__all__ = ["amend", "read", "said"]

_SIGNS = {".": "point", "-": "tiret", "_": "tiret bas", "+": "plus"}
_LEAD_IN = frozenset(
    "oui bonjour bonsoir alors c est mon ma adresse mail mails email e courriel mel electronique"
    " internet euh heu donc voila bah ben ok accord vous donne dicte note notez epelle vais ce sera"
    " tout il s agit pour moi je non pardon reprends et ca fait le la l ah eh bien par".split()
)
_ADDRESS = frozenset(("adresse", "mail", "email", "courriel", "mel"))
_BEGINNINGS = "b[lr]|c[hlr]|d[r]|f[lr]|g[lnr]|k[lr]|p[hlrs]|qu|rh|s[chklmnpqt]|t[hr]|vr|wh"
"""Consonants that a French word may begin with."""

_ARTICLES = frozenset(("le", "la", "l", "c", "d", "et", "e", "il", "s", "tout", "par"))
"""Words that may begin an address just as well."""

_CORRECTS = re.compile(r"\b(?:non(?: pardon)?|pardon|plut[oô]t|je reprends|je recommence)\b", re.I)


def read(text: str) -> Reading:
    """The address that is said, in lower case.

    Args:
        text: The caller's words, or an address that the recogniser wrote.

    Returns:
        The address; of one that is not complete, what there is of it: « marie.durand@ ».
    """
    *earlier, last = _CORRECTS.split(text)
    reading = _read(last)
    for chunk in reversed(earlier):
        before = _read(chunk)
        if reading.complete and before.value and not before.complete:
            return with_start(before.value.partition("@")[0], *_parts(reading.value))
        if reading.complete or not before.value:
            continue
        if before.complete:
            changed = amend(before.value, last)
            return changed if changed.complete else before
    return reading


def _parts(value: str) -> tuple[str, str]:
    local, _, domain = value.partition("@")
    return local, domain


def said(value: str) -> str:
    """An address as it is read back; what is no plain word is spelled.

    Args:
        value: An address, or its part before the « @ » of one that is not complete.
    """
    local, domain = _parts(value)
    parts = [_SIGNS.get(part, _spoken(part)) for part in re.findall(r"[a-z]+|\d+|[._+-]", local)]
    return f"{' '.join(parts)}, arobase, {domain_spoken(domain)}" if domain else " ".join(parts)


def _spoken(part: str) -> str:
    """A part of an address: as a word if it can be said as one, else letter by letter."""
    if part.isdigit():
        return part if len(part) < 5 else " ".join(re.findall(r"\d\d?", part))
    clusters = re.search(r"[^aeiouy]{4}|^[^aeiouy]{3}|[^aeiouy]{3}$|(.)\1\1", part)
    clusters = clusters or re.match(rf"(?!{_BEGINNINGS})[^aeiouy]{{2}}", part)
    vowels = len(re.findall("[aeiouy]", part)) / len(part)
    word = len(part) > 2 and re.search("[aeiou]", part) and 0.2 <= vowels <= 0.75 and not clusters
    return part if word else " ".join(part.upper())


def _read(text: str) -> Reading:
    tokens = tokens_of(text)
    ats = [at for at, token in enumerate(tokens) if token == "@"]
    if not ats:
        ats = [at for at in range(1, len(tokens)) if _stands_for_at(tokens, at)]
    for at in reversed(ats):
        local = assembled(_without_lead_in(tokens[:at]))
        domain = domain_said(tokens[at + 1 :])
        if domain is not None and local:
            return address(local, domain.name, doubtful=domain.guessed)
    if ats:
        local = assembled(_without_lead_in(tokens[: ats[0]]))
        return Reading(f"{local}@") if local else NOTHING
    found = _without_at(tokens)
    if found is not None:
        return found
    rest = _without_lead_in(tokens)
    spelled = is_spelled(signs_of([token for token in rest if isinstance(token, Word)]))
    begun = spelled or any(isinstance(token, str) for token in rest)
    return Reading(assembled(rest)) if begun else NOTHING


def _without_at(tokens: Tokens) -> Reading | None:
    """« marie.durand.gmail.com »: a known service at the end, its « @ » not heard."""
    for at in range(1, len(tokens)):
        domain = domain_said(tokens[at:])
        local = assembled(_without_lead_in(tokens[:at])).rstrip(".")
        if domain is not None and domain.known and not domain.guessed and local:
            return address(local, domain.name, doubtful=True)
    return None


def _stands_for_at(tokens: Tokens, at: int) -> bool:
    """« martin chez gmail point com »: a word that may mean « @ » before a known service."""
    token = tokens[at]
    if not isinstance(token, Word) or token.plain not in ("at", "hat", "chez", "a"):
        return False
    domain = domain_said(tokens[at + 1 :])
    signed = any(isinstance(before, str) for before in tokens[:at])
    return domain is not None and domain.known and (signed or not domain.guessed)


def _without_lead_in(tokens: Tokens) -> Tokens:
    """What is left once « mon adresse c'est … » is gone."""
    cut = 0
    for at, token in enumerate(tokens[:-1]):
        named = isinstance(token, Word) and token.plain in _ADDRESS
        if named and isinstance(tokens[at + 1], Word):
            cut = at + 1
    while cut + 1 < len(tokens):
        token, following = tokens[cut], tokens[cut + 1]
        if not isinstance(token, Word) or isinstance(following, str):
            break
        begins = token.plain in _ARTICLES and following.plain not in _LEAD_IN
        if token.plain not in _LEAD_IN or (begins and not following.elided):
            break
        cut += 1
    return tokens[cut:]
