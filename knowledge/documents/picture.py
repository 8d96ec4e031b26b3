"""A page of a PDF as a picture, a passage marked on it; drawn in a child process with limits."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from knowledge.documents.limits import confine, grant_cpu
from knowledge.documents.reader import ROOT, child_environment
from knowledge.errors import DocumentError
from knowledge.vault import vault_of

WIDTH_PX = 900
"""Of the picture: a page is legible at it on a tablet."""

LIMIT_S = 15.0
SHINGLE = 4
"""Words in a row that must stand on the page to be marked: a passage's text has lost its lines."""

MARKER = (255, 214, 10, 90)
"""Colour of the marks, RGBA."""


def page_picture(file: Path, page: int, text: str) -> bytes:
    """A page as a PNG, with the words of a passage marked where they are found (blocks, ~0.4 s).

    Args:
        file: A PDF.
        page: From 1.
        text: The passage's own words; "" marks nothing.

    Raises:
        DocumentError: It is no PDF, has no such page or cannot be drawn in time.
    """
    refused = DocumentError(f"La page {page} de {file.name} ne peut pas être montrée.")
    with vault_of(file).plain(file) as readable:
        return _drawn(readable, page, text, refused)


def _drawn(file: Path, page: int, text: str, refused: DocumentError) -> bytes:
    try:
        child = subprocess.run(
            [sys.executable, "-m", "knowledge.documents.picture"],
            input=json.dumps([str(file.resolve()), page, text]).encode(),
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=LIMIT_S, check=False,
            cwd=ROOT, env=child_environment(), start_new_session=True,
        )  # fmt: skip
    except (subprocess.TimeoutExpired, OSError) as error:
        raise refused from error
    if child.returncode != 0 or not child.stdout.startswith(b"\x89PNG"):
        raise refused
    return child.stdout


def draw(file: Path, page: int, text: str) -> bytes:
    """The same in this process; raises whatever the library stumbles on."""
    import pypdfium2 as pdfium
    from PIL import Image, ImageDraw

    with pdfium.PdfDocument(file) as document:
        sheet = document[page - 1]
        scale = WIDTH_PX / sheet.get_width()
        picture = sheet.render(scale=scale).to_pil().convert("RGBA")
        marks = Image.new("RGBA", picture.size, (0, 0, 0, 0))
        pen = ImageDraw.Draw(marks)
        for left, bottom, right, top in _places(sheet, text):
            corners = [(left, bottom), (right, top)]
            xs, ys = zip(*(_on_picture(sheet, scale, x, y) for x, y in corners), strict=True)
            pen.rectangle((min(xs) - 2, min(ys) - 2, max(xs) + 2, max(ys) + 2), fill=MARKER)
        out = io.BytesIO()
        Image.alpha_composite(picture, marks).convert("RGB").save(out, "PNG", optimize=False)
        return out.getvalue()


def _on_picture(sheet: Any, scale: float, x: float, y: float) -> tuple[float, float]:
    """A point of the page's own, as pixels of its picture."""
    left, bottom, _, _ = sheet.get_bbox()
    return (x - left) * scale, sheet.get_height() * scale - (y - bottom) * scale


def _places(sheet: Any, text: str) -> list[tuple[float, float, float, float]]:
    """Rectangles of the page's text that hold words of the passage: left, bottom, right, top."""
    letters = sheet.get_textpage()
    found: set[int] = set()
    for words in _shingles(text.split()):
        wanted = " ".join(words).strip(" .,;:")  # a cell's end has a stop that the page has not
        if not wanted:
            continue
        search = letters.search(wanted, match_case=False)
        while (hit := search.get_next()) is not None:
            found.update(range(hit[0], hit[0] + hit[1]))
    places = []
    for start, count in _runs(sorted(found)):
        letters.count_rects(start, count)
        places += [letters.get_rect(at) for at in range(letters.count_rects(start, count))]
    return places


def _shingles(words: Sequence[str]) -> Iterator[Sequence[str]]:
    if len(words) <= SHINGLE:
        yield words
    for at in range(len(words) - SHINGLE + 1):
        yield words[at : at + SHINGLE]


def _runs(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Start and length of each run of numbers that follow one another."""
    if not places:
        return
    start = places[0]
    for one, other in pairwise([*places, -1]):
        if other != one + 1:
            yield start, one - start + 1
            start = other


def main() -> None:
    """Draw what is asked for on the standard input, to the standard output."""
    file, page, text = json.load(sys.stdin)
    confine()
    grant_cpu()
    sys.stdout.buffer.write(draw(Path(file), int(page), str(text)))


if __name__ == "__main__":
    main()
