"""Why a password is none: too short, among those that are tried first, or made of one's own name.

Looked up in a list of this repository (`lists`, see NOTICE): no password leaves the machine.
"""

from __future__ import annotations

import gzip
import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Literal

Weakness = Literal["short", "long", "common", "personal"]

SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 200
"""Characters."""

_LIST = Path(__file__).parent / "lists" / "common_passwords.txt.gz"
_OURS = frozenset(
    "bienvenue permanence administrateur administratrice utilisateur operateur operatrice manager"
    " changezmoi printemps serviceclient apresvente servicesav savsav"
    " janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre".split()
)
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz" * 2, "01234567890" * 3, "azertyuiopqsdfghjklmwxcvbn",
    "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm",
)  # fmt: skip
_LEET = str.maketrans("0134578@$!€", "oleastbasie")
_A_FEW_LETTERS = re.compile(r"\d*[a-z]{1,3}\d*[^a-z\d]?")
_FEWEST_SIGNS = 5
"""Different ones in a password."""

_OWN_LEFT = 8
"""Characters that a password must have besides the names in it."""

_NAME_PART = 4
"""Shortest part of a name that is looked for: « de » is in half of all passwords."""


def weakness(password: str, about: Iterable[str] = ()) -> Weakness | None:
    """What is wrong with a password; None: it may be kept.

    Args:
        password: As it is chosen.
        about: What a stranger knows of its user: address, name, brand.
    """
    if len(password) < SHORTEST_PASSWORD:
        return "short"
    if len(password) > LONGEST_PASSWORD:
        return "long"
    plain = _plain(password)
    squashed = re.sub(r"[\s._-]+", "", plain)
    if _is_personal(squashed, about):
        return "personal"
    return "common" if _is_common(squashed) else None


def _is_common(squashed: str) -> bool:
    if len(set(squashed)) < _FEWEST_SIGNS or not re.search(r"[^\W\d]", squashed):
        return True  # « aaaa… », dates and telephone numbers
    if _A_FEW_LETTERS.fullmatch(squashed):
        return True
    core = re.sub(r"^[^a-z]+|[^a-z]+$", "", squashed)
    return any(
        _listed(one) or _is_two_listed(one)
        for form in {squashed, core}
        for one in {form, form.translate(_LEET)}
    )


def _listed(word: str) -> bool:
    """Whether it is on the list, a piece of a keyboard's row, or one such again and again."""
    if len(word) < _NAME_PART:
        return False
    if word in _common() or word in _OURS or any(word in row or word[::-1] in row for row in _ROWS):
        return True
    period = (word + word).find(word, 1)
    return period < len(word) and (period < _NAME_PART or _listed(word[:period]))


def _is_two_listed(word: str) -> bool:
    ends = range(_NAME_PART, len(word) - _NAME_PART + 1)
    return any(_listed(word[:end]) and _listed(word[end:]) for end in ends)


def _is_personal(squashed: str, about: Iterable[str]) -> bool:
    parts = {part for text in about for part in re.split(r"[^a-z0-9]+", _plain(text))}
    left = squashed
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= _NAME_PART:
            left = left.replace(part, "")
    return left != squashed and len(left) < _OWN_LEFT


def _plain(text: str) -> str:
    """Lower case, without accents: « É » and « e » are tried alike."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


@cache
def _common() -> frozenset[str]:
    return frozenset(gzip.decompress(_LIST.read_bytes()).decode("utf-8").split())
