"""Rows of a table become passages: codes, symptoms, questions, specifications, other rows. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from knowledge.passages import subjects
from knowledge.passages.cells import codes_in_cell
from knowledge.passages.passage import PassageKind
from knowledge.references import is_only_references, references_in
from knowledge.safety import fold

Cells = tuple[str, ...]

LONGEST_SHOWN = 8
"""Characters under which all cells of a first column may be what a display shows."""

LONGEST_BARE = 30
"""Characters up to which a cell is a code and not a sentence that names one: « Relancez P8. »."""

CODE_SHARE = 0.6
"""Share of a column's cells that are codes from which it is a column of codes without a header."""

_CODE_WORD = re.compile(r"\bcodes?\b|erreur|error")
_LOOSE_HEADER = re.compile(r"\b(?:codes?|affich\w*|display|messages?|signes?|erreurs?|errors?)\b")
_LAMP_HEADER = re.compile(r"\b(?:voyants?|temoins?|symboles?|icones?|indicateurs?|signaux)\b")
_SEGMENTS = re.compile(r"[A-Z]{2,3}[a-z]|[a-z]{1,2}[A-Z][A-Za-z]?")
"""What only figures made of seven bars look like: « CLn », « dEM »."""

_ATTRIBUTE_HEADER = re.compile(
    r"^$|caracterist|donnee|attribut|parametre|designation|rubrique|specification|feature|modele|item"
)
_NUMBERED = re.compile(r"\d{1,2}[.)]?|n°.*")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-ZÀ-ÖØ-Þ«])")


@dataclass(frozen=True)
class Draft:
    """A passage but for its place: see `Passage` for the fields."""

    page: int
    kind: PassageKind
    title: str
    text: str
    steps: Cells = ()
    code: str = ""
    causes: str = ""
    warnings: Cells = ()
    warned: tuple[int, ...] = ()
    models: Cells = ()
    attribute: str = ""
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Table:
    """A table in one piece: its header and its rows with their pages."""

    header: Cells
    rows: tuple[tuple[int, Cells], ...]

    @property
    def folded(self) -> list[str]:
        """The header, lower case and without accents."""
        return [fold(cell) for cell in self.header]


def drafts_of_table(table: Table, path: Sequence[str], references: Sequence[str]) -> list[Draft]:
    """The passages of a table.

    Args:
        table: In one piece, also where it goes over pages.
        path: Headings in force, widest first.
        references: Models that the manual covers.
    """
    closed = subjects.under(path, subjects.TECHNICIAN)  # what a technician does with a code
    codes = [] if closed else _code_columns(table, path, references)
    header = table.folded
    question, answer = subjects.column(header, "question"), subjects.column(header, "answer")
    if codes:
        return [*_code_rows(table, codes), *_unshown(table, codes)]
    if question is not None and answer is not None and question != answer:
        return list(_questions(table, question, answer))
    if (found := _trouble_columns(table, path, references)) is not None:
        return list(_trouble_rows(table, *found))
    if _is_specified(table, columns := _model_columns(table, references)):
        return list(_specification_rows(table, columns))
    if subjects.under(path[-1:], subjects.SPECIFICATION) and len(header) in (2, 3):
        return list(_specification_rows(_with_its_first_row(table), {}))
    if _LAMP_HEADER.search(header[0]):
        return list(_sign_rows(table))
    return list(_plain_rows(table))


# Error codes.


def _code_columns(
    table: Table, path: Sequence[str], references: Sequence[str]
) -> list[tuple[int, Cells]]:
    """The columns of codes, each with the models that its header names."""
    header, about = table.folded, subjects.under(path, subjects.CODES)
    found = []
    for at, name in enumerate(header):
        cells = [row[at] for _, row in table.rows if at < len(row) and row[at]]
        named = subjects.column([name], "code") is not None and (
            at == 0 or about or _CODE_WORD.search(name) is not None
        )
        loose = named and _LOOSE_HEADER.search(name) is not None
        if about and not at and not named and cells and max(map(len, cells)) < LONGEST_SHOWN:
            loose = min(map(len, cells)) > 1
        shown = sum(bool(codes_in_cell(cell, loose=loose)) for cell in cells)
        lonely = about and not subjects.column([name], "symptom") and len(header) > 1
        bare = sum(len(cell) <= LONGEST_BARE and bool(codes_in_cell(cell)) for cell in cells)
        if (named and shown) or (lonely and bare and bare >= CODE_SHARE * len(cells)):
            models = references_in(table.header[at], references)
            found.append((at, models if len(models) < len(references) else ()))
    return found if len(found) < len(header) else found[:1]


def _code_rows(table: Table, columns: list[tuple[int, Cells]]) -> Iterator[Draft]:
    header = ["" if any(i == at for at, _ in columns) else h for i, h in enumerate(table.folded)]
    action = subjects.column(header, "action")
    cause = subjects.column(header, "cause", but=action)
    meaning = subjects.column(header, "meaning", but=action)
    cause = None if meaning == cause else cause
    free = [
        i
        for i in range(len(header))
        if i not in (meaning, action, cause) and all(i != at for at, _ in columns)
    ]
    if meaning is None and action is not None and free and free[0] < action:
        meaning = free.pop(0)
    elif meaning is None and cause is not None:
        meaning, cause = cause, None
    if action is None and cause is None and len(header) > len(columns) + 1:
        rest = [i for i, h in enumerate(header) if i != meaning and all(i != a for a, _ in columns)]
        meaning = rest.pop(0) if meaning is None else meaning
        action = rest[-1] if rest else None
    loose = {at: at == 0 or _LOOSE_HEADER.search(table.folded[at]) is not None for at, _ in columns}
    for group in _groups(table, [at for at, _ in columns]):
        page, first = group[0]
        title, steps = _cell(first, meaning), tuple(_items(_cell(first, action)))
        if meaning is None:  # one cell for all: its first sentence says what it is
            whole = _cell(first, action) or next((c for c in reversed(first) if c), "")
            title, *more = _SENTENCE.split(whole)
            steps = tuple(_items(" ".join(more)))
        draft = Draft(page, "error_code", title, _text(group), steps, causes=_cell(first, cause))
        if len(group) > 1:
            draft = _paired(draft, group, cause if cause is not None else meaning, action)
        for at, models in columns:
            for code in codes_in_cell(first[at], loose=loose[at]):
                yield replace(draft, code=code, models=models)


def _unshown(table: Table, columns: list[tuple[int, Cells]]) -> Iterator[Draft]:
    """Rows of a table of codes that name none: « 1:47 », the time that is left."""
    kept = [
        (page, row)
        for page, row in table.rows
        if row[columns[0][0]] and not any(codes_in_cell(row[at]) for at, _ in columns)
    ]
    yield from _plain_rows(replace(table, rows=tuple(kept)))


def _sign_rows(table: Table) -> Iterator[Draft]:
    """Rows of a table of lamps and signs; what a display writes there is a code."""
    written = [(page, row) for page, row in table.rows if _SEGMENTS.fullmatch(row[0])]
    others = tuple(one for one in table.rows if one not in written)
    if written:
        yield from _code_rows(replace(table, rows=tuple(written)), [(0, ())])
    yield from _plain_rows(replace(table, rows=others))


# Symptoms and questions.


def _trouble_columns(
    table: Table, path: Sequence[str], references: Sequence[str]
) -> tuple[int, int | None, int] | None:
    header = table.folded
    symptom = subjects.column(header, "symptom")
    action = subjects.column(header, "action", but=symptom)
    cause = subjects.column(header, "cause", but=action)
    cause = None if cause == symptom else cause
    if symptom is not None and (action is not None or cause is not None):
        return (symptom, cause, action) if action is not None else (symptom, None, cause or 0)
    if cause is not None and action is not None and 0 not in (cause, action):
        return (0, cause, action)  # « Bruit | Origine | À faire »
    about = subjects.under(path, subjects.TROUBLE)
    if about and len(header) == 2 and not _model_columns(table, references):
        return (0, None, 1)
    return None


def _trouble_rows(table: Table, symptom: int, cause: int | None, action: int) -> Iterator[Draft]:
    for group in _groups(table, [symptom]):
        page, first = group[0]
        usable = [(page, row) for page, row in group if _cell(row, action) or _cell(row, cause)]
        if not usable:
            continue
        steps = tuple(_items(_cell(first, action)))
        draft = Draft(page, "trouble", first[symptom], _text(group), steps,
                      causes=_cell(first, cause))  # fmt: skip
        yield _paired(draft, usable, cause, action) if len(usable) > 1 else draft


def _paired(
    draft: Draft, group: Sequence[tuple[int, Cells]], cause: int | None, action: int | None
) -> Draft:
    """Several rows of one subject: each cause with its action, in order."""
    pairs = tuple((_cell(row, cause), _cell(row, action)) for _, row in group)
    steps = tuple(" : ".join(part for part in (c.rstrip(". :"), a) if part) for c, a in pairs)
    causes = " ".join(c.rstrip(". ") + "." for c, _ in pairs if c)
    return replace(draft, steps=tuple(s for s in steps if s), causes=causes, values=pairs)


def _questions(table: Table, question: int, answer: int) -> Iterator[Draft]:
    for page, row in table.rows:
        asked, said = _cell(row, question), _cell(row, answer)
        if asked and said:
            yield Draft(page, "faq", asked, f"{asked} {said}", (said,))


def _groups(table: Table, keys: Sequence[int]) -> Iterator[list[tuple[int, Cells]]]:
    """Rows of one subject: an empty or an equal first cell goes on with the row above."""
    group: list[tuple[int, Cells]] = []
    for page, row in table.rows:
        subject = [_cell(row, at) for at in keys]
        before = [_cell(group[0][1], at) for at in keys] if group else None
        if group and (not any(subject) or subject == before):
            group.append((page, row))
            continue
        if group:
            yield group
        group = [(page, row)] if any(subject) else []
    if group:
        yield group


# Specifications and other rows.


def _model_columns(table: Table, references: Sequence[str]) -> dict[int, Cells]:
    """The columns that are a model's, from the second on."""
    return {
        at: references_in(cell, references)
        for at, cell in enumerate(table.header)
        if at and is_only_references(cell, references)
    }


def _is_specified(table: Table, columns: dict[int, Cells]) -> bool:
    """Whether a table gives one value for each model, with a remark at most."""
    models = [model for named in columns.values() for model in named]
    others = len(table.header) - 1 - len(columns)
    marks = [row[0] for _, row in table.rows if row[0]]
    names = sum(len(mark) > 2 for mark in marks)
    return (
        bool(columns) and len(models) == len(set(models)) and others <= 1 and 2 * names > len(marks)
    )


def _with_its_first_row(table: Table) -> Table:
    """A table of attributes without a header: what stands in its place is a row."""
    if _ATTRIBUTE_HEADER.search(table.folded[0]) or "valeur" in table.folded[-1]:
        return table
    page = table.rows[0][0] if table.rows else 0
    return Table(("",) * len(table.header), ((page, table.header), *table.rows))


def _specification_rows(table: Table, columns: dict[int, Cells]) -> Iterator[Draft]:
    for page, row in table.rows:
        name, cells = row[0], [(at, cell) for at, cell in enumerate(row) if at and cell]
        if not name or not cells:
            continue
        models = [at for at, cell in cells if at in columns]
        if len(columns) > 1 and len(cells) == 1 and models:  # a merged cell holds for all of them
            values = tuple((table.header[at], cells[0][1]) for at in columns)
            said = cells[0][1]
        else:
            values = tuple((_cell(table.header, at), cell) for at, cell in cells)
            said = cells[0][1] if len(row) == 2 else " ; ".join(
                f"{head} : {cell}" if head else cell for head, cell in values
            )  # fmt: skip
        text = f"{name} : {said.rstrip('. ')}."
        yield Draft(page, "specification", name, text, (text,), attribute=name, values=values)


def _plain_rows(table: Table) -> Iterator[Draft]:
    for header, page, row in _halves(table):
        numbered = _NUMBERED.fullmatch(row[0]) or re.fullmatch(r"[A-Z]", row[0])
        start = 1 if len(row) > 2 and numbered else 0
        name, cells = row[start], row[start + 1 :]
        pairs = [
            f"{h} : {c}" if h else c for h, c in zip(header[start + 1 :], cells, strict=False) if c
        ]
        if not name or not pairs:
            continue
        if start:
            pairs.insert(0, f"{header[0]} {row[0]}")
        said = cells[0] if len(cells) == 1 else " ; ".join(pairs)
        text = f"{name} : {said.rstrip('. ')}."
        yield Draft(page, "table_row", name, text, (text,))


def _halves(table: Table) -> Iterator[tuple[Cells, int, Cells]]:
    """Header and cells of each row; a table set twice side by side gives two rows for one."""
    header = table.header
    half = len(header) // 2
    twice = half and len(header) == 2 * half and header[:half] == header[half:]
    for page, row in table.rows:
        if twice:
            yield header[:half], page, row[:half]
            yield header[half:], page, row[half:]
        else:
            yield header, page, row


def _cell(row: Sequence[str], at: int | None) -> str:
    return row[at] if at is not None and at < len(row) else ""


def _text(group: Sequence[tuple[int, Cells]]) -> str:
    return ". ".join(cell.rstrip(". ") for _, row in group for cell in row if cell) + "."


def _items(cell: str) -> Iterator[str]:
    """The actions of a cell: numbered, bulleted, or one text."""
    for part in re.split(r"(?:^|(?<=[.;]) |\n)(?:\d[.)]|[•▪–-])\s+", cell):
        if part.strip(" .;"):
            yield part.strip(" ;")
