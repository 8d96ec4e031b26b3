"""Read the small Markdown dialect of the sample manuals into typed blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_DIRECTIVE = re.compile(r"<!--\s*(/?[a-z]+)\s*:?\s*(.*?)\s*-->$")
_HEADING = re.compile(r"(#{1,3}) (.+)$")
_STEP = re.compile(r"(\d+)\. (.+)$")
_UNITS = r"(?:°C|kg|g|cm|mm|m|kWh|kW|W|V|Hz|bar|MPa|dB|min|h|s|l|ml|A|tr/min|rpm|ans|%)"


@dataclass(frozen=True)
class Block:
    """One element of a manual.

    `kind` is one of heading, para, step, bullet, notice, table, page, columns, /columns,
    column, language or panel. `label` holds the number of a step, the keyword of a notice or the
    argument of a directive; `rows` the cells of a table, header first.
    """

    kind: str
    text: str = ""
    level: int = 0
    label: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Manual:
    """A parsed source: its front matter and its blocks."""

    meta: dict[str, str]
    blocks: tuple[Block, ...]


def typographic(text: str, lang: str) -> str:
    """Apply the apostrophes and non-breaking spaces expected in print."""
    text = text.replace("'", "\u2019")
    text = re.sub(r"(?<=\d) (?=\d{3}\b)", "\u00a0", text)
    text = re.sub(rf"(?<=\d) (?={_UNITS}(?![\w]))", "\u00a0", text)
    text = re.sub(r"(?<=\d\u00a0h) (?=\d\d\b)", "\u00a0", text)
    if lang == "fr":
        text = re.sub(r" (?=[:;!?»])", "\u00a0", text)
        text = text.replace("« ", "«\u00a0")
    text.encode("cp1252")  # the built-in fonts have nothing beyond WinAnsi
    return text


def section_key(title: str) -> str:
    """Return the number that opens a heading ("8.2" in "8.2 Nettoyer…"), or its text."""
    match = re.match(r"(\d+(?:\.\d+)*)\.? ", title)
    return match.group(1) if match else title


def _table(lines: list[str]) -> Block:
    rows = [tuple(c.strip() for c in line.strip().strip("|").split("|")) for line in lines]
    body = tuple(row for row in rows if not all(re.fullmatch(r":?-+:?", c) for c in row))
    widths = {len(row) for row in body}
    if len(widths) != 1:
        raise ValueError(f"uneven table near {lines[0]!r}: {sorted(widths)} columns")
    return Block("table", rows=body)


def _line(line: str) -> Block:
    """Turn a line that is not part of a table into a block."""
    if match := _DIRECTIVE.match(line):
        return Block(match.group(1), label=match.group(2))
    if match := _HEADING.match(line):
        return Block("heading", match.group(2), level=len(match.group(1)))
    if match := _STEP.match(line):
        return Block("step", match.group(2), label=match.group(1))
    if line.startswith("- "):
        return Block("bullet", line[2:])
    if line.startswith("> "):
        label, _, text = line[2:].partition(" ")
        return Block("notice", text, label=label)
    return Block("para", line)


def parse(source: str) -> Manual:
    """Parse a source: front matter between `---` lines, then one block per line."""
    _, head, body = source.split("---\n", 2)
    meta = {k.strip(): v.strip() for k, _, v in (ln.partition(":") for ln in head.splitlines())}
    blocks: list[Block] = []
    table: list[str] = []
    for raw in [*body.splitlines(), ""]:
        line = raw.strip()
        if line.startswith("|"):
            table.append(line)
            continue
        if table:
            blocks.append(_table(table))
            table = []
        if line:
            blocks.append(_line(line))
    return Manual(meta, tuple(blocks))


def load(path: Path) -> Manual:
    """Parse the manual stored at `path`."""
    return parse(path.read_text(encoding="utf-8"))
