"""What kind of file it is, by its content first and its extension second, and who reads it."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from knowledge.documents import Document
from knowledge.documents.limits import MAX_UNPACKED_BYTES
from knowledge.errors import DocumentError

Kind = Literal["pdf", "docx", "xlsx", "html", "markdown", "text", "csv"]
Progress = Callable[[int, int], None]

HEAD_BYTES = 4096
TEXT_KINDS: dict[str, Kind] = {
    ".md": "markdown", ".markdown": "markdown", ".txt": "text", ".text": "text", "": "text",
    ".csv": "csv", ".tsv": "csv", ".htm": "html", ".html": "html", ".xhtml": "html",
}  # fmt: skip
EXTENSIONS = (*(e for e in TEXT_KINDS if e), ".pdf", ".docx", ".docm", ".xlsx", ".xlsm")
"""Of the files that can be read, lower case."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NO_TEXT = (
    b"MZ", b"\x7fELF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b",
    b"{\\rtf", b"II*\0", b"MM\0*", b"RIFF", b"OggS", b"ID3", b"BZh",
)  # fmt: skip
"""How programs, pictures, sounds, archives and RTF begin."""

_BOMS = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")


def parse(path: Path, progress: Progress) -> Document:
    """Read a file in this process.

    Raises:
        DocumentError: It is of no kind that can be read, or damaged.
    """
    kind = kind_of(path)
    if kind == "pdf":
        from knowledge.documents.pdf import read_pdf  # each kind loads its own parsers only

        return read_pdf(path, progress)
    if kind == "docx":
        from knowledge.documents.word import read_docx

        return read_docx(path, progress)
    if kind in ("xlsx", "csv"):
        from knowledge.documents.sheets import read_csv, read_xlsx

        return read_xlsx(path, progress) if kind == "xlsx" else read_csv(path, progress)
    if kind == "html":
        from knowledge.documents.web import read_html

        return read_html(path, progress)
    from knowledge.documents.plain import read_markdown, read_text

    return read_markdown(path, progress) if kind == "markdown" else read_text(path, progress)


def kind_of(path: Path) -> Kind:
    """The kind of a file.

    Raises:
        DocumentError: None that can be read.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    extension = path.suffix.casefold()
    if not head:
        raise DocumentError(f"{path.name} est vide ; envoyez de nouveau le fichier.")
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return _office(path)
    if head.startswith(_OLE):
        raise DocumentError(_old_office(path))
    if extension not in TEXT_KINDS or _is_binary(head):
        raise DocumentError(_unreadable(path, head))
    kind = TEXT_KINDS[extension]
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if kind == "text" and start.startswith((b"<!doctype html", b"<html")):
        return "html"
    return kind


def refusal_of(name: str, head: bytes) -> str:
    """Why a file cannot be a manual, told by its name and its first bytes; "" if it may be one.

    Args:
        name: Its file name.
        head: Its first `HEAD_BYTES`, or all of it.
    """
    path = Path(name)
    if not head:
        return f"{name} est vide ; envoyez de nouveau le fichier."
    if b"%PDF-" in head[:1024] or head.startswith((b"PK\x03\x04", _OLE)):
        return ""  # told apart by what follows
    if path.suffix.casefold() not in TEXT_KINDS or _is_binary(head):
        return _unreadable(path, head)
    return ""


def _is_binary(head: bytes) -> bool:
    if head.startswith(_BOMS) or _sixteen_bits(head):
        return False
    if head.startswith(_NO_TEXT):
        return True
    strange = sum(byte < 9 or 13 < byte < 32 for byte in head)
    return strange > 0.02 * len(head) + 2


def _sixteen_bits(head: bytes) -> bool:
    """Whether it looks like UTF-16 without its mark: every second byte of Latin text is 0."""
    half = len(head) // 2
    zeros = max(head[0::2].count(0), head[1::2].count(0))
    return half > 4 and zeros > 0.7 * half and head.count(0) < 1.1 * half


def _unreadable(path: Path, head: bytes) -> str:
    extension = path.suffix.casefold()
    if extension == ".pdf" and not head.startswith(_NO_TEXT):
        return f"{path.name} n'est pas un PDF lisible ; exportez-le de nouveau."
    if extension in EXTENSIONS:
        name = extension[1:].upper()
        return f"{path.name} n'est pas un fichier {name} lisible ; exportez-le de nouveau."
    return (
        f"{path.name} n'est pas un manuel lisible ; fournissez un PDF, un DOCX, un XLSX, "
        "un CSV, une page HTML, du Markdown ou du texte."
    )


def _old_office(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(1_000_000)
    if "EncryptedPackage".encode("utf-16-le") in start:
        return f"{path.name} est protégé par un mot de passe ; enregistrez-le sans protection."
    return (
        f"{path.name} est dans un ancien format de Word ou d'Excel ; "
        "enregistrez-le en DOCX ou en XLSX."
    )


def _office(path: Path) -> Kind:
    """DOCX or XLSX, after a look at what its archive would unpack to."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise DocumentError(f"{path.name} est endommagé ; exportez-le de nouveau.") from error
    names = {member.filename for member in members}
    kind: Kind | None = (
        "docx" if "word/document.xml" in names else "xlsx" if "xl/workbook.xml" in names else None
    )
    if kind is None:
        raise DocumentError(_unreadable(path, b"MZ"))
    if any(member.flag_bits & 1 for member in members):
        raise DocumentError(
            f"{path.name} est protégé par un mot de passe ; enregistrez-le sans protection."
        )
    texts = [m.file_size for m in members if m.filename.endswith((".xml", ".rels"))]
    if sum(m.file_size for m in members) > MAX_UNPACKED_BYTES or (
        max(texts, default=0) > MAX_UNPACKED_BYTES // 5
    ):
        raise DocumentError(
            f"{path.name} est trop lourd une fois décompressé ; "
            "partagez-le en plusieurs fichiers ou exportez-le de nouveau."
        )
    return kind
