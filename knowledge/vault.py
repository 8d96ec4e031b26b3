"""How files of a folder are kept and read, where they may be sealed: the owner of the folder says.

`knowledge` knows no key. Who has one gives what keeps and opens the files below a folder, once,
when it opens the manuals; everything else is read as it stands.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol


class Vault(Protocol):
    """Keeps files and opens them; its methods block."""

    def keep(self, source: Path, target: Path) -> None:
        """Keep a copy of a file, durably, at once or not at all."""

    def plain(self, path: Path) -> AbstractContextManager[Path]:
        """A file that another program can read, while the block lasts."""

    def digest(self, path: Path) -> str:
        """SHA-256 of a file's content, hexadecimal."""


class _AsItStands:
    """No file is sealed."""

    def keep(self, source: Path, target: Path) -> None:
        """Copy it."""
        part = target.with_suffix(target.suffix + ".part")
        shutil.copyfile(source, part)
        with part.open("rb") as handle:
            os.fsync(handle.fileno())
        part.replace(target)

    @contextmanager
    def plain(self, path: Path) -> Iterator[Path]:
        """The file itself."""
        yield path

    def digest(self, path: Path) -> str:
        """Of its bytes."""
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()


_PLAIN = _AsItStands()
_VAULTS: dict[Path, Vault] = {}


def use_vault(folder: Path, vault: Vault) -> None:
    """Have the files below a folder kept and opened by a vault, from now on, in this process."""
    _VAULTS[folder.resolve()] = vault


def vault_of(path: Path) -> Vault:
    """What keeps and opens a file: that of the nearest folder above it."""
    for folder in path.resolve().parents:
        if folder in _VAULTS:
            return _VAULTS[folder]
    return _PLAIN
