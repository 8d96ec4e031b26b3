"""A file is read and embedded into a client's draft, beside everything that answers calls.

That is done outside the client's lock, into a folder of its own, so that corrections and
publications need not wait for it.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from knowledge.draft import drafted, put
from knowledge.embeddings import Embedder
from knowledge.errors import IndexMissingError
from knowledge.ingest import (
    Progress,
    by_passage,
    carried,
    embedded,
    keep_file,
    read_manual,
    sha256_of,
)
from knowledge.parts import write_part
from knowledge.pointers import draft_version, named
from knowledge.versions import (
    NONE,
    ManualEntry,
    current_version,
    fsync_folder,
    locked,
    new_name,
    read_meta,
    stored_files,
    usable,
    write_durably,
    writing,
)


def prepare(
    client_dir: Path, file: Path, embedder: Embedder, progress: Progress | None = None
) -> ManualEntry:
    """Read and embed a file into the draft, in place of a manual of the same file name.

    What is unchanged, in the draft or in service, is not read again. Blocks for as long as the file
    takes; one at a time for a client, over all processes.

    Args:
        client_dir: The client's folder.
        file: The file; it is copied.
        embedder: The embedding model, loaded.
        progress: Called with "reading" and pages, then "embedding" and texts, then "writing".

    Returns:
        The manual's entry in the draft.

    Raises:
        DocumentError: It cannot be read as a manual; the draft is as it was.
        IndexWriteError: The index cannot be written; the draft is as it was.
    """
    report = progress or (lambda stage, done, total: None)
    sha256 = sha256_of(file)
    with _preparing(client_dir) as room:
        known = _known(client_dir, file.name, sha256, embedder.name)
        again = [] if known is not None else [(file, sha256)]
        again += [(one, sha256_of(one)) for one in _outdated(client_dir, file.name, embedder.name)]
        entries = {one.name: _part(room, one, sha, embedder, report) for one, sha in again}
        if known is not None:
            entries[file.name] = known
        report("writing", 0, 1)
        with locked(client_dir), writing(client_dir):
            _begin(client_dir)
            for entry in entries.values():
                if (room / entry.part).is_dir():
                    parts = client_dir / "index" / "parts"
                    parts.mkdir(exist_ok=True)
                    (room / entry.part).rename(parts / entry.part)
                    fsync_folder(parts)
            for one, sha in ((file, sha256), *again):
                keep_file(client_dir, one, sha)
            put(client_dir, embedder.name, entries)
        report("writing", 1, 1)
    return next(entry for entry in drafted(client_dir) if entry.file == file.name)


@contextmanager
def _preparing(client_dir: Path) -> Iterator[Path]:
    """A folder for parts that no version holds yet; what a killed preparation left is gone."""
    room = client_dir / "preparing"
    with writing(client_dir):
        room.mkdir(parents=True, exist_ok=True)
        handle = (room / "LOCK").open("w")
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        _empty(room)
        try:
            yield room
        finally:
            _empty(room)


def _empty(room: Path) -> None:
    for left in room.iterdir():
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)


def _part(
    room: Path, file: Path, sha256: str, embedder: Embedder, report: Progress
) -> ManualEntry:  # fmt: skip
    """A file's part, written into `room`."""
    entry, passages = read_manual(file, sha256, lambda done, of: report("reading", done, of))
    views = by_passage(embedded(passages, embedder, report))
    entry = replace(entry, part=f"{new_name()}-d")
    with writing(room.parent):
        write_part(
            room / entry.part, passages, [view for p in passages for view in views[p.passage_id]]
        )
    return entry


def _known(client_dir: Path, name: str, sha256: str, model: str) -> ManualEntry | None:
    """The same file's entry, of the draft or of what is in service."""
    for folder in (draft_version(client_dir), current_version(client_dir)):
        if folder is not None and usable(folder, model):
            for manual in read_meta(folder)[1]:
                if (manual.file, manual.sha256) == (name, sha256):
                    return manual
    return None


def _outdated(client_dir: Path, but: str, model: str) -> list[Path]:
    """Files of the draft that have to be read again: another version of this software made it."""
    folder = draft_version(client_dir)
    if folder is None:
        return []
    return [file for file in carried(client_dir, folder, model)[2] if file.name != but]


def _begin(client_dir: Path) -> None:
    """Say that nothing is in service, where nobody has said anything yet.

    Raises:
        IndexMissingError: It is lost what is in service.
    """
    if named(client_dir, "CURRENT") is not None:
        return
    if any(client_dir.glob("index/*/meta.json")) or stored_files(client_dir):
        raise IndexMissingError(
            f"L'index de {client_dir.name} est endommagé ; lancez "
            f"`permanence reindex {client_dir.name}`, puis recommencez."
        )
    write_durably(client_dir / "index" / "CURRENT", NONE + "\n")
