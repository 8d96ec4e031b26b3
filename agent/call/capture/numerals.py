"""Number words and figures: every way to write a run of them down, with what it costs.

« soixante, quinze » is 60 15, or 75 with a breath in it; « quatre vingt » is 80, or 4 20. A cost
says how far a way departs from the words: 0 for none, about 1 for each pause that is overlooked or
each number that is parted, 2 and more for what a recogniser hardly does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice, pairwise

from agent.call.capture.words import Word
from voices.numbers import cardinal

Costs = dict[str, int]

PARTED, PARTED_AT_HYPHEN, FIGURES_JOINED = 1, 5, 2
LONGEST_WORDS = 12
"""« quatre-vingt-dix-sept mille quatre cent quatre-vingt-dix-neuf »: none looked for is longer."""

LONGEST_RUN = 48
"""Words of one run of numbers: what a caller says after them is not read."""

_WAYS = 240
"""Ways kept for the rest of a run, the cheapest ones: enough for any number, and quick."""

_SWISS = {"septante": 70, "huitante": 80, "octante": 80, "nonante": 90}
_SPELLINGS = {"mil": "mille", "une": "un", "cents": "cent", "vingts": "vingt", "zeros": "zero",
              "quatres": "quatre", "sis": "six", "cinque": "cinq"}  # fmt: skip
SOUNDS_LIKE = {"set": "sept", "cet": "sept", "cette": "sept", "dis": "dix", "dit": "dix",
               "vin": "vingt", "vint": "vingt", "vain": "vingt", "heros": "zero", "si": "six",
               "saint": "cinq", "ouit": "huit", "neufs": "neuf"}  # fmt: skip
"""What a recogniser writes for a number that stands between two others."""


def _words(number: int) -> tuple[str, ...]:
    said = cardinal(number).replace("-", " ").replace("é", "e").split()
    return tuple(_SPELLINGS.get(word, word) for word in said)


@cache
def _below_two_thousand() -> dict[tuple[str, ...], int]:
    """Words of each number up to 999, and of « dix-neuf cent … » up to 1999."""
    small = {_words(number): number for number in range(100)}
    for ten, value in _SWISS.items():
        small |= {(ten, *_words(unit)): value + unit for unit in range(2, 10)}
        small |= {(ten,): value, (ten, "et", "un"): value + 1, (ten, "un"): value + 1}
    # « vingt et un » without its « et ».
    small |= {tuple(w for w in said if w != "et"): number for said, number in small.items()}
    table = dict(small)
    for hundreds in (1, *range(2, 10), *range(11, 20)):
        head = ("cent",) if hundreds == 1 else (*_words(hundreds), "cent")
        table |= {(*head, *tail): hundreds * 100 + rest for tail, rest in small.items() if rest}
        table[head] = hundreds * 100
    return table


@cache
def _number_words() -> frozenset[str]:
    spelled = {word for said in _below_two_thousand() for word in said} - {"et"}
    return frozenset({*spelled, *_SPELLINGS, "mille"})


def is_number(word: Word) -> bool:
    """Whether a word is a group of figures or part of a number."""
    return word.figures or word.plain in _number_words()


def _as_words(word: Word) -> tuple[str, ...]:
    """The words of a number; figures up to 99 as they are said."""
    if not word.figures:
        return (_SPELLINGS.get(word.plain, word.plain),)
    short = len(word.plain) <= 2 and not word.plain.startswith("0")
    return _words(int(word.plain)) if short else (word.plain,)


def value_of(words: Sequence[Word], *, thousands: bool = True) -> int | None:
    """The one number that words make, None if they make none or more than one.

    Args:
        words: Number words; figures of one or two digits count as they are said.
        thousands: Numbers with « mille » count too.
    """
    if len(words) == 1 and words[0].figures:
        return int(words[0].plain)
    at = next((at for at, word in enumerate(words) if word.plain in ("mille", "mil")), None)
    if at is None:
        return _below_thousand(words)
    head = _below_thousand(words[:at]) if at else 1
    tail = _below_thousand(words[at + 1 :]) if words[at + 1 :] else 0
    if not thousands or not head or head > 999 or tail is None or tail > 999:
        return None
    return head * 1000 + tail if tail or at + 1 == len(words) else None


def _below_thousand(words: Sequence[Word]) -> int | None:
    if len(words) == 1 and words[0].figures:
        return int(words[0].plain)
    return _below_two_thousand().get(tuple(part for word in words for part in _as_words(word)))


def _longest(run: Sequence[Word], at: int, *, thousands: bool) -> int:
    """Where the number that starts at a word ends, if the words mean what they say."""
    best = at + 1
    if run[at].figures:
        following = run[at + 1].plain if at + 1 < len(run) else ""
        if following not in ("mille", "mil") or not thousands:
            return best
    for end in range(at + 2, min(at + LONGEST_WORDS, len(run)) + 1):
        if run[end - 1].paused:
            break
        if any(word.figures for word in run[at:end]) and not _with_thousand(run[at:end]):
            continue
        if _parts_compound(run, end) or _joins_parted(run, at, end):
            continue
        if value_of(run[at:end], thousands=thousands) is not None:
            best = end
    return best


def _parts_compound(run: Sequence[Word], end: int) -> bool:
    """Whether a number that ends before a word would part « trente-quatre », « quatre-vingt »."""
    if end >= len(run) or run[end].gap != "-" or run[end].figures:
        return False
    return any(
        value_of(run[start : end + 1]) is not None for start in (end - 1, end - 2) if start >= 0
    )


def _joins_parted(run: Sequence[Word], at: int, end: int) -> bool:
    """Whether words are written as two numbers: « quatre vingt-deux », « quatre-vingts sept ».

    Where other numbers have their hyphens, one without is two: « soixante quinze » is 60 15. After
    a first « zéro » comes one figure: « zéro quatre vingt deux » is 04 22.
    """
    words = run[at:end]
    if any(word.plain in ("vingts", "cents") for word in words[:-1]):
        return True
    if at == 1 and run[0].plain in ("zero", "0") and _follows_zero(words):
        return True
    return _has_hyphens(run) and any(
        word.gap == " " and value_of((before, word)) is not None and _wants_hyphen(before, word)
        for before, word in pairwise(words)
    )


def _follows_zero(words: Sequence[Word]) -> bool:
    """Whether the first figure after « zéro » stands alone: 04 22, 09 113, but 0 800."""
    eighty = words[0].plain == "quatre" and words[1:2] and words[1].gap == " "
    hundreds = words[0].plain != "huit" and words[1:2] and words[1].plain in ("cent", "cents")
    return bool(eighty or hundreds)


def _wants_hyphen(before: Word, word: Word) -> bool:
    return not {before.plain, word.plain} & _WITHOUT_HYPHEN and not word.figures


_WITHOUT_HYPHEN = frozenset("cent cents mille mil et".split())


def _has_hyphens(run: Sequence[Word]) -> bool:
    """Whether the recogniser writes hyphens in numbers here."""
    return any(
        word.gap == "-" and value_of((before, word)) is not None and not word.figures
        for before, word in pairwise(run)
    )


def _with_thousand(words: Sequence[Word]) -> bool:
    return any(word.plain in ("mille", "mil") for word in words)


def _pieces(
    run: Sequence[Word], at: int, *, thousands: bool, slow: bool
) -> Iterator[tuple[int, str, int]]:
    """Ends, figures and costs of the numbers that may start at a word."""
    longest = _longest(run, at, thousands=thousands)
    for end in range(at + 1, min(at + LONGEST_WORDS, len(run)) + 1):
        words = run[at:end]
        value = value_of(words, thousands=thousands)
        if value is None:
            continue
        figures = words[0].plain if end == at + 1 and words[0].figures else str(value)
        if slow and end > longest and all(word.figures for word in words):
            yield end, figures, PARTED  # « 80, 18 »
            continue
        cost = sum(PARTED for word in words[1:] if word.paused)
        if at and words[0].plain in ("mille", "mil"):
            cost += PARTED_AT_HYPHEN  # « six mille » is never 6 1000
        if _parts_compound(run, end):
            cost += PARTED_AT_HYPHEN
        elif end < longest or _joins_parted(run, at, end):
            cost += PARTED
        elif end > longest and any(word.figures for word in words):
            cost += FIGURES_JOINED
        yield end, figures, cost


def ways(
    run: Sequence[Word], *, thousands: bool = False, longest: int = 16, slow: bool = False
) -> Costs:
    """The strings of figures that a run of number words may mean, each with its least cost.

    Args:
        run: Number words and groups of figures.
        thousands: « mille » counts: in postcodes and references, not in telephone numbers.
        longest: Figures of the longest string that is looked for.
        slow: The caller breathes within numbers: « 80, 18 » costs no more than any breath.
    """
    run = run[:LONGEST_RUN]
    tails: list[Costs] = [{} for _ in run] + [{"": 0}]
    for at in range(len(run) - 1, -1, -1):
        found: Costs = {}
        for end, figures, cost in _pieces(run, at, thousands=thousands, slow=slow):
            for tail, tail_cost in tails[end].items():
                whole, total = figures + tail, cost + tail_cost
                if len(whole) <= longest or total == 0:
                    found[whole] = min(total, found.get(whole, total))
        cheapest = sorted(found.items(), key=lambda way: (way[1], len(way[0])))
        tails[at] = dict(islice(cheapest, _WAYS))
    return tails[0]


def as_heard(run: Sequence[Word], *, thousands: bool = False) -> list[tuple[int, int, str]]:
    """The numbers of a run, taken as the words say them: start, end and figures of each."""
    pieces, at = [], 0
    while at < len(run):
        end = _longest(run, at, thousands=thousands)
        value = value_of(run[at:end], thousands=thousands)
        if value is None:  # an « et » or a « mille » that belongs to nothing
            at += 1
            continue
        figures = run[at].plain if end == at + 1 and run[at].figures else str(value)
        pieces.append((at, end, figures))
        at = end
    return pieces


def figures_heard(run: Sequence[Word], *, thousands: bool = False) -> str:
    """The figures of a run, taken as the words say them."""
    return "".join(figures for _, _, figures in as_heard(run, thousands=thousands))
