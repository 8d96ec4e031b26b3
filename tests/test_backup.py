"""A backup taken while calls go on is whole, and what was erased stays erased."""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
import tarfile
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from agent.call.record import CallRecord
from agent.opening import open_database
from agent.personal.backup import BackupError, Manifest, write_backup
from agent.personal.person import persons_of
from agent.personal.restore import Restored, restore_backup
from agent.settings import Settings, load_settings
from agent.store.calls import CallStore
from agent.store.faq import FaqStore, NewFaq
from tests.personal_home import (
    NATIONAL,
    NOW,
    NUMBER,
    OTHER,
    SPACED,
    PersonalHome,
    personal_home,
)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[PersonalHome]:
    """An installation with a key."""
    with personal_home(tmp_path / "home") as made:
        manual = made.settings.data_dir / "clients/acme/manuals/ab12/four.pdf"
        made.vault.write(manual, b"%PDF-")
        yield made


def hashes(folder: Path, files: list[str]) -> dict[str, str]:
    """SHA-256 of files below a folder."""
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in files}


def restored(home: PersonalHome, file: Path, into: Path, ledger: Path | None = None) -> Restored:
    """The backup in another home."""
    settings = load_settings(home=into)
    return restore_backup(
        settings, file, ledger=ledger, open_database=open_database, vault=home.vault,
    )  # fmt: skip


def names(manifest: Manifest) -> list[str]:
    """The files of a backup but the database."""
    return [saved.path for saved in manifest.files if not saved.path.endswith(".db")]


@pytest.mark.parametrize("ending", ["tar", "tar.gz"])
def test_a_backup_under_load_is_restored_with_equal_hashes(
    home: PersonalHome, tmp_path: Path, ending: str
) -> None:
    """Four writers keep calls with recordings meanwhile; each call that is there has its sound."""
    stop, kept = threading.Event(), [0]
    lock = threading.Lock()

    def keep_on_calling(number: int) -> None:
        count = 0
        while not stop.is_set():
            home.call(f"load-{number}-{count}", OTHER, "le code E20", "Nettoyez le filtre.")
            count += 1
            with lock:
                kept[0] += 1

    writers = [threading.Thread(target=keep_on_calling, args=(n,)) for n in range(4)]
    for writer in writers:
        writer.start()
    try:
        while kept[0] < 8:
            stop.wait(0.01)
        before = kept[0]
        file = tmp_path / f"backup.{ending}"
        manifest = write_backup(home.settings, home.database, file)
        while kept[0] <= before:  # they went on all the while
            stop.wait(0.01)
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert file.stat().st_mode & 0o777 == 0o600
    done = restored(home, file, tmp_path / "again")
    assert done.files == len(manifest.files)
    assert done.without_index == ("acme",)  # its manual is here, to be read again
    told = {saved.path: saved.sha256 for saved in manifest.files}
    both = names(manifest)
    assert hashes(tmp_path / "again", both) == {name: told[name] for name in both}
    assert hashes(home.settings.home, both) == {name: told[name] for name in both}
    assert b"RIFF" not in (tmp_path / "again" / "data/recordings/acme/c1.wav").read_bytes()
    with closing(sqlite3.connect(tmp_path / "again/data/permanence.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = database.execute("SELECT call_id, record FROM calls").fetchall()
    assert len(rows) >= before
    for _, record in rows:
        recording = json.loads(record)["recording"]
        if recording is not None:
            assert home.vault.read(tmp_path / "again/data" / recording).startswith(b"RIFF")


def test_what_was_erased_since_is_erased_again(home: PersonalHome, tmp_path: Path) -> None:
    """The ledger is beside the data: it is there when an older backup comes back in its place."""
    file = tmp_path / "backup.tar"
    write_backup(home.settings, home.database, file)
    home.persons.erase("acme", NUMBER, now=NOW)
    ledger = home.settings.erasures_file
    into = tmp_path / "again"
    done = restored(home, file, into, ledger)
    assert done.erased == 1
    assert no_trace_of_acmes(into, home)
    # A backup that was made after it knows of it by itself.
    later = tmp_path / "later.tar"
    write_backup(home.settings, home.database, later)
    assert restored(home, later, tmp_path / "third").erased == 0
    assert (tmp_path / "third/erasures.jsonl").read_bytes() == ledger.read_bytes()
    # In the same home, after its data were moved away.
    home.database.close()
    home.settings.data_dir.rename(tmp_path / "old data")
    assert restored(home, file, home.settings.home).erased == 1
    assert no_trace_of_acmes(home.settings.home, home)


def test_a_call_that_went_on_is_erased_again_too(home: PersonalHome, tmp_path: Path) -> None:
    """In the backup it never ends: what was restored stood there, and nobody was erased."""
    CallStore(home.database).save(CallRecord("live", "acme", NOW - timedelta(minutes=1), NATIONAL))
    file = tmp_path / "backup.tar"
    write_backup(home.settings, home.database, file)
    CallStore(home.database).close_orphans(NOW)
    home.persons.erase("acme", NUMBER, now=NOW)
    into = tmp_path / "again"
    assert restored(home, file, into, home.settings.erasures_file).erased == 1
    assert no_trace_of_acmes(into, home)


def test_it_is_not_in_place_before_what_was_erased_is(
    home: PersonalHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that is killed meanwhile leaves an empty place."""
    file, into = tmp_path / "backup.tar", tmp_path / "again"
    write_backup(home.settings, home.database, file)
    home.persons.erase("acme", NUMBER, now=NOW)

    def killed(*_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("agent.personal.person.Persons.erase_again", killed)
        with pytest.raises(KeyboardInterrupt):
            restored(home, file, into, home.settings.erasures_file)
    assert not (into / "data").exists()
    assert restored(home, file, into).erased == 1  # by the ledger that stands there by now


def test_a_numbers_traces_elsewhere_are_replaced_again(home: PersonalHome, tmp_path: Path) -> None:
    """What an older backup brings back in notes and approved answers, too."""
    new = NewFaq("Qui rappeler ?", f"Madame Durand, au {SPACED}.")
    FaqStore(home.database).add("acme", new, "u1")
    file = tmp_path / "backup.tar"
    write_backup(home.settings, home.database, file)
    home.persons.erase("acme", NUMBER, now=NOW)
    into = tmp_path / "again"
    assert restored(home, file, into, home.settings.erasures_file).erased == 1
    database = open_database(load_settings(home=into))
    try:
        (faq,) = FaqStore(database).list("acme")
    finally:
        database.close()
    assert SPACED not in faq.new.answer


def test_a_servers_database_comes_first(home: PersonalHome, tmp_path: Path) -> None:
    """A backup without one is not put beside an empty one."""
    file = tmp_path / "backup.tar"
    write_backup(home.settings, home.database, file)
    with tarfile.open(file) as old, tarfile.open(tmp_path / "server.tar", "w") as new:
        for member in old:
            content = old.extractfile(member)
            if content is None or member.name.endswith(".db"):
                continue
            told = content.read()
            if member.name == "manifest.json":
                data = json.loads(told)
                files = [one for one in data["files"] if not one["path"].endswith(".db")]
                told = json.dumps({**data, "database": False, "files": files}).encode()
                member.size = len(told)
            new.addfile(member, io.BytesIO(told))
    into = tmp_path / "again"
    with pytest.raises(BackupError, match="pg_restore first"):
        restored(home, tmp_path / "server.tar", into)
    assert list(into.iterdir()) == []


def no_trace_of_acmes(folder: Path, home: PersonalHome) -> bool:
    """Whether nothing of the number is kept for acme there, and all of it for bora."""
    settings: Settings = load_settings(home=folder)
    database = open_database(settings)
    try:
        persons = persons_of(settings, database, home.vault)
        assert persons.find("bora", NATIONAL).calls
        assert CallStore(database).load("c1").turns[0].heard == ""
        return not persons.find("acme", NUMBER)
    finally:
        database.close()


def test_it_is_restored_into_an_empty_place_only(home: PersonalHome, tmp_path: Path) -> None:
    """Nothing is written over; a second backup of the same name neither."""
    file = tmp_path / "backup.tar"
    write_backup(home.settings, home.database, file)
    with pytest.raises(BackupError, match="is not empty: a backup is restored into an empty"):
        restored(home, file, home.settings.home)
    with pytest.raises(BackupError, match="is there already; choose another name"):
        write_backup(home.settings, home.database, file)
    with pytest.raises(BackupError, match=r"backup\.zip is to end in \.tar"):
        write_backup(home.settings, home.database, tmp_path / "backup.zip")


@pytest.mark.parametrize("damage", ["bit", "cut", "missing", "added", "outside", "none"])
def test_a_damaged_backup_is_not_restored(home: PersonalHome, tmp_path: Path, damage: str) -> None:
    """One sentence, and the home stays empty."""
    file, into = tmp_path / "backup.tar", tmp_path / "again"
    write_backup(home.settings, home.database, file)
    if damage == "bit":
        data = bytearray(file.read_bytes())
        data[data.index(b"permanence sealed 1") + 100] ^= 1
        file.write_bytes(data)
    elif damage == "cut":
        file.write_bytes(file.read_bytes()[:-20_000])
    elif damage == "none":
        file.write_bytes(b"bonjour")
    else:
        rewritten(file, damage)
    with pytest.raises(BackupError):
        restored(home, file, into)
    assert not into.exists() or list(into.iterdir()) == []
    assert not (tmp_path / "outside.txt").exists()


def rewritten(file: Path, damage: str) -> None:
    """The backup with a file less or more."""
    other = file.with_name("other.tar")
    with tarfile.open(file) as old, tarfile.open(other, "w") as new:
        for member in old:
            if damage == "missing" and member.name.endswith("c1.wav"):
                continue
            new.addfile(member, old.extractfile(member))
        if damage in ("added", "outside"):
            name = "data/extra.txt" if damage == "added" else "../outside.txt"
            new.addfile(tarfile.TarInfo(name))
    other.replace(file)


def test_the_key_is_not_in_it(home: PersonalHome, tmp_path: Path) -> None:
    """Nor the ledger's key in the clear."""
    home.persons.erase("bora", NATIONAL, now=NOW)
    file = tmp_path / "backup.tar"
    manifest = write_backup(home.settings, home.database, file)
    assert "erasures.key" in names(manifest)
    data = file.read_bytes()
    assert b"k" * 32 not in data
    assert home.vault.read(home.settings.erasures_file.with_suffix(".key")) not in data
