"""The lines that the reading child writes and its parent checks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, ConfigDict, NonNegativeInt

from knowledge.documents import Block, Document, Page
from knowledge.documents.problems import Problem

_UNSAFE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class Message(BaseModel):
    """One line: how far it is, a page, the title at the end, or a refusal.

    Attributes:
        done, total: Pages read, pages of the file.
        page: A page of the result.
        title: The document's title: the last line of a success.
        problems: What was noticed, with it.
        refused: One French sentence: the last line of a failure.
        cause: What failed, for the log.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    done: NonNegativeInt | None = None
    total: NonNegativeInt | None = None
    page: Page | None = None
    title: str | None = None
    problems: tuple[Problem, ...] = ()
    refused: str | None = None
    cause: str = ""


def pages_out(document: Document) -> Iterator[dict[str, Any]]:
    """The messages that carry a document, its title last."""
    for page in document.pages:
        blocks = tuple(_clean(block) for block in page.blocks)
        yield {"page": asdict(Page(page.number, page.language, blocks))}
    problems = [asdict(problem) for problem in document.problems]
    yield {"title": _without_controls(document.title), "problems": problems}


def _clean(block: Block) -> Block:
    rows = tuple(tuple(_without_controls(cell) for cell in row) for row in block.rows)
    return Block(block.kind, _without_controls(block.text), block.page, block.level, rows)


def _without_controls(text: str) -> str:
    return _UNSAFE.sub("", text)
