"""Broken and hostile HTML, Markdown, CSV and text files."""

from __future__ import annotations

import random
from collections.abc import Callable

TEXT = "Nettoyez le filtre à l'eau tiède, puis remettez-le en place avant l'été. " * 30


def html_deep(rng: random.Random) -> bytes:
    """Elements within each other, a million deep."""
    tag = rng.choice(("div", "b", "ul><li", "table><tr><td", "span", "blockquote"))
    return (f"<html><body><p>{TEXT}</p>" + f"<{tag}>" * rng.randint(50_000, 500_000)).encode()


def html_wide(rng: random.Random) -> bytes:
    """Cells that span what no table has."""
    span = rng.choice((100, 1_000, 65_000))
    rows = f"<tr><td colspan={span} rowspan={span}>x</td></tr>" * 2_000
    return f"<table><tr><th>Code</th><th>Cause</th></tr>{rows}</table>".encode()


def html_entities(rng: random.Random) -> bytes:
    """An XML page whose entities multiply."""
    entities = "".join(
        f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(rng.randint(5, 12))
    )
    head = f'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a "ha ">{entities}]>'
    return f"{head}<html><body>{TEXT}&h;&i;</body></html>".encode()


def html_flood(rng: random.Random) -> bytes:
    """Millions of small elements."""
    piece = rng.choice(("<p>a</p>", "<li>", "<br>", "<a href=x>", "<!-- -->", "&#x41;"))
    return ("<html><body>" + piece * (30_000_000 // len(piece))).encode()


def csv_long_line(rng: random.Random) -> bytes:
    """A line of fifty megabytes."""
    cell = rng.choice(("a", "a;", '"'))
    return ("Code;Signification\n" + cell * (50_000_000 // len(cell))).encode()


def csv_many(rng: random.Random) -> bytes:
    """Too many rows, or too many cells in each."""
    wide = rng.random() < 0.5
    row = ("1;" * 90_000 if wide else "E1;Filtre;Rincez") + "\n"
    return (row * (30_000_000 // len(row))).encode()


def binary(rng: random.Random) -> bytes:
    """No text at all."""
    return rng.randbytes(rng.randint(100, 300_000))


def other_encoding(rng: random.Random) -> bytes:
    """Text that is not UTF-8: it is read."""
    name = rng.choice(("utf-16", "utf-16-le", "latin-1", "cp1252", "iso8859-15"))
    return TEXT.encode(name)


def with_zeros(rng: random.Random) -> bytes:
    """A text with some NUL bytes in it."""
    data = bytearray(TEXT.encode())
    for _ in range(10):
        data[rng.randrange(len(data))] = 0
    return bytes(data)


def markdown_deep(rng: random.Random) -> bytes:
    """Marks within each other."""
    mark = rng.choice(("[", "![", "> ", "*a_", "`", "<a ", "- ", "(", "|"))
    return (TEXT + "\n\n" + mark * rng.randint(20_000, 300_000)).encode()


CLASSES: dict[str, tuple[Callable[[random.Random], bytes], str, str]] = {
    "html-deep": (html_deep, ".html", "either"),
    "html-wide-cells": (html_wide, ".html", "either"),
    "html-entities": (html_entities, ".html", "either"),
    "html-flood": (html_flood, ".html", "either"),
    "html-binary": (binary, ".html", "refused"),
    "csv-long-line": (csv_long_line, ".csv", "refused"),
    "csv-many-cells": (csv_many, ".csv", "refused"),
    "csv-binary": (binary, ".csv", "refused"),
    "md-deep": (markdown_deep, ".md", "either"),
    "txt-encodings": (other_encoding, ".txt", "read"),
    "txt-zero-bytes": (with_zeros, ".txt", "read"),
    "txt-binary": (binary, ".txt", "refused"),
    "exe": (lambda rng: b"\x7fELF" + rng.randbytes(9_000), ".exe", "refused"),
}
