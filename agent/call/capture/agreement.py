"""A reference that was dictated more than once: what all the dictations together say.

Each dictation has several readings. A candidate is one of them, or two of them put together where
they differ, or a reference that the client lists; the likeliest is nearest to every dictation and
was not said no to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice, product
from string import ascii_uppercase

from agent.call.capture.nearness import aligned, allowed, misheard, sound_alike
from agent.call.capture.reading import NOTHING, Reading
from agent.call.capture.reference import bare, looks_like_one, strings_of
from agent.call.capture.spelling import signs_of
from agent.call.capture.words import words_of

Dictation = Sequence[str]
"""A turn as the recogniser read it, likelier first."""

Heard = dict[str, float]
"""Strings that a dictation may hold, with their costs."""

_DOUBT = 2.0
"""Weight of what a string costs within its own dictation, against that of a distance."""

_WITH_EXAMPLES = 2.0
"""Weight of a dictation whose letters have examples: « L comme Louis »."""

_OTHER_TEXT = 0.15
"""Cost of each further reading of the recogniser."""

_KEPT, _MERGED = 8, 4
"""Strings kept of a dictation, and of those the ones that are merged with another's."""

_PARTS = 5
"""Differing parts that are put together in every way: 32 candidates of two strings."""

_PUT_TOGETHER = 0.4
"""Cost of a candidate that no dictation holds as a whole, beside that of its distances."""

_ANOTHER_LETTER = 0.6
"""Cost of a letter that nobody heard, beside that of its distance."""

_PART_OF_REFUSED = 1.0
"""Cost of a candidate that only lacks an end of what the caller said no to."""

_FARTHEST = 1.6
"""Mean distance a dictation over which nothing is offered: it would be a guess."""


def likeliest(
    dictations: Sequence[Dictation], known: Sequence[str] = (), rejected: Sequence[str] = ()
) -> Reading:
    """The reference that was most likely dictated, NOTHING if none is likely.

    Args:
        dictations: All of them so far, in order.
        known: References of the client's appliances.
        rejected: What the caller said no to.
    """
    pairs = [(_heard(one), _weight(one)) for one in dictations]
    heard = [strings for strings, _ in pairs if strings]
    weights = [weight for strings, weight in pairs if strings]
    if not heard:
        return NOTHING
    total = sum(weights)
    refused = {bare(value) for value in rejected}
    listed = {bare(name): name for name in known if bare(name) not in refused}
    scores = {
        one: _score(one, heard, weights) + extra
        for one, extra in _candidates(heard, refused, _named(dictations)).items()
        if one not in refused
    }
    raw = min(scores, key=lambda one: (scores[one], -len(one), one), default="")
    best = scores[raw] if raw else _FARTHEST * total
    near = {one: _score(one, heard, weights) for one in listed if _comparable(one, heard)}
    found = min(near, key=lambda one: (near[one], one), default="")
    denied = sum(bare(name) in refused for name in known)
    if found and near[found] - best <= _margin(found, total, denied):
        return Reading(listed[found], True, near[found] > 0)
    if not raw or best > _FARTHEST * total:
        return NOTHING
    return Reading(raw, True, bool(known) or best > 0)


def _margin(name: str, weight: float, denied: int) -> float:
    """How much farther a listed reference may be; less once listed ones were said no to."""
    return allowed(name) * (1 + weight) / 2 / (1 + denied)


def _weight(dictation: Dictation) -> float:
    return _WITH_EXAMPLES if dictation[0].count(" comme ") > 1 else 1.0


def _heard(dictation: Dictation) -> Heard:
    heard: Heard = {}
    for rank, text in enumerate(dictation):
        strings, _ = strings_of(text)
        for string, cost in strings.items():
            if len(string) > 2:
                heard[string] = min(cost * _DOUBT + rank * _OTHER_TEXT, heard.get(string, 99.0))
    likely = sorted(heard.items(), key=lambda item: (item[1], -len(item[0])))
    return dict(likely[:_KEPT])


def _score(candidate: str, heard: Sequence[Heard], weights: Sequence[float]) -> float:
    """The sum of its distances to every dictation."""
    return sum(
        weight * min(cost + misheard(string, candidate) for string, cost in strings.items())
        for strings, weight in zip(heard, weights, strict=True)
    )


def _comparable(name: str, heard: Sequence[Heard]) -> bool:
    """Whether a listed reference has any string of its length and letters: spares the distance."""
    return any(
        abs(len(string) - len(name)) <= 2 and 2 * len(set(name) & set(string)) >= len(set(name))
        for strings in heard
        for string in strings
    )


def _named(dictations: Sequence[Dictation]) -> frozenset[str]:
    """Letters that were said with an example: they are not mistaken for another."""
    texts = (words_of(dictation[0]) for dictation in dictations)
    return frozenset(sign.text for words in texts for sign in signs_of(words) if sign.named)


def _candidates(heard: Sequence[Heard], refused: Iterable[str], named: frozenset[str]) -> Heard:
    """Whatever may have been dictated, with what it costs beside its distances."""
    found: Heard = {}
    for string in (string for strings in heard for string in strings):
        found[string] = 0.0
    for at, one in enumerate(heard):
        for other in heard[at + 1 :]:
            pairs = product(islice(one, _MERGED), islice(other, _MERGED))
            for merged in (merged for pair in pairs for merged in _merged(*pair)):
                found.setdefault(merged, _PUT_TOGETHER)
    for base in refused:
        for other_letter in _other_letters(base, named):
            found.setdefault(other_letter, _ANOTHER_LETTER)
    return {
        one: extra + _PART_OF_REFUSED * any(one in value for value in refused)
        for one, extra in found.items()
        if looks_like_one(one)
    }


def _merged(one: str, other: str) -> Iterator[str]:
    """Two strings put together, each part where they differ from the one or the other."""
    columns = groupby(aligned(one, other), key=lambda pair: (pair[0] == pair[1], *map(bool, pair)))
    parts = [tuple(map("".join, zip(*pairs, strict=True))) for _, pairs in columns]
    if sum(left != right for left, right in parts) > _PARTS:
        return
    for choice in product(*((left,) if left == right else (left, right) for left, right in parts)):
        yield "".join(choice)


def _other_letters(value: str, named: frozenset[str]) -> Iterator[str]:
    """A value with one letter exchanged for one that sounds like it, those with an example not."""
    for at, char in enumerate(value):
        for letter in ascii_uppercase if char.isalpha() and char not in named else "":
            if sound_alike(char, letter):
                yield value[:at] + letter + value[at + 1 :]
