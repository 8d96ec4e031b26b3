"""The small embedding model, which remembers: the same text is embedded once in a test run."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from knowledge.embeddings import E5Embedder, Embedding, Vectors
from knowledge.late import TOKEN_DIMENSIONS


class Remembered(E5Embedder):
    """e5-small; its vectors can be handed to another process, which need not load the model."""

    def __init__(self, known: Path | None = None) -> None:
        """Load the model, or (given a file that `save` wrote) only the vectors known."""
        self._known: dict[str, Vectors] = {}
        if known is None:
            super().__init__()
        else:
            with np.load(known) as vectors:
                self._known = {key: vectors[key] for key in vectors.files}

    def query(self, text: str) -> Embedding:
        """A question's vector."""
        key = _key("query", text)
        if key not in self._known:
            self._known[key] = super().query(text).vector
        return self._remembered(key)

    def passages(self, texts: Sequence[str], titles: Sequence[str]) -> list[Embedding]:
        """Passages' vectors."""
        keys = [_key(title, text) for text, title in zip(texts, titles, strict=True)]
        new = {
            key: (text, title)
            for key, text, title in zip(keys, texts, titles, strict=True)
            if key not in self._known
        }
        if new:
            made = super().passages([t for t, _ in new.values()], [t for _, t in new.values()])
            self._known.update(zip(new, (one.vector for one in made), strict=True))
        return [self._remembered(key) for key in keys]

    def save(self, file: Path) -> Path:
        """Write all vectors known."""
        np.savez(file, **self._known)
        return file

    def _remembered(self, key: str) -> Embedding:
        return Embedding(self._known[key], np.zeros((0, TOKEN_DIMENSIONS), dtype=np.int8))


def _key(kind: str, text: str) -> str:
    return hashlib.sha256(f"{kind}|{text}".encode()).hexdigest()
