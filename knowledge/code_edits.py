"""What a person has corrected about an error code that was read from a manual. Pure.

A code is known by what was read, its letters and its meaning: so an edit outlives a new edition of
the file in which the row stands on another page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from knowledge.passages import Passage


@dataclass(frozen=True)
class CodeEdit:
    """A code of a manual, and what is said in its place.

    Attributes:
        code: As it was read.
        title: Its meaning, as it was read.
        hidden: The row was read wrongly: it is no longer answered from.
        new_code: What it is really; "" leaves what was read.
        new_title: What it really means; "" leaves what was read.
    """

    code: str
    title: str
    hidden: bool = False
    new_code: str = ""
    new_title: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether it changes nothing."""
        same_code, same_title = self.new_code in ("", self.code), self.new_title in ("", self.title)
        return not self.hidden and same_code and same_title


def edit_of(passage: Passage, edits: Sequence[CodeEdit]) -> CodeEdit | None:
    """The edit of a passage, None where nobody has changed it."""
    if not passage.code:
        return None
    return next((e for e in edits if (e.code, e.title) == (passage.code, passage.title)), None)


def corrected(passage: Passage, edits: Sequence[CodeEdit]) -> Passage | None:
    """A passage as it is answered from; None where it is hidden."""
    edit = edit_of(passage, edits)
    if edit is None:
        return passage
    if edit.hidden:
        return None
    code, title = edit.new_code or passage.code, edit.new_title or passage.title
    text = passage.text
    if code != passage.code:
        text = text.replace(passage.code, code, 1)
    if title != passage.title:
        text = text.replace(passage.title, title, 1) if passage.title in text else f"{title} {text}"
    old = passage.title.rstrip(". ")
    steps = tuple(title if step.rstrip(". ") == old else step for step in passage.steps)
    return replace(passage, code=code, title=title, text=text, steps=steps)


def with_edit(edits: Sequence[CodeEdit], edit: CodeEdit) -> tuple[CodeEdit, ...]:
    """The edits with one put in place of that of the same code."""
    others = [e for e in edits if (e.code, e.title) != (edit.code, edit.title)]
    return (*others, *(() if edit.is_empty else (edit,)))
