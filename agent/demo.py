"""The demo client: made once by `permanence setup`, called by `permanence demo`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from agent.errors import PermanenceError
from agent.manual_commands import add_manuals, manuals_changed
from agent.models import console_progress, default_models, ensure
from agent.opening import open_database, open_library
from agent.settings import Settings
from agent.store.clients import ClientStore

CLIENT = "orvane"
BRAND = "Orvane"
CALLER = "0639981234"
"""One of the numbers that the French regulator keeps for fiction (06 39 98 xx xx)."""

_ROOT = Path(__file__).parent.parent
SAMPLES = _ROOT / "knowledge" / "samples"
RECORDINGS = _ROOT / "evals" / "data" / "calls"


def recorded_turns() -> list[Path]:
    """The demo caller's turns: an error code, a procedure, a question that no manual answers.

    Raises:
        PermanenceError: The recordings are not here (installed without the repository).
    """
    files = sorted(RECORDINGS.glob("demo-*.wav"))
    if not files:
        raise PermanenceError("The demo's recordings are missing; run it from the repository.")
    return files


def set_up(settings: Settings, tell: Callable[[str], None]) -> None:
    """Fetch the models in use, make the database, the demo client and its index.

    Raises:
        PermanenceError: A model cannot be had, or the database cannot be opened.
    """
    for name in default_models(settings):
        with console_progress(name) as progress:
            ensure(settings, name, progress)
    database = open_database(settings)
    try:
        clients = ClientStore(database)
        if CLIENT not in {client.slug for client in clients.list()}:
            clients.add(CLIENT, BRAND)
        files = sorted(SAMPLES.glob("*.pdf"))
        if manuals_changed(settings, CLIENT, files):
            tell("Reading the demo client's manuals (about half a minute, once)…")
            library = open_library(settings)
            try:
                entries = add_manuals(library, clients, CLIENT, files, None)
            finally:
                library.close()
            tell(f"{BRAND}: {len(entries)} manuals, {sum(e.passages for e in entries)} passages.")
    finally:
        database.close()
