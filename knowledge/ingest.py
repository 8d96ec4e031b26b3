"""Manuals go into a client's index: read, cut into passages, embedded, published in one step."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from knowledge.collection import (
    ManualEntry,
    View,
    current_version,
    publish,
    read_meta,
    read_passages,
    read_views,
    write_version,
)
from knowledge.documents.pdf import read_pdf
from knowledge.embeddings import Embedder
from knowledge.errors import DocumentError
from knowledge.passages import Passage, passages_of
from knowledge.products import product_of

EMBED_AT_ONCE = 32
TITLED = ("error_code", "trouble", "procedure", "table_row")
"""Kinds whose subject alone is a second view: callers speak of the symptom, not of the remedy."""

Progress = Callable[[str, int, int], None]
"""Called with a stage, what is done and the total."""


def ingest(
    client_dir: Path, files: Sequence[Path], embedder: Embedder, progress: Progress | None = None
) -> list[ManualEntry]:
    """Add manuals to a client, or replace those of the same file name.

    What is unchanged is not read again. The version in service stays so until all is done, and
    stays for good if any file cannot be read.

    Returns:
        The manuals in service afterwards.

    Raises:
        DocumentError: A file cannot be read as a manual.
    """
    report = progress or (lambda stage, done, total: None)
    with _locked(client_dir):
        files = list({file.name: file for file in files}.values())  # the last of a name counts
        old = current_version(client_dir)
        kept: list[ManualEntry] = []
        stored: list[Path] = []
        if old is not None:
            try:
                model, kept = read_meta(old)
            except (OSError, ValueError, KeyError):  # the index is damaged: read all files anew
                old, stored = None, sorted((client_dir / "manuals").glob("*.[pP][dD][fF]"))
            else:
                if model != embedder.name:  # vectors of another model are of no use
                    stored, kept = [client_dir / "manuals" / m.file for m in kept], []
            named = {file.name for file in files}
            files = [*files, *(file for file in stored if file.name not in named)]
        shas = {file: _sha256(file) for file in files}
        known = {manual.file: manual.sha256 for manual in kept}
        fresh = [file for file in files if known.get(file.name) != shas[file]]
        if not fresh and old is not None:
            return kept
        kept = [manual for manual in kept if manual.file not in {file.name for file in fresh}]

        manuals, passages, views = list(kept), [], []
        if old is not None and kept:
            names = {manual.file for manual in kept}
            passages = [p for p in read_passages(old) if p.manual in names]
            views = read_views(old, names)
        added: list[Passage] = []
        for number, file in enumerate(fresh, start=1):
            report(f"reading {file.name}", number - 1, len(fresh))
            entry, found = _read(file, shas[file])
            manuals.append(entry)
            added += found
        report("reading", len(fresh), len(fresh))
        views += _embed(added, embedder, report)
        passages += added
        name = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        write_version(client_dir, name, embedder.name, manuals, passages, views)
        for file in fresh:
            _store(file, client_dir / "manuals" / file.name)
        publish(client_dir, name)
        return manuals


def is_stale(client_dir: Path, files: Sequence[Path], embedder: str) -> bool:
    """Whether these files, with this model, would change the index in service."""
    folder = current_version(client_dir)
    if folder is None:
        return True
    try:
        model, manuals = read_meta(folder)
    except (OSError, ValueError, KeyError):
        return True
    known = {manual.file: manual.sha256 for manual in manuals}
    return model != embedder or any(known.get(file.name) != _sha256(file) for file in files)


def _read(file: Path, sha256: str) -> tuple[ManualEntry, list[Passage]]:
    if file.suffix.casefold() != ".pdf":
        raise DocumentError(f"{file.name} n'est pas un PDF ; fournissez le manuel en PDF.")
    document = read_pdf(file)
    product = product_of(document)
    passages = passages_of(document, file.name, product)
    if not passages:
        raise DocumentError(
            f"{file.name} ne contient aucun passage utilisable ; vérifiez que c'est bien un manuel."
        )
    languages = tuple(sorted({page.language for page in document.pages}))
    entry = ManualEntry(file.name, sha256, len(document.pages), languages, product, len(passages))
    return entry, passages


def _embed(passages: Sequence[Passage], embedder: Embedder, report: Progress) -> list[View]:
    todo: list[tuple[str, str, str, str]] = []  # passage, view, text, title
    for passage in passages:
        context = f"{passage.product} > {passage.heading}"
        todo.append((passage.passage_id, "whole", passage.text, context))
        if passage.kind in TITLED and passage.title:
            subject = f"{passage.code} {passage.title}".strip()
            todo.append((passage.passage_id, "subject", subject, passage.product))
    views: list[View] = []
    for start in range(0, len(todo), EMBED_AT_ONCE):
        report("embedding", start, len(todo))
        part = todo[start : start + EMBED_AT_ONCE]
        vectors = embedder.passages([text for *_, text, _ in part], [title for *_, title in part])
        views += [
            View(passage_id, view, vector)
            for (passage_id, view, *_), vector in zip(part, vectors, strict=True)
        ]
    report("embedding", len(todo), len(todo))
    return views


def _sha256(file: Path) -> str:
    try:
        with file.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError as error:
        raise DocumentError(f"Il n'y a pas de fichier lisible {file} ; vérifiez le nom.") from error


def _store(source: Path, target: Path) -> None:
    if source.resolve() == target.resolve():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(target.suffix + ".part")
    shutil.copyfile(source, part)
    part.replace(target)


@contextmanager
def _locked(client_dir: Path) -> Iterator[None]:
    """One ingestion at a time for a client, over all processes."""
    (client_dir / "index").mkdir(parents=True, exist_ok=True)
    with (client_dir / "index" / "LOCK").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
