"""Typeset the sample manuals: `python -m knowledge.samples.build` writes one PDF per source."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

from knowledge.samples.drawing import ACCENT, INK, appliance
from knowledge.samples.layout import CONTENTS, GUTTER, MARGIN, WIDTH, Entry, Pass, Typesetter
from knowledge.samples.markup import Manual, load, typographic

FOLDER = Path(__file__).parent
MAX_PASSES = 6


def draw_cover(canvas: Any, meta: dict[str, str]) -> None:
    """Draw the cover: brand, appliance, model references."""
    width, height = A4
    canvas.setFillColor(INK)
    canvas.rect(0, height - 70 * mm, width, 70 * mm, stroke=0, fill=1)
    canvas.setFillColor(HexColor("#ffffff"))
    canvas.setFont("Helvetica-Bold", 40)
    canvas.drawString(MARGIN, height - 38 * mm, meta["brand"])
    canvas.setFont("Helvetica", 15)
    canvas.drawString(MARGIN, height - 54 * mm, typographic(meta["document"], "fr"))
    canvas.setFillColor(INK)
    appliance(canvas, meta["art"], MARGIN, 104 * mm, 92 * mm)
    canvas.setFont("Helvetica-Bold", 24)
    canvas.drawString(MARGIN, 84 * mm, typographic(meta["title"], "fr"))
    canvas.setFillColor(ACCENT)
    canvas.drawString(MARGIN, 72 * mm, meta["models"])
    canvas.setFillColor(INK)
    canvas.setFont("Helvetica", 10.5)
    for index, line in enumerate(meta["cover"].split(" / ")):
        canvas.drawString(MARGIN, (58 - 6.5 * index) * mm, typographic(line, "fr"))


def draw_page(canvas: Any, meta: dict[str, str], state: Pass) -> None:
    """Draw the running header and the page number."""
    top = A4[1] - 13 * mm
    canvas.setFillColor(INK)
    canvas.setStrokeColor(INK)
    canvas.setFont("Helvetica-Bold", 8.5)
    canvas.drawString(MARGIN, top, f"{meta['brand']} {meta['models']}")
    canvas.setFont("Helvetica", 8.5)
    section = typographic(state.chapter or CONTENTS["fr"], "fr")
    canvas.drawRightString(A4[0] - MARGIN, top, section)
    canvas.line(MARGIN, top - 4, A4[0] - MARGIN, top - 4)
    canvas.drawCentredString(A4[0] / 2, 10 * mm, str(canvas.getPageNumber()))


def render(manual: Manual, state: Pass) -> bytes:
    """Lay the manual out once and return the PDF."""
    meta = manual.meta
    height = A4[1] - 18 * mm - 17 * mm
    pad = {"leftPadding": 0, "rightPadding": 0, "topPadding": 0, "bottomPadding": 0}
    half = (WIDTH - GUTTER) / 2

    def frames(*spans: tuple[float, float]) -> list[Any]:
        return [Frame(x, 17 * mm, width, height, **pad) for x, width in spans]

    one = frames((MARGIN, WIDTH))
    two = frames((MARGIN, half), (MARGIN + half + GUTTER, half))
    output = io.BytesIO()
    document = BaseDocTemplate(
        output, pagesize=A4, invariant=1, pageCompression=1, lang="fr-FR",
        title=f"{meta['brand']} {meta['models']} – {meta['title']}", author=meta["brand"],
        subject=meta["document"],
    )  # fmt: skip
    document.addPageTemplates(
        [
            PageTemplate("cover", one, onPage=lambda c, _d: draw_cover(c, meta)),
            PageTemplate("one", one, onPageEnd=lambda c, _d: draw_page(c, meta, state)),
            PageTemplate("two", two, onPageEnd=lambda c, _d: draw_page(c, meta, state)),
        ]
    )
    document.build(list(Typesetter(manual, state).story()))
    return output.getvalue()


def typeset(manual: Manual) -> tuple[bytes, int]:
    """Repeat the layout until the page numbers settle; return the PDF and its last page."""
    known: list[Entry] = []
    for _ in range(MAX_PASSES):
        state = Pass(known)
        pdf = render(manual, state)
        if state.found == known:
            return pdf, max(entry.page for entry in known)
        known = state.found
    raise RuntimeError("page numbers do not settle")


def main() -> None:
    """Write the PDF of every source of this folder that has a front matter."""
    for source in sorted(FOLDER.glob("*.md")):
        if not source.read_text(encoding="utf-8").startswith("---\n"):
            continue
        pdf, last = typeset(load(source))
        source.with_suffix(".pdf").write_bytes(pdf)
        print(f"{source.stem}.pdf: {len(pdf)} bytes, last section on page {last}")


if __name__ == "__main__":
    main()
