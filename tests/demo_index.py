"""The demo client's index, made once for all test processes of the same sources."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from pathlib import Path

from agent.manual_commands import add_manuals
from agent.models import path as model_path
from agent.opening import open_database, open_library
from agent.settings import Settings, load_settings
from agent.store.clients import ClientStore

ROOT = Path(__file__).parent.parent
SAMPLES = sorted((ROOT / "knowledge" / "samples").glob("*.pdf"))
KEPT = 4
"""Indexes of other sources that stay: branches are tested in turn."""


def put_demo_index(settings: Settings) -> None:
    """Give an empty home the index of the client « orvane »; half a minute the first time.

    It is kept beside the models, under a digest of everything that it is made of: the manuals, all
    of `knowledge`, what `agent` makes of them, and the model.
    """
    kept = settings.home / "cache" / "tests" / "demo-index"
    kept.mkdir(parents=True, exist_ok=True)
    made = kept / _digest(settings)
    with (kept / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another process may be making it
        if not made.exists():
            _make(settings, made)
            for old in sorted(kept.glob("*/"), key=os.path.getmtime)[:-KEPT]:
                shutil.rmtree(old)
        shutil.copytree(made, settings.data_dir / "clients" / "orvane", symlinks=True)


def _make(settings: Settings, made: Path) -> None:
    part = made.with_name(f"{made.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    (part / "models").symlink_to(settings.home / "models")
    building = load_settings(home=part)
    database, library = open_database(building), open_library(building)
    try:
        clients = ClientStore(database)
        clients.add("orvane", "Orvane")
        add_manuals(library, clients, "orvane", SAMPLES, None)
    finally:
        library.close()
        database.close()
    (building.data_dir / "clients" / "orvane").rename(made)
    shutil.rmtree(part)


def _digest(settings: Settings) -> str:
    """Of all that decides what the index holds."""
    known = hashlib.sha256(settings.embedding.encode())
    manifest = model_path(settings, settings.embedding) / "manifest.json"
    sources = [*SAMPLES, ROOT / "pyproject.toml", Path(__file__)]
    sources += (ROOT / "agent" / name for name in ("manual_commands.py", "opening.py"))
    sources += (file for file in (ROOT / "knowledge").rglob("*") if file.suffix != ".pyc")
    for file in sorted({*sources, manifest}):
        if file.is_file():
            known.update(
                str(file.name).encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest()
            )
    return known.hexdigest()[:20]
