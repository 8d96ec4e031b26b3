"""What a client prepares beside what is in service, and puts in service in one step.

A draft is a version like any other, whole and answered from, to which no caller is led. Each change
makes another version of it from the parts that are there; how a file comes in is in `prepare`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from knowledge.code_edits import CodeEdit, with_edit
from knowledge.difference import Difference, difference
from knowledge.errors import IndexMissingError, KnowledgeError
from knowledge.hand_edits import ManualEdit, ProductEdit, edited, read_edits
from knowledge.ingest import publish_manuals
from knowledge.pointers import (
    draft_version,
    drop_draft,
    drop_previous,
    exchange,
    has_draft,
    named,
    point_draft,
    previous_version,
    publish,
)
from knowledge.versions import (
    NONE,
    ManualEntry,
    ManualMissingError,
    current_version,
    locked,
    new_name,
    read_meta,
    usable,
    writing,
)


class NothingPreparedError(KnowledgeError):
    """There is no draft to publish, or no version to go back to."""


class DraftChangedError(KnowledgeError):
    """The draft is no longer the one that was looked at: nothing was published."""


@dataclass(frozen=True)
class _Contents:
    """What a version holds, while it is changed."""

    manuals: tuple[ManualEntry, ...]
    edits: dict[str, ManualEdit]


def drafted(client_dir: Path) -> list[ManualEntry]:
    """The manuals of the draft; those in service where there is none.

    Raises:
        IndexMissingError: The index is damaged.
    """
    folder = draft_version(client_dir)
    return [] if folder is None else _read(client_dir, folder)


def draft_name(client_dir: Path) -> str:
    """What tells this draft from a later one; "" where there is none."""
    return (named(client_dir, "DRAFT") or "") if has_draft(client_dir) else ""


def remove(client_dir: Path, names: Sequence[str]) -> None:
    """Take manuals out of the draft; callers are answered from them until it is published.

    Raises:
        ManualMissingError: One is not in the draft; nothing has changed then.
        IndexMissingError, IndexWriteError: The draft cannot be read or written.
    """

    def change(contents: _Contents) -> _Contents:
        for name in names:
            _entry(contents, name)
        kept = tuple(manual for manual in contents.manuals if manual.file not in names)
        return replace(contents, manuals=kept)

    _change(client_dir, change)


def restore(client_dir: Path, name: str) -> None:
    """Take a manual into the draft as it is in service, or out of it if it is not.

    Raises:
        IndexMissingError, IndexWriteError: The draft cannot be read or written.
    """

    def change(contents: _Contents) -> _Contents:
        kept = [manual for manual in contents.manuals if manual.file != name]
        edits = {file: edit for file, edit in contents.edits.items() if file != name}
        current = current_version(client_dir)
        if current is not None:
            kept += [manual for manual in _read(client_dir, current) if manual.file == name]
            edits |= {f: e for f, e in read_edits(client_dir, current).items() if f == name}
        return _Contents(tuple(kept), edits)

    _change(client_dir, change)


def correct_product(client_dir: Path, name: str, edit: ProductEdit | None) -> None:
    """Correct in the draft what appliance a manual is about (None: back to what was read).

    Raises:
        ManualMissingError: It is not in the draft.
        IndexMissingError, IndexWriteError: The draft cannot be read or written.
    """

    def change(contents: _Contents) -> _Contents:
        _entry(contents, name)
        before = contents.edits.get(name, ManualEdit())
        product = ProductEdit() if edit is None else edit.over(before.product)
        return replace(contents, edits={**contents.edits, name: replace(before, product=product)})

    _change(client_dir, change)


def correct_code(client_dir: Path, name: str, edit: CodeEdit) -> None:
    """Hide, correct or give back in the draft an error code that was read from a manual.

    Raises:
        ManualMissingError: It is not in the draft.
        IndexMissingError, IndexWriteError: The draft cannot be read or written.
    """

    def change(contents: _Contents) -> _Contents:
        _entry(contents, name)
        before = contents.edits.get(name, ManualEdit())
        after = replace(before, codes=with_edit(before.codes, edit))
        return replace(contents, edits={**contents.edits, name: after})

    _change(client_dir, change)


def pending(client_dir: Path) -> Difference:
    """What publishing the draft would change.

    Raises:
        IndexMissingError: One of the two cannot be read.
    """
    return difference(client_dir, current_version(client_dir), draft_version(client_dir))


def publish_draft(client_dir: Path, model: str, expected: str = "") -> Difference:
    """Put the draft in service in one step; what was in service can be gone back to.

    Args:
        client_dir: The client's folder.
        model: Name of the embedding model that answers.
        expected: The draft that was looked at, as `draft_name` said; "": whatever there is.

    Returns:
        What changed for callers.

    Raises:
        NothingPreparedError: There is no draft.
        DraftChangedError: It is another one than was looked at.
        IndexMissingError: It cannot be searched: it was made by another version.
        IndexWriteError: It cannot be written; what was in service still is.
    """
    with locked(client_dir):
        name = draft_name(client_dir)
        if not name:
            raise NothingPreparedError("Il n'y a rien à publier : le brouillon est vide.")
        if expected and name != expected:
            raise DraftChangedError(
                "Le brouillon a changé entre-temps : regardez-le de nouveau, puis publiez."
            )
        changed = pending(client_dir)
        _check(client_dir, draft_version(client_dir), model)
        with writing(client_dir):
            publish(client_dir, name)
        return changed


def discard(client_dir: Path) -> None:
    """Drop the draft; nothing of what only it holds stays.

    Raises:
        IndexWriteError: The folder cannot be written.
    """
    with locked(client_dir), writing(client_dir):
        drop_draft(client_dir)


def roll_back(client_dir: Path, model: str) -> Difference:
    """Put the version before in service again; what was in service becomes the version before.

    Returns:
        What changed for callers.

    Raises:
        NothingPreparedError: There is none.
        IndexMissingError: It cannot be searched any more.
        IndexWriteError: The folder cannot be written.
    """
    with locked(client_dir):
        before = previous_version(client_dir)
        if before is None:
            raise NothingPreparedError("Il n'y a pas de version précédente.")
        _check(client_dir, before, model)
        changed = difference(client_dir, current_version(client_dir), before)
        with writing(client_dir):
            exchange(client_dir)
        return changed


def erase_previous(client_dir: Path) -> None:
    """Delete the version before for good: what was taken out of service leaves no trace.

    Raises:
        IndexWriteError: The folder cannot be written.
    """
    with locked(client_dir), writing(client_dir):
        drop_previous(client_dir)


def put(client_dir: Path, model: str, entries: dict[str, ManualEntry]) -> None:
    """Make a draft with these entries in place of those of the same names; under the lock.

    Raises:
        IndexWriteError: It cannot be written; the draft is as it was.
    """
    base = draft_version(client_dir)
    old, kept = None, []
    if base is not None and usable(base, model):
        old, kept = base, read_meta(base)[1]
    edits = read_edits(client_dir, base) if base is not None else {}
    manuals = [manual for manual in kept if manual.file not in entries]
    contents = _Contents((*manuals, *entries.values()), edits)
    _write(client_dir, model, contents, old)


# --- how it is done ---------------------------------------------------------------------------


def _change(client_dir: Path, change: Callable[[_Contents], _Contents]) -> None:
    with locked(client_dir):
        base, current = draft_version(client_dir), current_version(client_dir)
        before = _Contents((), {})
        if base is not None:
            before = _Contents(tuple(_read(client_dir, base)), read_edits(client_dir, base))
        after = change(before)
        made_with = base or current
        if made_with is not None:
            model = read_meta(made_with)[0]
            _check(client_dir, made_with, model)
            _write(client_dir, model, after, base)


def _write(client_dir: Path, model: str, contents: _Contents, old: Path | None) -> None:
    """Make these contents the draft; no draft if they are those in service."""
    manuals = [edited(manual, contents.edits) for manual in contents.manuals]
    current = current_version(client_dir)
    here = {m.file for m in manuals}
    edits = {f: e for f, e in contents.edits.items() if f in here and e != ManualEdit()}
    with suppress(OSError, ValueError, KeyError, TypeError):
        served = [] if current is None else read_meta(current)[1]
        same_edits = edits == (read_edits(client_dir, current) if current else {})
        if same_edits and _by_name(served) == _by_name(manuals):
            with writing(client_dir):
                drop_draft(client_dir)
            return
    if not manuals:
        with writing(client_dir):
            point_draft(client_dir, NONE)
        return
    publish_manuals(client_dir, model, manuals, old, name=new_name(), edits=edits, draft=True)


def _by_name(manuals: Sequence[ManualEntry]) -> dict[str, ManualEntry]:
    return {manual.file: manual for manual in manuals}


def _read(client_dir: Path, folder: Path) -> list[ManualEntry]:
    try:
        return read_meta(folder)[1]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexMissingError(
            f"L'index de {client_dir.name} est endommagé ({error}) ; "
            f"lancez `permanence reindex {client_dir.name}`."
        ) from error


def _check(client_dir: Path, folder: Path | None, model: str) -> None:
    if folder is not None and not usable(folder, model):
        raise IndexMissingError(
            "Ces manuels ont été préparés par une autre version du logiciel : "
            "envoyez de nouveau les fichiers, ou lancez "
            f"`permanence reindex {client_dir.name}`."
        )


def _entry(contents: _Contents, name: str) -> ManualEntry:
    found = next((manual for manual in contents.manuals if manual.file == name), None)
    if found is None:
        raise ManualMissingError(f"Le brouillon n'a pas de notice {name} ; rechargez la page.")
    return found
