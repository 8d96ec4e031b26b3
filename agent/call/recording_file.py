"""A WAV file that grows while a call goes on and can be read at any moment. Blocks."""

from __future__ import annotations

import os
import struct
import threading
from contextlib import suppress
from pathlib import Path

from agent.audio import SAMPLE_BYTES
from agent.call.record import PART

_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
"""RIFF, size, WAVE; fmt, 16, PCM, channels, Hz, bytes a second, bytes a frame, bits; data, size."""


class GrowingWav:
    """16-bit samples, readable by their owner alone; named `PART` at its end until it is kept.

    May be used from several threads: one operation at a time, and none after the last.
    """

    def __init__(self, path: Path, rate_hz: int, channels: int) -> None:
        self._path = path
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
            _put(self._file, frames, _HEADER.size + self._size)
            self._size += len(frames)
            _put(self._file, self._header(), 0)

    def keep(self) -> bool:
        """Close it under its name; returns whether there is a file.

        Raises:
            OSError: It cannot be kept.
        """
        with self._lock:
            if self._over or self._file is None:
                return False
            self._over = True
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

    def _header(self) -> bytes:
        frame = self._channels * SAMPLE_BYTES
        return _HEADER.pack(
            b"RIFF", _HEADER.size - 8 + self._size, b"WAVE", b"fmt ", 16, 1, self._channels,
            self._rate_hz, self._rate_hz * frame, frame, 8 * SAMPLE_BYTES, b"data", self._size,
        )  # fmt: skip


def _put(file: int, data: bytes, place: int) -> None:
    """Write all of it: a disk that is nearly full takes a part."""
    while data:
        taken = os.pwrite(file, data, place)
        data, place = data[taken:], place + taken
