"""Word search: BM25 over French stems, accents folded."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import bm25s
import numpy as np
import Stemmer

from knowledge.safety import fold

logging.getLogger("bm25s").setLevel(logging.WARNING)  # it logs each index at DEBUG by itself

_STOP = frozenset(
    fold(
        "le la les l un une des du de d au aux et ou où que qui quoi ce cet cette ces c est sont"
        " mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs je j ai tu il elle on"
        " nous vous ils elles me m te t se s y en ne n pas plus dans sur sous avec sans pour par"
        " chez être avoir fait faire a à qu est-ce quand comment combien quel quelle quels quelles"
        " bonjour madame monsieur allo oui non merci svp plaît peu bien très tout toute tous alors"
        " donc mais si puis car aussi ça cela voilà euh ben bah quoi là lui eux moi toi suis es"
        " été était avait dois doit peux peut veux veut voudrais aimerais savoir dire dit sais"
        " appelle appelez truc machin chose hein bon fais faites font faut faudrait pouvez"
        " voulez aider puisse puissent pourrais pourriez voulu aimerais s'il parce quoi dites allô"
    ).split()
)


class WordIndex:
    """BM25 over passages' stems; built in memory in a fraction of a second."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._stemmer = Stemmer.Stemmer("french")
        self._stems = [self.stems(text) for text in texts]
        counts: dict[str, int] = {}
        for stems in self._stems:
            for stem in set(stems):
                counts[stem] = counts.get(stem, 0) + 1
        total = max(1, len(texts))
        self._idf = {s: float(np.log(1 + (total - n + 0.5) / (n + 0.5))) for s, n in counts.items()}
        self._rarest = float(np.log(1 + (total + 0.5) / 0.5))
        self._sets = [frozenset(stems) for stems in self._stems]
        self._index = bm25s.BM25(method="lucene", k1=1.2, b=0.6)
        if any(self._stems):
            self._index.index(self._stems, show_progress=False)

    def stems(self, text: str) -> list[str]:
        """The stems of a text's content words, in order."""
        words = [word for word in fold(text).split() if word not in _STOP and len(word) > 1]
        return [str(stem) for stem in self._stemmer.stemWords(words)]

    def scores(self, question: str) -> np.ndarray:
        """BM25 score of each passage, shape (n,)."""
        stems = [stem for stem in self.stems(question) if stem in self._idf]
        if not stems:
            return np.zeros(len(self._stems), dtype=np.float32)
        return np.asarray(self._index.get_scores(stems), dtype=np.float32)

    def coverage(self, question: str, passage: int) -> float:
        """Share of the question's content, weighted by rarity, that a passage holds; 0 to 1."""
        stems = set(self.stems(question))
        weights = {stem: self._idf.get(stem, self._rarest) for stem in stems}
        total = sum(weights.values())
        if total == 0:
            return 0.0
        return sum(w for stem, w in weights.items() if stem in self._sets[passage]) / total

    def knows(self, word: str) -> bool:
        """Whether a word stands anywhere in the manuals."""
        return any(stem in self._idf for stem in self.stems(word))

    def unknown_share(self, question: str) -> float:
        """Share of the question's content words that stand nowhere in the manuals; 0 to 1."""
        stems = set(self.stems(question))
        return sum(stem not in self._idf for stem in stems) / len(stems) if stems else 0.0
