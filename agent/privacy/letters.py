"""Letters that are spelled, and what a recogniser writes for their names."""

from __future__ import annotations

from collections.abc import Sequence

from agent.privacy.span import Token

_NAMES = frozenset(
    "be ce de effe ef ge ache ash elle ell emme em enne en pe erre er esse es te ve zede zed ixe ix"
    " igrec jie ji ka cu qu".split()
)
"""Names of letters, without accents; some are words as well: only the words around them tell."""

NUMBER_WORDS = frozenset(
    "zero un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize"
    " vingt trente quarante cinquante soixante cent cents mille".split()
)

_LEAST = 3
"""Letters in a row from which somebody spells."""


def is_letter(word: str) -> bool:
    """Whether a plain word is a letter or may be the name of one."""
    return (len(word) == 1 and word.isalpha()) or word in _NAMES


def spelled_end(tokens: Sequence[Token], at: int) -> int:
    """Where letters that are spelled from a token on end; there, if fewer than three stand there.

    « M comme Marcel, A comme Anatole » is spelled as well.
    """
    end, letters = at, 0
    while end < len(tokens):
        word = tokens[end].plain
        named = [token.plain for token in tokens[end : end + 2]] == [word, "comme"]
        if len(word) == 1 and word.isalpha() and named and end + 2 < len(tokens):
            end, letters = end + 3, letters + 1
        elif is_letter(word):
            end, letters = end + 1, letters + 1
        elif letters and word in ("espace", "tiret", "apostrophe", "ensuite", "et", "deux"):
            end += 1
        else:
            break
    while end > at and tokens[end - 1].plain in ("espace", "tiret", "et", "deux", "en", "de"):
        end -= 1
    return end if letters >= _LEAST else at
