"""The word index as it is stored with a version: the same answers as `WordIndex`, ready at once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import Stemmer

from knowledge.lexical import _STOP, WordIndex
from knowledge.postings import Floats, Postings

_MADE_WITH = hashlib.sha256(" ".join(sorted(_STOP)).encode()).hexdigest()
"""The words that are left out; an index made with others has to be made again."""


class StoredWords(WordIndex):
    """BM25 over passages' stems, read from disk; thread-safe."""

    def __init__(self, postings: Postings) -> None:
        self._stemmer = Stemmer.Stemmer("french")
        self._postings = postings
        self._rarest = self._rarity(0)
        self._last = ("", np.zeros(postings.total))

    @classmethod
    def of(cls, texts: Sequence[str]) -> StoredWords:
        """Index texts."""
        words = cls(Postings.of([]))
        return cls(Postings.of([words.stems(text) for text in texts]))

    def save(self, folder: Path) -> None:
        """Write into a folder, which is made."""
        self._postings.save(folder)
        (folder / "made-with.txt").write_text(_MADE_WITH, "utf-8")

    @classmethod
    def load(cls, folder: Path) -> StoredWords:
        """Read what `save` wrote.

        Raises:
            OSError, ValueError, KeyError: It is missing, damaged, or of another list of words.
        """
        if (folder / "made-with.txt").read_text("utf-8") != _MADE_WITH:
            raise ValueError(f"{folder} was made with another list of words")
        return cls(Postings.load(folder))

    def scores(self, question: str) -> Floats:
        """BM25 score of each passage, shape (n,)."""
        return self._postings.scores(self.stems(question))

    def coverage(self, question: str, passage: int) -> float:
        """Share of the question's content, weighted by rarity, that a passage holds; 0 to 1."""
        return float(self.coverages(question)[passage])

    def coverages(self, question: str) -> npt.NDArray[np.float64]:
        """The coverage of every passage, shape (n,); the last question's is kept."""
        asked, shares = self._last
        if asked != question:
            weights = {s: self._rarity(self._postings.count(s)) for s in set(self.stems(question))}
            shares = self._postings.sums(weights) / max(sum(weights.values()), 1e-9)
            self._last = (question, shares)
        return shares

    def holding(self, words: str) -> npt.NDArray[np.int64]:
        """Places of the passages that hold each of some content words, ascending; none of none."""
        stems = set(self.stems(words))
        counted = self._postings.sums(dict.fromkeys(stems, 1.0))
        return np.flatnonzero(counted >= len(stems)) if stems else np.zeros(0, dtype=np.int64)

    def reach(self, question: str) -> float:
        """What a passage that holds each known word of the question once would score."""
        return self._postings.reach(set(self.stems(question)))

    def shared(self, question: str, text: str) -> float:
        """Share of the question's content, weighted by rarity, that another text holds; 0 to 1."""
        weights = {s: self._rarity(self._postings.count(s)) for s in set(self.stems(question))}
        held = set(self.stems(text)) & weights.keys()
        return sum(weights[stem] for stem in held) / max(sum(weights.values()), 1e-9)

    def knows(self, word: str) -> bool:
        """Whether a word stands anywhere in the manuals."""
        return any(stem in self._postings for stem in self.stems(word))

    def unknown_share(self, question: str) -> float:
        """Share of the question's content words that stand nowhere in the manuals; 0 to 1."""
        stems = set(self.stems(question))
        return sum(stem not in self._postings for stem in stems) / len(stems) if stems else 0.0

    def _rarity(self, passages: int) -> float:
        """Inverse document frequency (Lucene's), of a term that so many passages hold."""
        total = max(1, self._postings.total)
        return float(np.log(1 + (total - passages + 0.5) / (passages + 0.5)))
