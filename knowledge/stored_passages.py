"""The passages of a manual as they were read: for a person who looks, not for a search."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from knowledge.code_edits import CodeEdit, corrected, edit_of
from knowledge.parts import read_lines
from knowledge.passages import Passage, passage_from_json
from knowledge.versions import ManualEntry


@dataclass(frozen=True)
class FoundCode:
    """An error code that was found in a manual.

    Attributes:
        passage: As it was read.
        shown: As it is answered from; None if it is hidden.
        edit: What was corrected about it, None if nothing.
    """

    passage: Passage
    shown: Passage | None
    edit: CodeEdit | None


def passages_of_part(client_dir: Path, entry: ManualEntry) -> list[Passage]:
    """A manual's passages in reading order, corrections left out.

    Raises:
        OSError, ValueError, KeyError, TypeError: They cannot be read.
    """
    if not entry.part:  # of an index older than parts
        return []
    folder = client_dir / "index" / "parts" / entry.part
    return [passage_from_json(json.loads(line)) for line in read_lines(folder, entry.file)]


def found_codes(client_dir: Path, entry: ManualEntry) -> list[FoundCode]:
    """The error codes of a manual in reading order, hidden ones too.

    Raises:
        OSError, ValueError, KeyError, TypeError: They cannot be read.
    """
    return [
        FoundCode(one, corrected(one, entry.codes), edit_of(one, entry.codes))
        for one in passages_of_part(client_dir, entry)
        if one.code
    ]
