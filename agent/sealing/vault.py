"""Files on the disk, sealed where there is a key; one way to open them whether sealed or not."""

from __future__ import annotations

import base64
import hashlib
import io
import logging
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from agent.errors import PermanenceError
from agent.sealing.keys import Key
from agent.sealing.stream import HEADER_BYTES, SealedReader, Sealer, key_id_of

logger = logging.getLogger(__name__)

PART = ".part"
_PRIVATE = "permanence-plain-"
_MEMORY = Path("/dev/shm")
_COPY_BYTES = 1 << 18
_SEALED_WORDS = "sealed:"

SEALED = ("recordings/*/*.wav", "clients/*/manuals/**/*", "clients/*/drafts/**/*")
"""Which files of the data folder are sealed."""


class Vault:
    """Writes and reads files; without a key it writes them plain, and reads plain ones only.

    Args:
        keys: The first one seals, all of them open.
    """

    def __init__(self, keys: Sequence[Key] = ()) -> None:
        self._keys = tuple(keys)

    @property
    def seals(self) -> bool:
        """Whether there is a key."""
        return bool(self._keys)

    def sealer(self, path: Path) -> Sealer | None:
        """Seals what is to be written to a file; None: it is to be written as it is."""
        return Sealer(self._keys[0], _name(path)) if self._keys else None

    def open(self, path: Path, *, whole: bool = True) -> BinaryIO:
        """A file's content for reading, at any place, whether it is sealed or not (blocks).

        Args:
            path: Of the file.
            whole: False: what a killed process left counts up to its last chunk.

        Raises:
            OSError: It is not there, or cannot be read.
            SealedError: It cannot be opened.
        """
        file = path.open("rb")
        try:
            if key_id_of(file.read(HEADER_BYTES)) is None:
                file.seek(0)
                return file
            file.seek(0)
            return io.BufferedReader(SealedReader(file, self._keys, _name(path), whole=whole))
        except BaseException:
            file.close()
            raise

    def read(self, path: Path) -> bytes:
        """A file's whole content; raises as `open`."""
        with self.open(path) as file:
            return file.read()

    def write(self, path: Path, data: bytes) -> None:
        """Write a file at once or not at all, durably, readable by its owner alone.

        Raises:
            OSError: It cannot be written.
        """
        self._put(path, io.BytesIO(data))

    def keep(self, source: Path, target: Path) -> None:
        """Keep a copy of a file, sealed or not; raises as `open` and `write`."""
        with self.open(source) as file:
            self._put(target, file)

    def digest(self, path: Path) -> str:
        """SHA-256 of a file's content, hexadecimal; raises as `open`."""
        with self.open(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]

    @contextmanager
    def plain(self, path: Path) -> Iterator[Path]:
        """A file that other programs can read: itself, or a copy in memory that is gone afterwards.

        Raises:
            OSError: It cannot be read, or there is no room.
            SealedError: It cannot be opened.
        """
        if not path.is_file() or not self.is_sealed(path):
            yield path
            return
        sweep_plain()
        folder = Path(tempfile.mkdtemp(prefix=f"{_PRIVATE}{os.getpid()}-", dir=_in_memory()))
        try:
            copy = folder / path.name
            with self.open(path) as file, copy.open("wb") as out:
                shutil.copyfileobj(file, out, _COPY_BYTES)
            yield copy
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def is_sealed(self, path: Path) -> bool:
        """Whether a file is sealed, with whatever key."""
        return key_id_of(_head(path)) is not None

    def is_current(self, path: Path) -> bool:
        """Whether a file is sealed with the key that seals now."""
        return bool(self._keys) and key_id_of(_head(path)) == self._keys[0].id

    def seal(self, path: Path) -> bool:
        """Seal a file that is plain or sealed with an older key; returns whether it was.

        Who reads it meanwhile reads on. Raises as `open` and `write`.
        """
        if not self._keys or self.is_current(path):
            return False
        with self.open(path) as file:
            self._put(path, file, new=False)
        return True

    def seal_words(self, words: str, name: str) -> str:
        """A few words as a database keeps them, bound to a name; as they are without a key."""
        if not self._keys:
            return words
        sealer = Sealer(self._keys[0], name)
        sealed = sealer.seal(words.encode()) + sealer.finish()
        return _SEALED_WORDS + base64.urlsafe_b64encode(sealed).decode()

    def open_words(self, kept: str, name: str) -> str:
        """What `seal_words` has sealed, or words that stand plain.

        Raises:
            SealedError: They cannot be opened.
        """
        sealed = _sealed_words(kept)
        if sealed is None:
            return kept
        with SealedReader(io.BytesIO(sealed), self._keys, name, whole=True) as reader:
            return reader.read().decode()

    def are_current(self, kept: str) -> bool:
        """Whether words are sealed with the key that seals now."""
        sealed = _sealed_words(kept)
        return sealed is not None and bool(self._keys) and key_id_of(sealed) == self._keys[0].id

    def _put(self, path: Path, content: BinaryIO, *, new: bool = True) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + PART)
        sealer = self.sealer(path)
        try:
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:  # noqa: PTH123  # it takes the mode
                while data := content.read(_COPY_BYTES):
                    out.write(data if sealer is None else sealer.seal(data))
                if sealer is not None:
                    out.write(sealer.finish())
                out.flush()
                os.fsync(out.fileno())
            if not new and not path.exists():  # deleted meanwhile: it does not come back
                part.unlink()
                return
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _sealed_words(kept: str) -> bytes | None:
    if not kept.startswith(_SEALED_WORDS):
        return None
    try:
        return base64.urlsafe_b64decode(kept.removeprefix(_SEALED_WORDS))
    except ValueError:
        return b""  # which is no sealed words either


def sealed_files(data_dir: Path) -> list[Path]:
    """The files of a data folder that are to be sealed; none that is being written."""
    found = (path for pattern in SEALED for path in sorted(data_dir.glob(pattern)))
    return [path for path in found if path.is_file() and path.suffix != PART]


def seal_files(vault: Vault, files: Iterable[Path]) -> int:
    """Seal those that stand plain, or with an older key (blocks).

    Returns:
        How many were sealed; one that cannot be is logged and left.
    """
    sealed = 0
    for path in files:
        try:
            sealed += vault.seal(path)
        except FileNotFoundError:
            continue  # deleted meanwhile
        except (OSError, PermanenceError) as error:
            logger.error("%s stays as it is: %s", path.name, error)
    return sealed


def sweep_plain() -> None:
    """Delete the copies in memory that killed processes left."""
    for folder in _in_memory().glob(f"{_PRIVATE}*"):
        owner = folder.name.removeprefix(_PRIVATE).partition("-")[0]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists():
            with suppress(OSError):
                shutil.rmtree(folder)


def _in_memory() -> Path:
    return _MEMORY if os.access(_MEMORY, os.W_OK) else Path(tempfile.gettempdir())


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEADER_BYTES)


def _name(path: Path) -> str:
    """What binds a file's content to its name; one that grows has the name that it will have."""
    return path.name.removesuffix(PART)


def size_of(file: BinaryIO) -> int:
    """Bytes of an opened content; it is at its beginning afterwards."""
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    return size
