"""The index by sound, stored with a version: pieces of phonemes, and the terms an ear may find."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from knowledge.phonetics import Ear, grams, sound_of, words_of
from knowledge.postings import Floats, Postings

TERM_LETTERS = 5
"""Letters of a word that may be found by its sound alone."""


class StoredSounds:
    """BM25 over passages' phonemes, and the manuals' terms with their sounds; thread-safe."""

    def __init__(self, postings: Postings, terms: Sequence[tuple[str, str]]) -> None:
        self._postings = postings
        self._terms = tuple(terms)
        self.ear = Ear(self._terms)

    @classmethod
    def of(cls, texts: Sequence[str]) -> StoredSounds:
        """Index texts (blocks: some 0.1 ms a distinct word)."""
        counts = Counter(word for text in texts for word in set(words_of(text)))
        terms = [
            (word, sound_of(word) if len(word) >= TERM_LETTERS and word.isalpha() else "")
            for word in sorted(counts)
        ]
        return cls(Postings.of([grams(text) for text in texts], b=0.75), terms)

    def save(self, folder: Path) -> None:
        """Write into a folder, which is made."""
        self._postings.save(folder)
        lines = "\n".join(f"{term}\t{sound}" for term, sound in self._terms)
        (folder / "terms.tsv").write_text(lines, "utf-8")

    @classmethod
    def load(cls, folder: Path) -> StoredSounds:
        """Read what `save` wrote.

        Raises:
            OSError, ValueError, KeyError: It is missing or damaged.
        """
        lines = (folder / "terms.tsv").read_text("utf-8").split("\n")
        terms = [tuple(line.split("\t")) for line in lines if line]
        if any(len(term) != 2 for term in terms):
            raise ValueError(f"{folder} has another list of terms")
        return cls(Postings.load(folder), [(term[0], term[1]) for term in terms])

    def scores(self, heard: Sequence[str]) -> Floats:
        """BM25 score of each passage for pieces of phonemes (`phonetics.grams`), shape (n,)."""
        return self._postings.scores(heard)

    def reach(self, heard: Sequence[str]) -> float:
        """What a passage that holds every piece once, and nothing else, would about score."""
        return self._postings.reach(heard)
