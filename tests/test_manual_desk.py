"""Files on their way into a client's manuals: prepared in a process of their own, over restarts."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.manual_commands import reconcile
from agent.manual_desk import ManualDesk
from agent.opening import open_database, open_vault
from agent.sealing.keys import new_key
from agent.settings import Settings, load_settings
from agent.store.audit import AuditStore
from agent.store.clients import ClientStore
from agent.store.database import Database, NotKeptError
from agent.store.manual_work import ManualWork, Upload
from knowledge.draft import drafted
from knowledge.lifecycle import in_service
from tests.builders import small_manual

WASHER, OVEN = "zx100.pdf", "ft200.pdf"
LIMIT_S = 180.0
"""Manuals are prepared in idle time, of which a busy machine has little."""

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home whose files are sealed; the model comes with its package."""
    made = load_settings(home=tmp_path / "home", embedding="e5-small", data_key=new_key())
    open_vault(made)
    return made


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """With the clients "acme" and "bora"."""
    opened = open_database(settings)
    clients = ClientStore(opened)
    clients.add("acme", "Acmé")
    clients.add("bora", "Bora")
    yield opened
    opened.close()


def desk_of(settings: Settings, database: Database) -> ManualDesk:
    """A start of the service, as far as manuals go."""
    clients = ClientStore(database)
    return ManualDesk(
        settings, ManualWork(database), AuditStore(database),
        lambda slug: reconcile(settings, clients, slug),
    )  # fmt: skip


def until(what: Callable[[], object]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + LIMIT_S
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


def state(desk: ManualDesk, upload: Upload) -> str:
    """Of a file."""
    return desk.work.get(upload.client, upload.upload_id).state


def test_files_of_two_clients_are_prepared_in_turn(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    """Each into its own draft, sealed; who sent it and what became of it is kept."""
    desk = desk_of(settings, database)
    try:
        acme = desk.add("acme", small_manual(tmp_path / WASHER, litres=6), "essai")
        bora = desk.add("bora", small_manual(tmp_path / OVEN, title="Four FT200"), "essai")
        waiting = desk.folder("acme") / "drafts" / acme.upload_id / WASHER
        assert not waiting.exists() or not waiting.read_bytes().startswith(b"%PDF")
        until(lambda: (state(desk, acme), state(desk, bora)) == ("ready", "ready"))
        assert [m.file for m in drafted(desk.folder("acme"))] == [WASHER]
        assert [m.file for m in drafted(desk.folder("bora"))] == [OVEN]
        (kept,) = (desk.folder("acme") / "manuals").rglob(WASHER)
        assert not kept.read_bytes().startswith(b"%PDF")
        assert list((desk.folder("acme") / "drafts").iterdir()) == []
        with pytest.raises(NotKeptError):
            desk.work.get("bora", acme.upload_id)
        with pytest.raises(NotKeptError):
            desk.cancel("bora", acme.upload_id, "essai")
        done = desk.work.get("acme", acme.upload_id)
        digest = hashlib.sha256((tmp_path / WASHER).read_bytes()).hexdigest()
        assert (done.sha256, done.pages, done.passages) == (digest, 2, 5)
        desk.publish("acme", "essai")
        assert [m.file_name for m in ClientStore(database).manuals("acme")] == [WASHER]
        assert in_service(desk.folder("bora")) == []
        assert desk.work.history("bora") == ()
    finally:
        desk.close()


def test_what_a_killed_service_left_is_prepared_by_the_next(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    """A file that was being read, and rubbish of one that never arrived whole."""
    work = ManualWork(database)
    desk = desk_of(settings, database)
    desk.close()  # nothing is read from here on, as after a kill
    upload = desk.add("acme", small_manual(tmp_path / WASHER), "essai")
    work.change("acme", upload.upload_id, "running", of=("queued",), attempts=1)
    half = desk.begin("acme", "moitie.pdf", "essai")
    half.file.write_bytes(b"%PDF-1.4")
    again = desk_of(settings, database)
    try:
        assert not half.file.exists()
        until(lambda: state(again, upload) == "ready")
        assert [m.file for m in drafted(again.folder("acme"))] == [WASHER]
    finally:
        again.close()


def test_a_preparation_that_dies_twice_is_interrupted(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    """It is begun again once by itself, then when somebody asks for it."""
    desk = desk_of(settings, database)
    killed: set[int] = set()

    def kill() -> bool:
        child = desk._child
        if child is not None and child.pid not in killed:
            os.kill(child.pid, signal.SIGKILL)
            killed.add(child.pid)
        return state(desk, upload) == "interrupted"

    try:
        upload = desk.add("acme", small_manual(tmp_path / WASHER), "essai")
        until(kill)
        assert len(killed) == 2
        assert drafted(desk.folder("acme")) == []
        desk.try_again("acme", upload.upload_id, "essai")
        until(lambda: state(desk, upload) == "ready")
        assert [m.file for m in drafted(desk.folder("acme"))] == [WASHER]
        with pytest.raises(NotKeptError):  # neither is undone that is done
            desk.try_again("acme", upload.upload_id, "essai")
        with pytest.raises(NotKeptError):
            desk.cancel("acme", upload.upload_id, "essai")
        assert state(desk, upload) == "ready"
    finally:
        desk.close()


def test_what_was_taken_back_as_its_turn_came_stays_so(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    """Between the look at the list and the first state: it is neither read nor shown again."""
    desk = desk_of(settings, database)
    desk.close()  # nothing is read from here on
    upload = desk.add("acme", small_manual(tmp_path / WASHER), "essai")
    desk.cancel("acme", upload.upload_id, "essai")
    desk._prepare(upload)
    assert state(desk, upload) == "cancelled"
    assert desk.work.shown("acme") == ()


def test_a_file_is_taken_back(settings: Settings, database: Database, tmp_path: Path) -> None:
    """While another is read before it, or while it is read: it never comes into the draft."""
    desk = desk_of(settings, database)
    try:
        first = desk.add("acme", small_manual(tmp_path / WASHER), "essai")
        second = desk.add("acme", small_manual(tmp_path / OVEN, title="Four FT200"), "essai")
        desk.cancel("acme", second.upload_id, "essai")
        until(lambda: desk.step(first.upload_id) is not None)
        desk.cancel("acme", first.upload_id, "essai")
        until(lambda: desk.step(first.upload_id) is None)
        assert (state(desk, first), state(desk, second)) == ("cancelled", "cancelled")
        assert drafted(desk.folder("acme")) == []
        assert list((desk.folder("acme") / "drafts").iterdir()) == []
        assert desk.work.shown("acme") == ()
    finally:
        desk.close()
