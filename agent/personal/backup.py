"""One file with everything that an installation keeps, taken while calls go on.

The database first, as it stands at one instant; then the files, which are never changed once they
are written: whatever the database speaks of is there. A client's index is copied while nobody may
publish another one. Sealed files stay sealed, and the key is not in it. The manifest, last, holds
the SHA-256 of every file.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Literal

from agent.errors import PermanenceError
from agent.sealing.vault import PART
from agent.settings import Settings
from agent.store.database import Database
from agent.store.schema import HEAD
from knowledge.versions import locked

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "data/permanence.db"
KINDS: dict[str, Literal["w|", "w|gz"]] = {".tar": "w|", ".gz": "w|gz", ".tgz": "w|gz"}
"""Endings of a backup's file and how it is packed."""


class BackupError(PermanenceError):
    """A backup cannot be written, or is not whole; one sentence says what to do."""


@dataclass(frozen=True)
class Saved:
    """A file of a backup; `size` in bytes."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup holds.

    Attributes:
        created_at: UTC, ISO 8601: the instant of the database.
        revision: Of the database's tables.
        database: Whether the database is in it: not where a server keeps it.
        files: All but the manifest itself.
    """

    created_at: str
    revision: str
    database: bool
    files: tuple[Saved, ...]
    format: int = FORMAT


def write_backup(settings: Settings, database: Database, out: Path) -> Manifest:
    """Write a backup; the file is there once it is whole (blocks).

    Args:
        settings: Of the installation.
        database: Of it, open.
        out: `.tar` or `.tar.gz`; readable by its owner alone.

    Raises:
        BackupError: It cannot be written.
        StoreError: The database cannot be read.
    """
    if out.suffix not in KINDS:
        raise BackupError(f"{out.name} is to end in .tar or .tar.gz.")
    if out.exists():
        raise BackupError(f"{out} is there already; choose another name.")
    part = out.with_name(out.name + PART)
    try:
        with os.fdopen(os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
            manifest = _write(settings, database, file, out)
            file.flush()
            os.fsync(file.fileno())
        part.replace(out)
    except OSError as error:
        raise BackupError(
            f"{out} cannot be written ({error.strerror}); check the room and the rights there."
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return manifest


def _write(settings: Settings, database: Database, file: IO[bytes], out: Path) -> Manifest:
    saved: list[Saved] = []
    now = datetime.now(UTC)
    with (  # the copy of the database stands beside the backup, which holds the same
        tempfile.TemporaryDirectory(prefix=".backup-", dir=out.parent) as room,
        tarfile.open(fileobj=file, mode=KINDS[out.suffix], format=tarfile.PAX_FORMAT) as tar,
    ):
        copy = Path(room) / "permanence.db"
        kept_here = database.copy_to(copy)
        if kept_here:
            saved.append(_add(tar, copy, DATABASE))
        for path in _files(settings):
            with suppress(FileNotFoundError):  # deleted since: it was too old, or erased
                saved.append(_add(tar, path, path.relative_to(settings.home).as_posix()))
        for client_dir in sorted(settings.data_dir.glob("clients/*/")):
            with locked(client_dir):
                for path in _below(client_dir):
                    with suppress(FileNotFoundError):  # an upload that is read by now
                        saved.append(_add(tar, path, path.relative_to(settings.home).as_posix()))
        manifest = Manifest(now.isoformat(), HEAD, kept_here, tuple(saved))
        told = json.dumps(asdict(manifest), indent=1).encode()
        head = tarfile.TarInfo(MANIFEST)
        head.size, head.mode, head.mtime = len(told), 0o600, int(now.timestamp())
        tar.addfile(head, io.BytesIO(told))
    return manifest


def _files(settings: Settings) -> Iterator[Path]:
    """What is kept beside the database and the clients' manuals."""
    yield from sorted(settings.data_dir.glob("recordings/*/*.wav"))
    ledger = settings.erasures_file
    for path in (ledger, ledger.with_suffix(".key"), settings.data_dir / "nights.json"):
        if path.exists():
            yield path


def _below(folder: Path) -> list[Path]:
    """The files of a client, those that are being written left out."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.suffix != PART
        and path.name != "LOCK"
        and "preparing" not in path.relative_to(folder).parts[:1]
    ]


def _add(tar: tarfile.TarFile, path: Path, name: str) -> Saved:
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        head = tarfile.TarInfo(name)
        head.size, head.mode = size, 0o600
        head.mtime = int(os.fstat(file.fileno()).st_mtime)
        counted = _Hashing(file)
        tar.addfile(head, counted)
    return Saved(name, size, counted.hexdigest())


class _Hashing:
    """Reads a file on and hashes what was read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._hash = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Read on."""
        data = self._file.read(size)
        self._hash.update(data)
        return data

    def hexdigest(self) -> str:
        """Of what was read."""
        return self._hash.hexdigest()
