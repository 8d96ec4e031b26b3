"""Build the two fictional Brévia manuals from their text sources.

Run from the root of the repository, with reportlab, pypdfium2, pillow and numpy installed::

    python evals/data/manuals/brevia/build.py            # both PDFs, next to this file
    python evals/data/manuals/brevia/build.py --clean-dir /tmp/brevia   # also the text PDFs

``lave-linge-top-bt6512.pdf`` is a text PDF. ``micro-ondes-bm25g.pdf`` is an imitation of a scan:
the text PDF is rasterised, tilted, made noisy and stored as 1-bit CCITT G4 images, without any
text layer. Two builds in a row give the same bytes (fixed dates, seeded noise).

Source format, one block per line:

* ``* 4 TITLE``, ``** 4.3 Title``, ``*** 4.3.2 Title``: headings, numbered by hand;
* ``a) text`` and ``1 - text``: steps; ``ATTENTION ! text`` and ``N.B. text``: warnings;
* ``[couverture`` ... ``]``: lines of the cover; ``[sommaire TITLE``: contents;
* ``[grille 40 60`` ... ``]``: ruled table, column widths in per cent, first row is the heading;
* ``[colonnes 40 60`` ... ``]``: table without rules; ``[colonnes*`` has a heading row;
* ``[figure name Caption``: one of the drawings below; ``---``: page break;
* ``{p:4.3}``: page number of a heading. Any other line is a paragraph.
"""

from __future__ import annotations

import argparse
import io
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pypdfium2
from PIL import Image
from reportlab.graphics.shapes import Circle, Drawing, Line, PolyLine, Rect, String
from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY
from reportlab.lib.pagesizes import A5
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    KeepTogether,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

HERE = Path(__file__).resolve().parent
FONT, BOLD, ITALIC = "Times-Roman", "Times-Bold", "Times-Italic"
SHY = "\u00ad"
NBSP = "\u00a0"
VOWELS = "aàâäeéèêëiîïoôöuùûüyœæ"
CLUSTER = r"(?:[bcdfgpt]r|[bcfgp]l|vr|ch|ph|th|gn|qu|[b-df-hj-np-tv-xzç])"
SYLLABLE = re.compile(
    rf"(?<=[{VOWELS}])(?={CLUSTER}[{VOWELS}])"
    rf"|(?<=[{VOWELS}][b-df-hj-np-tv-xz])(?={CLUSTER}[{VOWELS}])"
)
PAIR = re.compile("[bcdfgpt]r|[bcfgp]l|vr|ch|ph|th|gn|qu")
WORD = re.compile(r"[a-zàâäçéèêëîïôöùûüœæ]{7,}")
DATE = time.struct_time((2021, 3, 9, 9, 0, 0, 1, 68, 0))


@dataclass(frozen=True)
class Manual:
    """One manual: its source, its look, and whether it is published as a scan."""

    stem: str
    title: str
    header: str
    size: float
    leading: float
    gap: float
    scan: bool
    seed: int = 0

    @property
    def source(self) -> Path:
        """The text source."""
        return HERE / f"{self.stem}.txt"


MANUALS = (
    Manual(
        "lave-linge-top-bt6512", "Lave-linge BT6512 - BT6514S", "BT6512 – BT6514S",
        9.2, 10.6, 2.2, scan=False,
    ),
    Manual(
        "micro-ondes-bm25g", "Four à micro-ondes BM25G - BM25GX", "BM25G / BM25GX",
        10.2, 12.1, 2.6, scan=True, seed=2519,
    ),
)  # fmt: skip


def hyphenate(text: str) -> str:
    """Put soft hyphens into long lower-case words, by the usual French syllable rules."""

    def word(match: re.Match[str]) -> str:
        letters = match.group()
        cuts = [
            m.start()
            for m in SYLLABLE.finditer(letters)
            if 3 <= m.start() <= len(letters) - 3
            and not PAIR.fullmatch(letters[m.start() - 1 : m.start() + 1])
            and letters[m.start()] != "x"
        ]
        parts = [letters[i:j] for i, j in zip([0, *cuts], [*cuts, len(letters)], strict=True)]
        return SHY.join(parts)

    return WORD.sub(word, text)


def typeset(text: str, hyphens: bool = True) -> str:
    """Return text with French no-break spaces and, unless refused, soft hyphens."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace("'", "’")
    text = re.sub(r" ([:;!?»%])", NBSP + r"\1", text).replace("« ", "«" + NBSP)
    text = re.sub(r"(?<=\d) (?=(?:°|W\b|kg\b|g\b|cm\b|mm\b|m\b|V\b|A\b|h\b|\d{3}\b))", NBSP, text)
    text = re.sub(r"\b(page|fig\.|Err|cf\.) (?=\d)", r"\1" + NBSP, text)
    return hyphenate(text) if hyphens else text


# --- drawings ---------------------------------------------------------------------------------


def _box(d: Drawing, x: float, y: float, w: float, h: float, thick: float = 0.8) -> None:
    d.add(Rect(x, y, w, h, fillColor=None, strokeColor=colors.black, strokeWidth=thick))


def _ring(d: Drawing, x: float, y: float, r: float, thick: float = 0.8) -> None:
    d.add(Circle(x, y, r, fillColor=None, strokeColor=colors.black, strokeWidth=thick))


def _line(d: Drawing, *points: float, thick: float = 0.6) -> None:
    d.add(PolyLine(list(points), strokeColor=colors.black, strokeWidth=thick))


def _text(d: Drawing, x: float, y: float, text: str, size: float = 8) -> None:
    d.add(String(x, y, text, fontName=FONT, fontSize=size, textAnchor="middle"))


def _mark(d: Drawing, number: str, x: float, y: float, tx: float, ty: float) -> None:
    """Draw a reference number at (x, y) with a leader to (tx, ty)."""
    d.add(Line(x, y, tx, ty, strokeColor=colors.black, strokeWidth=0.4))
    d.add(Circle(x, y, 5.5, fillColor=colors.white, strokeColor=colors.black, strokeWidth=0.5))
    _text(d, x, y - 2.8, number)


def washer() -> Drawing:
    """Front and back of the top-loading washing machine."""
    d = Drawing(330, 150)
    _box(d, 45, 10, 85, 112)
    _line(d, 45, 112, 130, 112)
    _line(d, 45, 122, 52, 146, 123, 146, 130, 122)
    _line(d, 45, 28, 130, 28)
    _box(d, 102, 13, 22, 12, 0.5)
    _ring(d, 87, 72, 27, 0.4)
    _box(d, 72, 96, 30, 8, 0.5)
    _line(d, 52, 10, 52, 5, 60, 5, 60, 10)
    _line(d, 115, 10, 115, 5, 123, 5, 123, 10)
    for number, x, y, tx, ty in (
        ("1", 25, 138, 58, 138), ("2", 25, 117, 60, 117), ("3", 25, 88, 72, 92),
        ("4", 25, 8, 54, 7), ("5", 150, 19, 118, 19), ("6", 150, 38, 60, 24),
    ):  # fmt: skip
        _mark(d, number, x, y, tx, ty)
    _box(d, 205, 10, 85, 112)
    _ring(d, 222, 108, 4)
    _line(d, 276, 106, 282, 90, 282, 30, 276, 16, thick=1.6)
    _box(d, 222, 52, 48, 26)
    for x in (227, 265):
        for y in (57, 73):
            _ring(d, x, y, 2.2, 0.5)
    _mark(d, "7", 190, 120, 220, 110)
    _mark(d, "7", 308, 100, 280, 96)
    _mark(d, "8", 190, 65, 224, 65)
    return d


def drain() -> Drawing:
    """Heights allowed for the drain hose."""
    d = Drawing(300, 104)
    _line(d, 20, 8, 280, 8, thick=1.2)
    _box(d, 60, 8, 52, 84)
    _line(d, 112, 22, 140, 22, 140, 74, 146, 80, 154, 80, 158, 74, 158, 40, thick=1.8)
    _box(d, 152, 8, 12, 56, 0.6)
    for y, text in ((88, "90 cm"), (62, "65 cm")):
        d.add(
            Line(172, y, 220, y, strokeColor=colors.black, strokeWidth=0.5, strokeDashArray=[3, 2])
        )
        _text(d, 240, y - 3, text)
    _line(d, 205, 8, 205, 88, thick=0.4)
    _text(d, 240, 12, "sol", 8)
    return d


def washer_panel() -> Drawing:
    """Control panel of the washing machine."""
    d = Drawing(330, 74)
    _box(d, 5, 6, 320, 62)
    _ring(d, 45, 36, 20)
    _line(d, 45, 36, 45, 55, thick=1.4)
    _text(d, 45, 10, "S")
    _text(d, 45, 59, "Arrêt", 7)
    for i, key in enumerate("TEO"):
        _box(d, 88 + 34 * i, 26, 24, 12)
        _text(d, 100 + 34 * i, 14, key)
    _box(d, 196, 42, 40, 18, 1)
    _text(d, 216, 47, "1:47", 11)
    _text(d, 246, 47, "F")
    _box(d, 196, 24, 24, 11)
    _text(d, 208, 12, "R")
    _ring(d, 300, 32, 12)
    _text(d, 300, 10, "D")
    for i, name in enumerate(("Départ", "Lavage", "Rinçage", "Essorage", "Fin")):
        _ring(d, 88 + 24 * i, 53, 2, 0.5)
        _text(d, 88 + 24 * i, 59 if i % 2 == 0 else 44, name, 6)
    _text(d, 300, 55, "clé", 7)
    _ring(d, 284, 57, 2, 0.5)
    return d


def oven() -> Drawing:
    """The microwave oven with its door open."""
    d = Drawing(320, 128)
    _box(d, 90, 14, 190, 104)
    _box(d, 100, 26, 128, 84, 0.6)
    _line(d, 234, 14, 234, 118)
    _line(d, 90, 118, 38, 108, 38, 10, 90, 14)
    _line(d, 80, 106, 48, 100, 48, 24, 80, 26, 80, 106)
    _line(d, 118, 36, 210, 36, thick=2)
    _line(d, 138, 32, 190, 32)
    _line(d, 140, 38, 146, 64, 184, 64, 190, 38)
    _line(d, 120, 105, 128, 101, 136, 105, 144, 101, 152, 105, 160, 101, 168, 105, 176, 101)
    _box(d, 216, 62, 8, 22, 0.5)
    _box(d, 242, 86, 30, 16, 0.6)
    _ring(d, 257, 48, 10)
    for number, x, y, tx, ty in (
        ("1", 18, 92, 40, 92), ("2", 18, 60, 56, 60), ("3", 72, 7, 120, 36),
        ("4", 165, 7, 165, 31), ("5", 112, 66, 144, 56), ("6", 226, 7, 220, 64),
        ("7", 112, 88, 134, 102), ("8", 302, 68, 272, 80),
    ):  # fmt: skip
        _mark(d, number, x, y, tx, ty)
    return d


def turntable() -> Drawing:
    """The plate, the roller ring and the driver."""
    d = Drawing(320, 58)
    _line(d, 90, 50, 100, 44, 220, 44, 230, 50, thick=1.2)
    _line(d, 156, 44, 156, 39, 164, 39, 164, 44)
    _line(d, 110, 26, 210, 26, thick=1.4)
    for x in (110, 160, 210):
        _ring(d, x, 26, 4)
    _box(d, 152, 6, 16, 8)
    _line(d, 80, 6, 240, 6)
    for y, text in ((44, "plateau"), (23, "anneau"), (7, "entraîneur")):
        _text(d, 268, y, text, 9)
    return d


def oven_panels() -> Drawing:
    """The two control panels of the microwave oven."""
    d = Drawing(330, 128)
    for x in (60, 190):
        _box(d, x, 4, 84, 120)
        _box(d, x + 12, 98, 60, 19, 1)
        _text(d, x + 42, 103, "12:30", 13)
    for i, name in enumerate(("Micro-ondes", "Gril/Combiné", "Décongeler", "Horloge")):
        _box(d, 66, 83 - 13 * i, 72, 11, 0.5)
        _text(d, 102, 86 - 13 * i, name, 7.5)
        _box(d, 194 + 38 * (i % 2), 84 - 13 * (i // 2), 38, 11, 0.5)
        _text(
            d, 213 + 38 * (i % 2), 87 - 13 * (i // 2), ("Ondes", "Gril", "Décong.", "Horloge")[i], 7
        )
    _ring(d, 102, 29, 12)
    _text(d, 75, 8, "Stop", 7.5)
    _text(d, 124, 8, "Départ", 7.5)
    for i, key in enumerate("1234567890"):
        _text(d, 204 + 14 * (i % 5), 58 - 13 * (i // 5), key, 9)
    _text(d, 232, 32, "Mémoire – Silence", 7.5)
    _text(d, 232, 20, "Stop – Départ", 7.5)
    _box(d, 198, 7, 68, 9, 0.5)
    return d


FIGURES: dict[str, Callable[[], Drawing]] = {
    "bt_vue": washer, "bt_vidange": drain, "bt_bandeau": washer_panel,
    "bm_vue": oven, "bm_plateau": turntable, "bm_bandeau": oven_panels,
}  # fmt: skip


# --- text to PDF ------------------------------------------------------------------------------


class Heading(Paragraph):  # type: ignore[misc]
    """A heading that remembers its key, its level and its bare text."""

    def __init__(self, text: str, style: ParagraphStyle, level: int) -> None:
        super().__init__(typeset(text, hyphens=False), style)
        self.level = level
        self.label = text
        self.key = text.split()[0].rstrip(".")


class Document(BaseDocTemplate):  # type: ignore[misc]
    """A document that notes the page of each heading and numbers its pages at the foot."""

    def __init__(self, target: io.BytesIO, manual: Manual) -> None:
        super().__init__(
            target, pagesize=A5, title=manual.title, author="Brévia", invariant=1,
            leftMargin=34, rightMargin=34, topMargin=40, bottomMargin=40,
        )  # fmt: skip
        self.manual = manual
        self.pages: dict[str, int] = {}
        frame = Frame(
            self.leftMargin, self.bottomMargin, self.width, self.height,
            leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0,
        )  # fmt: skip
        self.addPageTemplates(PageTemplate("page", [frame], onPage=self._furniture))

    def _furniture(self, canvas: Canvas, doc: BaseDocTemplate) -> None:
        if doc.page == 1:
            return
        size = self.manual.size
        canvas.setFont(FONT, size)
        canvas.drawCentredString(A5[0] / 2, 22, f"– {doc.page} –")
        canvas.setFont(ITALIC, size)
        canvas.drawString(self.leftMargin, A5[1] - 30, "Brévia")
        canvas.drawRightString(A5[0] - self.rightMargin, A5[1] - 30, self.manual.header)

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802
        """Record the page of a heading (called by reportlab)."""
        if isinstance(flowable, Heading):
            self.pages[flowable.key] = self.page


@dataclass
class Composer:
    """Turns the lines of a source into flowables."""

    manual: Manual
    lines: list[str]
    pages: dict[str, int]
    width: float = A5[0] - 68
    story: list[Flowable] = field(default_factory=list)

    def style(self, name: str, **changes: object) -> ParagraphStyle:
        """Return the one text style of the manual, with changes."""
        values: dict[str, object] = {
            "fontName": FONT, "fontSize": self.manual.size, "leading": self.manual.leading,
            "spaceAfter": self.manual.gap, "alignment": TA_JUSTIFY, "embeddedHyphenation": 1,
        }  # fmt: skip
        return ParagraphStyle(name, **(values | changes))

    def para(self, text: str, style: ParagraphStyle, hyphens: bool = True) -> Paragraph:
        """Return a paragraph, with page references filled in."""
        text = re.sub(r"\{p:([^}]+)\}", lambda m: str(self.pages.get(m[1], 0)), text)
        marked = typeset(text, hyphens)
        marked = re.sub(r"^(ATTENTION\s!|N\.B\.)", r"<b>\1</b>", marked)
        return Paragraph(marked, style)

    def compose(self) -> list[Flowable]:
        """Return the flowables of the whole source."""
        queue = iter(self.lines)
        for line in queue:
            if line.startswith("["):
                name, _, rest = line[1:].partition(" ")
                if name == "sommaire":
                    self._contents(rest)
                elif name == "figure":
                    self._figure(rest)
                else:
                    body = []
                    for inner in queue:
                        if inner == "]":
                            break
                        body.append(inner)
                    if name == "couverture":
                        self._cover(body)
                    else:
                        self._table(name, [float(part) for part in rest.split()], body)
            else:
                self._block(line)
        return self.story

    def _block(self, line: str) -> None:
        gap = self.manual.gap
        if line == "---":
            self.story.append(PageBreak())
        elif match := re.match(r"(\*+) (.+)", line):
            level = len(match[1])
            before = (0, 7, 4, 1.5)[level]
            style = self.style(
                f"h{level}", fontName=BOLD, alignment=TA_CENTER if level == 1 else 0,
                spaceBefore=before, spaceAfter=gap + (2 if level == 1 else 0),
            )  # fmt: skip
            self.story.append(CondPageBreak((0, 80, 40, 30)[level]))
            self.story.append(Heading(match[2], style, level))
        elif re.match(r"[a-z]\) |\d - ", line):
            indent = 13 if line[1] == ")" else 18
            style = self.style("step", leftIndent=indent, firstLineIndent=-indent)
            self.story.append(self.para(line, style))
        elif line.startswith("ATTENTION"):
            self.story.append(self.para(line, self.style("warn", leftIndent=10, rightIndent=10)))
        elif line:
            self.story.append(self.para(line, self.style("body")))

    def _cover(self, lines: list[str]) -> None:
        centre = self.style("cover", alignment=TA_CENTER)
        big = self.style("brand", fontName=BOLD, fontSize=34, leading=42, alignment=TA_CENTER)
        bold = self.style("strong", fontName=BOLD, alignment=TA_CENTER)
        self.story += [Spacer(1, 70), Paragraph(lines[0], big), Spacer(1, 60)]
        for index, line in enumerate(lines[1:]):
            text = typeset(line, hyphens=False)
            self.story += [Paragraph(text, bold if index < 3 else centre), Spacer(1, 14)]

    def _contents(self, title: str) -> None:
        self.story += [Paragraph(title, self.style("toc", fontName=BOLD, alignment=TA_CENTER))]
        self.story.append(Spacer(1, 6))
        size = self.manual.size
        for line in self.lines:
            match = re.match(r"(\*{1,2}) (.+)", line)
            if match is None:
                continue
            top = len(match[1]) == 1
            key = match[2].split()[0].rstrip(".")
            indent, font = (0, BOLD) if top else (14, FONT)
            text = match[2].replace("'", "’")
            page = str(self.pages.get(key, 0))
            room = self.width - indent - stringWidth(text + page, font, size) - 14
            dots = "." * int(room / stringWidth(".", font, size))
            style = self.style(
                "toc1", fontName=font, leftIndent=indent, alignment=0, spaceAfter=0,
                leading=size * 0.96,
            )  # fmt: skip
            self.story.append(Paragraph(f"{text} {dots} {page}", style))
        self.story.append(Spacer(1, 8))

    def _figure(self, rest: str) -> None:
        name, _, caption = rest.partition(" ")
        drawing = FIGURES[name]()
        drawing.hAlign = "CENTER"
        label = self.para(caption, self.style("caption", fontName=ITALIC, alignment=TA_CENTER))
        self.story.append(KeepTogether([Spacer(1, 4), drawing, Spacer(1, 2), label]))

    def _table(self, name: str, widths: list[float], body: list[str]) -> None:
        ruled = name == "grille"
        headed = ruled or name.endswith("*")
        cell = self.style("cell", alignment=0, spaceAfter=0)
        head = self.style("head", alignment=0, spaceAfter=0, fontName=BOLD)
        rows = [
            [
                self.para(part.strip(), head if headed and index == 0 else cell)
                for part in line.split("|")
            ]
            for index, line in enumerate(body)
        ]
        total = sum(widths)
        table = Table(
            rows, [self.width * part / total for part in widths], repeatRows=int(headed),
            spaceBefore=2, spaceAfter=self.manual.gap + 3,
        )  # fmt: skip
        pad = 1.2 if ruled else 0.9
        commands: list[tuple[object, ...]] = [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 3 if ruled else 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 3 if ruled else 6),
            ("TOPPADDING", (0, 0), (-1, -1), pad - 0.4),
            ("BOTTOMPADDING", (0, 0), (-1, -1), pad + 0.8),
        ]
        if ruled:
            commands.append(("GRID", (0, 0), (-1, -1), 0.5, colors.black))
        table.setStyle(TableStyle(commands))
        self.story.append(table)


def text_pdf(manual: Manual) -> bytes:
    """Return the text PDF of a manual; passes are repeated until page numbers are stable."""
    lines = manual.source.read_text(encoding="utf-8").splitlines()
    pages: dict[str, int] = {}
    for _ in range(5):
        target = io.BytesIO()
        document = Document(target, manual)
        document.build(Composer(manual, lines, pages).compose())
        if document.pages == pages:
            return target.getvalue()
        pages = document.pages
    raise RuntimeError(f"page numbers of {manual.stem} do not settle")


# --- imitation of a scan ----------------------------------------------------------------------


def scan_page(page: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Tilt a grey page by at most 0.6 degree, add noise and specks, and reduce it to 1 bit."""
    tilted = page.rotate(
        float(rng.uniform(-0.6, 0.6)), Image.Resampling.BICUBIC, fillcolor=255,
        translate=(int(rng.integers(-8, 9)), int(rng.integers(-8, 9))),
    )  # fmt: skip
    grey = np.asarray(tilted, dtype=np.float32)
    grey = grey + rng.normal(0, 22, grey.shape).astype(np.float32)
    ink = grey < rng.uniform(142, 162)
    height, width = ink.shape
    for _ in range(int(rng.integers(60, 140))):
        y, x = int(rng.integers(0, height - 3)), int(rng.integers(0, width - 3))
        size = int(rng.integers(1, 4))
        ink[y : y + size, x : x + size] = rng.random() < 0.75
    if rng.random() < 0.5:  # shadow of the binding
        ink[:, : int(rng.integers(3, 9))] = rng.random((height, 1)) < 0.8
    return Image.fromarray(np.where(ink, 0, 255).astype(np.uint8)).convert(
        "1", dither=Image.Dither.NONE
    )


def scan_pdf(clean: bytes, manual: Manual, dpi: int = 200) -> bytes:
    """Return an image-only PDF (CCITT G4) made from a text PDF."""
    rng = np.random.default_rng(manual.seed)
    document = pypdfium2.PdfDocument(clean)
    images = [
        scan_page(page.render(scale=dpi / 72, grayscale=True).to_pil().convert("L"), rng)
        for page in document
    ]
    target = io.BytesIO()
    images[0].save(
        target, "PDF", save_all=True, append_images=images[1:], resolution=dpi,
        creationDate=DATE, modDate=DATE, producer="Brevia",
    )  # fmt: skip
    return target.getvalue()


def main() -> None:
    """Build both manuals next to this file."""
    parser = argparse.ArgumentParser(description="Build the Brévia manuals.")
    parser.add_argument(
        "--clean-dir", type=Path, help="also write the text PDF of each manual into this folder"
    )
    folder: Path | None = parser.parse_args().clean_dir
    for manual in MANUALS:
        clean = text_pdf(manual)
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{manual.stem}.pdf").write_bytes(clean)
        data = scan_pdf(clean, manual) if manual.scan else clean
        path = HERE / f"{manual.stem}.pdf"
        path.write_bytes(data)
        print(f"{path.name}: {len(pypdfium2.PdfDocument(data))} pages, {len(data)} bytes")


if __name__ == "__main__":
    main()
