"""A document's blocks become passages: the units that are found, judged and spoken."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from knowledge.documents import Block, Document, Page
from knowledge.products import Product
from knowledge.safety import fold

PassageKind = Literal["error_code", "procedure", "trouble", "table_row", "safety", "text"]

COVER_WORDS = 80
"""A first page with fewer words is a cover: nothing to answer from."""

_CONTENTS = re.compile(r"^(?:sommaire|table des matieres|contents|index|inhalt|indice)\b")
_SAFETY = re.compile(r"securit|safety|avertissement|precaution")
_NUMBERING = re.compile(r"^\d+(?:\.\d+)*\.?\s+")
_CODE_HEADER = re.compile(r"\b(?:codes?|affichage|display|anomalie)\b")
_SYMPTOM_HEADER = re.compile(r"symptom|probleme|panne|defaut|fault|problem|trouble|anomalie")
_MEANING_HEADER = re.compile(r"signific|meaning|descript|libelle|defaut|fault")
_CAUSE_HEADER = re.compile(r"cause|raison")
_ACTION_HEADER = re.compile(r"faire|solution|remede|action|remedy|what to do|correcti")
_CODE_CELL = re.compile(r"\b([A-Z]{1,2}[- ]?\d{1,3}|\d{1,2}[A-Z])\b")


@dataclass(frozen=True)
class Passage:
    """A piece of a manual that can answer a question.

    Attributes:
        passage_id: Stable for the same file: manual, page and content.
        manual: File name of the manual.
        page: Page of the file, from 1.
        language: ISO 639-1 code of its page.
        kind: What it is.
        product: The appliance's name with its references, as said to a caller.
        heading: Its headings, from the widest, joined by " > ".
        title: Its own subject: symptom, meaning of a code, title of a procedure, row's name.
        text: Its words, whole.
        code: Canonical error code ("E24") for `error_code`, else "".
        causes: Possible causes, as one text, else "".
        steps: What is done or said one after the other; one element for plain text.
        warnings: Warnings that belong to it, spoken with it.
    """

    passage_id: str
    manual: str
    page: int
    language: str
    kind: PassageKind
    product: str
    heading: str
    title: str
    text: str
    code: str = ""
    causes: str = ""
    steps: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def searchable(self) -> str:
        """What the word index sees: headings and words."""
        return f"{self.heading} {self.title} {self.code} {self.text}"


def passage_as_json(passage: Passage) -> dict[str, Any]:
    """A passage as JSON values."""
    return asdict(passage)


def passage_from_json(data: dict[str, Any]) -> Passage:
    """The passage that `passage_as_json` wrote."""
    lists = {"steps": tuple(data["steps"]), "warnings": tuple(data["warnings"])}
    return Passage(**{**data, **lists})


@dataclass
class _Section:
    """What stands under one heading, gathered page by page."""

    path: tuple[str, ...]
    page: int
    language: str
    intro: list[str]
    warnings: list[str]
    steps: list[tuple[str, int]]

    def title(self) -> str:
        return self.path[-1] if self.path else ""


def passages_of(document: Document, manual: str, product: Product) -> list[Passage]:
    """All passages of a document, in reading order."""
    builder = _Builder(manual, product)
    for page in document.pages:
        words = sum(len(block.text.split()) for block in page.blocks)
        if page.number == 1 and words < COVER_WORDS:
            continue
        builder.read(page)
    return builder.finish()


class _Builder:
    """Walks through the blocks with the headings in force."""

    def __init__(self, manual: str, product: Product) -> None:
        self._manual = manual
        self._product = product
        self._headings: list[tuple[int, str]] = []
        self._section: _Section | None = None
        self._skipping = False
        self._passages: dict[str, Passage] = {}

    def read(self, page: Page) -> None:
        for block in page.blocks:
            if block.kind == "heading":
                self._open(block, page)
            elif self._skipping:
                continue
            elif block.kind == "table":
                self._table(block, page)
            else:
                self._gather(block, page)

    def finish(self) -> list[Passage]:
        self._close()
        return list(self._passages.values())

    # --- headings and running text ------------------------------------------------------------

    def _open(self, block: Block, page: Page) -> None:
        self._close()
        title = _NUMBERING.sub("", block.text).strip()
        self._headings = [(level, text) for level, text in self._headings if level < block.level]
        self._headings.append((block.level, title))
        self._skipping = bool(_CONTENTS.match(fold(title)))
        self._section = self._new_section(page)

    def _new_section(self, page: Page) -> _Section:
        path = tuple(text for _, text in self._headings)
        return _Section(path, page.number, page.language, [], [], [])

    def _gather(self, block: Block, page: Page) -> None:
        if self._section is None or self._section.language != page.language:
            self._close()
            self._section = self._new_section(page)
        section = self._section
        if block.kind == "step" and (section.steps or block.level == 1):
            if block.level == 1 and section.steps:
                self._close()  # a second procedure under the same heading
                self._section = section = self._new_section(page)
            section.steps.append((block.text, block.page))
            if len(section.steps) == 1:
                section.page = block.page
        elif block.kind == "warning":
            section.warnings.append(block.text)
            self._add(section, block.page, "safety", "", block.text, (block.text,))
        else:
            if section.steps and block.kind == "paragraph":
                self._close()
                self._section = section = self._new_section(page)
            section.intro.append(block.text)
            kind: PassageKind = "safety" if _SAFETY.search(fold(" ".join(section.path))) else "text"
            self._add(section, block.page, kind, "", block.text, (block.text,))

    def _close(self) -> None:
        section, self._section = self._section, None
        if section is None or not section.steps:
            return
        steps = tuple(text for text, _ in section.steps)
        text = " ".join([*section.intro, *section.warnings, *steps])
        title = section.title()
        self._add(
            section, section.page, "procedure", title, text, steps, warnings=tuple(section.warnings)
        )

    # --- tables -------------------------------------------------------------------------------

    def _table(self, block: Block, page: Page) -> None:
        header = [fold(cell) for cell in block.rows[0]]
        section = self._section or self._new_section(page)
        code = _column(header, _CODE_HEADER)
        action = _column(header, _ACTION_HEADER)
        symptom = _column(header, _SYMPTOM_HEADER)
        if code is not None and any(_CODE_CELL.search(row[code]) for row in block.rows[1:]):
            self._code_rows(block, section, header, code)
        elif symptom is not None and action is not None:
            self._trouble_rows(block, section, header, symptom, action)
        else:
            self._plain_rows(block, section)

    def _code_rows(self, block: Block, section: _Section, header: list[str], code: int) -> None:
        action, cause = _column(header, _ACTION_HEADER), _column(header, _CAUSE_HEADER)
        meaning = _column([h if i != code else "" for i, h in enumerate(header)], _MEANING_HEADER)
        for row in block.rows[1:]:
            said = _cell(row, meaning)
            text = ". ".join(cell.rstrip(". ") for cell in row if cell) + "."
            for found in _CODE_CELL.findall(row[code]) or [row[code]]:
                name = re.sub(r"[- ]", "", found)
                steps = tuple(_items(_cell(row, action))) or (said,)
                self._add(
                    section, block.page, "error_code", said, text, steps,
                    code=name, causes=_cell(row, cause),
                )  # fmt: skip

    def _trouble_rows(
        self, block: Block, section: _Section, header: list[str], symptom: int, action: int
    ) -> None:
        cause, last = _column(header, _CAUSE_HEADER), ""
        for row in block.rows[1:]:
            last = row[symptom] or last  # a merged cell holds for the rows below it
            if not last or not row[action]:
                continue
            text = ". ".join(cell.rstrip(". ") for cell in (last, *row) if cell) + "."
            text = text.removeprefix(f"{row[symptom].rstrip('. ')}. ") if row[symptom] else text
            steps = tuple(_items(row[action]))
            self._add(section, block.page, "trouble", last, text, steps, causes=_cell(row, cause))

    def _plain_rows(self, block: Block, section: _Section) -> None:
        for header, row in _halves(block.rows):
            start = 1 if len(row) > 2 and re.fullmatch(r"\d{1,2}[.)]?|n°.*", row[0]) else 0
            name, cells = row[start], row[start + 1 :]
            heads = header[start + 1 :]
            pairs = [f"{h} : {c}" if h else c for h, c in zip(heads, cells, strict=False) if c]
            if not name or not pairs:
                continue
            if start:
                pairs.insert(0, f"{header[0]} {row[0]}")
            said = cells[0] if len(cells) == 1 else " ; ".join(pairs)
            text = f"{name} : {said.rstrip('. ')}."
            self._add(section, block.page, "table_row", name, text, (text,))

    # --- one passage --------------------------------------------------------------------------

    def _add(
        self, section: _Section, page: int, kind: PassageKind, title: str, text: str,
        steps: tuple[str, ...], *, code: str = "", causes: str = "", warnings: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        if len(text.split()) < 3:
            return
        heading = " > ".join(section.path)
        key = f"{self._manual}|{page}|{kind}|{heading}|{code}|{text}"
        passage_id = hashlib.sha256(key.encode()).hexdigest()[:16]
        self._passages[passage_id] = Passage(
            passage_id=passage_id, manual=self._manual, page=page, language=section.language,
            kind=kind, product=self._product.name, heading=heading, title=title, text=text,
            code=code, causes=causes, steps=steps, warnings=warnings,
        )  # fmt: skip


def _column(header: list[str], pattern: re.Pattern[str]) -> int | None:
    return next((i for i, name in enumerate(header) if pattern.search(name)), None)


def _cell(row: tuple[str, ...], column: int | None) -> str:
    return row[column] if column is not None and column < len(row) else ""


def _halves(
    rows: tuple[tuple[str, ...], ...],
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Header and cells of each row; a table set twice side by side gives two rows for one."""
    header = rows[0]
    half = len(header) // 2
    if half and len(header) == 2 * half and header[:half] == header[half:]:
        for row in rows[1:]:
            yield header[:half], row[:half]
            yield header[half:], row[half:]
    else:
        for row in rows[1:]:
            yield header, row


def _items(cell: str) -> Iterator[str]:
    """The actions of a cell: numbered, bulleted, or one text."""
    parts = re.split(r"(?:^|(?<=[.;]) |\n)(?:\d[.)]|[•▪–-])\s+", cell)
    for part in parts:
        if part.strip(" .;"):
            yield part.strip(" ;")
