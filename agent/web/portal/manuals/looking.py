"""All that the pages of a client's manuals show, read at one time; blocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Literal

from agent.house import House
from agent.store.manual_work import Publication, Upload
from knowledge.difference import Difference
from knowledge.draft import draft_name, drafted, pending
from knowledge.lifecycle import in_service
from knowledge.passages import Passage
from knowledge.pointers import previous_version
from knowledge.stored_passages import FoundCode, found_codes, passages_of_part
from knowledge.versions import ManualEntry

State = Literal["service", "new", "replaced", "corrected", "removed"]
"""Of a manual: as callers have it; only in the draft; another file there; corrected there; taken
out of it."""

PARTS_KEPT = 64


@dataclass(frozen=True)
class Line:
    """A manual of the list.

    Attributes:
        entry: As in the draft; as in service if it was taken out of the draft.
        codes: How many error codes are answered from it.
        who, at: Who sent the file, "" if nobody knows, and when it came, UTC.
    """

    entry: ManualEntry
    state: State
    codes: int
    who: str
    at: datetime | None


@dataclass(frozen=True)
class View:
    """What the list shows.

    Attributes:
        draft: Name of the draft, "" if there is none.
        pending: What publishing it would change.
        back: Whether there is a version to go back to.
        uploads: Files that are not in the draft.
    """

    lines: tuple[Line, ...]
    draft: str
    pending: Difference
    back: bool
    uploads: tuple[Upload, ...]
    history: tuple[Publication, ...]


def look(house: House, slug: str) -> View:
    """Read it all.

    Raises:
        IndexMissingError: The index is damaged.
        StoreError: The database cannot be read.
    """
    folder, work = house.manuals.folder(slug), house.manuals.work
    served = {manual.file: manual for manual in in_service(folder)}
    prepared = {manual.file: manual for manual in drafted(folder)}
    sent, since = work.last_ready(slug), {m.file_name: m for m in house.clients.manuals(slug)}
    lines = []
    for name in sorted({*served, *prepared}, key=str.casefold):
        entry = prepared.get(name) or served[name]
        upload, kept = sent.get((name, entry.sha256)), since.get(name)
        at = kept.ingested_at if kept is not None and kept.sha256 == entry.sha256 else None
        lines.append(
            Line(
                entry,
                state_of(served.get(name), prepared.get(name)),
                sum(code.shown is not None for code in codes_of(folder, entry)),
                upload.who if upload is not None else "",
                upload.at if upload is not None else at,
            )
        )
    return View(
        tuple(lines), draft_name(folder), pending(folder), previous_version(folder) is not None,
        work.shown(slug), work.history(slug),
    )  # fmt: skip


def state_of(served: ManualEntry | None, prepared: ManualEntry | None) -> State:
    """What is prepared of a manual."""
    if served is None:
        return "new"
    if prepared is None:
        return "removed"
    if served.sha256 != prepared.sha256:
        return "replaced"
    same = (served.product, served.codes) == (prepared.product, prepared.codes)
    return "service" if same else "corrected"


def codes_of(folder: Path, entry: ManualEntry) -> tuple[FoundCode, ...]:
    """The error codes of a manual, hidden ones too; none if they cannot be read."""
    try:
        return _codes(folder, entry)
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def passages_on(folder: Path, entry: ManualEntry, page: int) -> tuple[Passage, ...]:
    """The passages that begin on a page; none if they cannot be read."""
    try:
        return tuple(one for one in _passages(folder, entry) if one.page == page)
    except (OSError, ValueError, KeyError, TypeError):
        return ()


@lru_cache(PARTS_KEPT)
def _codes(folder: Path, entry: ManualEntry) -> tuple[FoundCode, ...]:
    return tuple(found_codes(folder, entry))


@lru_cache(8)
def _passages(folder: Path, entry: ManualEntry) -> tuple[Passage, ...]:
    return tuple(passages_of_part(folder, entry))
