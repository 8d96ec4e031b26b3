"""A backup becomes an installation again: every hash checked, what was erased is erased again.

Nothing is put in its place before all of it is known to be whole, and before that is done: a
process that is killed leaves nobody in it who was erased.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from agent.personal.backup import DATABASE, FORMAT, MANIFEST, BackupError, Manifest, Saved
from agent.personal.person import Persons
from agent.sealing.vault import Vault
from agent.settings import Settings
from agent.store.clients import ClientStore
from agent.store.database import Database
from agent.store.erasures import ErasureLedger
from agent.store.schema import HEAD
from knowledge.approved import FILE as APPROVED
from knowledge.versions import current_version, stored_files

_COPY_BYTES = 1 << 20


@dataclass(frozen=True)
class Restored:
    """What came of it.

    Attributes:
        files: Whose hashes were right.
        erased: Numbers that were erased again.
        without_index: Clients whose index is to be made again.
    """

    manifest: Manifest
    files: int
    erased: int
    without_index: tuple[str, ...]


def restore_backup(
    settings: Settings,
    file: Path,
    *,
    ledger: Path | None = None,
    open_database: Callable[[Settings], Database],
    vault: Vault,
) -> Restored:
    """Put a backup in the place of an installation that is empty (blocks).

    Args:
        settings: Of the installation.
        file: The backup.
        ledger: A newer ledger of erased numbers, its key beside it; the one that stands in the
            home counts too, and the backup's own.
        open_database: Opens and migrates an installation's database.
        vault: Opens what is sealed.

    Raises:
        BackupError: The home is not empty, the backup is not whole, or its database is not there;
            nothing was changed.
        StoreError: The database cannot be used.
    """
    data = settings.data_dir
    if data.exists() and any(data.iterdir()):
        raise BackupError(
            f"{data} is not empty: a backup is restored into an empty place only; move it away"
            " first, or set PERMANENCE_HOME to another folder."
        )
    elsewhere = _database_elsewhere(settings)
    if elsewhere is not None and elsewhere.exists():
        raise BackupError(f"There is a database {elsewhere} already; move it away first.")
    settings.home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restoring-", dir=settings.home) as folder:
        room = Path(folder)
        manifest = unpacked(file, room)
        staged = _staged(settings, room, manifest)
        ledgers = _ledgers(settings, room, ledger, vault)
        (room / "data").mkdir(exist_ok=True)
        slugs, erased = _erased_again(staged, open_database, ledgers)
        if elsewhere is not None:
            elsewhere.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(room / DATABASE, elsewhere)
        if data.exists():
            data.rmdir()
        (room / "data").rename(data)
    missing = tuple(
        slug
        for slug in slugs
        if current_version(data / "clients" / slug) is None
        and stored_files(data / "clients" / slug)
    )
    return Restored(manifest, len(manifest.files), erased, missing)


def _staged(settings: Settings, room: Path, manifest: Manifest) -> Settings:
    """The installation as it stands in the room, on its own server's database if it has one.

    Raises:
        BackupError: The database is not where the settings say that it is.
    """
    server = not settings.database.startswith("sqlite")
    if manifest.database and server:
        raise BackupError(
            "The backup holds a database of its own, and PERMANENCE_DATABASE_URL names a server's;"
            " leave that out."
        )
    if not manifest.database:
        database = Database(settings.database) if server else None
        try:
            if database is None or database.revision() is None:
                raise BackupError(
                    "The database of this backup is a server's: restore it with pg_restore first,"
                    " set PERMANENCE_DATABASE_URL to it, then run this again."
                )
        finally:
            if database is not None:
                database.close()
    return settings.model_copy(
        update={"home": room, "database_url": settings.database_url if server else ""}
    )


def _erased_again(
    staged: Settings,
    open_database: Callable[[Settings], Database],
    ledgers: Sequence[ErasureLedger],
) -> tuple[list[str], int]:
    """Erase what the ledgers say; returns the clients' slugs, and how many numbers were erased."""
    clients = staged.data_dir / "clients"

    def unpublish(slug: str) -> None:
        (clients / slug / APPROVED).unlink()  # the next start makes it from the database

    database = open_database(staged)
    try:
        slugs = [client.slug for client in ClientStore(database).list()]
        erased = sum(
            Persons(database, staged.data_dir, one, unpublish).erase_again(slugs) for one in ledgers
        )
        database.wipe(whole=False)  # all of it in one file, which is moved
    finally:
        database.close()
    return slugs, erased


def _database_elsewhere(settings: Settings) -> Path | None:
    """The database's file where it does not stand in the data folder; None on a server, too."""
    if not settings.database.startswith("sqlite:///"):
        return None
    file = Path(settings.database.removeprefix("sqlite:///"))
    return None if file == settings.home / DATABASE else file


def unpacked(file: Path, folder: Path) -> Manifest:
    """Unpack a backup and check every file of it.

    Raises:
        BackupError: It is none, or it is not whole.
    """
    found: dict[str, Saved] = {}
    told = b""
    try:
        with tarfile.open(file, "r|*") as tar:
            for member in tar:
                content = tar.extractfile(member)
                if not member.isfile() or content is None or not _is_ours(member.name):
                    raise BackupError(f"{file} holds {member.name!r}, which no backup holds.")
                if member.name == MANIFEST:
                    told = content.read()
                    continue
                target = folder / member.name
                target.parent.mkdir(parents=True, exist_ok=True)
                digest = hashlib.sha256()
                with target.open("xb") as out:
                    while data := content.read(_COPY_BYTES):
                        digest.update(data)
                        out.write(data)
                target.chmod(0o600)
                found[member.name] = Saved(member.name, member.size, digest.hexdigest())
    except (OSError, tarfile.TarError, EOFError) as error:
        raise BackupError(f"{file} is no backup, or not whole ({error}).") from error
    manifest = _manifest(file, told)
    for saved in manifest.files:
        if found.pop(saved.path, None) != saved:
            raise BackupError(
                f"{file} is damaged: {saved.path} is missing or is not what was saved; take"
                " another backup."
            )
    if found:
        raise BackupError(
            f"{file} holds {next(iter(found))!r}, of which its manifest says nothing."
        )
    return manifest


def _is_ours(name: str) -> bool:
    path = PurePosixPath(name)
    below = not path.is_absolute() and ".." not in path.parts
    own = path.parts[0] == "data" or name in (MANIFEST, "erasures.jsonl", "erasures.key")
    return below and own


def _manifest(file: Path, told: bytes) -> Manifest:
    try:
        data = json.loads(told)
        manifest = Manifest(**{**data, "files": tuple(Saved(**one) for one in data["files"])})
    except (ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{file} has no manifest: it is not whole, or no backup.") from error
    if manifest.format != FORMAT or manifest.revision > HEAD:
        raise BackupError(f"{file} was made by a newer version of permanence; install that one.")
    return manifest


def _ledgers(
    settings: Settings, room: Path, given: Path | None, vault: Vault
) -> Sequence[ErasureLedger]:
    """Those that count, the installation's own last: it has what the others of its key have."""
    home = settings.erasures_file
    if given is not None and not given.exists():
        raise BackupError(f"There is no ledger {given}.")
    others = [path for path in (given, room / home.name) if path is not None and path.exists()]
    if not home.exists() and others:
        for name in (others[0], others[0].with_suffix(".key")):
            shutil.copyfile(name, home.with_suffix(name.suffix))
            home.with_suffix(name.suffix).chmod(0o600)
    if not home.exists():
        return []
    own = ErasureLedger(home, vault)
    strangers = []
    for path in others:
        other = ErasureLedger(path, vault)
        if other.digest("", "") == own.digest("", ""):
            own.add_all(other.entries())
        else:
            strangers.append(_kept_for_now(other, settings, vault))
    return [*strangers, own]


def _kept_for_now(other: ErasureLedger, settings: Settings, vault: Vault) -> ErasureLedger:
    """A ledger of another key, out of the folder that is about to go."""
    folder = settings.home / "erasures-before" / other.digest("", "")[:8]
    folder.mkdir(parents=True, exist_ok=True)
    for file in (other.file, other.key_file):
        shutil.copyfile(file, folder / file.name)
    return ErasureLedger(folder / other.file.name, vault)
