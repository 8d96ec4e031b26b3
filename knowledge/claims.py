"""Does the manual say what a sentence says? Words, order, numbers, denials, conditions. Pure.

A sentence is supported when its claims stand in one passage, in that passage's order, each with
its own denial, condition and bound, and without jumping from one clause's beginning to another's
end. What cannot be shown to be supported is refused: the manual's own words are spoken instead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from knowledge.clauses import Reading, Token, contrary, read
from knowledge.unspeakable import unspeakable, without_unspeakable
from knowledge.wording import PIVOTAL

MOST_CHARACTERS = 400
"""Longest sentence that is checked: nobody says a longer one on the telephone."""

LEAST_KEPT = 0.7
"""Share of a part's words that must be left for it to be the same part."""


def unsupported(sentence: str, passages: Sequence[str]) -> str | None:
    """Why a sentence may not be spoken on the strength of these passages; None if it may.

    The reason's first word is its kind: link, telephone, code, order, script, question, length,
    number, negation, condition, opposite, strength, word, order.

    Args:
        sentence: One sentence, as a model wrote it.
        passages: Texts of the manual; each is looked at by itself.
    """
    if len(sentence) > MOST_CHARACTERS:
        return "length: too long"
    if reason := unspeakable(sentence):
        return f"{reason}: never spoken"
    if "?" in sentence:
        return "question: the agent asks, not the model"
    said = _read(sentence)
    if not said.claims:
        return None  # « D'accord, on y va. »
    safe = [without_unspeakable(passage) for passage in passages]
    reasons = [_against(said, _read(passage)) for passage in safe if passage.strip()]
    if not reasons:
        return "word: there is no passage"
    return None if None in reasons else reasons[0]


def missing(part: str, said: str) -> str | None:
    """What a rewording leaves out that must not be left out; None if it is whole.

    Every number, code, act, place, denial and condition must be left, and most of the words.
    """
    kept, whole = _read(said), _read(part)
    for token in whole.claims:
        turning = token.is_fact or token.verb or token.denied or token.word in PIVOTAL
        if turning and not any(_same(other, token) or _same(token, other) for other in kept.claims):
            return f"left out: {token}"
    left_of = Counter(token.stem for token in kept.claims)
    for token in whole.claims:
        left_of[token.stem] -= 1
        if token.word in PIVOTAL and left_of[token.stem] < 0:
            return f"left out: {token}"
    clauses: dict[int, list[Token]] = {}
    for token in whole.claims:
        clauses.setdefault(token.clause, []).append(token)
    for clause in clauses.values():  # « Four froid, … »: a whole clause is never an aside
        if not any(_same(other, token) for token in clause for other in kept.claims):
            return f"left out: {clause[0]}"
    if whole.conditions - kept.conditions:
        return f"left out: condition {' '.join(sorted(whole.conditions - kept.conditions))}"
    if whole.only and not kept.only:
        return "left out: only"
    stems = {token.stem for token in whole.claims}
    left = {token.stem for token in kept.claims}
    if stems and len(stems & left) < LEAST_KEPT * len(stems):
        return "left out: words"
    return None


@lru_cache(maxsize=512)
def _read(text: str) -> Reading:
    return read(text)


def _same(said: Token, stood: Token) -> bool:
    """Whether a word said is this word of the manual: same claim, same denial."""
    if said.number or stood.number:
        return said.number == stood.number
    if said.denied != stood.denied:
        return False
    return said.stem == stood.stem and (stood.verb or not said.verb)


def _against(said: Reading, stood: Reading) -> str | None:
    for token in said.claims:
        if not any(_same(token, other) for other in stood.tokens):
            return _unknown(token, stood)
    if said.must and not stood.must and not any(token.verb for token in stood.claims):
        return "strength: the manual does not demand it"
    aligned = _aligned(said.claims, stood.tokens)
    if aligned is None:
        return "order: other words stand between, or in another order"
    touched = {stood.tokens[i].sentence for i in aligned}
    needed = frozenset().union(*(stood.conditions_of[s] for s in touched))
    if needed != said.conditions:
        return f"condition: {' '.join(sorted(needed ^ said.conditions))}"
    if any(s in stood.only_in for s in touched) != said.only:
        return "condition: only"
    return None


def _unknown(token: Token, stood: Reading) -> str:
    if token.number is not None:
        return f"number: {token}"
    if token.code:
        return f"number: {token}"
    if any(token.stem == other.stem and token.denied != other.denied for other in stood.tokens):
        return f"negation: {token}"
    if other := contrary(token, stood.tokens):
        return f"opposite: {token} for {other}"
    return f"word: {token}"


def _aligned(said: Sequence[Token], stood: Sequence[Token]) -> list[int] | None:
    """Places of the said words in the passage: in order, no forbidden jump; None if there are none.

    Depth-first over the places of each word; sentences are short and words rarely repeat.
    """
    places = [[i for i, other in enumerate(stood) if _same(token, other)] for token in said]

    def place(at: int, chosen: list[int]) -> list[int] | None:
        if at == len(said):
            return chosen
        for i in places[at]:
            if chosen and (i <= chosen[-1] or not _joinable(said, stood, at, chosen[-1], i)):
                continue
            if (found := place(at + 1, [*chosen, i])) is not None:
                return found
        return None

    return place(0, [])


def _joinable(
    said: Sequence[Token], stood: Sequence[Token], at: int, left: int, right: int
) -> bool:
    """Whether two words said one after the other may be taken from these two places.

    A jump out of one clause's middle into another clause's middle joins what does not belong
    together: « coton à 60, laine à 30 » → « coton à 30 ». A number taken with the next clause's
    word does too.
    """
    first, second = stood[left], stood[right]
    between = [token for token in stood[left + 1 : right] if not token.optional]
    if first.clause == second.clause:
        turning = any(token.denied or token.word in PIVOTAL for token in between)
        return first.optional or not turning
    apart = said[at - 1].clause != said[at].clause or said[at - 1].label
    if first.sentence != second.sentence:
        return apart
    cut_left = any(token.clause == first.clause for token in between)
    cut_right = any(token.clause == second.clause for token in between)
    if cut_left and cut_right:
        return False
    if first.label and second.label:
        return not cut_right  # from the head of a row to one of its items
    if first.is_fact or second.is_fact:
        if not apart and not first.label:
            return False
        units = {t.number.unit for t in (first, second) if t.number is not None}
        return not any(t.code or (t.number and t.number.unit in units) for t in between)
    # A whole clause in between may be left out only where the sentence has a boundary too.
    return apart or all(t.clause in (first.clause, second.clause) for t in between)
