"""The evaluation brands, ingested into a home of their own and opened as a call opens them.

Built again whenever the code that reads manuals has changed, so that no figure is of yesterday's.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from agent.opening import open_library
from agent.settings import Settings
from evals.questions import DATA
from knowledge.library import Library

ROOT = Path(__file__).parent.parent
MANUALS = DATA / "manuals"
SUFFIXES = {".pdf", ".docx", ".xlsx", ".csv", ".html"}
READERS = ("documents", "passages", "products.py", "passages.py", "ingest.py", "collection.py",
           "embeddings.py", "late.py", "reader.npz", "adapter.npz", "phonetics.py", "lexical.py",
           "readable.py",
           "references.py", "appliances.py", "stored_words.py", "stored_sounds.py",
           "search_files.py",
           )  # fmt: skip


def brands() -> dict[str, list[Path]]:
    """The brands and their files."""
    found = {"orvane": sorted((ROOT / "knowledge" / "samples").glob("*.pdf"))}
    for folder in sorted(path for path in MANUALS.iterdir() if path.is_dir()):
        files = [file for file in folder.iterdir() if file.suffix in SUFFIXES]
        found[folder.name] = sorted(file for file in files if not _is_source(file))
    return found


def _is_source(file: Path) -> bool:
    """Whether a PDF beside it was printed from it."""
    return file.suffix == ".html" and file.with_suffix(".pdf").exists()


def open_bench(settings: Settings, only: set[str] | None = None) -> Library:
    """A library of the evaluation brands (blocks: minutes when the manuals are read anew)."""
    home = settings.home / "cache" / "evals" / settings.embedding
    clients = home / "data" / "clients"
    made = settings.model_copy(update={"home": home})
    (home / "models").parent.mkdir(parents=True, exist_ok=True)
    if not (home / "models").exists():
        (home / "models").symlink_to(settings.home / "models")
    library = open_library(made)
    digest = _code()
    for brand, files in brands().items():
        if only is not None and brand not in only:
            continue
        stamp = clients / f"{brand}.stamp"
        wanted = f"{digest} {_digest(files)}"
        if not stamp.exists() or stamp.read_text("utf-8") != wanted:
            shutil.rmtree(clients / brand, ignore_errors=True)
            library.add(brand, files)
            stamp.write_text(wanted, "utf-8")
    return library


def _code() -> str:
    folder = ROOT / "knowledge"
    found = [file for name in READERS for file in (folder / name, *(folder / name).rglob("*.py"))]
    return _digest(sorted({file for file in found if file.is_file()}))


def _digest(files: list[Path]) -> str:
    total = hashlib.sha256()
    for file in files:
        total.update(file.name.encode() + file.read_bytes())
    return total.hexdigest()[:16]
