"""Which version is in service, which is prepared, which was before; and what may be swept away.

Three small files name versions. Each is replaced in one step, in such an order that a process that
is killed between two of them leaves the callers with a whole version, the old one or the new one.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Literal

from knowledge.versions import (
    NONE,
    ManualEntry,
    current_version,
    fsync_folder,
    read_meta,
    stored_file,
    write_durably,
)

Pointer = Literal["CURRENT", "DRAFT", "PREVIOUS"]


def named(client_dir: Path, pointer: Pointer) -> str | None:
    """The name in a pointer, `NONE` for « no manual at all »; None where there is no such file."""
    try:
        return (client_dir / "index" / pointer).read_text("utf-8").strip()
    except FileNotFoundError:
        return None


def has_draft(client_dir: Path) -> bool:
    """Whether something is prepared that is not in service."""
    name = named(client_dir, "DRAFT")
    return name is not None and name != named(client_dir, "CURRENT")


def draft_version(client_dir: Path) -> Path | None:
    """Folder of the draft, of what is in service where there is none; None of no manual."""
    if not has_draft(client_dir):
        return current_version(client_dir)
    return _folder(client_dir, named(client_dir, "DRAFT"))


def previous_version(client_dir: Path) -> Path | None:
    """Folder of the version to which one may go back, None if there is none."""
    name = named(client_dir, "PREVIOUS")
    return None if name == named(client_dir, "CURRENT") else _folder(client_dir, name)


def point_draft(client_dir: Path, name: str) -> None:
    """Make a version, or none (`NONE`), the draft, and sweep."""
    fsync_folder(client_dir / "index")
    write_durably(client_dir / "index" / "DRAFT", name + "\n")
    sweep(client_dir)


def drop_draft(client_dir: Path) -> None:
    """Leave no draft, and sweep."""
    (client_dir / "index" / "DRAFT").unlink(missing_ok=True)
    sweep(client_dir)


def publish(client_dir: Path, name: str, *, keep_before: bool = True) -> None:
    """Put a version in service and sweep away what nobody reads any more.

    Args:
        client_dir: The client's folder.
        name: The version, `NONE` for no manual at all.
        keep_before: Keep the version before, to go back to, and for a reader who has read its name
            and not yet opened it. Without, nothing of it stays on the disk; an index already open
            is mapped into memory and goes on answering.
    """
    index = client_dir / "index"
    before = named(client_dir, "CURRENT")
    fsync_folder(index)
    if keep_before and before not in (None, NONE, name):
        write_durably(index / "PREVIOUS", f"{before}\n")  # first: else it would be swept away
    else:
        (index / "PREVIOUS").unlink(missing_ok=True)
    write_durably(index / "CURRENT", name + "\n")
    if named(client_dir, "DRAFT") == name:
        (index / "DRAFT").unlink(missing_ok=True)
    sweep(client_dir)


def exchange(client_dir: Path) -> None:
    """Put the version before in service again, and what was in service in its place."""
    index = client_dir / "index"
    previous, current = named(client_dir, "PREVIOUS"), named(client_dir, "CURRENT")
    write_durably(index / "CURRENT", f"{previous}\n")
    if current in (None, NONE):
        (index / "PREVIOUS").unlink(missing_ok=True)
    else:
        write_durably(index / "PREVIOUS", f"{current}\n")
    if not has_draft(client_dir):
        (index / "DRAFT").unlink(missing_ok=True)
    sweep(client_dir)


def drop_previous(client_dir: Path) -> None:
    """Forget the version before, for good: what was deleted since leaves no trace."""
    (client_dir / "index" / "PREVIOUS").unlink(missing_ok=True)
    sweep(client_dir)


def sweep(client_dir: Path) -> None:
    """Delete versions, parts and files to which no pointer leads.

    Nothing is deleted while it is not known what is in service or in the draft: it may have to be
    made again.
    """
    index = client_dir / "index"
    if not (index / "CURRENT").exists():
        return
    kept: list[ManualEntry] = []
    versions: set[Path] = set()
    for folder in (current_version(client_dir), draft_version(client_dir)):
        if folder is not None:
            try:
                kept += read_meta(folder)[1]
            except (OSError, ValueError, KeyError, TypeError):
                return
            versions.add(folder)
    before = previous_version(client_dir)
    if before is not None:
        try:
            kept += read_meta(before)[1]
            versions.add(before)
        except (OSError, ValueError, KeyError, TypeError):
            (index / "PREVIOUS").unlink(missing_ok=True)
    pointers = {index / name for name in ("LOCK", "CURRENT", "DRAFT", "PREVIOUS")}
    _keep_only(index, {*versions, *pointers, index / "parts"})
    _keep_only(index / "parts", {index / "parts" / manual.part for manual in kept})
    files = {stored_file(client_dir, manual) for manual in kept}
    _keep_only(client_dir / "manuals", {*files, *(file.parent for file in files)})
    for folder in {file.parent for file in files} - {client_dir / "manuals"}:
        _keep_only(folder, files)


def _folder(client_dir: Path, name: str | None) -> Path | None:
    return None if name in (None, NONE) else client_dir / "index" / str(name)


def _keep_only(folder: Path, wanted: set[Path]) -> None:
    for path in folder.iterdir() if folder.is_dir() else ():
        if path in wanted:
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
