"""What the reader noticed of a file and a person should know; it is put into words elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

ProblemKind = Literal["picture", "unread_scan", "recognised", "foreign"]
"""picture: a page is a picture, no text was found in it; unread_scan: likewise, and no text
recognition is installed; recognised: its text was recognised in a picture; foreign: it is in
another language than French."""


@dataclass(frozen=True)
class Problem:
    """Something about some pages.

    Attributes:
        kind: What.
        pages: From 1, ascending.
        detail: The language, ISO 639-1, for `foreign`.
    """

    kind: ProblemKind
    pages: tuple[int, ...]
    detail: str = ""


def gathered(noticed: Iterable[tuple[ProblemKind, int, str]]) -> tuple[Problem, ...]:
    """One problem a kind and detail, with all its pages."""
    ordered = sorted(set(noticed), key=lambda one: (one[0], one[2], one[1]))
    return tuple(
        Problem(kind, tuple(page for _, page, _ in pages), detail)
        for (kind, detail), pages in groupby(ordered, key=lambda one: (one[0], one[2]))
    )


def runs_of(pages: Iterable[int]) -> list[tuple[int, int]]:
    """Pages as first and last of each run: 3, 4, 5, 9 -> (3, 5), (9, 9)."""
    runs: list[tuple[int, int]] = []
    for page in pages:
        if runs and page == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], page)
        else:
            runs.append((page, page))
    return runs
