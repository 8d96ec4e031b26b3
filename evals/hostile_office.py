"""Broken and hostile DOCX and XLSX files."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Callable
from functools import cache
from io import BytesIO

import docx
import openpyxl

WORD = "word/document.xml"
SHEET = "xl/worksheets/sheet1.xml"
WORD_NS = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
SHEET_NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha ha ha ha ha ">'
    + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(12))
    + "]>"
)
"""Entities that would make ten thousand billion words."""


@cache
def sound_docx() -> bytes:
    """A Word document that can be read."""
    made, out = docx.Document(), BytesIO()
    made.add_heading("Nettoyage", 1)
    for number in range(40):
        made.add_paragraph(f"Phrase {number} : nettoyez le filtre avec de l'eau tiède.")
    made.save(out)
    return out.getvalue()


@cache
def sound_xlsx() -> bytes:
    """A workbook that can be read."""
    book, out = openpyxl.Workbook(), BytesIO()
    book.active.append(["Code", "Signification", "Que faire"])
    for number in range(60):
        book.active.append([f"E{number}", "Filtre encrassé", "Rincez le filtre."])
    book.save(out)
    return out.getvalue()


def replaced(data: bytes, name: str, content: bytes) -> bytes:
    """An archive with one of its members exchanged."""
    out = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.namelist():
            new.writestr(member, content if member == name else old.read(member))
    return out.getvalue()


def truncated(data: bytes, rng: random.Random) -> bytes:
    """Cut somewhere."""
    return data[: rng.randint(50, len(data) - 30)]


def changed(data: bytes, rng: random.Random) -> bytes:
    """Some bytes changed."""
    found = bytearray(data)
    for _ in range(rng.randint(5, 60)):
        found[rng.randrange(len(found))] = rng.randrange(256)
    return bytes(found)


@cache
def bomb(sound: bytes, name: str, start: bytes, end: bytes, fill: bytes, millions: int) -> bytes:
    """A member that unpacks to so many million bytes."""
    out = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(sound)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.namelist():
            if member != name:
                new.writestr(member, old.read(member))
                continue
            with new.open(member, "w", force_zip64=True) as part:
                part.write(start)
                for _ in range(millions):
                    part.write(fill * (1_000_000 // len(fill)))
                part.write(end)
    return out.getvalue()


def docx_bomb(rng: random.Random) -> bytes:
    """Two gigabytes of text, or as much as passes the check of sizes; some lie about it."""
    start = f"<w:document {WORD_NS}><w:body>".encode()
    fill = b"<w:p><w:r><w:t>aaaaaaaaaaaaaaaaaaaaaaaaaaaa</w:t></w:r></w:p>"
    millions = rng.choice((50, 1200))
    data = bomb(sound_docx(), WORD, start, b"</w:body></w:document>", fill, millions)
    return _lying(data) if millions > 100 and rng.random() < 0.5 else data


def xlsx_bomb(rng: random.Random) -> bytes:
    """Millions of cells."""
    start = f"<worksheet {SHEET_NS}><sheetData>".encode()
    fill = b'<row><c t="inlineStr"><is><t>abc</t></is></c><c><v>1</v></c></row>'
    millions = rng.choice((50, 1200))
    return bomb(sound_xlsx(), SHEET, start, b"</sheetData></worksheet>", fill, millions)


def _lying(data: bytes) -> bytes:
    """The same archive, with the sizes of its central directory made small."""
    found = bytearray(data)
    place = found.find(b"PK\x01\x02")
    while place >= 0:
        name = int.from_bytes(found[place + 28 : place + 30], "little")
        if found[place + 46 : place + 46 + name] == WORD.encode():
            found[place + 24 : place + 28] = (1000).to_bytes(4, "little")
        place = found.find(b"PK\x01\x02", place + 4)
    return bytes(found)


def docx_entities(rng: random.Random) -> bytes:
    """Entities within entities."""
    text = f"<w:t>&{rng.choice('klm')};</w:t>"
    body = (
        f"{LAUGHS}<w:document {WORD_NS}><w:body><w:p><w:r>{text}</w:r></w:p></w:body></w:document>"
    )
    return replaced(sound_docx(), WORD, body.encode())


def xlsx_entities(rng: random.Random) -> bytes:
    """The same in a sheet, or a file read from the disk."""
    outside = '<!DOCTYPE x [<!ENTITY m SYSTEM "file:///etc/passwd">]>'
    head = rng.choice((LAUGHS, outside))
    cell = '<c t="inlineStr"><is><t>&m;</t></is></c>'
    body = f"{head}<worksheet {SHEET_NS}><sheetData><row>{cell}</row></sheetData></worksheet>"
    return replaced(sound_xlsx(), SHEET, body.encode())


def docx_deep(rng: random.Random) -> bytes:
    """Tables within tables within tables."""
    depth = rng.randint(200, 50_000)
    opening, closing = "<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>"
    body = f"<w:document {WORD_NS}><w:body>{opening * depth}{closing * depth}</w:body></w:document>"
    return replaced(sound_docx(), WORD, body.encode())


def xlsx_far(rng: random.Random) -> bytes:
    """A single cell at the far end of the sheet."""
    place = f"{rng.choice(('XFD', 'ZZ', 'A'))}1048576"
    row = f'<row r="1048576"><c r="{place}" t="inlineStr"><is><t>loin</t></is></c></row>'
    size = f'<dimension ref="A1:{place}"/>'
    body = f"<worksheet {SHEET_NS}>{size}<sheetData>{row}</sheetData></worksheet>"
    return replaced(sound_xlsx(), SHEET, body.encode())


def other_zip(rng: random.Random) -> bytes:
    """An archive of something else."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("setup.exe", rng.randbytes(2000))
        archive.writestr("../../etc/x", b"x")
    return out.getvalue()


def ole(rng: random.Random) -> bytes:
    """What Office writes for a file with a password, or for an old .doc."""
    inside = "EncryptedPackage" if rng.random() < 0.5 else "WordDocument"
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + inside.encode("utf-16-le") + b"\0" * 999
    )


CLASSES: dict[str, tuple[Callable[[random.Random], bytes], str, str]] = {
    "docx-truncated": (lambda rng: truncated(sound_docx(), rng), ".docx", "refused"),
    "docx-bytes-changed": (lambda rng: changed(sound_docx(), rng), ".docx", "either"),
    "docx-bomb": (docx_bomb, ".docx", "refused"),
    "docx-entities": (docx_entities, ".docx", "refused"),
    "docx-deep": (docx_deep, ".docx", "refused"),
    "docx-password": (ole, ".docx", "refused"),
    "docx-other-zip": (other_zip, ".docx", "refused"),
    "docx-as-pdf": (lambda rng: sound_docx(), ".pdf", "read"),
    "xlsx-truncated": (lambda rng: truncated(sound_xlsx(), rng), ".xlsx", "refused"),
    "xlsx-bytes-changed": (lambda rng: changed(sound_xlsx(), rng), ".xlsx", "either"),
    "xlsx-bomb": (xlsx_bomb, ".xlsx", "refused"),
    "xlsx-entities": (xlsx_entities, ".xlsx", "refused"),
    "xlsx-far-cell": (xlsx_far, ".xlsx", "either"),
}
