"""Builds the small manuals that tests read: PDFs made with reportlab."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Table, TableStyle

WIDTH, HEIGHT = A4
LEFT, TOP = 60.0, HEIGHT - 80.0
TITLE_PT, HEADING_PT, BODY_PT = 26.0, 15.0, 10.0
LEADING = 1.3

GRID = TableStyle([("GRID", (0, 0), (-1, -1), 0.5, "black"), ("FONTSIZE", (0, 0), (-1, -1), 8)])


class PdfBuilder:
    """Sets text from the top of a page downwards; positions are points."""

    def __init__(self, file: Path, *, password: str | None = None) -> None:
        self.file = file
        self._canvas = Canvas(str(file), pagesize=A4, encrypt=password)
        self._y = TOP
        self._x = LEFT

    def column(self, x: float, top: float = TOP) -> None:
        """Go on at the top of the page, or further down, from this left edge."""
        self._x, self._y = x, top

    def styled(self, *parts: tuple[str, str, float]) -> None:
        """A line of several pieces that touch: text, font and size in points."""
        self._y -= 9
        x = self._x
        for text, font, size in parts:
            self._canvas.setFont(font, size)
            self._canvas.drawString(x, self._y, text)
            x += self._canvas.stringWidth(text, font, size)
        self._y -= max(size for *_, size in parts) * LEADING

    def cover(self, title: str) -> None:
        """A first page with nothing but a title."""
        self._line(title, "Helvetica-Bold", TITLE_PT)
        self.page()

    def heading(self, text: str) -> None:
        """A heading, larger than the text."""
        self._y -= 12
        self._line(text, "Helvetica-Bold", HEADING_PT)

    def text(self, *lines: str) -> None:
        """A paragraph, a step or a warning, a line each."""
        self._y -= 9
        for line in lines:
            self._line(line, "Helvetica", BODY_PT)

    def table(self, rows: Sequence[Sequence[str]], widths: Sequence[float]) -> None:
        """A ruled table, its first row the header."""
        table = Table(
            [list(row) for row in rows], colWidths=list(widths), style=GRID, hAlign="LEFT"
        )
        _, height = table.wrap(sum(widths), HEIGHT)
        self._y -= 8 + height
        table.drawOn(self._canvas, self._x, self._y)
        self._y -= 4

    def running(self, header: str, footer: str) -> None:
        """A running line in each margin of this page."""
        self._canvas.setFont("Helvetica", 8)
        self._canvas.drawString(LEFT, HEIGHT - 30, header)
        self._canvas.drawString(WIDTH - 90, 25, footer)

    def drawing(self) -> None:
        """A filled rectangle."""
        self._canvas.rect(100, 300, 200, 200, fill=1)

    def page(self) -> None:
        """End the page."""
        self._canvas.showPage()
        self._y, self._x = TOP, LEFT

    def save(self) -> Path:
        """Write the file."""
        self._canvas.save()
        return self.file

    def _line(self, text: str, font: str, size: float) -> None:
        self._canvas.setFont(font, size)
        self._canvas.drawString(self._x, self._y, text)
        self._y -= size * LEADING


CODES = [
    ["Code", "Signification", "Que faire"],
    ["E1", "Porte mal fermée", "1. Fermez la porte. 2. Relancez le programme."],
    ["E2", "Filtre encrassé", "1. Rincez le filtre. 2. Remettez-le en place."],
]


def small_manual(
    file: Path,
    *,
    title: str = "Lave-linge ZX100",
    litres: int = 6,
    extra: Sequence[str] = (),
) -> Path:
    """A manual of two pages and some six passages: quick to embed.

    Args:
        title: Its cover: appliance and reference.
        litres: A figure in the text, to tell one edition from another.
        extra: Lines of one more paragraph.
    """
    pdf = PdfBuilder(file)
    pdf.cover(title)
    pdf.heading("1. Nettoyer le filtre de la pompe")
    pdf.text("ATTENTION - Attendez que l'eau soit froide.")
    pdf.text("1. Ouvrez la trappe en bas de l'appareil.")
    pdf.text("2. Dévissez le filtre et rincez-le.")
    pdf.heading("2. Codes d'erreur")
    pdf.table(CODES, [40, 110, 300])
    pdf.heading("3. Caractéristiques")
    pdf.text(f"La consommation d'eau du programme rapide est de {litres} litres.")
    if extra:
        pdf.heading("4. Garantie")
        pdf.text(*extra)
    return pdf.save()
