"""A version of a client's index, open for search by meaning: exact, thread-safe, read-only.

Chroma keeps the vectors (`parts`) and its copy in flat files is searched. Measured on 20,000 and
200,000 vectors: Chroma's own query with a `where` takes 95 and 800 ms and finds 98 % of what exact
search finds, which takes a tenth of that (`python -m evals.scale`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import overload

import chromadb
import numpy as np
import numpy.typing as npt

from knowledge.embeddings import Vectors
from knowledge.errors import IndexMissingError
from knowledge.late import TokenRows
from knowledge.passages import Passage, passage_from_json
from knowledge.search_files import SearchFiles, make_search_files, open_search_files
from knowledge.versions import ManualEntry as ManualEntry
from knowledge.versions import current_version as current_version
from knowledge.versions import read_meta as read_meta

SCOPES_KEPT = 64
"""Combinations of language and manuals whose rows are remembered."""

Places = npt.NDArray[np.int64]


class Passages(Sequence[Passage]):
    """The passages of a version, in reading order; each is decoded when first asked for."""

    def __init__(self, files: SearchFiles, manuals: Sequence[ManualEntry]) -> None:
        self._lines = files.lines
        self._starts = np.append(files.table["line"], len(files.lines))
        self._manual = files.table["manual"]
        self._label = [m.product.name if m.found is not None else None for m in manuals]
        self._decoded: dict[int, Passage] = {}

    def __len__(self) -> int:
        return len(self._manual)

    @overload
    def __getitem__(self, place: int) -> Passage: ...
    @overload
    def __getitem__(self, place: slice) -> list[Passage]: ...
    def __getitem__(self, place: int | slice) -> Passage | list[Passage]:
        if isinstance(place, slice):
            return [self[i] for i in range(*place.indices(len(self)))]
        at = place if place >= 0 else len(self) + place
        passage = self._decoded.get(at)
        if passage is None:
            if not 0 <= at < len(self):
                raise IndexError(place)
            line = self._lines[self._starts[at] : self._starts[at + 1]].tobytes()
            passage = passage_from_json(json.loads(line))
            label = self._label[int(self._manual[at])]
            if label is not None:  # the product was edited by hand
                passage = replace(passage, product=label)
            self._decoded[at] = passage
        return passage

    def __iter__(self) -> Iterator[Passage]:
        return (self[i] for i in range(len(self)))


class Collection:
    """A version opened for search.

    Attributes:
        folder: The version.
        embedder: Name of the model that made its vectors.
        manuals: What it holds.
        passages: All passages, in reading order; a passage's index here is its *place*.
        position: Place of each passage, by identifier.
        words: The word index; its places are the passages' places.
        sounds: The index by sound, likewise.
    """

    def __init__(self, folder: Path) -> None:
        """Open a version; its flat files are made again if they are missing.

        Raises:
            IndexMissingError: The folder holds no whole index.
        """
        self.folder = folder
        try:
            self.embedder, self.manuals = read_meta(folder)
            try:
                self._files = open_search_files(folder)
            except (OSError, ValueError, KeyError):
                make_search_files(folder, self.manuals)
                self._files = open_search_files(folder)
        except (OSError, KeyError, ValueError, TypeError, chromadb.errors.ChromaError) as error:
            raise IndexMissingError(
                f"L'index {folder.name} est incomplet ({error}) ; ingérez de nouveau les manuels."
            ) from error
        table = self._files.table
        self.words = self._files.words
        self.sounds = self._files.sounds
        self.passages = Passages(self._files, self.manuals)
        self._ids = [identifier.decode() for identifier in table["id"].tolist()]
        self.position = {identifier: place for place, identifier in enumerate(self._ids)}
        self._view = np.append(table["view"], len(self._files.vectors))
        self._token = np.append(table["token"], len(self._files.tokens))
        self._owner = np.repeat(np.arange(len(table)), np.diff(self._view))
        self._languages = set(table["language"].tolist())
        self._scope = lru_cache(maxsize=SCOPES_KEPT)(self._find_scope)

    def places(self, *, language: str, manuals: Sequence[str] = ()) -> Places:
        """Places of the passages of a language, of some manuals or (none named) of all."""
        return self._scope(language, frozenset(manuals))[0]

    def coded(self, *, language: str) -> list[Passage]:
        """The passages of error codes, in reading order."""
        table = self._files.table
        chosen = table["coded"] & (table["language"] == language.encode())
        return [self.passages[int(place)] for place in np.flatnonzero(chosen)]

    def of_manual(self, file: str) -> list[Passage]:
        """The passages of one manual, in reading order."""
        numbers = [i for i, manual in enumerate(self.manuals) if manual.file == file]
        chosen = np.isin(self._files.table["manual"], numbers)
        return [self.passages[int(place)] for place in np.flatnonzero(chosen)]

    def nearest(
        self, vector: Vectors, count: int, *, language: str, manuals: Sequence[str] = ()
    ) -> dict[str, float]:
        """Cosine similarity of the nearest passages' best view, by passage, best first.

        Args:
            vector: Shape (dimensions,), unit length.
            count: The passages of the 2 x `count` nearest views are returned.
            language: Only passages of this language.
            manuals: Only passages of these manuals; none named means all.
        """
        _, spans, mask = self._scope(language, frozenset(manuals))
        if not spans:
            return {}
        rows = np.concatenate([np.arange(start, end) for start, end in spans])
        parts = [self._files.vectors[start:end] @ vector for start, end in spans]
        cosines = parts[0] if len(parts) == 1 else np.concatenate(parts)
        found: dict[str, float] = {}
        for row in _best(cosines, mask, 2 * count):
            found.setdefault(self._ids[int(self._owner[rows[row]])], float(cosines[row]))
        return found

    def similarities(self, vector: Vectors, passage_ids: Sequence[str]) -> dict[str, float]:
        """Cosine similarity of the best view of passages found by other signs.

        Args:
            vector: Shape (dimensions,), unit length.
            passage_ids: Passages of this collection.
        """
        found: dict[str, float] = {}
        for identifier in passage_ids:
            place = self.position[identifier]
            views = self._files.vectors[self._view[place] : self._view[place + 1]]
            found[identifier] = float((views @ vector).max())
        return found

    def tokens(self, passage_id: str) -> TokenRows:
        """The token rows of a passage, int8 [tokens, 128]; of no row if the model gives none."""
        place = self.position[passage_id]
        return self._files.tokens[self._token[place] : self._token[place + 1]]

    def close(self) -> None:
        """Nothing is held but mapped memory, which goes with the last reader."""

    def _find_scope(
        self, language: str, manuals: frozenset[str]
    ) -> tuple[Places, tuple[tuple[int, int], ...], npt.NDArray[np.bool_] | None]:
        """Places of the passages, spans of rows to compare, which of these rows count (None: all).

        A manual's rows are contiguous; those of its other languages are compared for nothing.
        """
        table = self._files.table
        numbers = [i for i, manual in enumerate(self.manuals) if manual.file in manuals]
        within = np.isin(table["manual"], numbers) if manuals else np.ones(len(table), dtype=bool)
        chosen = within & (table["language"] == language.encode())
        edges = np.flatnonzero(np.diff(np.concatenate([[0], within.astype(np.int8), [0]])))
        spans = tuple(
            (int(self._view[start]), int(self._view[end]))
            for start, end in zip(edges[::2], edges[1::2], strict=True)
        )
        mask = chosen[self._owner[within[self._owner]]]
        spans = spans if mask.any() else ()
        return np.flatnonzero(chosen), spans, None if mask.all() else mask


def _best(
    cosines: npt.NDArray[np.float32], mask: npt.NDArray[np.bool_] | None, count: int
) -> Places:
    """Indices of the greatest cosines, greatest first; equal ones in reading order."""
    if mask is not None:
        cosines = np.where(mask, cosines, np.float32(-2))
        count = min(count, int(mask.sum()))
    if count < len(cosines):
        chosen = np.sort(np.argpartition(-cosines, count)[:count])
    else:
        chosen = np.arange(len(cosines))
    return chosen[np.argsort(-cosines[chosen], kind="stable")][:count]
