"""The flat files from which a version is searched, made from its parts and mapped into memory.

    <version>/search/passages.jsonl  all passages, manual after manual, in reading order
    <version>/search/table.npy       a row a passage: who it is, where its line and vectors begin
    <version>/search/vectors.npy     float32 [views, dimensions], a passage's views together
    <version>/search/tokens.bin      int8 [tokens, 128], the rows of `late`, passage after passage
    <version>/search/words/          the word index
    <version>/search/sounds/         the index by sound

All can be made again from the parts, and are if they are missing. Mapped files are shared by all
processes and stay readable after the version was deleted: a call that has it open goes on.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np
import numpy.typing as npt

from knowledge.code_edits import corrected
from knowledge.embeddings import Vectors
from knowledge.late import TOKEN_DIMENSIONS, TokenRows
from knowledge.parts import read_lines, read_tokens, read_views
from knowledge.passages import passage_as_json, passage_from_json
from knowledge.stored_sounds import StoredSounds
from knowledge.stored_words import StoredWords
from knowledge.versions import ManualEntry, fsync_tree, part_folder, read_meta

ROW = np.dtype(
    [("id", "S32"), ("manual", "<i4"), ("language", "S8"), ("coded", "?"),
     ("line", "<i8"), ("view", "<i8"), ("token", "<i8")]
)  # fmt: skip
"""A passage: identifier, its manual's number in `meta.json`, language, whether it has an error
code, first byte of its line in `passages.jsonl`, first row in `vectors.npy` and in `tokens.bin`."""


@dataclass(frozen=True)
class SearchFiles:
    """A version's flat files, open.

    Attributes:
        table: A `ROW` a passage.
        lines: Bytes of all passages as JSON.
        vectors: float32 [views, dimensions], unit length.
        tokens: int8 [tokens, 128]; of no row if the model gives none.
        words: The word index.
        sounds: The index by sound.
    """

    table: npt.NDArray[np.void]
    lines: npt.NDArray[np.uint8]
    vectors: Vectors
    tokens: TokenRows
    words: StoredWords
    sounds: StoredSounds


_OPENING = Lock()
"""numpy reads a file's header by `ast.literal_eval`, which in CPython 3.11 fails now and then in
threads at once (SystemError, gh-106905)."""


def open_search_files(folder: Path) -> SearchFiles:
    """Map a version's files into memory.

    Raises:
        OSError, ValueError, KeyError: One is missing, damaged or of an older format.
    """
    with _OPENING:
        search = folder / "search"
        table = np.load(search / "table.npy")
        if table.dtype != ROW:
            raise ValueError(f"{search} has another table")
        return SearchFiles(
            table,
            np.asarray(np.memmap(search / "passages.jsonl", dtype=np.uint8, mode="r")),
            np.asarray(np.load(search / "vectors.npy", mmap_mode="r")),
            _open_tokens(search / "tokens.bin"),
            StoredWords.load(search / "words"),
            StoredSounds.load(search / "sounds"),
        )


def check_search_files(folder: Path) -> None:
    """Map a version's files anew and see that none is cut.

    Raises:
        OSError, ValueError, KeyError: One is missing, damaged or of an older format.
    """
    files = open_search_files(folder)
    if not len(files.table):
        return
    last = files.table[-1]
    if (
        last["line"] >= len(files.lines)
        or last["view"] >= len(files.vectors)
        or last["token"] > len(files.tokens)
    ):
        raise ValueError(f"a file of {folder.name} is cut")


def _open_tokens(file: Path) -> TokenRows:
    if file.stat().st_size == 0:  # nothing to map
        return np.zeros((0, TOKEN_DIMENSIONS), dtype=np.int8)
    return np.asarray(np.memmap(file, dtype=np.int8, mode="r")).reshape(-1, TOKEN_DIMENSIONS)


def make_search_files(
    folder: Path, manuals: Sequence[ManualEntry], previous: Path | None = None
) -> None:
    """Make a version's files from its manuals' parts, whole or not at all.

    Args:
        folder: The version.
        manuals: What it holds.
        previous: A version from which the vectors of the same parts are taken, faster than Chroma.

    Raises:
        OSError, ValueError, KeyError, ChromaError: A part cannot be read, or a file written.
    """
    making = folder / f"search.{os.getpid()}"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    try:
        _make(making, folder, manuals, _vectors_by_part(previous))
        fsync_tree(making)
        shutil.rmtree(folder / "search", ignore_errors=True)
        making.rename(folder / "search")
    finally:
        shutil.rmtree(making, ignore_errors=True)


def link_search_files(source: Path, folder: Path) -> None:
    """Give a version the files of another one with the same parts."""
    making = folder / f"search.{os.getpid()}"
    shutil.copytree(source / "search", making, copy_function=_link)
    fsync_tree(making)
    making.rename(folder / "search")


def _make(
    making: Path, folder: Path, manuals: Sequence[ManualEntry], ready: dict[str, list[Vectors]]
) -> None:
    rows: list[tuple[bytes, int, bytes, bool, int, int, int]] = []
    vectors: list[Vectors] = []
    texts: list[str] = []
    line_at = view_at = token_at = 0
    with (
        (making / "passages.jsonl").open("wb") as file,
        (making / "tokens.bin").open("wb") as token_file,
    ):
        for number, manual in enumerate(manuals):
            lines = read_lines(part_folder(folder, manual), manual.file)
            passages = [passage_from_json(json.loads(line)) for line in lines]
            views = ready.get(manual.part) if manual.part else None
            if views is None or len(views) != len(passages):  # some were hidden there
                by_id = _grouped(part_folder(folder, manual), manual.file)
                views = [by_id[passage.passage_id] for passage in passages]
            tokens, counts = read_tokens(part_folder(folder, manual), len(passages))
            shown = [corrected(passage, manual.codes) for passage in passages]
            tokens[np.repeat([one is not None for one in shown], counts)].tofile(token_file)
            for place, (passage, mine, count) in enumerate(zip(shown, views, counts, strict=True)):
                if passage is None:
                    continue
                line = lines[place]
                if passage is not passages[place]:
                    line = json.dumps(passage_as_json(passage), ensure_ascii=False).encode() + b"\n"
                file.write(line)
                rows.append((passage.passage_id.encode(), number, passage.language.encode(),
                             bool(passage.code), line_at, view_at, token_at))  # fmt: skip
                line_at, view_at = line_at + len(line), view_at + len(mine)
                token_at += count
                texts.append(passage.searchable)
                vectors.append(mine)
    np.save(making / "table.npy", np.array(rows, dtype=ROW))
    _save_vectors(making, vectors, view_at)
    StoredWords.of(texts).save(making / "words")
    StoredSounds.of(texts).save(making / "sounds")


def _save_vectors(making: Path, vectors: Sequence[Vectors], total: int) -> None:
    dimensions = vectors[0].shape[1] if vectors else 0
    whole = _new_array(making / "vectors.npy", (total, dimensions))
    start = 0
    for part in vectors:
        whole[start : start + len(part)] = part
        start += len(part)
    whole.flush()


def _new_array(
    file: Path, shape: tuple[int, int]
) -> np.memmap[tuple[int, ...], np.dtype[np.float32]]:
    """A float32 array that is written where it stands.

    Its bytes are written first: to fill a disk through a mapping ends the process, to write does
    not.
    """
    with file.open("wb") as handle:
        np.lib.format.write_array_header_2_0(
            handle, {"descr": "<f4", "fortran_order": False, "shape": shape}
        )
        row = bytes(4 * shape[1] * 256)
        for start in range(0, shape[0], 256):
            handle.write(row[: 4 * shape[1] * min(256, shape[0] - start)])
        handle.flush()
        os.fsync(handle.fileno())
    return np.lib.format.open_memmap(file, mode="r+")


def _vectors_by_part(version: Path | None) -> dict[str, list[Vectors]]:
    """For each part of a version, its passages' vectors in order; empty if it cannot be read."""
    if version is None:
        return {}
    try:
        files, (_, manuals) = open_search_files(version), read_meta(version)
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    ends = np.append(files.table["view"][1:], len(files.vectors))
    ready: dict[str, list[Vectors]] = {manual.part: [] for manual in manuals}
    for number, start, end in zip(files.table["manual"], files.table["view"], ends, strict=True):
        ready[manuals[int(number)].part].append(files.vectors[int(start) : int(end)])
    return ready


def _grouped(part: Path, manual: str) -> dict[str, Vectors]:
    """Each passage's vectors, from Chroma; the whole text's first."""
    found: dict[str, list[tuple[bool, str, Vectors]]] = {}
    for view in read_views(part, manual):
        entry = (view.name != "whole", view.name, view.vector)
        found.setdefault(view.passage_id, []).append(entry)
    return {
        passage: np.stack([vector for *_, vector in sorted(views, key=lambda v: v[:2])])
        for passage, views in found.items()
    }


def _link(source: str, target: str) -> None:
    """The same bytes under another name; a copy where the file system has no hard links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
