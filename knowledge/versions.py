"""A client's index on disk: what a version holds, and how it is written so that nothing is lost.

    <client>/index/CURRENT                  name of the version in service (`pointers`)
    <client>/index/DRAFT, PREVIOUS          of the one that is prepared, and of the one before
    <client>/index/<version>/meta.json      embedding model and manuals, with their parts
    <client>/index/<version>/edits.json     what was edited by hand (`hand_edits`)
    <client>/index/<version>/search/        flat files made from the parts (`search_files`)
    <client>/index/parts/<part>/            one manual's vectors (Chroma) and passages, immutable
    <client>/manuals/<sha256>/<file name>   the files, as they were given
    <client>/preparing/                     a part that no version holds yet (`draft`)

Everything new is written beside what is in service, then a pointer is replaced in one step: a
process killed at any moment leaves the old version or the new one in service, with the very files
that it was made from. What no pointer leads to is swept away by the next writer.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import chromadb

from knowledge.code_edits import CodeEdit
from knowledge.documents.problems import Problem
from knowledge.errors import KnowledgeError
from knowledge.late import projection_id
from knowledge.products import Product

FORMAT = 3
"""Of an index; the manuals of one with another number are read again by the next ingestion."""

NONE = "-"
"""In `CURRENT`, once the last manual was removed; without `CURRENT` the files kept still count."""

SHA_SHOWN = 16
"""Characters of a file's SHA-256 that name the folder where it is kept."""


class IndexWriteError(KnowledgeError):
    """An index cannot be written (disk full, read-only); the version in service stays."""


class ManualMissingError(KnowledgeError):
    """A client has no manual of that file name."""


@dataclass(frozen=True)
class ManualEntry:
    """A manual within an index.

    Attributes:
        file: File name.
        sha256: Of the file, hexadecimal.
        pages: Pages of the file.
        languages: Languages of its pages, ISO 639-1.
        product: The appliance that it is about, hand-made edits included.
        passages: Passages made from it.
        part: Name of its folder in `parts`; "" in an index older than these.
        found: The appliance as read from the manual, when an edit hides it.
        codes: Its error codes that were corrected or hidden by hand.
        problems: What of the file could not be used, or should be looked at.
    """

    file: str
    sha256: str
    pages: int
    languages: tuple[str, ...]
    product: Product
    passages: int
    part: str = ""
    found: Product | None = None
    codes: tuple[CodeEdit, ...] = ()
    problems: tuple[Problem, ...] = ()


def current_version(client_dir: Path) -> Path | None:
    """Folder of the version in service, None if there is none."""
    pointer = client_dir / "index" / "CURRENT"
    try:
        name = pointer.read_text("utf-8").strip()
    except FileNotFoundError:
        return None
    return None if name == NONE else client_dir / "index" / name


def read_meta(folder: Path) -> tuple[str, list[ManualEntry]]:
    """The embedding model and the manuals of a version.

    Raises:
        OSError, ValueError, KeyError, TypeError: It is missing or damaged.
    """
    meta = _meta(folder)
    return str(meta["embedder"]), [_entry(entry) for entry in meta["manuals"]]


def read_format(folder: Path) -> int:
    """The format of a version: `FORMAT` if it is of today, its token rows too."""
    meta = _meta(folder)
    made_by = int(meta.get("format", 1))
    return made_by if meta.get("rows") == projection_id() else min(made_by, FORMAT - 1)


def write_meta(folder: Path, embedder: str, manuals: Sequence[ManualEntry]) -> None:
    """Write what a version holds, durably."""
    meta = {
        "format": FORMAT,
        "rows": projection_id(),
        "embedder": embedder,
        "manuals": [asdict(m) for m in manuals],
    }
    write_durably(folder / "meta.json", json.dumps(meta, ensure_ascii=False, indent=1))


def part_folder(version: Path, manual: ManualEntry) -> Path:
    """Where a manual's vectors and passages stand; the version itself in an old index."""
    return version.parent / "parts" / manual.part if manual.part else version


def stored_file(client_dir: Path, manual: ManualEntry) -> Path:
    """The file that a manual in service was read from."""
    kept = client_dir / "manuals" / manual.sha256[:SHA_SHOWN] / manual.file
    return kept if kept.exists() else client_dir / "manuals" / manual.file  # of an old index


def stored_files(client_dir: Path) -> list[Path]:
    """All files kept, the newest of a name only: what is left when the index is damaged."""
    found = [path for path in (client_dir / "manuals").glob("**/*") if path.is_file()]
    found = [path for path in found if path.suffix != ".part"]
    newest = {path.name: path for path in sorted(found, key=lambda p: p.stat().st_mtime)}
    return [newest[name] for name in sorted(newest)]


def usable(folder: Path, model: str) -> bool:
    """Whether a version can be searched with that embedding model today."""
    try:
        return (read_meta(folder)[0], read_format(folder)) == (model, FORMAT)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def new_name() -> str:
    """A name for a version or a part; they sort by time."""
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")


@contextmanager
def locked(client_dir: Path) -> Iterator[None]:
    """One writer at a time for a client, over all processes.

    Raises:
        IndexWriteError: The client's folder cannot be written.
    """
    with writing(client_dir):
        (client_dir / "index").mkdir(parents=True, exist_ok=True)
        handle = (client_dir / "index" / "LOCK").open("w")
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def writing(client_dir: Path) -> Iterator[None]:
    """Turn what a disk or Chroma says while an index is written into one sentence.

    Raises:
        IndexWriteError: Something could not be written.
    """
    try:
        yield
    except (OSError, chromadb.errors.ChromaError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise IndexWriteError(
            f"L'index de {client_dir.name} ne peut pas être écrit ({reason.strip().rstrip('.')}) ; "
            f"les notices en service n'ont pas changé : vérifiez la place libre et les droits dans "
            f"{client_dir}, puis recommencez."
        ) from error


def write_durably(file: Path, text: str) -> None:
    """Replace a file in one step: the old text or the new one, whole, whatever happens."""
    part = file.with_suffix(file.suffix + ".part")
    with part.open("w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    part.replace(file)
    fsync_folder(file.parent)


def fsync_folder(folder: Path) -> None:
    """Make a folder's entries durable."""
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def fsync_tree(folder: Path) -> None:
    """Make a folder and all that it holds durable."""
    for path in folder.rglob("*"):
        fsync_folder(path)  # a file is opened for reading and synced just the same
    fsync_folder(folder)


def _meta(folder: Path) -> dict[str, Any]:
    meta: dict[str, Any] = json.loads((folder / "meta.json").read_text("utf-8"))
    return meta


def _entry(data: dict[str, Any]) -> ManualEntry:
    found = data.get("found")
    return ManualEntry(
        **{
            **data,
            "languages": tuple(data["languages"]),
            "product": product_from_json(data["product"]),
            "found": None if found is None else product_from_json(found),
            "codes": tuple(CodeEdit(**edit) for edit in data.get("codes", ())),
            "problems": tuple(
                Problem(one["kind"], tuple(one["pages"]), one.get("detail", ""))
                for one in data.get("problems", ())
            ),
        }
    )


def product_from_json(data: dict[str, Any]) -> Product:
    """A product, from an index with fewer or more fields than today's."""
    known = {field.name for field in fields(Product)}
    values = {key: value for key, value in data.items() if key in known}
    return Product(**{**values, "references": tuple(data["references"])})
