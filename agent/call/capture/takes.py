"""Numbers as the caller means them, once all corrections in an utterance are made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from agent.call.capture.numerals import as_heard, figures_heard
from agent.call.capture.runs import CORRECTS, Edit
from agent.call.capture.words import Word

Words = tuple[Word, ...]
Cost = Callable[[Sequence[Word], bool], int | None]
"""Cost of the best whole reading of words (and whether « plus » comes first), None if none."""

_NEVER = 99


@dataclass(frozen=True)
class Take:
    """Numbers as the caller means them, all corrections made."""

    words: Words
    plus: bool = False


def takes_of(edits: Sequence[Edit], cost: Cost) -> list[Take]:
    """What a caller means by runs of numbers: each number that is given, corrections made."""
    takes: list[Take] = []
    for edit in edits:
        run = edit.run
        if not takes:
            takes.append(Take(run.words, run.plus))
            continue
        current = takes[-1]
        alone = cost(run.words, run.plus) is not None
        if edit.old or run.link in ("correction", "restart"):
            takes[-1] = _corrected(current, edit, cost)
        elif alone or run.plus or cost(current.words, current.plus) is not None:
            takes.append(Take(run.words, run.plus))
        else:
            takes[-1] = replace(current, words=(*current.words, *after_pause(run.words)))
    return takes


def after_pause(words: Sequence[Word]) -> Words:
    """The same words with a pause before them."""
    return (replace(words[0], gap=","), *words[1:]) if words else ()


def _corrected(current: Take, edit: Edit, cost: Cost) -> Take:
    run = edit.run
    if cost(run.words, run.plus) is not None:
        return Take(run.words, run.plus)
    if edit.old:
        swapped = _swapped(current, edit, cost)
        if swapped is not None:
            return swapped
    if run.link == "restart" and (run.plus or figures_heard(run.words)[:1] == "0"):
        return Take(run.words, run.plus)
    pieces, new = as_heard(current.words), figures_heard(run.words)
    first = as_heard(run.words)[0][2] if new else ""
    options: list[tuple[int, int, int, Take]] = []
    adds = Take((*current.words, *after_pause(run.words)), current.plus)
    if not CORRECTS.search(run.before) and cost(adds.words, adds.plus) in (0, 1):
        return adds  # « … et à la fin trente-quatre »
    for back in range(1, len(pieces) + 1):
        kept = current.words[: pieces[-back][0]]
        removed = sum(len(figures) for _, _, figures in pieces[-back:])
        take = Take((*kept, *after_pause(run.words)), current.plus)
        price = cost(take.words, take.plus)
        unlike = 0 if price is not None else abs(removed - len(first))
        options.append((_NEVER if price is None else price, unlike, back, take))
    if not options:
        return current
    best = min(options, key=lambda option: option[:3])
    if best[0] == _NEVER:  # « 69003, non, quatre »: less than the last number is corrected
        figures = figures_heard(current.words, thousands=True)
        tail = replace(best[3], words=(Word(figures[: -len(new)], figures[: -len(new)]),
                                       Word(new, new)))  # fmt: skip
        if 0 < len(new) < len(figures) and cost(tail.words, tail.plus) is not None:
            return tail
    return best[3]


def _swapped(current: Take, edit: Edit, cost: Cost) -> Take | None:
    """The named number replaced where it stands last, if it does."""
    old = figures_heard(edit.old)
    for start, end, figures in reversed(as_heard(current.words)):
        if figures.lstrip("0") != old.lstrip("0"):
            continue
        head, tail = current.words[:start], after_pause(current.words[end:])
        new = after_pause(edit.run.words)
        plain = Take((*head, *new, *tail), current.plus)
        zero = replace(plain, words=(*head, Word("0", "0", ","), *new, *tail))
        prices = [(price, take) for take in (plain, zero)
                  if (price := cost(take.words, take.plus)) is not None]  # fmt: skip
        return min(prices, key=lambda pair: pair[0])[1] if prices else plain
    return None
