"""Manuals that are in service are removed, or their appliance is corrected; no model is needed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from knowledge.errors import IndexMissingError
from knowledge.hand_edits import ProductEdit, edited, read_edits, write_edits
from knowledge.ingest import publish_manuals
from knowledge.versions import (
    FORMAT,
    ManualEntry,
    ManualMissingError,
    current_version,
    locked,
    new_name,
    read_format,
    read_meta,
    withdraw,
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
        if left:
            _publish(client_dir, left, keep_before=False)
        else:
            with writing(client_dir):
                withdraw(client_dir)
                write_edits(client_dir, {})
        return left


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
        before = edits.get(name, ProductEdit())
        edits[name] = ProductEdit() if edit is None else edit.over(before)
        if edits[name] != before:
            with writing(client_dir):
                write_edits(client_dir, edits)
        changed = [edited(manual, edits) for manual in manuals]
        if changed != manuals:
            _publish(client_dir, changed)
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


def _publish(client_dir: Path, manuals: Sequence[ManualEntry], *, keep_before: bool = True) -> None:
    old = current_version(client_dir)
    assert old is not None  # its manuals have been read
    model = read_meta(old)[0]
    publish_manuals(client_dir, model, manuals, old, name=new_name(), keep_before=keep_before)


def _entry(client_dir: Path, manuals: Sequence[ManualEntry], name: str) -> ManualEntry:
    found = next((manual for manual in manuals if manual.file == name), None)
    if found is None:
        there = ", ".join(manual.file for manual in manuals) or "aucune"
        raise ManualMissingError(
            f"{client_dir.name} n'a pas de notice {name} en service (en service : {there}) ; "
            f"vérifiez le nom du fichier."
        )
    return found
