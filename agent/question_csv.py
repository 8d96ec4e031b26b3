"""Test questions as a table, and back."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from agent.csv_tables import as_written, table_as_csv
from agent.store.test_questions import (
    MOST_QUESTIONS,
    KeptQuestion,
    NewQuestion,
    Place,
    QuestionRefusedError,
)
from knowledge.safety import fold

COLUMNS = ("Question", "Appareil", "Manuel", "Page", "Ajoutée par", "Ajoutée le")
SILENCE = "ne pas répondre"
"""Stands for the manual of a question that must not be answered."""

LARGEST_BYTES = 1_000_000
TOO_LARGE = "Ce fichier dépasse 1 Mo : partagez-le en plusieurs."


def questions_as_csv(questions: Sequence[KeptQuestion], names: Mapping[str, str]) -> bytes:
    """A line each, with a heading.

    Args:
        questions: In the order of the lines.
        names: Of users by their identifiers; the identifier stands where there is none.
    """
    rows = [COLUMNS]
    for one in questions:
        manual = SILENCE if one.expected is None else one.expected.manual
        page = "" if one.expected is None else str(one.expected.page)
        by = names.get(one.added_by, one.added_by)
        rows.append((one.question, one.appliance, manual, page, by, f"{one.added_at:%Y-%m-%d}"))
    return table_as_csv(rows)


def questions_from_csv(content: bytes) -> tuple[NewQuestion, ...]:
    """The questions of a table: its columns Question and Manuel, Page and Appareil if there.

    Raises:
        QuestionRefusedError: It cannot be read; names the line and says what to do.
    """
    if len(content) > LARGEST_BYTES:
        raise QuestionRefusedError(TOO_LARGE)
    rows = list(csv.reader(io.StringIO(_text(content), newline=""), delimiter=_delimiter(content)))
    rows = [[cell.strip() for cell in row] for row in rows]
    header = [fold(cell) for cell in rows[0]] if rows else []
    if "question" not in header or "manuel" not in header:
        raise QuestionRefusedError(
            "La première ligne doit nommer les colonnes : Question ; Appareil ; Manuel ; Page."
        )
    found = []
    for number, row in enumerate(rows[1:], start=2):
        if any(row):
            found.append(_question(dict(zip(header, row, strict=False)), number))
    if len(found) > MOST_QUESTIONS:
        raise QuestionRefusedError(
            f"Ce fichier compte {len(found)} questions : {MOST_QUESTIONS} au plus."
        )
    return tuple(found)


def _question(row: Mapping[str, str], number: int) -> NewQuestion:
    cells = {name: as_written(cell) for name, cell in row.items()}
    manual, page = cells.get("manuel", ""), cells.get("page", "")
    if not cells.get("question"):
        raise QuestionRefusedError(f"Ligne {number} : il n'y a pas de question.")
    appliance = cells.get("appareil", "")
    if fold(manual) == fold(SILENCE):
        return NewQuestion(cells["question"], None, appliance)
    if not manual:
        raise QuestionRefusedError(
            f"Ligne {number} : indiquez le fichier du manuel, ou « {SILENCE} »."
        )
    if not page.isdecimal() or int(page) < 1:
        raise QuestionRefusedError(
            f"Ligne {number} : la page « {page[:20]} » doit être un nombre, comme 14."
        )
    return NewQuestion(cells["question"], Place(manual, int(page)), appliance)


def _text(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")  # as Excel saves it on a French Windows
    return text.replace("\0", "")


def _delimiter(content: bytes) -> str:
    heading = _text(content).lstrip().partition("\n")[0]
    return max(";,\t", key=heading.count)
