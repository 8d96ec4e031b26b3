"""The sealed format: chunks of AES-256-GCM, readable at any place and up to where a writer died.

    header      MAGIC, key id (8), salt (32), nonce prefix (7), chunk size (4, big-endian)
    chunk       ciphertext of `chunk size` bytes of the content (the last one: of what is left)
                and its tag (16)

The key of a file is HKDF-SHA256 of the installation's key, with the file's salt, over the header
and the file's name; the nonce of a chunk is the prefix, its number (4) and 1 for the last, else 0.
So no chunk can be changed, moved, left out or taken from another file, no file cut short or put in
the place of another one. It is the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár:
Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance, CRYPTO 2015) as the formats
age and Tink (AES-GCM-HKDF streaming) use it.
"""

from __future__ import annotations

import io
import secrets
import struct
from collections.abc import Sequence
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from agent.errors import PermanenceError
from agent.sealing.keys import KEY_BYTES, Key

MAGIC = b"permanence sealed 1\n"
CHUNK_BYTES = 16_384
"""Half a second of a recording: as much as a killed process loses at most of what came to it."""

_HEADER = struct.Struct(f">{len(MAGIC)}s8s32s7sI")
_NONCE = struct.Struct(">7sIB")
_TAG_BYTES = 16
_LARGEST_CHUNK = 1 << 24


class SealedError(PermanenceError):
    """A sealed file cannot be opened: its key is missing, or it was changed or cut short."""


class Sealer:
    """Makes one file's bytes, chunk by chunk; the caller writes them, in order."""

    def __init__(self, key: Key, name: str) -> None:
        self._header = _HEADER.pack(
            MAGIC, key.id, secrets.token_bytes(32), secrets.token_bytes(7), CHUNK_BYTES
        )
        self._cipher, self._prefix = _cipher(key, self._header, name)
        self._number = 0
        self._rest = bytearray()
        self._begun = False

    def seal(self, data: bytes) -> bytes:
        """What is to be written once these bytes have come: the header first, whole chunks only."""
        self._rest += data
        out = [] if self._begun else [self._header]
        self._begun = True
        while len(self._rest) > CHUNK_BYTES:
            out.append(self._chunk(bytes(self._rest[:CHUNK_BYTES]), last=False))
            del self._rest[:CHUNK_BYTES]
        return b"".join(out)

    def finish(self) -> bytes:
        """The last chunk; nothing may come after it."""
        head = self.seal(b"")
        return head + self._chunk(bytes(self._rest), last=True)

    def _chunk(self, content: bytes, *, last: bool) -> bytes:
        nonce = _NONCE.pack(self._prefix, self._number, last)
        self._number += 1
        return self._cipher.encrypt(nonce, content, None)


class SealedReader(io.RawIOBase):
    """The content of a sealed file, at any place; blocks.

    Args:
        file: Opened for reading in binary; closed with this.
        keys: Of the installation.
        name: Of the file, as it was sealed.
        whole: False: what a killed process left counts up to its last chunk.

    Raises:
        SealedError: (reading too) See there.
    """

    def __init__(self, file: BinaryIO, keys: Sequence[Key], name: str, *, whole: bool) -> None:
        super().__init__()
        self._file, self._name = file, name
        header = file.read(_HEADER.size)
        if len(header) < _HEADER.size or not header.startswith(MAGIC):
            raise SealedError(f"{name} is no sealed file, or only the beginning of one.")
        _, key_id, _, _, self._chunk_bytes = _HEADER.unpack(header)
        key = next((one for one in keys if one.id == key_id), None)
        if key is None:
            raise SealedError(
                f"{name} is sealed with another key; put that key behind the new one in"
                " PERMANENCE_DATA_KEY, or back into it."
            )
        if not 0 < self._chunk_bytes <= _LARGEST_CHUNK:
            raise self._changed()
        self._cipher, self._prefix = _cipher(key, header, name)
        sealed = file.seek(0, io.SEEK_END) - _HEADER.size
        step = self._chunk_bytes + _TAG_BYTES
        whole_chunks, rest = divmod(sealed, step)
        self._chunks = whole_chunks + (rest >= _TAG_BYTES)
        self._size: int = whole_chunks * self._chunk_bytes + max(0, rest - _TAG_BYTES)
        self._at: int = 0
        self._cached = (-1, b"")
        self._ends = True
        if whole:
            if self._chunks == 0 or 0 < rest < _TAG_BYTES:
                raise self._changed()
            self._read(self._chunks - 1)
        else:
            self._without_broken_end(whole_chunks)

    def _without_broken_end(self, whole_chunks: int) -> None:
        """Leave out a last chunk that was not written to its end."""
        try:
            if self._chunks:
                self._read(self._chunks - 1)
        except SealedError:
            self._ends = False
            self._chunks = whole_chunks
            self._size = whole_chunks * self._chunk_bytes

    @property
    def size(self) -> int:
        """Bytes of the content."""
        return self._size

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go on elsewhere."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """Where the next byte comes from."""
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Read on, within one chunk."""
        if self._at >= self._size:
            return 0
        number, start = divmod(self._at, self._chunk_bytes)
        content = self._read(number)[start : start + len(buffer)]
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)

    def close(self) -> None:
        """Close the file too."""
        if not self.closed:
            self._file.close()
        super().close()

    def _read(self, number: int) -> bytes:
        if self._cached[0] != number:
            step = self._chunk_bytes + _TAG_BYTES
            self._file.seek(_HEADER.size + number * step)
            sealed = self._file.read(step)
            last = self._ends and number == self._chunks - 1
            nonce = _NONCE.pack(self._prefix, number, last)
            try:
                self._cached = (number, self._cipher.decrypt(nonce, sealed, None))
            except InvalidTag:
                raise self._changed() from None
        return self._cached[1]

    def _changed(self) -> SealedError:
        return SealedError(
            f"{self._name} was changed or cut short since it was sealed; take it from a backup."
        )


def _cipher(key: Key, header: bytes, name: str) -> tuple[AESGCM, bytes]:
    """A file's own cipher and the prefix of its nonces."""
    _, _, salt, prefix, _ = _HEADER.unpack(header)
    info = header + name.encode()
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt, info).derive(key.secret)), prefix


def key_id_of(header: bytes) -> bytes | None:
    """The key that a file's first bytes name; None for a file that is not sealed."""
    if len(header) < _HEADER.size or not header.startswith(MAGIC):
        return None
    found: bytes = _HEADER.unpack(header[: _HEADER.size])[1]
    return found


HEADER_BYTES = _HEADER.size
