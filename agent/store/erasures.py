"""The ledger of erased numbers: what a restored backup must not bring back.

It stands beside the data, holds no number but its HMAC-SHA256 under a key of its own, and is only
ever added to. The key is in a file beside it, sealed where the installation has a key.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from agent.errors import StoreError
from agent.sealing.vault import Vault

KEY_BYTES = 32


@dataclass(frozen=True)
class Erasure:
    """A number that was erased.

    Attributes:
        at: When, UTC: what came later is kept.
        client: Slug.
        digest: Of the client and the number, hexadecimal.
    """

    at: datetime
    client: str
    digest: str


class ErasureLedger:
    """The ledger in a file; its methods block.

    Args:
        file: Where it stands; its key beside it, with « .key » for its ending.
        vault: Seals the key.

    Raises:
        StoreError: (every method) It cannot be read or written.
    """

    def __init__(self, file: Path, vault: Vault) -> None:
        self._file, self._vault = file, vault

    @property
    def file(self) -> Path:
        """Where it stands."""
        return self._file

    @property
    def key_file(self) -> Path:
        """Where the ledger's key stands."""
        return self._file.with_suffix(".key")

    def add(self, client: str, e164: str, at: datetime) -> Erasure:
        """Write that a number was erased; durable when it returns."""
        entry = Erasure(at.astimezone(UTC), client, self.digest(client, e164))
        self.add_all([entry])
        return entry

    def add_all(self, entries: Iterable[Erasure]) -> None:
        """Add those that are not there yet; durable when it returns."""
        known = set(self.entries())
        lines = [_line(entry) for entry in entries if entry not in known]
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(
                os.open(self._file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600), "rb+"
            ) as file:
                if (
                    file.seek(0, os.SEEK_END)
                    and os.pread(file.fileno(), 1, file.tell() - 1) != b"\n"
                ):
                    lines.insert(0, "\n")  # a process was killed while it wrote: its line ends
                file.write("".join(lines).encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise StoreError(
                f"The ledger {self._file} cannot be written ({error.strerror}); check whose it is,"
                " and try again: nothing was erased."
            ) from error

    def entries(self) -> tuple[Erasure, ...]:
        """All of them, the oldest first; a line that was not written to its end is left out."""
        if not self._file.exists():
            return ()
        return read_entries(self._file.read_text("utf-8"))

    def digest(self, client: str, e164: str) -> str:
        """What stands for a client's number."""
        told = f"{client}\n{e164}".encode()
        return hmac.new(self._key(), told, sha256).hexdigest()

    def _key(self) -> bytes:
        try:
            if not self.key_file.exists():
                if self.entries():  # under another key they would stand for nobody
                    raise StoreError(
                        f"The ledger's key {self.key_file} is missing: without it nobody knows"
                        f" whom {self._file} is about; put it back."
                    )
                self._vault.write(self.key_file, secrets.token_bytes(KEY_BYTES))
            return self._vault.read(self.key_file)
        except OSError as error:
            raise StoreError(
                f"The ledger's key {self.key_file} cannot be read ({error.strerror})."
            ) from error


def read_entries(text: str) -> tuple[Erasure, ...]:
    """The entries of a ledger's text."""
    found = []
    for line in text.splitlines():
        try:
            data = json.loads(line)
            at = datetime.fromisoformat(data["at"])
            found.append(Erasure(at, str(data["client"]), str(data["digest"])))
        except (ValueError, KeyError, TypeError):
            continue
    return tuple(found)


def _line(entry: Erasure) -> str:
    return json.dumps({**asdict(entry), "at": entry.at.isoformat()}) + "\n"
