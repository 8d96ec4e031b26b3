"""Broken and hostile PDFs, written by hand object by object."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable
from functools import cache
from io import BytesIO

from PIL import Image
from reportlab.pdfgen.canvas import Canvas

BOMB_BYTES = 1_000_000_000
FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"


def assembled(objects: list[bytes], catalog_extra: bytes = b"") -> bytes:
    """A PDF of these objects, numbered from 2; object 1 is the catalog, 2 the page tree."""
    out = BytesIO()
    out.write(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(
        [b"<</Type/Catalog/Pages 2 0 R" + catalog_extra + b">>", *objects], start=1
    ):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(places) + 1, start))
    return out.getvalue()


def stream(data: bytes, extra: bytes = b"") -> bytes:
    """A stream object."""
    return b"<</Length %d%b>>stream\n%b\nendstream" % (len(data), extra, data)


def one_page(content: bytes, resources: bytes = b"", *more: bytes, extra: bytes = b"") -> bytes:
    """A PDF of one page: objects 2 tree, 3 page, 4 content, 5 font, 6… more."""
    page = (
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources"
        b"<</Font<</F1 5 0 R>>" + resources + b">>>>"
    )
    tree = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
    return assembled([tree, page, content, FONT, *more], extra)


def manual(rng: random.Random, pages: int = 3, password: str | None = None) -> bytes:
    """A small sound manual."""
    out = BytesIO()
    canvas = Canvas(out, encrypt=password)
    for number in range(pages):
        canvas.setFont("Helvetica", 11)
        for line in range(20):
            canvas.drawString(60, 780 - 20 * line, f"Page {number}, ligne {line}, {rng.random()}.")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def sentence(text: bytes = b"Nettoyez le filtre chaque mois.") -> bytes:
    """Content that shows a sentence."""
    return b"BT /F1 12 Tf 60 700 Td (" + text + b") Tj ET"


def truncated(rng: random.Random) -> bytes:
    """Cut somewhere in the middle."""
    data = manual(rng)
    return data[: rng.randint(200, len(data) * 9 // 10)]


def random_after_header(rng: random.Random) -> bytes:
    """A header, and noise."""
    return b"%PDF-1.5\n" + rng.randbytes(rng.randint(10, 200_000))


def flipped(rng: random.Random) -> bytes:
    """Some bytes of a sound file changed."""
    data = bytearray(manual(rng))
    for _ in range(rng.randint(5, 200)):
        data[rng.randrange(20, len(data))] = rng.randrange(256)
    return bytes(data)


@cache
def deflated(fill: bytes, size: int = BOMB_BYTES) -> bytes:
    """So many bytes, packed."""
    packer, chunk = zlib.compressobj(9), fill * (1_000_000 // len(fill))
    return b"".join([packer.compress(chunk) for _ in range(size // len(chunk))] + [packer.flush()])


def flate_bomb(rng: random.Random) -> bytes:
    """A page whose content unpacks to a gigabyte, some packed twice."""
    data = deflated(b" " if rng.random() < 0.5 else sentence() + b"\n")
    if rng.random() < 0.5:
        packed = stream(zlib.compress(data), b"/Filter[/FlateDecode/FlateDecode]")
    else:
        packed = stream(data, b"/Filter/FlateDecode")
    return one_page(packed)


def many_pages(rng: random.Random) -> bytes:
    """A hundred thousand pages."""
    count = 100_000 + rng.randrange(1000)
    kids = b"3 0 R " * count
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>"
    tree = b"<</Type/Pages/Count %d/Kids[%b]>>" % (count, kids)
    if rng.random() < 0.5:
        pages = [page] * count
        tree = b"<</Type/Pages/Count %d/Kids[%b]>>" % (
            count, b" ".join(b"%d 0 R" % n for n in range(4, 4 + count)),
        )  # fmt: skip
        return assembled([tree, stream(b""), *pages])
    return assembled([tree, page, stream(sentence()), FONT])


def page_loop(rng: random.Random) -> bytes:
    """A page tree that holds itself, or a parent that is its own child."""
    inner = rng.choice((b"2 0 R", b"3 0 R 2 0 R", b"3 0 R 3 0 R"))
    return assembled([
        b"<</Type/Pages/Count 3/Kids[3 0 R]>>",
        b"<</Type/Pages/Parent 3 0 R/Count 3/Kids[" + inner + b"]>>",
    ])  # fmt: skip


def outline_loop(rng: random.Random) -> bytes:
    """An outline whose entries follow each other in a circle."""
    entry = b"<</Title(a)/Next 6 0 R/First 6 0 R/Parent 6 0 R>>"
    filler = b" " * rng.randrange(50)
    return one_page(stream(sentence() + filler), b"", entry, extra=b"/Outlines 6 0 R")


def form_recursion(rng: random.Random) -> bytes:
    """A form that draws itself, or twenty that each draw the next one ten times."""
    head = b"/Type/XObject/Subtype/Form/BBox[0 0 500 500]/Resources<</XObject<</X %d 0 R>>>>"
    if rng.random() < 0.5:
        return one_page(
            stream(sentence() + b" /X Do"), b"/XObject<</X 6 0 R>>", stream(b"/X Do", head % 6)
        )
    forms = [stream(b"/X Do " * 10, head % (number + 1)) for number in range(6, 26)]
    last = stream(b"0 0 m 9 9 l S", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]")
    return one_page(stream(sentence() + b" /X Do"), b"/XObject<</X 6 0 R>>", *forms, last)


def deep_nesting(rng: random.Random) -> bytes:
    """Arrays or dictionaries within each other, a hundred thousand deep."""
    depth = rng.randint(50_000, 200_000)
    opening, closing = rng.choice(((b"[", b"]"), (b"<</A", b">>")))
    nest = opening * depth + closing * depth
    if rng.random() < 0.5:
        return one_page(stream(nest + sentence()))
    return one_page(stream(sentence()), b"", nest, extra=b"/A 6 0 R/Names 6 0 R")


def script(rng: random.Random) -> bytes:
    """Actions on opening: they are ignored and the text is read."""
    action = rng.choice((
        b"<</S/JavaScript/JS(while(true){app.alert(1)})>>",
        b"<</S/Launch/F(/bin/sh)/Win<</F(cmd.exe)/P(/c del *)>>>>",
        b"<</S/URI/URI(http://127.0.0.1:9/x)>>",
    ))  # fmt: skip
    return one_page(stream(sentence()), b"", action, extra=b"/OpenAction 6 0 R/AA<</WC 6 0 R>>")


def many_operators(rng: random.Random) -> bytes:
    """Millions of characters or lines on a page."""
    if rng.random() < 0.5:
        data = b"BT /F1 1 Tf 1 1 Td " + b"(abcdefghijklmnop) Tj 0 1 Td " * 300_000 + b" ET"
    else:
        data = b"".join(
            b"%d %d m %d %d l S " % (i % 500, i % 700, i % 300, 9) for i in range(600_000)
        )
    return one_page(stream(zlib.compress(data), b"/Filter/FlateDecode"))


def huge_image(rng: random.Random) -> bytes:
    """A scan that claims a hundred thousand pixels a side, or a page as large as a field."""
    data = zlib.compress(b"\0" * 1_000_000)
    side = rng.choice((100_000, 60_000, 2_000_000_000))
    image = stream(data, b"/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8"
                   b"/ColorSpace/DeviceGray/Filter/FlateDecode" % (side, side))  # fmt: skip
    return one_page(stream(b"595 0 0 842 0 0 cm /I Do"), b"/XObject<</I 6 0 R>>", image)


def dirt_only(rng: random.Random) -> bytes:
    """A scanned page without a word."""
    grey = Image.frombytes("L", (400, 560), rng.randbytes(400 * 560)).point(lambda v: 200 + v // 5)
    out = BytesIO()
    grey.save(out, "PDF", resolution=72)
    return out.getvalue()


CLASSES: dict[str, tuple[Callable[[random.Random], bytes], str, str]] = {
    "pdf-empty": (lambda rng: b"", ".pdf", "refused"),
    "pdf-truncated": (truncated, ".pdf", "refused"),
    "pdf-noise": (random_after_header, ".pdf", "refused"),
    "pdf-random-bytes": (lambda rng: rng.randbytes(50_000), ".pdf", "refused"),
    "pdf-bytes-changed": (flipped, ".pdf", "either"),
    "pdf-password": (lambda rng: manual(rng, password=f"p{rng.random()}"), ".pdf", "refused"),
    "pdf-flate-bomb": (flate_bomb, ".pdf", "refused"),
    "pdf-100000-pages": (many_pages, ".pdf", "refused"),
    "pdf-page-loop": (page_loop, ".pdf", "refused"),
    "pdf-outline-loop": (outline_loop, ".pdf", "read"),
    "pdf-form-recursion": (form_recursion, ".pdf", "either"),
    "pdf-deep-nesting": (deep_nesting, ".pdf", "either"),
    "pdf-script": (script, ".pdf", "read"),
    "pdf-many-operators": (many_operators, ".pdf", "refused"),
    "pdf-huge-image": (huge_image, ".pdf", "refused"),
    "pdf-dirt-only": (dirt_only, ".pdf", "either"),
    "pdf-is-html": (lambda rng: b"<html><body>Connexion requise</body></html>", ".pdf", "refused"),
    "pdf-is-exe": (lambda rng: b"MZ\x90\0" + rng.randbytes(9_000), ".pdf", "refused"),
    "pdf-is-jpeg": (lambda rng: b"\xff\xd8\xff\xe0" + rng.randbytes(9_000), ".pdf", "refused"),
}
