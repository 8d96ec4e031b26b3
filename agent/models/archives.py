"""Packages as archives of data: members are read out by name, nothing is installed or run."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

BLOCK = 1 << 20  # bytes read at a time
BROKEN = (  # what the two libraries raise on damaged archives and absent members
    KeyError,
    EOFError,
    zlib.error,
    gzip.BadGzipFile,
    zipfile.BadZipFile,
    tarfile.TarError,
)


class ArchiveError(Exception):
    """An archive is broken, lacks a member, or would write outside its folder."""


@contextmanager
def open_member(archive: Path, member: str) -> Iterator[IO[bytes]]:
    """Open one regular file of a zip or tar archive for reading.

    Raises:
        ArchiveError: The archive is broken or has no such file.
    """
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as packed, packed.open(member) as stream:
                yield stream
            return
        with tarfile.open(archive) as packed_tar:
            info = packed_tar.getmember(member)
            found = packed_tar.extractfile(info) if info.isreg() else None
            if found is None:
                raise ArchiveError(f"{member} is not a file in {archive.name}")
            with found:
                yield found
    except BROKEN as error:
        raise ArchiveError(f"{archive.name} is broken or has no {member}") from error


def join(parts: list[tuple[Path, str]], out: Path) -> str:
    """Write the members one after the other into `out`; return the SHA-256 of the whole.

    Raises:
        ArchiveError: An archive is broken or lacks its member.
    """
    digest = hashlib.sha256()
    with out.open("wb") as target:
        for archive, member in parts:
            with open_member(archive, member) as stream:
                while block := stream.read(BLOCK):
                    digest.update(block)
                    target.write(block)
    return digest.hexdigest()


def unzip(archive: Path, folder: Path) -> None:
    """Unpack a zip archive below `folder`, all or none of it.

    Raises:
        ArchiveError: The archive is broken, or a member's path leads out of `folder`.
    """
    try:
        with zipfile.ZipFile(archive) as packed:
            for info in packed.infolist():
                place = PurePosixPath(info.filename)
                if place.is_absolute() or ".." in place.parts or "\\" in info.filename:
                    raise ArchiveError(f"{archive.name} would write outside its folder: {place}")
            for info in packed.infolist():
                target = folder / info.filename
                if info.is_dir():
                    target.mkdir(parents=True, exist_ok=True)
                    continue
                target.parent.mkdir(parents=True, exist_ok=True)
                with packed.open(info) as stream, target.open("wb") as out:
                    shutil.copyfileobj(stream, out, BLOCK)
    except BROKEN as error:
        raise ArchiveError(f"{archive.name} is broken") from error


def sha256(file: Path) -> str:
    """SHA-256 of a file, as 64 hexadecimal digits."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sync(entry: Path) -> None:
    """Make sure that a file's bytes, or a folder's list of names, outlive a power cut."""
    descriptor = os.open(entry, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
