"""One manual's vectors and passages on disk: a Chroma database of its own, never changed.

A part is shared by all versions of the index that hold the manual, so that adding one manual to two
hundred costs one manual. (One collection for all was measured: two idle cores add 1,250 vectors a
second to its graph, so that a change to 100,000 passages would take minutes.)
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
from chromadb.config import Settings as ChromaSettings

from knowledge.embeddings import Vectors
from knowledge.late import TOKEN_DIMENSIONS, TokenRows
from knowledge.passages import Passage, passage_as_json
from knowledge.versions import fsync_tree

COLLECTION = "passages"
ADD_AT_ONCE = 1_000
NEVER = 1_000_000_000
"""Vectors after which Chroma would write its graph; they stay in its table, which is read."""


@dataclass(frozen=True)
class View:
    """One vector of a passage: its whole text, or its subject alone.

    Attributes:
        passage_id: Of the passage.
        name: "whole" or "subject".
        vector: float32, unit length.
        tokens: Its tokens' rows, int8 [tokens, 128]; kept of the whole text only.
    """

    passage_id: str
    name: str
    vector: Vectors
    tokens: TokenRows | None = None


def open_chroma(folder: Path) -> Any:
    """An embedded Chroma client on a folder, without telemetry."""
    return chromadb.PersistentClient(
        path=str(folder), settings=ChromaSettings(anonymized_telemetry=False)
    )


def close_chroma(client: Any, folder: Path) -> None:
    """Release an embedded Chroma client: its threads and its files.

    The files of its graph go: nothing reads them, and their unused room is whatever stood in this
    process's memory, another manual's words among it.
    """
    client.close()
    for graph in folder.iterdir():
        if graph.is_dir():
            shutil.rmtree(graph, ignore_errors=True)


def write_part(folder: Path, passages: Sequence[Passage], views: Sequence[View]) -> None:
    """Write a manual's passages and vectors, durably; no version refers to them yet."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    by_id = {passage.passage_id: passage for passage in passages}
    chroma = open_chroma(folder / "chroma")
    try:
        collection = chroma.create_collection(
            COLLECTION,
            metadata={"hnsw:space": "cosine", "hnsw:sync_threshold": NEVER},
            embedding_function=None,
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
        close_chroma(chroma, folder / "chroma")
    with (folder / "passages.jsonl").open("w", encoding="utf-8") as file:
        for passage in passages:
            file.write(json.dumps(passage_as_json(passage), ensure_ascii=False) + "\n")
    rows = {v.passage_id: v.tokens for v in views if v.name == "whole" and v.tokens is not None}
    none = np.zeros((0, TOKEN_DIMENSIONS), dtype=np.int8)
    tokens = [rows.get(passage.passage_id, none) for passage in passages]
    np.save(folder / "tokens.npy", np.concatenate([none, *tokens]))
    np.save(folder / "token_counts.npy", np.array([len(r) for r in tokens], dtype=np.int64))
    fsync_tree(folder)


def read_lines(folder: Path, manual: str) -> list[bytes]:
    """The passages of a manual, in reading order, each a line of JSON."""
    lines = (folder / "passages.jsonl").read_bytes().splitlines(keepends=True)
    return [line for line in lines if json.loads(line)["manual"] == manual]


def read_tokens(folder: Path, passages: int) -> tuple[TokenRows, list[int]]:
    """The token rows of all its passages one after another, and how many each passage has."""
    if not (folder / "tokens.npy").exists():  # an index older than these
        return np.zeros((0, TOKEN_DIMENSIONS), dtype=np.int8), [0] * passages
    return np.load(folder / "tokens.npy"), np.load(folder / "token_counts.npy").tolist()


def read_views(folder: Path, manual: str) -> list[View]:
    """The vectors of a manual's passages, from Chroma."""
    chroma = open_chroma(folder / "chroma")
    try:
        got = chroma.get_collection(COLLECTION, embedding_function=None).get(
            where={"manual": manual}, include=["embeddings", "metadatas"]
        )
    finally:
        close_chroma(chroma, folder / "chroma")
    return [
        View(meta["passage"], key.rsplit(":", 1)[1], np.asarray(vector, dtype=np.float32))
        for key, vector, meta in zip(got["ids"], got["embeddings"], got["metadatas"], strict=True)
    ]
