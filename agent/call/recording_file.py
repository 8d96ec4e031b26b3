"""A WAV file that grows while a call goes on, sealed as it is written where there is a key. Blocks.

A plain one can be read at any moment; of a sealed one that a killed process left, `open_recording`
reads what was sealed. Its header does not know how long it will be: whoever opens it is told.
"""

from __future__ import annotations

import io
import os
import struct
import threading
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from agent.audio import SAMPLE_BYTES
from agent.call.record import PART
from agent.sealing.stream import Sealer
from agent.sealing.vault import Vault, size_of

_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
"""RIFF, size, WAVE; fmt, 16, PCM, channels, Hz, bytes a second, bytes a frame, bits; data, size."""

_GROWS = 0xFFFFFFFF
"""In place of a size that is not known yet, as players know it."""


class GrowingWav:
    """16-bit samples, readable by their owner alone; named `PART` at its end until it is kept.

    May be used from several threads: one operation at a time, and none after the last.
    """

    def __init__(self, path: Path, rate_hz: int, channels: int, vault: Vault | None = None) -> None:
        self._path = path
        self._vault = vault or Vault()
        self._sealer: Sealer | None = None
        self._end = 0
        self._part = path.with_name(path.name + PART)
        self._rate_hz, self._channels = rate_hz, channels
        self._lock = threading.Lock()
        self._file: int | None = None
        self._over = False
        self._size = 0

    def write(self, frames: bytes) -> None:
        """Add interleaved samples; the file is made at the first ones.

        Raises:
            OSError: They cannot be written: what stands before them is whole.
        """
        with self._lock:
            if self._over or not frames:
                return
            if self._file is None:
                self._part.parent.mkdir(parents=True, exist_ok=True)
                self._file = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                self._sealer = self._vault.sealer(self._path)
                if self._sealer is not None:
                    self._append(self._sealer.seal(self._header(_GROWS)))
            if self._sealer is not None:
                self._append(self._sealer.seal(frames))
                return
            _put(self._file, frames, _HEADER.size + self._size)
            self._size += len(frames)
            _put(self._file, self._header(self._size), 0)

    def keep(self) -> bool:
        """Close it under its name; returns whether there is a file.

        Raises:
            OSError: It cannot be kept.
        """
        with self._lock:
            if self._over or self._file is None:
                return False
            self._over = True
            if self._sealer is not None:
                self._append(self._sealer.finish())
            os.fsync(self._file)
            os.close(self._file)
            self._part.rename(self._path)
            return True

    def drop(self) -> None:
        """Delete it, kept or not; nothing more is written.

        Raises:
            OSError: Its name cannot be taken away; what it held is gone if it was being written.
        """
        with self._lock:
            over, self._over = self._over, True
            if self._file is None:
                return  # a file of that name would be another call's
            if not over:
                with suppress(OSError):
                    os.ftruncate(self._file, 0)
                with suppress(OSError):
                    os.close(self._file)
            self._part.unlink(missing_ok=True)
            self._path.unlink(missing_ok=True)

    def _append(self, sealed: bytes) -> None:
        """Add to the end; nothing that stands there is ever sealed anew."""
        if self._file is not None:
            _put(self._file, sealed, self._end)
            self._end += len(sealed)

    def _header(self, size: int) -> bytes:
        frame = self._channels * SAMPLE_BYTES
        return _HEADER.pack(
            b"RIFF", min(_HEADER.size - 8 + size, _GROWS), b"WAVE", b"fmt ", 16, 1, self._channels,
            self._rate_hz, self._rate_hz * frame, frame, 8 * SAMPLE_BYTES, b"data", size,
        )  # fmt: skip


def open_recording(vault: Vault, path: Path) -> BinaryIO:
    """A recording for reading at any place, sealed or not, with its true length (blocks).

    A call that is still recorded, or whose process was killed (`PART`), is read up to where it is
    whole.

    Raises:
        OSError: It is not there, or cannot be read.
        SealedError: It was changed or cut short, or its key is missing.
    """
    file = vault.open(path, whole=not path.name.endswith(PART))
    size = size_of(file)
    head = file.read(_HEADER.size)
    file.seek(0)
    if len(head) < _HEADER.size or _HEADER.unpack(head)[-1] != _GROWS:
        return file
    fields = list(_HEADER.unpack(head))
    fields[1], fields[-1] = size - 8, size - _HEADER.size
    return io.BufferedReader(_WithHead(file, _HEADER.pack(*fields)))


class _WithHead(io.RawIOBase):
    """A file whose first bytes are others."""

    def __init__(self, file: BinaryIO, head: bytes) -> None:
        super().__init__()
        self._under, self._head = file, head

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go on elsewhere."""
        return self._under.seek(offset, whence)

    def tell(self) -> int:
        """Where the next byte comes from."""
        return self._under.tell()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Read on."""
        at = self._under.tell()
        data = self._under.read(len(buffer))
        if at < len(self._head):
            data = (self._head[at:] + data[len(self._head) - at :])[: len(data)]
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the file too."""
        self._under.close()
        super().close()


def _put(file: int, data: bytes, place: int) -> None:
    """Write all of it: a disk that is nearly full takes a part."""
    while data:
        taken = os.pwrite(file, data, place)
        data, place = data[taken:], place + taken
