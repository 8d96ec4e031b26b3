"""Finds the passages that may answer a question: meaning, words and exact codes, fused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.collection import Collection
from knowledge.embeddings import Vectors
from knowledge.lexical import WordIndex
from knowledge.passages import Passage
from knowledge.products import Product
from knowledge.spoken import same_code

CANDIDATES = 24
"""Passages that each way of searching puts forward."""


@dataclass(frozen=True)
class Hit:
    """A passage found, and by which signs.

    Attributes:
        dense: Cosine similarity of its best view, -1 to 1.
        words: BM25 score, 0 or more.
        coverage: Share of the question's content words that it holds, 0 to 1.
        score: The fused score by which hits are ordered.
    """

    passage: Passage
    dense: float
    words: float
    coverage: float
    score: float


@dataclass(frozen=True)
class FusionWeights:
    """How much each sign counts in the order; learned by `python -m evals.calibrate`."""

    dense: float = 1.0
    words: float = 0.01
    coverage: float = 0.10


class Retriever:
    """Searches one version of a client's index."""

    def __init__(self, collection: Collection, weights: FusionWeights) -> None:
        self.collection = collection
        self._weights = weights
        self.words = WordIndex([passage.searchable for passage in collection.passages])

    @property
    def products(self) -> list[Product]:
        """The appliances of the client's manuals."""
        return [manual.product for manual in self.collection.manuals]

    def search(
        self, question: str, vector: Vectors, product: Product | None, language: str = "fr"
    ) -> list[Hit]:
        """The candidates, best first; only the product's own manuals once it is known."""
        manuals = [m.file for m in self.collection.manuals if product in (None, m.product)]
        dense = self.collection.nearest(vector, CANDIDATES, language=language, manuals=manuals)
        words = self.words.scores(question)
        allowed = [
            i
            for i, passage in enumerate(self.collection.passages)
            if passage.language == language and passage.manual in manuals
        ]
        by_words = sorted(allowed, key=lambda i: -words[i])[:CANDIDATES]
        places = {self.collection.position[p] for p in dense} | {
            i for i in by_words if words[i] > 0
        }
        floor = min(dense.values(), default=0.0)
        hits = [self._hit(question, i, dense, words, floor) for i in places]
        return sorted(hits, key=lambda hit: (-hit.score, hit.passage.passage_id))

    def _hit(
        self, question: str, place: int, dense: dict[str, float], words: np.ndarray, floor: float
    ) -> Hit:
        passage = self.collection.passages[place]
        # A passage that only its words put forward is at best as near as the farthest neighbour.
        similarity = dense.get(passage.passage_id, floor)
        covered = self.words.coverage(question, place)
        w = self._weights
        score = w.dense * similarity + w.words * float(words[place]) + w.coverage * covered
        return Hit(passage, similarity, float(words[place]), covered, score)

    def code_passages(
        self, codes: Sequence[str], product: Product | None, language: str = "fr"
    ) -> list[Passage]:
        """The rows of the error-code tables for the first of these codes that stands in one."""
        tables = [
            passage
            for passage in self.collection.passages
            if passage.code
            and passage.language == language
            and (product is None or passage.product == product.name)
        ]
        for code in codes:
            any_letter = code.isdigit()
            found = [p for p in tables if same_code(code, p.code, any_letter=any_letter)]
            if found:
                return found
        return []
