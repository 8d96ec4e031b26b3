"""Terms and the passages that hold them, with their BM25 weights; saved with the index."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import bm25s
import numpy as np
import numpy.typing as npt

logging.getLogger("bm25s").setLevel(logging.WARNING)  # it logs each index at DEBUG by itself

Floats = npt.NDArray[np.float32]

K1 = 1.2
"""BM25's saturation of repeated terms."""


class Postings:
    """For each term, the places of the passages that hold it, ascending, and their weights."""

    def __init__(
        self, terms: Mapping[str, int], starts: npt.NDArray[np.int64],
        places: npt.NDArray[np.int32], weights: Floats, total: int,
    ) -> None:  # fmt: skip
        self._terms = terms
        self._starts, self._places, self._weights = starts, places, weights
        self.total = total

    @classmethod
    def of(cls, texts: Sequence[Sequence[str]], *, k1: float = K1, b: float = 0.6) -> Postings:
        """Index texts, each given as its terms (Lucene's BM25, as bm25s computes it)."""
        if not any(texts):
            empty = np.zeros(0, np.int32)
            return cls({}, np.zeros(1, np.int64), empty, np.zeros(0, np.float32), len(texts))
        index: Any = bm25s.BM25(method="lucene", k1=k1, b=b)
        index.index([list(text) for text in texts], show_progress=False)
        found = index.scores
        starts = np.asarray(found["indptr"], dtype=np.int64)
        places = np.asarray(found["indices"], dtype=np.int32)
        order = np.lexsort((places, np.repeat(np.arange(len(starts) - 1), np.diff(starts))))
        weights = np.asarray(found["data"], dtype=np.float32)[order]
        # bm25s knows one name more than it has lists: "", for a query without a known term.
        terms = {name: i for name, i in index.vocab_dict.items() if i < len(starts) - 1}
        return cls(terms, starts, places[order], weights, len(texts))

    def save(self, folder: Path) -> None:
        """Write into a folder, which is made."""
        folder.mkdir(parents=True)
        names = sorted(self._terms, key=self._terms.__getitem__)
        (folder / "terms.txt").write_text("\n".join(names), "utf-8")
        np.savez(
            folder / "postings.npz", starts=self._starts, places=self._places,
            weights=self._weights, total=np.array(self.total),
        )  # fmt: skip

    @classmethod
    def load(cls, folder: Path) -> Postings:
        """Read what `save` wrote.

        Raises:
            OSError, ValueError, KeyError: It is missing or damaged.
        """
        text = (folder / "terms.txt").read_text("utf-8")
        names = text.split("\n") if text else []
        with np.load(folder / "postings.npz") as found:
            starts, places, weights = found["starts"], found["places"], found["weights"]
            total = int(found["total"])
        if len(starts) != len(names) + 1:
            raise ValueError(f"{folder} holds {len(names)} terms and {len(starts) - 1} lists")
        return cls({name: i for i, name in enumerate(names)}, starts, places, weights, total)

    def __contains__(self, term: str) -> bool:
        return term in self._terms

    def count(self, term: str) -> int:
        """Passages that hold a term."""
        return len(self._held(term)[0])

    def scores(self, terms: Iterable[str]) -> Floats:
        """BM25 score of each passage, shape (total,); a term given twice counts twice."""
        scores = np.zeros(self.total, dtype=np.float32)
        for term in terms:
            places, weights = self._held(term)
            scores[places] += weights
        return scores

    def reach(self, terms: Iterable[str]) -> float:
        """What a passage of average length that holds each term once would score."""
        total = max(1, self.total)
        counts = [self.count(term) for term in terms]
        return float(sum(np.log(1 + (total - n + 0.5) / (n + 0.5)) / (1 + K1) for n in counts if n))

    def sums(self, values: Mapping[str, float]) -> npt.NDArray[np.float64]:
        """For each passage, the sum of the values of the terms that it holds, shape (total,)."""
        sums = np.zeros(self.total)
        for term, value in values.items():
            sums[self._held(term)[0]] += value
        return sums

    def _held(self, term: str) -> tuple[npt.NDArray[np.int32], Floats]:
        number = self._terms.get(term)
        if number is None:
            return self._places[:0], self._weights[:0]
        held = slice(int(self._starts[number]), int(self._starts[number + 1]))
        return self._places[held], self._weights[held]
