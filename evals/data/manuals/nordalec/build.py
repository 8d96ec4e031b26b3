"""Builds the Nordalec manuals: two PDFs, a Word file, a workbook and a CSV file.

Run it from anywhere: ``python evals/data/manuals/nordalec/build.py``. It needs python-docx,
openpyxl and a Chromium (``CHROMIUM`` names another one than /usr/bin/chromium). Sources stand in
``sources/``; results stand beside this script. Two runs on one machine give the same bytes.

Source formats:
    ``*.html``: a style sheet, then one block per printed page, each opened by
        ``<!-- page: key | class | running title -->``. ``{p:key}`` becomes that page's number.
        A block that does not fit its page makes the build fail.
    ``hotte-nh90.txt``: one block per line: ``===`` (hard page break), ``#`` and ``##`` (heading
        styles), ``1. `` and ``- `` (Word lists), ``> `` (remark), ``|`` (table rows, the first
        one being the header), anything else a paragraph. ``**bold**`` inside lines.
    ``hotte-nh90-codes.txt``: ``[sheet name]``, a title row, then the rows, cells parted by ``|``.
    ``hotte-nh90-faq.txt``: a question line, an answer line, an empty line.
"""

from __future__ import annotations

import csv
import os
import re
import subprocess
import tempfile
import zipfile
from copy import deepcopy
from datetime import datetime
from pathlib import Path

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.text import WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.text.paragraph import Paragraph
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "sources"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
EDITION = datetime(2024, 3, 1)
PAGE = re.compile(r"<!-- page: (\S+) \| (\S*) ?\| (.*?) -->\n")


def pages_of(source: str) -> tuple[str, list[tuple[str, str, str, str]]]:
    """Cuts an HTML source into its style sheet and its pages (key, class, title, body)."""
    style, *rest = PAGE.split(source)
    pages = [(rest[i], rest[i + 1], rest[i + 2], rest[i + 3]) for i in range(0, len(rest), 4)]
    return style, pages


def html_of(source: str, language: str = "fr") -> tuple[str, int]:
    """Returns the whole printable HTML document and the number of pages it must have."""
    style, pages = pages_of(source)
    numbers = {key: number for number, (key, *_) in enumerate(pages, 1)}
    parts = [f'<!doctype html><html lang="{language}"><meta charset="utf-8">{style}<body>']
    for number, (_, kind, title, body) in enumerate(pages, 1):
        body = re.sub(r" (?=[;:?!»])|(?<=«) ", "\u00a0", body)
        side = "even" if number % 2 == 0 else "odd"
        parts.append(
            f'<section class="page {side} {kind}"><header>{title}</header>{body}'
            f"<footer><span>{title}</span><b>{number}</b></footer></section>"
        )
    text = "\n".join(parts)
    return re.sub(r"\{p:(\w+)\}", lambda m: str(numbers[m[1]]), text), len(pages)


def print_pdf(name: str) -> int:
    """Prints one HTML source to PDF with Chromium and returns its number of pages."""
    html, expected = html_of((SOURCES / f"{name}.html").read_text(encoding="utf-8"))
    target = HERE / f"{name}.pdf"
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / f"{name}.html"
        page.write_text(html, encoding="utf-8")
        command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu"]
        command += ["--no-pdf-header-footer", f"--user-data-dir={folder}/profile"]
        command += [f"--print-to-pdf={target}", page.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    data = target.read_bytes()
    stamp = EDITION.strftime("D:%Y%m%d%H%M%S").encode()
    data = re.sub(rb"(/(?:Creation|Mod)Date \()D:\d{14}", rb"\g<1>" + stamp, data)
    target.write_bytes(data)
    count = len(re.findall(rb"/Type\s*/Page\b", data))
    if count != expected:
        raise SystemExit(f"{name}: {count} pages printed, {expected} written in the source")
    return count


def add_text(paragraph: Paragraph, text: str) -> None:
    """Adds a line to a Word paragraph, with its bold parts."""
    for index, part in enumerate(text.split("**")):
        if part:
            paragraph.add_run(part).bold = index % 2 == 1 or None


def new_numbering(document: WordDocument) -> int:
    """Makes a numbered list that starts again at 1 and returns its identifier."""
    numbering = document.part.numbering_part.element
    style = document.styles["List Number"].element
    used = style.find(f".//{qn('w:numId')}").get(qn("w:val"))
    base = next(n for n in numbering.findall(qn("w:num")) if n.get(qn("w:numId")) == used)
    number = deepcopy(base)
    identifier = 1 + max(int(n.get(qn("w:numId"))) for n in numbering.findall(qn("w:num")))
    number.set(qn("w:numId"), str(identifier))
    override = OxmlElement("w:lvlOverride")
    override.set(qn("w:ilvl"), "0")
    start = OxmlElement("w:startOverride")
    start.set(qn("w:val"), "1")
    override.append(start)
    number.append(override)
    numbering.append(number)
    return identifier


def add_numbered(document: WordDocument, text: str, identifier: int) -> None:
    """Adds one step to the numbered list of that identifier."""
    paragraph = document.add_paragraph(style="List Number")
    properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
    properties.get_or_add_ilvl().val = 0
    properties.get_or_add_numId().val = identifier
    add_text(paragraph, text)


def add_table(document: WordDocument, rows: list[list[str]]) -> None:
    """Adds a Word table whose first row is its header."""
    table = document.add_table(rows=len(rows), cols=len(rows[0]), style="Table Grid")
    for line, row in enumerate(rows):
        for column, text in enumerate(row):
            paragraph = table.cell(line, column).paragraphs[0]
            add_text(paragraph, f"**{text}**" if line == 0 else text)
            for run in paragraph.runs:
                run.font.size = Pt(9)
    document.add_paragraph()


def build_word(name: str) -> int:
    """Builds the Word manual and returns its number of hard-broken pages."""
    document = Document()
    document.styles["Normal"].font.name = "Cambria"
    document.styles["Normal"].font.size = Pt(10)
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.2)
    section.top_margin = section.bottom_margin = Cm(1.8)
    section.header.paragraphs[0].text = "Nordalec – Hottes NH90 / NH60 – Notice d’emploi et de pose"
    properties = document.core_properties
    properties.title, properties.author = "Hottes NH90 et NH60", "Nordalec"
    properties.created = properties.modified = EDITION
    count, numbering, rows = 1, 0, list[list[str]]()
    for line in [*(SOURCES / f"{name}.txt").read_text(encoding="utf-8").splitlines(), ""]:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
            continue
        if rows:
            add_table(document, rows)
            rows = []
        if line.startswith("1. "):
            numbering = numbering or new_numbering(document)
            add_numbered(document, line[3:], numbering)
            continue
        numbering = 0
        if line == "===":
            document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
            count += 1
        elif line.startswith("### "):
            document.add_paragraph(line[4:], style="Title")
        elif line.startswith("## "):
            document.add_heading(line[3:], level=2)
        elif line.startswith("# "):
            document.add_heading(line[2:], level=1)
        elif line.startswith("- "):
            add_text(document.add_paragraph(style="List Bullet"), line[2:])
        elif line.startswith("> "):
            add_text(document.add_paragraph(style="Intense Quote"), line[2:])
        elif line:
            add_text(document.add_paragraph(), line)
    document.save(str(HERE / f"{name}.docx"))
    freeze(HERE / f"{name}.docx")
    return count


def build_workbook(name: str) -> int:
    """Builds the workbook of codes and returns its number of sheets."""
    book = Workbook()
    book.remove(book.active)
    book.properties.created = book.properties.modified = EDITION
    book.properties.creator = "Nordalec"
    for block in (SOURCES / f"{name}.txt").read_text(encoding="utf-8").strip().split("\n\n"):
        heading, title, *lines = block.splitlines()
        sheet = book.create_sheet(heading.strip("[]"))
        sheet.append([title])
        sheet["A1"].font = Font(bold=True, size=13)
        for line in lines:
            sheet.append([cell.strip() for cell in line.split("|")])
        for cell in sheet[2]:
            cell.font = Font(bold=True)
            cell.fill = PatternFill("solid", fgColor="D9E2EC")
        for row in sheet.iter_rows(min_row=2):
            for cell in row:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
        for column, width in zip("ABCD", (14, 38, 46, 60), strict=True):
            sheet.column_dimensions[column].width = width
        sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=4)
    book.save(HERE / f"{name}.xlsx")
    freeze(HERE / f"{name}.xlsx")
    return len(book.sheetnames)


def freeze(path: Path) -> None:
    """Writes an Office file again with fixed dates, so that builds give the same bytes."""
    with zipfile.ZipFile(path) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    stamp = EDITION.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            if name == "docProps/core.xml":
                data = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]{8}Z", stamp, data)
            info = zipfile.ZipInfo(name, EDITION.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)


def build_faq(name: str) -> int:
    """Builds the CSV file of questions and returns its number of rows."""
    blocks = (SOURCES / f"{name}.txt").read_text(encoding="utf-8").strip().split("\n\n")
    with (HERE / f"{name}.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["Question", "Réponse"])
        writer.writerows(block.splitlines() for block in blocks)
    return len(blocks)


def main() -> None:
    """Builds every file and says how many pages, sheets or rows each has."""
    for name in ("lave-vaisselle-nd945", "cave-a-vin-ncv38"):
        print(f"{name}.pdf: {print_pdf(name)} pages")
    print(f"hotte-nh90.docx: {build_word('hotte-nh90')} pages (hard breaks)")
    print(f"hotte-nh90-codes.xlsx: {build_workbook('hotte-nh90-codes')} sheets")
    print(f"hotte-nh90-faq.csv: {build_faq('hotte-nh90-faq')} rows")


if __name__ == "__main__":
    main()
