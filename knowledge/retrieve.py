"""Finds the passages that may answer a question: meaning, words and sound, fused as learned."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from knowledge.collection import Collection
from knowledge.embeddings import Embedding
from knowledge.late import TokenRows, best_matches
from knowledge.passages import Passage
from knowledge.phonetics import grams
from knowledge.postings import Floats
from knowledge.products import Product, same_product
from knowledge.question import Understood
from knowledge.reading import UNREAD, Reader
from knowledge.safety import fold

CANDIDATES = 24
"""Passages that each way of searching puts forward."""

READ = 16
"""Candidates, best first by all other signs, that the reader reads; each takes a millisecond."""

RANK_SIGNS = (
    "dense", "late", "words", "coverage", "sound", "title", "heading", "how_steps", "value_row",
    "symptom_row", "bare_warning",
)  # fmt: skip
"""What the order is learned from, a weight each; see `Hit`."""

_HOW = re.compile(
    r"\b(?:comment|que faire|quoi faire|je (?:dois|peux) faire|je fais (?:quoi|pour)|on fait"
    r"|faut faire|procedure|manip\w*|m y prend\w*|s y prend\w*|marche a suivre)\b"
)
_HOW_MUCH = re.compile(
    r"\b(?:combien|quelle? (?:est |sont )?(?:la |le |les |l )?(?:taille|hauteur|largeur|poids|"
    r"profondeur|puissance|capacite|consommation|duree|temperature|vitesse|tension|pression|"
    r"distance|longueur|bruit)|(?:pese|mesure|consomme)\b)"
)
_WRONG = re.compile(
    r"\b(?:ne|n|marche|fonctionne|fuit|coule|bloque\w*|coince\w*|bruit|boucan|plus|panne|pourquoi"
    r"|arrete\w*|refuse|bizarre|probleme|souci|sent|pue|tremble|vibre|saute|mouille|sale|taches?)\b"
)


@dataclass(frozen=True)
class Hit:
    """A passage found, and by which signs.

    Attributes:
        dense: Cosine similarity of its best view, -1 to 1; of several readings, the mean.
        late: Mean of its best matches with the question's tokens, -1 to 1.
        matches: These best matches, shape (tokens,).
        words: BM25 score as a share of what the question could reach, 0 or more.
        coverage: Share of the question's content words that it holds, by rarity, 0 to 1.
        sound: BM25 score over phonemes, as a share likewise.
        title: Share of the question's content words that its own subject holds, 0 to 1.
        signs: The signs of the order, in the order of RANK_SIGNS.
        read: The reader's logit that it answers; `UNREAD` behind the first `READ` hits.
        score: The fused score by which hits are ordered.
    """

    passage: Passage
    dense: float
    late: float
    matches: Floats
    words: float
    coverage: float
    sound: float
    title: float
    signs: tuple[float, ...]
    read: float
    score: float


class Retriever:
    """Searches one version of a client's index."""

    def __init__(
        self, collection: Collection, weights: Sequence[float], reader: Reader, read_weight: float
    ) -> None:
        """Search a collection.

        Args:
            collection: The version.
            weights: A weight for each of RANK_SIGNS, from the calibration.
            reader: Reads the candidates.
            read_weight: What a unit of its logit is worth in the order.
        """
        self.collection = collection
        self.words = collection.words
        self._reader, self._read_weight = reader, read_weight
        self._weights = np.asarray(weights, dtype=np.float64)

    @property
    def products(self) -> list[Product]:
        """The appliances of the client's manuals, each once."""
        return list(dict.fromkeys(manual.product for manual in self.collection.manuals))

    def search(
        self,
        question: Understood,
        embeddings: Sequence[Embedding],
        products: Sequence[Product] = (),
        language: str = "fr",
    ) -> list[Hit]:
        """The candidates, best first.

        Args:
            question: What was asked.
            embeddings: Of each of its readings, in their order.
            products: The appliances it may be about; none means all.
            language: Only passages of this language.
        """
        collection = self.collection
        manuals = [
            manual.file
            for manual in collection.manuals
            if not products or any(same_product(manual.product, one) for one in products)
        ]  # a sheet of codes is about the same appliance as its manual
        allowed = collection.places(language=language, manuals=manuals)
        if not len(allowed) or not embeddings:
            return []
        words = np.max([self._word_shares(text) for text in question.searched], axis=0)
        covered = np.max([self.words.coverages(text) for text in question.searched], axis=0)
        heard = grams(question.sounded)
        sound = collection.sounds.scores(heard) / max(collection.sounds.reach(heard), 1e-6)
        places: set[int] = set()
        for scores in (words, sound):
            best = allowed[np.argsort(-scores[allowed], kind="stable")[:CANDIDATES]]
            places.update(int(place) for place in best if scores[place] > 0)
        for embedding in embeddings:
            near = collection.nearest(
                embedding.vector, CANDIDATES, language=language, manuals=manuals
            )
            places.update(collection.position[identifier] for identifier in near)
        order = sorted(places)
        names = [collection.passages[place].passage_id for place in order]
        similar = [collection.similarities(e.vector, names) for e in embeddings]
        asked = _asked(question.text)
        hits = [
            self._hit(
                question, asked, place,
                sum(r.weight * s[name] for r, s in zip(question.readings, similar, strict=True)),
                embeddings[0].tokens, float(words[place]), float(covered[place]),
                float(sound[place]),
            )
            for place, name in zip(order, names, strict=True)
        ]  # fmt: skip
        return self._read(sorted(hits, key=_place), [e.tokens for e in embeddings])

    def read(self, asked: TokenRows, passage: Passage) -> float:
        """The reader's logit that a passage answers what was asked."""
        return self._reader.score(asked, self.collection.tokens(passage.passage_id))

    def _read(self, hits: list[Hit], readings: Sequence[TokenRows]) -> list[Hit]:
        """The hits in their last order: the first ones read, the others behind them.

        Where a question can be read in several ways, the one that fits a passage best counts: what
        was misheard fits nothing.
        """
        read = []
        for hit in hits[:READ]:
            logit = max(self.read(asked, hit.passage) for asked in readings)
            score = hit.score + self._read_weight * logit
            read.append(replace(hit, read=logit, score=score))
        lowest = min((hit.score for hit in read), default=0.0)
        rest = [replace(hit, score=min(hit.score, lowest)) for hit in hits[READ:]]
        return [*sorted(read, key=_place), *rest]

    def _word_shares(self, text: str) -> Floats:
        return self.words.scores(text) / max(self.words.reach(text), 1e-6)

    def _hit(
        self, question: Understood, asked: tuple[bool, bool, bool], place: int, dense: float,
        tokens: TokenRows, words: float, coverage: float, sound: float,
    ) -> Hit:  # fmt: skip
        passage = self.collection.passages[place]
        matches = best_matches(tokens, self.collection.tokens(passage.passage_id))
        late = float(matches.mean()) if len(matches) else 0.0
        title = self.words.shared(question.text, f"{passage.title} {passage.code}")
        heading = self.words.shared(question.text, passage.heading)
        how, how_much, wrong = asked
        signs = (
            dense, late, min(words, 1.5), coverage, min(sound, 1.5), title, heading,
            float(how and passage.kind == "procedure"),
            float(how_much and passage.kind in ("table_row", "specification")),
            float(wrong and passage.kind in ("trouble", "error_code")),
            float(passage.kind == "safety" and len(passage.steps) < 2),
        )  # fmt: skip
        score = float(self._weights @ np.asarray(signs))
        return Hit(
            passage, dense, late, matches, words, coverage, sound, title, signs, UNREAD, score
        )


def _place(hit: Hit) -> tuple[float, str]:
    return -hit.score, hit.passage.passage_id


def _asked(text: str) -> tuple[bool, bool, bool]:
    """Whether the question asks how, how much, or tells of something wrong."""
    folded = fold(text)
    return (
        _HOW.search(folded) is not None,
        _HOW_MUCH.search(folded) is not None,
        _WRONG.search(folded) is not None,
    )
