"""Manuals go into a client's index: read, cut into passages, embedded, published in one step."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path

from knowledge.documents import Document
from knowledge.documents.problems import Problem, gathered
from knowledge.documents.reader import Progress as PageProgress
from knowledge.documents.reader import read_document
from knowledge.embeddings import Embedder
from knowledge.errors import DocumentError
from knowledge.hand_edits import OLD_FILE, Edits, edited, read_edits, write_edits
from knowledge.parts import View, write_part
from knowledge.passages import Passage, passages_of
from knowledge.pointers import draft_version, has_draft, point_draft, publish
from knowledge.products import product_of
from knowledge.search_files import link_search_files, make_search_files
from knowledge.vault import vault_of
from knowledge.versions import (
    FORMAT,
    SHA_SHOWN,
    ManualEntry,
    current_version,
    fsync_folder,
    locked,
    new_name,
    read_format,
    read_meta,
    stored_file,
    stored_files,
    usable,
    write_meta,
    writing,
)

EMBED_AT_ONCE = 32
TITLED = ("error_code", "trouble", "procedure", "table_row", "specification", "faq")
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
        IndexWriteError: The index cannot be written.
    """
    with locked(client_dir):
        files = list({file.name: file for file in files}.values())  # the last of a name counts
        old, kept, again = _in_service(client_dir, embedder.name)
        named = {file.name for file in files}
        files = [*files, *(file for file in again if file.name not in named)]
        shas = {file: sha256_of(file) for file in files}
        known = {manual.file: manual.sha256 for manual in kept}
        fresh = [file for file in files if known.get(file.name) != shas[file]]
        edits = read_edits(client_dir)
        if not fresh and kept == [edited(manual, edits) for manual in kept]:
            return kept
        replaced = {file.name for file in fresh}
        kept = [manual for manual in kept if manual.file not in replaced]
        return _renew(client_dir, old, kept, {f: shas[f] for f in fresh}, embedder, progress)


def reindex(
    client_dir: Path, embedder: Embedder, progress: Progress | None = None
) -> list[ManualEntry]:
    """Make a client's index again from the files kept, hand-made edits included.

    Raises:
        DocumentError: A file is missing or cannot be read any more; nothing has changed then.
        IndexWriteError: The index cannot be written.
    """
    with locked(client_dir):
        _, kept, again = _in_service(client_dir, embedder.name)
        files = [*again, *(stored_file(client_dir, manual) for manual in kept)]
        shas = {file: sha256_of(file) for file in files}
        return _renew(client_dir, None, [], shas, embedder, progress) if files else []


def is_stale(client_dir: Path, files: Sequence[Path], embedder: str) -> bool:
    """Whether these files, with this model, would change the index in service."""
    folder = current_version(client_dir)
    if folder is None or is_outdated(client_dir, embedder):
        return True
    manuals = read_meta(folder)[1]
    known = {manual.file: manual.sha256 for manual in manuals}
    edits = read_edits(client_dir)
    changed = any(known.get(file.name) != sha256_of(file) for file in files)
    return changed or manuals != [edited(manual, edits) for manual in manuals]


def is_outdated(client_dir: Path, embedder: str) -> bool:
    """Whether an index is in service that cannot be searched: of another format or model."""
    folder = current_version(client_dir)
    if folder is None:
        return False
    try:
        return (read_meta(folder)[0], read_format(folder)) != (embedder, FORMAT)
    except (OSError, ValueError, KeyError, TypeError):
        return True


def publish_manuals(
    client_dir: Path, embedder: str, manuals: Sequence[ManualEntry], old: Path | None,
    *, name: str, keep_before: bool = True, edits: Edits | None = None, draft: bool = False,
) -> None:  # fmt: skip
    """Write a version that holds these manuals, whose parts are written, and put it in service.

    Args:
        client_dir: The client's folder.
        embedder: Name of the model that made the vectors.
        manuals: What it holds, edits applied.
        old: A version of which it may share files.
        name: Its own.
        keep_before: Whether one may go back to what was in service.
        edits: What was edited by hand; None: as in what is in service.
        draft: Make it the draft, and leave in service what is.

    Raises:
        IndexWriteError: It cannot be written; what was in service still is.
    """
    folder = client_dir / "index" / name
    here = {manual.file for manual in manuals}
    edits = read_edits(client_dir) if edits is None else edits
    try:
        with writing(client_dir):
            folder.mkdir()
            if old is not None and _shown(manuals) == _shown(read_meta(old)[1]):
                link_search_files(old, folder)
            else:
                make_search_files(folder, manuals, old)
            write_edits(folder, {file: edit for file, edit in edits.items() if file in here})
            write_meta(folder, embedder, manuals)
            if draft:
                point_draft(client_dir, name)
            else:
                publish(client_dir, name, keep_before=keep_before)
    except BaseException:
        if folder not in (current_version(client_dir), draft_version(client_dir)):
            shutil.rmtree(folder, ignore_errors=True)
        raise
    if not draft:
        (client_dir / OLD_FILE).unlink(missing_ok=True)


def change_draft_too(
    client_dir: Path, gone: Collection[str], come: Sequence[ManualEntry], edits: Edits | None = None
) -> None:
    """Bring a change of what is in service into the draft, if there is one; under the lock.

    Args:
        client_dir: The client's folder.
        gone: Names of the manuals that leave the draft.
        come: Manuals that come into it.
        edits: Edits of these; None: those of the draft.
    """
    folder = draft_version(client_dir)
    if not has_draft(client_dir) or folder is None:
        return
    model, manuals = read_meta(folder)
    if not usable(folder, model):
        return
    kept = {**read_edits(client_dir, folder), **(edits or {})}
    changed = [m for m in manuals if m.file not in gone]
    changed = [edited(m, kept) for m in (*changed, *come)]
    if changed != manuals:
        publish_manuals(client_dir, model, changed, folder, name=new_name(), edits=kept, draft=True)


def _shown(manuals: Sequence[ManualEntry]) -> list[tuple[str, object]]:
    """What the flat files are made from."""
    return [(manual.part, manual.codes) for manual in manuals]


def _in_service(client_dir: Path, model: str) -> tuple[Path | None, list[ManualEntry], list[Path]]:
    """The version in service, its manuals that can be carried over, the files to read again."""
    old = current_version(client_dir)
    if old is None:
        lost = not (client_dir / "index" / "CURRENT").exists()
        return None, [], stored_files(client_dir) if lost else []
    return carried(client_dir, old, model)


def carried(
    client_dir: Path, old: Path, model: str
) -> tuple[Path | None, list[ManualEntry], list[Path]]:
    """A version, its manuals that can be carried over, the files to read again."""
    try:
        kept = read_meta(old)[1]
    except (OSError, ValueError, KeyError, TypeError):  # the index is damaged
        return None, [], stored_files(client_dir)
    if usable(old, model):
        return old, kept, []
    return None, [], [stored_file(client_dir, manual) for manual in kept]


def _renew(
    client_dir: Path, old: Path | None, kept: Sequence[ManualEntry], fresh: dict[Path, str],
    embedder: Embedder, progress: Progress | None,
) -> list[ManualEntry]:  # fmt: skip
    """Read and embed what is fresh, and put it in service together with what is kept."""
    report = progress or (lambda stage, done, total: None)
    read: list[tuple[ManualEntry, list[Passage]]] = []
    for number, (file, sha256) in enumerate(fresh.items()):
        report(f"reading {file.name}", number, len(fresh))
        read.append(read_manual(file, sha256))
    report("reading", len(fresh), len(fresh))
    views = by_passage(embedded([p for _, passages in read for p in passages], embedder, report))
    name, manuals = new_name(), list(kept)
    made: list[Path] = []
    try:
        with writing(client_dir):
            for number, (entry, passages) in enumerate(read):
                entry = replace(entry, part=f"{name}-{number}")
                manuals.append(entry)
                made.append(client_dir / "index" / "parts" / entry.part)
                write_part(made[-1], passages, [v for p in passages for v in views[p.passage_id]])
            for file, sha256 in fresh.items():
                made += keep_file(client_dir, file, sha256)
        edits = read_edits(client_dir)
        manuals = [edited(manual, edits) for manual in manuals]
        publish_manuals(client_dir, embedder.name, manuals, old, name=name, edits=edits)
    except BaseException:
        if current_version(client_dir) != client_dir / "index" / name:
            for folder in made:
                shutil.rmtree(folder, ignore_errors=True)
        raise
    come = manuals[len(kept) :]
    change_draft_too(client_dir, {manual.file for manual in come}, come)
    return manuals


def read_manual(
    file: Path, sha256: str, progress: PageProgress | None = None
) -> tuple[ManualEntry, list[Passage]]:
    """A file's entry, without a part yet, and its passages.

    Raises:
        DocumentError: It cannot be read as a manual.
    """
    document = read_document(file, progress)
    product = product_of(document, file.name)
    passages = passages_of(document, file.name, product)
    if not passages:
        raise DocumentError(
            f"{file.name} ne contient aucun passage utilisable ; vérifiez que c'est bien un manuel."
        )
    languages = tuple(sorted({page.language for page in document.pages}))
    entry = ManualEntry(
        file.name, sha256, len(document.pages), languages, product, len(passages),
        problems=(*document.problems, *_foreign(document)),
    )  # fmt: skip
    return entry, passages


def _foreign(document: Document) -> tuple[Problem, ...]:
    return gathered(
        ("foreign", page.number, page.language)
        for page in document.pages
        if page.blocks and page.language != "fr"
    )


def by_passage(views: Sequence[View]) -> dict[str, list[View]]:
    """Each passage's views."""
    found: dict[str, list[View]] = {}
    for view in views:
        found.setdefault(view.passage_id, []).append(view)
    return found


def embedded(
    passages: Sequence[Passage], embedder: Embedder, report: Progress = lambda *_: None
) -> list[View]:
    """The views of passages: each one's whole text and, of some kinds, its subject alone."""
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
        made = embedder.passages([text for *_, text, _ in part], [title for *_, title in part])
        views += [
            View(passage_id, view, found.vector, found.tokens)
            for (passage_id, view, *_), found in zip(part, made, strict=True)
        ]
    report("embedding", len(todo), len(todo))
    return views


def sha256_of(file: Path) -> str:
    """SHA-256 of a file, hexadecimal.

    Raises:
        DocumentError: It cannot be read.
    """
    try:
        return vault_of(file).digest(file)
    except OSError as error:
        raise DocumentError(f"Il n'y a pas de fichier lisible {file} ; vérifiez le nom.") from error


def keep_file(client_dir: Path, source: Path, sha256: str) -> list[Path]:
    """Keep a file as it was given; returns the folder made for it, if one was."""
    folder = client_dir / "manuals" / sha256[:SHA_SHOWN]
    target = folder / source.name
    if target.exists():
        return []
    folder.mkdir(parents=True, exist_ok=True)
    with vault_of(source).plain(source) as file:
        vault_of(target).keep(file, target)
    fsync_folder(folder)
    fsync_folder(folder.parent)
    return [folder]
