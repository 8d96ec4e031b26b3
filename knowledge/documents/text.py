"""What kind of block a line of text is, by its own words; and bytes to text. Pure."""

from __future__ import annotations

import re
from pathlib import Path

from charset_normalizer import from_bytes

from knowledge.documents import Block, Document, Page
from knowledge.documents.language import language_of
from knowledge.documents.limits import MAX_CHARACTERS, MAX_LINE
from knowledge.errors import DocumentError

BULLET = re.compile(r"^(?:\(cid:\d+\)|[•◦▪■●‣·*►▸➢✓☐]|[-–—](?=\s))\s*")
STEP = re.compile(r"^(?:(?:[ÉEée]tape|[Pp]hase|[Ss]tep)\s+)?(\d{1,2})(?:[.)]|\s?[-–—:])\s+(?=\S)")
STEP_WORD = re.compile(r"^(?:[ÉEée]tape|[Ss]tep)\s+(\d{1,2})\b\s*[.):–—-]?\s*(?=\S)")
LETTER_STEP = re.compile(r"^([a-p])\)\s+(?=\S)")
WARNING = re.compile(
    r"^(?:[⚠⚡☠]\ufe0f?\s*)?(?:DANGER|ATTENTION|AVERTISSEMENT|MISE EN GARDE|IMPORTANT|PRUDENCE|"
    r"WARNING|CAUTION|[Dd]anger\s?[:!]|Attention\s?[:!]|Avertissement\s?[:!]|"
    r"Mise en garde\s?[:!]|Important\s?[:!]|Prudence\s?[:!])(?!\w)"
)
SIGN = re.compile(r"^[⚠⚡☠]\ufe0f?\s*(?=\S)")
NUMBERED = re.compile(r"^(\d{1,2}(?:\.\d{1,2}){0,4})\.?\s+(?=[^\W\d_])")


def block_of(text: str, page: int) -> Block:
    """A step, a bullet, a warning or a paragraph, by how the text begins."""
    if WARNING.match(text) or SIGN.match(text):
        return Block("warning", SIGN.sub("", text), page)
    for pattern in (STEP_WORD, STEP):
        if found := pattern.match(text):
            return Block("step", text[found.end() :], page, int(found.group(1)))
    if found := LETTER_STEP.match(text):
        return Block("step", text[found.end() :], page, ord(found.group(1)) - ord("a") + 1)
    if BULLET.match(text):
        return Block("bullet", BULLET.sub("", text), page)
    return Block("paragraph", text, page)


def read_file(path: Path, limit: int = MAX_CHARACTERS) -> str:
    """A text file's characters: UTF-8, UTF-16, or else as charset-normalizer finds.

    Raises:
        DocumentError: It is too long, or holds a line that is none.
    """
    if path.stat().st_size > 4 * limit:
        raise DocumentError(_too_long(path))
    text = decode(path.read_bytes())
    if len(text) > limit:
        raise DocumentError(_too_long(path))
    return text


def check_lines(path: Path, text: str) -> None:
    """Refuse a text whose lines are too long to be lines.

    Raises:
        DocumentError: A line has more than MAX_LINE characters.
    """
    start = 0
    while start < len(text):
        end = text.find("\n", start, start + MAX_LINE + 1)
        if end < 0 and len(text) - start > MAX_LINE:
            raise DocumentError(
                f"{path.name} contient une ligne de plus d'un million de caractères ; "
                "vérifiez que c'est bien un manuel."
            )
        start = len(text) if end < 0 else end + 1


def decode(data: bytes) -> str:
    """Characters of a text in an unknown encoding, most often French."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace").lstrip("\ufeff")
    even, odd = data[:4096:2].count(0), data[1:4096:2].count(0)
    if max(even, odd) > 0.7 * len(data[:4096]) / 2:
        return data.decode("utf-16-be" if even > odd else "utf-16-le", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    sample = data[:200_000]
    best = from_bytes(sample, cp_isolation=["cp1252", "latin_1", "iso8859_15", "mac_roman"]).best()
    return data.decode(best.encoding if best is not None else "cp1252", "replace")


def one_page(title: str, blocks: list[Block], path: Path) -> Document:
    """A document of a single page.

    Raises:
        DocumentError: It holds no text.
    """
    words = " ".join(block.text for block in blocks)
    if not any(c.isalnum() for c in words):
        raise DocumentError(f"{path.name} ne contient pas de texte ; fournissez le manuel entier.")
    if len(words) > MAX_CHARACTERS:
        raise DocumentError(_too_long(path))
    return Document(title, (Page(1, language_of(words), tuple(blocks)),))


def title_from_name(path: Path) -> str:
    """« hotte NH90 » from `hotte-nh90.csv`: words with a digit are references."""
    words = re.split(r"[-_\s]+", path.stem)
    return " ".join(w.upper() if re.search(r"\d", w) else w for w in words if w)


def _too_long(path: Path) -> str:
    return f"{path.name} contient trop de texte pour un manuel ; partagez-le en plusieurs fichiers."
