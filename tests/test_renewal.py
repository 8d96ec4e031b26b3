"""Indexes of another version are made again by the service itself, while it answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from agent.house import renew_outdated
from agent.opening import open_database
from agent.settings import Settings, load_settings
from agent.store.clients import ClientStore
from knowledge.collection import current_version
from knowledge.embeddings import Embedding
from knowledge.errors import IndexMissingError
from knowledge.ingest import ingest, is_outdated
from knowledge.library import Library
from knowledge.renewal import Renewal
from tests.builders import small_manual
from tests.remembered import Remembered

OLD, NEW, EMPTY = "ancienne", "nouvelle", "vide"
CODE = "mon lave-linge affiche E2"


@pytest.fixture(scope="module")
def embedder() -> Remembered:
    """The small model."""
    return Remembered()


@pytest.fixture
def settings(tmp_path: Path, embedder: Remembered) -> Settings:
    """A home with a client of an older format, one of today's, and one without a manual."""
    settings = load_settings(home=tmp_path / "home", embedding=embedder.name)
    database = open_database(settings)
    clients = ClientStore(database)
    for slug in (OLD, NEW, EMPTY):
        clients.add(slug, slug.title())
        if slug != EMPTY:
            ingest(folder_of(settings, slug), [small_manual(tmp_path / "zx100.pdf")], embedder)
    database.close()
    age(folder_of(settings, OLD))
    return settings


def folder_of(settings: Settings, slug: str) -> Path:
    """A client's folder."""
    return settings.data_dir / "clients" / slug


def age(client: Path) -> None:
    """Make an index one of an older format, whose vectors cannot be opened either."""
    version = current_version(client)
    assert version is not None
    meta = json.loads((version / "meta.json").read_text("utf-8"))
    (version / "meta.json").write_text(json.dumps({**meta, "format": 2}), "utf-8")
    (version / "search" / "table.npy").write_bytes(b"older")


def test_the_service_makes_outdated_indexes_again(settings: Settings, embedder: Remembered) -> None:
    """Only those; their callers are answered without anybody typing a command."""
    database = open_database(settings)
    clients, library = ClientStore(database), Library(settings.data_dir / "clients", embedder)
    untouched = current_version(folder_of(settings, NEW))
    told: list[str] = []
    try:
        with pytest.raises(IndexMissingError, match=f"permanence reindex {OLD}"):
            library.ask(OLD, CODE)
        renewal = renew_outdated(settings, clients, library, told.append)
        assert renewal.wait(60)
        assert library.ask(OLD, CODE).evidence
        assert not is_outdated(folder_of(settings, OLD), embedder.name)
        assert [manual.file_name for manual in clients.manuals(OLD)] == ["zx100.pdf"]
    finally:
        library.close()
        database.close()
    assert len(told) == 1
    assert OLD in told[0]
    assert NEW not in told[0]
    assert EMPTY not in told[0]
    assert current_version(folder_of(settings, NEW)) == untouched


class Waiting(Remembered):
    """Embeds only once it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.let = threading.Event(), threading.Event()

    def passages(self, texts: Sequence[str], titles: Sequence[str]) -> list[Embedding]:
        """Passages' vectors."""
        self.reached.set()
        assert self.let.wait(60)
        return super().passages(texts, titles)


def test_closing_stops_it_and_leaves_what_was_there(settings: Settings) -> None:
    """Half an index never takes a place; the next start goes on."""
    client, embedder = folder_of(settings, OLD), Waiting()
    before = current_version(client)
    done: list[str] = []
    renewal = Renewal(client.parent, embedder, [OLD], renewed=done.append)
    assert embedder.reached.wait(60)
    renewal.stop()
    embedder.let.set()
    renewal.close()
    assert renewal.wait(0)
    assert current_version(client) == before
    assert done == []
    assert is_outdated(client, embedder.name)


def test_one_that_cannot_be_made_again_does_not_keep_others(
    settings: Settings, embedder: Remembered, caplog: pytest.LogCaptureFixture
) -> None:
    """Its file is gone: the log says so, and the next client is renewed."""
    age(folder_of(settings, NEW))
    for file in (folder_of(settings, OLD) / "manuals").rglob("*.pdf"):
        file.unlink()
    renewal = Renewal(settings.data_dir / "clients", embedder, [OLD, NEW])
    assert renewal.wait(60)
    assert f"{OLD}: the index could not be made again" in caplog.text
    assert not is_outdated(folder_of(settings, NEW), embedder.name)
