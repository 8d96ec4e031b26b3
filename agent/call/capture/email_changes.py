"""A part of an e-mail address corrected: « non, hotmail », « tiret bas, pas tiret »."""

from __future__ import annotations

import re

from agent.call.capture.domains import Domain, domain_said, end_said
from agent.call.capture.email_words import Tokens, address, like, tokens_of
from agent.call.capture.reading import NOTHING, Reading
from agent.call.capture.respelling import respelled
from agent.call.capture.words import Word, words_of

_AROUND_SIGNS = frozenset("non c est un une pas sans le la de du mais et euh y a il ce n".split())
_NO_PARTS = frozenset(
    "avec sans non mais pas c est une deux double lettre dernier fin debut".split()
)


def amend(value: str, text: str) -> Reading:
    """The address once a part of it is corrected.

    Args:
        value: The address that was read back.
        text: The caller's words.
    """
    local, _, domain = value.partition("@")
    tokens = tokens_of(text)
    other = _domain(domain, tokens)
    if other is not None and other.name != domain:
        return address(local, other.name, doubtful=other.guessed)
    if "@" in tokens:
        return NOTHING
    changed = _signs_changed(local, tokens) or _respelled(local, text) or _word(local, tokens)
    return address(changed, domain) if changed is not None else NOTHING


def with_start(before: str, local: str, domain: str) -> Reading:
    """« marie point durant, non, durand, arobase … »: the start is not said again.

    Args:
        before: The part before « @ » as it was said first.
        local: As it is said now.
        domain: The part after « @ ».
    """
    found = re.match(r"(.+[._-])([^._-]+)$", before)
    if found and like(found[2], local):
        return address(found[1] + local, domain, doubtful=True)
    return address(local, domain)


def _signs_changed(local: str, tokens: Tokens) -> str | None:
    """« un tiret bas, pas un tiret », « sans point »: one sign of the local part changed."""
    signs = [token for token in tokens if isinstance(token, str)]
    words = {token.plain for token in tokens if isinstance(token, Word)}
    if not signs or not words <= _AROUND_SIGNS:
        return None
    if "sans" in words or ("pas" in words and len(signs) == 1):
        return local.replace(signs[0], "") if local.count(signs[0]) == 1 else None
    present = re.findall(r"[._+-]", local)
    old = signs[1] if len(signs) == 2 and "pas" in words else None
    if len(signs) == 1 and len(present) == 1:
        old = present[0]
    if old is None or local.count(old) != 1 or old == signs[0]:
        return None
    return local.replace(old, signs[0])


def _respelled(local: str, text: str) -> str | None:
    """« avec deux N »: the one word of the local part that this fits, or that is named."""
    parts = re.findall(r"[a-z]+|[^a-z]+", local)
    named = [word.plain for word in words_of(text) if len(word.plain) > 3]
    changed = [(at, new) for at, part in enumerate(parts)
               if part.isalpha() and len(part) > 2 and (new := respelled(part, text))]  # fmt: skip
    if len(changed) > 1:
        changed = [(at, new) for at, new in changed if any(like(parts[at], n) for n in named)]
    if len(changed) != 1:
        return None
    at, new = changed[0]
    return "".join([*parts[:at], new.lower(), *parts[at + 1 :]])


def _word(local: str, tokens: Tokens) -> str | None:
    """« non, durand »: the one word of the local part that is nearly what is said."""
    words = [token.plain for token in tokens if isinstance(token, Word)]
    if not words or any(isinstance(token, str) for token in tokens):
        return None
    said = [word for word in words if len(word) > 3 and word not in _NO_PARTS]
    parts = re.findall(r"[a-z]+|[^a-z]+", local)
    fits = [(at, word) for at, part in enumerate(parts) for word in said
            if len(part) > 3 and part != word and like(part, word)]  # fmt: skip
    if len(fits) != 1:
        return None
    at, new = fits[0]
    return "".join([*parts[:at], new, *parts[at + 1 :]])


def _domain(domain: str, tokens: Tokens) -> Domain | None:
    """The domain as it is corrected: all of it, or its end alone."""
    at = max((at for at, token in enumerate(tokens) if token == "@"), default=-1)
    wanted = _wanted(tokens[at + 1 :])
    for skip in range(len(wanted)):
        rest = wanted[skip:]
        if rest[0] == "." and (end := end_said(rest[1:])):
            return Domain(f"{domain.rpartition('.')[0]}.{end}")
        other = domain_said(rest)
        if other is not None and (other.known or at >= 0):
            return other
    return None


def _wanted(tokens: Tokens) -> Tokens:
    """Tokens without what the caller says is wrong: « hotmail, pas gmail »."""
    pas = [
        at for at, token in enumerate(tokens) if isinstance(token, Word) and token.plain == "pas"
    ]
    if not pas:
        return tokens
    before = [token for token in tokens[: pas[0]] if isinstance(token, str) or len(token.plain) > 3]
    if before:
        return tokens[: pas[0]]
    pause = [at for at in range(pas[0] + 2, len(tokens))
             if isinstance(token := tokens[at], Word) and token.paused]  # fmt: skip
    return tokens[pause[0] :] if pause else []
