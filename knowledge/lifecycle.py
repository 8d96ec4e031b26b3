"""Manuals that are in service are removed, or their appliance is corrected; no model is needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from knowledge.errors import IndexMissingError
from knowledge.hand_edits import OLD_FILE, Edits, ManualEdit, ProductEdit, edited, read_edits
from knowledge.ingest import change_draft_too, publish_manuals
from knowledge.pointers import draft_version, drop_draft, publish
from knowledge.versions import (
    FORMAT,
    NONE,
    ManualEntry,
    ManualMissingError,
    current_version,
    locked,
    new_name,
    read_format,
    read_meta,
    writing,
)


def in_service(client_dir: Path) -> list[ManualEntry]:
    """The manuals in service, none if there is no index.

    Raises:
        IndexMissingError: The index is damaged.
    """
    folder = current_version(client_dir)
    if folder is None:
        return []
    try:
        return read_meta(folder)[1]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexMissingError(
            f"L'index de {client_dir.name} est endommagé ({error}) ; "
            f"lancez `permanence reindex {client_dir.name}`."
        ) from error


def forget(client_dir: Path, names: Sequence[str]) -> list[ManualEntry]:
    """Delete manuals: vectors, passages, file and edits; nothing of them stays in the folder.

    Calls in progress are answered without them from their next question on. The versions before
    are deleted at once: an index that is open is mapped into memory, so that a question under way
    ends well, and its bytes are given back when that question has been answered.

    Returns:
        The manuals in service afterwards.

    Raises:
        ManualMissingError: One is not in service; nothing has changed then.
        IndexWriteError: The index cannot be written.
    """
    with locked(client_dir):
        manuals = _changeable(client_dir)
        for name in names:
            _entry(client_dir, manuals, name)
        left = [manual for manual in manuals if manual.file not in names]
        with writing(client_dir):
            _forget_in_draft(client_dir, names)  # first: what is killed between is done again
            if left:
                _publish(client_dir, left, keep_before=False)
            else:
                publish(client_dir, NONE, keep_before=False)
                (client_dir / OLD_FILE).unlink(missing_ok=True)
        return left


def _forget_in_draft(client_dir: Path, names: Sequence[str]) -> None:
    folder = draft_version(client_dir)
    if folder is None or folder == current_version(client_dir):
        return
    manuals = read_meta(folder)[1]
    if read_format(folder) != FORMAT or all(manual.file in names for manual in manuals):
        drop_draft(client_dir)
    else:
        change_draft_too(client_dir, names, [])


def set_product(client_dir: Path, name: str, edit: ProductEdit | None) -> ManualEntry:
    """Correct by hand what appliance a manual is about; nothing is read or embedded again.

    Args:
        client_dir: The client's folder.
        name: File name of the manual.
        edit: Values to change, the others stay; None goes back to what was read.

    Returns:
        The manual's entry afterwards.

    Raises:
        ManualMissingError: It is not in service.
        IndexWriteError: The index cannot be written.
    """
    with locked(client_dir):
        manuals = _changeable(client_dir)
        _entry(client_dir, manuals, name)
        edits = read_edits(client_dir)
        before = edits.get(name, ManualEdit())
        after = ProductEdit() if edit is None else edit.over(before.product)
        edits[name] = replace(before, product=after)
        changed = [edited(manual, edits) for manual in manuals]
        if changed != manuals or edits[name] != before:
            _publish(client_dir, changed, edits=edits)
            change_draft_too(client_dir, (), (), {name: edits[name]})
        return _entry(client_dir, changed, name)


def _changeable(client_dir: Path) -> list[ManualEntry]:
    """The manuals in service, if their parts can be shared with another version."""
    manuals = in_service(client_dir)
    folder = current_version(client_dir)
    if folder is not None and read_format(folder) != FORMAT:
        raise IndexMissingError(
            f"L'index de {client_dir.name} est d'un ancien format ; "
            f"lancez d'abord `permanence reindex {client_dir.name}`."
        )
    return manuals


def _publish(
    client_dir: Path, manuals: Sequence[ManualEntry], *, keep_before: bool = True,
    edits: Edits | None = None,
) -> None:  # fmt: skip
    old = current_version(client_dir)
    assert old is not None  # its manuals have been read
    model = read_meta(old)[0]
    publish_manuals(
        client_dir, model, manuals, old, name=new_name(), keep_before=keep_before, edits=edits
    )


def _entry(client_dir: Path, manuals: Sequence[ManualEntry], name: str) -> ManualEntry:
    found = next((manual for manual in manuals if manual.file == name), None)
    if found is None:
        there = ", ".join(manual.file for manual in manuals) or "aucune"
        raise ManualMissingError(
            f"{client_dir.name} n'a pas de notice {name} en service (en service : {there}) ; "
            f"vérifiez le nom du fichier."
        )
    return found
