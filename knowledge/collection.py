"""One client's index on disk: a folder a version, published by one pointer change.

    <client>/index/<version>/chroma/         vectors (Chroma, embedded; never its server)
    <client>/index/<version>/passages.jsonl  the passages themselves
    <client>/index/<version>/meta.json       embedding model and manuals
    <client>/index/CURRENT                   name of the version in service
    <client>/manuals/                        the files, as they were given

A version is built whole, beside the one in service, and `CURRENT` is replaced in one step: a
process killed at any moment leaves the old version or the new one in service.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
from chromadb.config import Settings as ChromaSettings

from knowledge.embeddings import Vectors
from knowledge.errors import IndexMissingError
from knowledge.passages import Passage, passage_as_json, passage_from_json
from knowledge.products import Product

COLLECTION = "passages"
ADD_AT_ONCE = 1_000
KEPT_VERSIONS = 2
"""The version in service and the one before it, which a running call may still read."""


@dataclass(frozen=True)
class ManualEntry:
    """A manual within an index.

    Attributes:
        file: File name.
        sha256: Of the file, hexadecimal.
        pages: Pages of the file.
        languages: Languages of its pages, ISO 639-1.
        product: The appliance that it is about.
        passages: Passages made from it.
    """

    file: str
    sha256: str
    pages: int
    languages: tuple[str, ...]
    product: Product
    passages: int


@dataclass(frozen=True)
class View:
    """One vector of a passage: its whole text, or its subject alone."""

    passage_id: str
    name: str
    vector: Vectors


def open_chroma(folder: Path) -> Any:
    """An embedded Chroma client on a folder, without telemetry."""
    return chromadb.PersistentClient(
        path=str(folder), settings=ChromaSettings(anonymized_telemetry=False)
    )


def current_version(client_dir: Path) -> Path | None:
    """Folder of the version in service, None if there is none yet."""
    pointer = client_dir / "index" / "CURRENT"
    try:
        name = pointer.read_text("utf-8").strip()
    except FileNotFoundError:
        return None
    return client_dir / "index" / name


def write_version(
    client_dir: Path,
    name: str,
    embedder: str,
    manuals: Sequence[ManualEntry],
    passages: Sequence[Passage],
    views: Sequence[View],
) -> Path:
    """Write a version, whole, not yet in service."""
    folder = client_dir / "index" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    by_id = {passage.passage_id: passage for passage in passages}
    chroma = open_chroma(folder / "chroma")
    try:
        collection = chroma.create_collection(
            COLLECTION, metadata={"hnsw:space": "cosine"}, embedding_function=None
        )
        for start in range(0, len(views), ADD_AT_ONCE):
            part = views[start : start + ADD_AT_ONCE]
            collection.add(
                ids=[f"{view.passage_id}:{view.name}" for view in part],
                embeddings=np.stack([view.vector for view in part]),
                metadatas=[
                    {
                        "passage": view.passage_id,
                        "language": by_id[view.passage_id].language,
                        "manual": by_id[view.passage_id].manual,
                    }
                    for view in part
                ],
            )
    finally:
        close_chroma(chroma)
    with (folder / "passages.jsonl").open("w", encoding="utf-8") as file:
        for passage in passages:
            file.write(json.dumps(passage_as_json(passage), ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
    meta = {"embedder": embedder, "manuals": [asdict(manual) for manual in manuals]}
    _write_durably(folder / "meta.json", json.dumps(meta, ensure_ascii=False, indent=1))
    return folder


def publish(client_dir: Path, name: str) -> None:
    """Put a version in service; drop the ones that nobody reads any more."""
    index = client_dir / "index"
    before = current_version(client_dir)
    _write_durably(index / "CURRENT", name + "\n")
    versions = sorted(
        (p for p in index.iterdir() if p.is_dir() and p.name != name),
        key=lambda p: (p == before, p.stat().st_mtime),  # not what a killed ingestion has left
        reverse=True,
    )
    for old in versions[KEPT_VERSIONS - 1 :]:
        shutil.rmtree(old, ignore_errors=True)


def read_meta(folder: Path) -> tuple[str, list[ManualEntry]]:
    """The embedding model and the manuals of a version."""
    meta = json.loads((folder / "meta.json").read_text("utf-8"))
    manuals = [
        ManualEntry(
            **{
                **entry,
                "languages": tuple(entry["languages"]),
                "product": Product(
                    entry["product"]["appliance"], tuple(entry["product"]["references"])
                ),
            }
        )
        for entry in meta["manuals"]
    ]
    return str(meta["embedder"]), manuals


def read_passages(folder: Path) -> list[Passage]:
    """The passages of a version, in reading order."""
    with (folder / "passages.jsonl").open(encoding="utf-8") as file:
        return [passage_from_json(json.loads(line)) for line in file]


def read_views(folder: Path, manuals: set[str]) -> list[View]:
    """The vectors of some manuals' passages, to carry them over to a new version."""
    chroma = open_chroma(folder / "chroma")
    try:
        got = chroma.get_collection(COLLECTION, embedding_function=None).get(
            where={"manual": {"$in": sorted(manuals)}}, include=["embeddings", "metadatas"]
        )
    finally:
        close_chroma(chroma)
    return [
        View(meta["passage"], key.rsplit(":", 1)[1], np.asarray(vector, dtype=np.float32))
        for key, vector, meta in zip(got["ids"], got["embeddings"], got["metadatas"], strict=True)
    ]


class Collection:
    """A version opened for search; thread-safe, closed when its last reader has gone."""

    def __init__(self, folder: Path) -> None:
        """Open a version.

        Raises:
            IndexMissingError: The folder holds no whole index.
        """
        try:
            self.embedder, self.manuals = read_meta(folder)
            self.passages = read_passages(folder)
            self._chroma = open_chroma(folder / "chroma")
            try:
                self._vectors = self._chroma.get_collection(COLLECTION, embedding_function=None)
            except BaseException:
                close_chroma(self._chroma)
                raise
        except (OSError, KeyError, ValueError, chromadb.errors.ChromaError) as error:
            raise IndexMissingError(
                f"L'index {folder.name} est incomplet ({error}) ; ingérez de nouveau les manuels."
            ) from error
        self.folder = folder
        self.position = {p.passage_id: i for i, p in enumerate(self.passages)}

    def nearest(
        self, vector: Vectors, count: int, *, language: str, manuals: Sequence[str] = ()
    ) -> dict[str, float]:
        """Cosine similarity of the nearest passages' best view, by passage."""
        where: dict[str, Any] = {"language": language}
        if manuals:
            where = {"$and": [where, {"manual": {"$in": list(manuals)}}]}
        found = self._vectors.query(
            query_embeddings=vector.reshape(1, -1),
            n_results=min(2 * count, max(1, self._vectors.count())),
            where=where,
            include=["metadatas", "distances"],
        )
        best: dict[str, float] = {}
        for meta, distance in zip(found["metadatas"][0], found["distances"][0], strict=True):
            similarity = 1.0 - float(distance)
            passage = str(meta["passage"])
            best[passage] = max(similarity, best.get(passage, -1.0))
        return best

    def close(self) -> None:
        """Release Chroma's threads and files."""
        close_chroma(self._chroma)


def close_chroma(client: Any) -> None:
    """Release an embedded Chroma client: its threads and its files."""
    client.close()


def _write_durably(file: Path, text: str) -> None:
    part = file.with_suffix(file.suffix + ".part")
    with part.open("w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    part.replace(file)
    directory = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
