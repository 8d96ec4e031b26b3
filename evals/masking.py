"""What is hidden of personal data in texts, and what is hidden that should stay."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agent.privacy.masking import Asked, masked, personal_spans

FILE = Path(__file__).parent / "data" / "masking.txt"
DICTATED = FILE.with_name("captures.jsonl")
"""Details dictated in three ways each, written before there was anything that hides them."""

_ASKED: dict[str, Asked] = {"phone": "phone", "name": "name"}


@dataclass(frozen=True)
class MaskingCase:
    """A text and which of its characters nobody may read.

    Attributes:
        kind: phone | email | name | iban | card | stays.
    """

    kind: str
    text: str
    secret: frozenset[int]

    @property
    def left(self) -> str:
        """Letters and figures of the secret that are still to be read."""
        hidden = self._hidden()
        return "".join(c for at, c in enumerate(self.text) if at in self.secret and at not in hidden
                       and c.isalnum())  # fmt: skip

    @property
    def lost(self) -> str:
        """Letters and figures that are hidden and are no secret."""
        return "".join(self.text[at] for at in sorted(self._hidden() - self.secret)
                       if self.text[at].isalnum())  # fmt: skip

    @property
    def shown(self) -> str:
        """The text as readers see it."""
        return masked(self.text)

    def _hidden(self) -> set[int]:
        spans = personal_spans(self.text)
        return {at for span in spans for at in range(span.start, span.end)}


def read_cases(file: Path = FILE) -> Iterator[MaskingCase]:
    """The cases of a file: « [kind] », then a text a line with its secrets in braces."""
    kind = ""
    for line in file.read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        if line.startswith("[") and line.endswith("]"):
            kind = line[1:-1]
            continue
        text, secret = "", set[int]()
        opened = line.startswith('{"')  # JSON: only the inner braces are marks
        for part in re.split(r"([{}])", line[1:-1] if opened else line):
            if part not in ("{", "}"):
                if text.endswith("\0"):
                    text = text[:-1]
                    secret.update(range(len(text), len(text) + len(part)))
                text += part
            elif part == "{":
                text += "\0"
        yield MaskingCase(kind, text.replace("\0", ""), frozenset(secret))


def lines() -> list[str]:
    """The figures by kind, and every case that is not right."""
    cases = list(read_cases())
    out = []
    for kind in dict.fromkeys(case.kind for case in cases):
        mine = [case for case in cases if case.kind == kind]
        left = sum(bool(case.left) for case in mine)
        lost = sum(bool(case.lost) for case in mine)
        told = f"something left in {left}, " if kind != "stays" else ""
        out.append(f"{kind:6} {len(mine):3} texts: {told}too much hidden in {lost}")
    wrong = [case for case in cases if case.left or case.lost]
    return [*out, "", *(f"{case.kind}: {case.text}\n     -> {case.shown}" for case in wrong)]


def dictated(file: Path = DICTATED) -> list[str]:
    """Of the dictated details: how many are hidden, or stay where they are nobody's own."""
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    out = []
    for field in dict.fromkeys(row["field"] for row in rows):
        texts = [row[way] for row in rows if row["field"] == field
                 for way in ("first", "again", "slowly") if way in row]  # fmt: skip
        found = sum(bool(personal_spans(text)) for text in texts)
        asked = sum(bool(personal_spans(text, asked=_ASKED.get(field, ""))) for text in texts)
        out.append(f"{field:13} {len(texts):3} texts: something hidden in {found}, "
                   f"as the answer to its question in {asked}")  # fmt: skip
    return out
