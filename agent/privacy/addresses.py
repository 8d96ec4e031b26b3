"""E-mail addresses that are dictated: « marie point durand arobase gmail point com ».

What stands around the « arobase » is hidden as far as it can belong to an address: words beside a
sign, letters and their names, numbers, and what callers say of them (« en un mot », « avec un t »).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.privacy.letters import NUMBER_WORDS, is_letter
from agent.privacy.span import Span, Token

_AT = frozenset(("arobase", "arrobase", "arobas", "arobaze"))
_SIGNS = frozenset(("point", "tiret", "underscore", "plus", "bas", "souligne"))
_ENDINGS = frozenset("fr com net org be ch eu info io co uk de lu ca".split())
_LEAD_IN = frozenset("c est mail email adresse mon ma oui euh alors voila le la l de donc".split())
_ABOUT = frozenset(
    "avec sans accent accents en un une deux mot mots tout toute colle collee attache comme lettre"
    " minuscule minuscules majuscule majuscules espace du et puis".split()
)
"""What callers say of the signs of an address."""

_LONGEST = 48
"""Words of the longest address that is spelled."""


def spoken_emails(tokens: Sequence[Token]) -> Iterator[Span]:
    """The addresses of a text whose signs are words."""
    for at, token in enumerate(tokens):
        said = token.plain in _AT
        if said or (token.plain in ("at", "hat") and _end(tokens, at) > at + 2):
            start, end = _start(tokens, at), _end(tokens, at)
            if start < at and end > at + 1:
                yield Span(tokens[start].start, tokens[end - 1].end, "email")


def _start(tokens: Sequence[Token], at: int) -> int:
    """Where what stands before the « @ » begins; at the « @ » itself if nothing does."""
    start = at
    while start > 0 and at - start < _LONGEST and _belongs(tokens, start - 1, at):
        start -= 1
    while start < at and tokens[start].plain in _LEAD_IN | _ABOUT:
        single = start + 1 < at and tokens[start + 1].plain in _SIGNS
        if single and len(tokens[start].plain) == 1:
            break
        start += 1
    return start


def _belongs(tokens: Sequence[Token], here: int, at: int) -> bool:
    """Whether a word before what is found so far goes on with it."""
    token, following = tokens[here], tokens[here + 1]
    before = tokens[here - 1].plain if here else ""
    if _is_part(token) or token.plain in _ABOUT or before == "comme":
        return True
    if token.plain in _LEAD_IN:
        return here + 1 < at and following.gap == ""
    tied = following.gap.strip() in ("-", "_", "+", ".") or following.gap == ""
    beside = following.plain in (*_SIGNS, *_ABOUT) or before in _SIGNS or here + 1 == at
    return tied or beside or (_is_part(following) and len(token.plain) > 2)


def _is_part(token: Token) -> bool:
    """A sign, a letter that is spelled, a figure or a number."""
    word = token.plain
    return word in _SIGNS or word in NUMBER_WORDS or word.isdigit() or is_letter(word)


def _end(tokens: Sequence[Token], at: int) -> int:
    """Where the domain behind the « @ » ends; just behind it if there is none."""
    end, words = at + 1, 0
    while end < len(tokens) and end - at < _LONGEST:
        token = tokens[end]
        if token.plain == "point" or token.gap.strip() == ".":
            last = end + 1 if token.plain == "point" else end
            return _ending(tokens, last)
        part = _is_part(token) or token.plain in _ABOUT or token.gap.strip() == "-"
        if words and not part and tokens[end - 1].plain not in ("comme", "en"):
            break
        words += 1
        end += 1
    return at + 1


def _ending(tokens: Sequence[Token], start: int) -> int:
    """Where « com », « co uk », « F R » ends."""
    end = start
    if end < len(tokens) and len(tokens[end].plain) > 1 and not is_letter(tokens[end].plain):
        end += 1
        dotted = end < len(tokens) and tokens[end].gap.strip() == "."
        spoken = end + 1 < len(tokens) and tokens[end].plain == "point"
        if dotted and tokens[end].plain in _ENDINGS:
            return end + 1
        if spoken and tokens[end + 1].plain in _ENDINGS:
            return end + 2
        return end
    while end < len(tokens) and end - start < 4 and is_letter(tokens[end].plain):
        end += 1
    return end
