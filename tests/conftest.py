"""Fixtures: a home with the real models and the demo client, and a server over it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from agent.log import hush_pipecat
from agent.manual_commands import reconcile
from agent.opening import open_database
from agent.settings import Settings, load_settings
from agent.store import migrations, passwords
from agent.store.clients import ClientStore
from agent.web.server import RunningServer, running_server
from tests.demo_index import SAMPLES, put_demo_index
from tests.leftovers import let_go
from tests.remembered_tables import RememberedTables, really_upgrade

ROOT = Path(__file__).parent.parent
CALLS = ROOT / "evals" / "data" / "calls"
REAL_HASHER = passwords.HASHER


@pytest.fixture(scope="session")
def models_home() -> Path:
    """The installation whose models the tests share; `make test` has filled it."""
    home = load_settings().home
    if not (home / "models").is_dir():
        pytest.fail(f"There are no models in {home}: run `make test`, which fetches them.")
    return home


@pytest.fixture(scope="session")
def settings(models_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a home of the tests' own, with the shared models and the demo client."""
    home = tmp_path_factory.mktemp("home")
    (home / "models").symlink_to(models_home / "models")
    (home / "cache").symlink_to(_shared_cache(models_home))
    made = load_settings(home=home, port=0)
    put_demo_index(made)
    database = open_database(made)
    try:
        clients = ClientStore(database)
        clients.add("orvane", "Orvane")
        reconcile(made, clients, "orvane")
        assert len(clients.manuals("orvane")) == len(SAMPLES)
    finally:
        database.close()
    return made


@pytest.fixture(scope="session")
def server(settings: Settings) -> Iterator[RunningServer]:
    """A server on loopback with the demo client, real models and room for four calls."""
    with running_server(settings) as running:
        yield running


def _shared_cache(models_home: Path) -> Path:
    cache = models_home / "cache"
    cache.mkdir(exist_ok=True)
    return cache


@pytest.fixture(scope="module", autouse=True)
def _nothing_stays_of_closed_servers() -> Iterator[None]:
    """Let go of what a module's servers leave; set up first, so it is the last to end."""
    yield
    let_go()


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> None:
    """Keep passwords with argon2id's least: hundreds are made, and none is worth stealing."""
    passwords.HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(scope="session", autouse=True)
def _remembered_tables() -> None:
    """Run the migrations of an empty database once a process."""
    migrations.upgrade = RememberedTables()  # type: ignore[assignment]


@pytest.fixture
def real_migrations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the migrations as the product does, for a test."""
    monkeypatch.setattr(migrations, "upgrade", really_upgrade)


@pytest.fixture
def real_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep passwords as the product does, for a test."""
    monkeypatch.setattr(passwords, "HASHER", REAL_HASHER)


@pytest.fixture(scope="session", autouse=True)
def _quiet_pipecat() -> None:
    """Drop pipecat's debug lines: they would bury a failure's own words."""
    hush_pipecat()
