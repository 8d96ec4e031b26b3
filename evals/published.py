"""EmbeddingGemma as it is published, alone: what the search is held against.

Over all passages of a brand, by the likeness of the best view, nothing else. Needs `permanence
models pull embeddinggemma-300m`; the vectors of the evaluation brands are kept between runs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from agent.models import path as model_path
from agent.settings import Settings
from evals.cases import Case
from knowledge.embeddings import GemmaEmbedder, Vectors
from knowledge.ingest import embedded
from knowledge.library import Library
from knowledge.passages import Passage

MODEL = "embeddinggemma-300m"
FOUND = 60
"""Views of the list, best first; a page may be there more than once."""

Place = tuple[str, int]
"""Manual and page."""


class Published:
    """Orders a brand's pages by the published model's vectors."""

    def __init__(self, settings: Settings, library: Library, clients: Sequence[str]) -> None:
        """Embed the brands' passages (blocks: a minute for 1,500 of them, once).

        Raises:
            ModelUnavailableError: The model is not there; says what to run.
        """
        self._model = GemmaEmbedder(model_path(settings, MODEL))
        self._kept = settings.home / "cache" / "evals" / MODEL
        self._kept.mkdir(parents=True, exist_ok=True)
        self._brands: dict[str, tuple[Vectors, list[Place]]] = {}
        for client in dict.fromkeys(clients):
            passages = library.shelf(client).retriever.collection.passages
            french = [p for p in passages if p.language == "fr"]
            self._brands[client] = self._embedded(client, french)

    def found(self, case: Case) -> list[Place]:
        """Where the passages that are most alike stand, best first."""
        vectors, places = self._brands[case.question.client]
        asked = self._model.query(case.sought.question.text).vector
        return [places[int(i)] for i in np.argsort(-(vectors @ asked), kind="stable")[:FOUND]]

    def _embedded(self, client: str, passages: list[Passage]) -> tuple[Vectors, list[Place]]:
        places = {p.passage_id: (p.manual, p.page) for p in passages}
        digest = hashlib.sha256(" ".join(sorted(places)).encode()).hexdigest()[:16]
        file = self._kept / f"{client}-{digest}.npz"
        if not file.exists():
            views = embedded(passages, self._model)
            vectors = np.stack([view.vector for view in views])
            _save(file, vectors, [view.passage_id for view in views])
        with np.load(file) as stored:
            return stored["vectors"], [places[str(owner)] for owner in stored["owners"]]


def _save(file: Path, vectors: Vectors, owners: list[str]) -> None:
    part = file.with_suffix(".part.npz")
    np.savez(part, vectors=vectors, owners=np.array(owners))
    part.replace(file)
