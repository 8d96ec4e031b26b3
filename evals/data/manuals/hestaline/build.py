"""Print the three Hestaline manuals from HTML to PDF with headless Chromium.

Run from anywhere: ``python evals/data/manuals/hestaline/build.py [name ...]``.

Each ``*.html`` beside this file gives a PDF of the same name. A source is plain HTML with a few
marks of ours:

* ``<section class="chapter" data-title="…">`` opens a chapter; the build gives it a named page,
  so that the chapter's title stands in the running header;
* ``id="…"`` on any element is a target, and ``{p:…}`` becomes the page number on which it stands;
* ``{toc}`` becomes the list of chapters with their pages.

Chromium has no ``target-counter()``, hence several passes: a first print carries a tiny marker at
each target, the markers are read back with ``pdftotext``, and the next prints carry the numbers.
The build stops with an error if the numbers do not settle. Needs ``chromium`` and
``pdftotext`` (poppler).
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHROMIUM = "/usr/bin/chromium"
CHAPTER = re.compile(r'<section class="chapter([^"]*)" data-title="([^"]+)">')
TARGET = re.compile(r'(<[a-z0-9]+\b[^>]*\bid="([a-z0-9-]+)"[^>]*>)')
REFERENCE = re.compile(r"\{p:([a-z0-9-]+)\}")
HEADING = re.compile(r'<h[12] id="([a-z0-9-]+)"[^>]*>([^<]+)<')
DATES = re.compile(rb"\(D:\d{14}")
FIXED_DATE = b"(D:20250301080000"


def page_rules(titles: list[str], header: str) -> str:
    """Return the @page rules that put the brand, the chapter and the number on each page."""
    rules = []
    for number, title in enumerate(titles):
        for side, outer, inner in (("left", "left", "right"), ("right", "right", "left")):
            rules.append(
                f"@page c{number}:{side} {{"
                f' @top-{outer} {{ content: "{title}"; color: var(--ink); }}'
                f' @top-{inner} {{ content: "{header}"; }}'
                f" @bottom-{outer} {{ content: counter(page); }} }}"
            )
    return "\n".join(rules)


def compose(source: str, pages: dict[str, int], *, markers: bool) -> str:
    """Return the HTML to print: contents, running headers, references and French spaces."""
    chapters = CHAPTER.findall(source)
    titles = [title for _, title in chapters]
    found = re.search(r'<meta name="header" content="([^"]+)">', source)
    header = found.group(1) if found else "Hestaline"
    numbers = iter(range(len(titles)))

    def open_chapter(match: re.Match[str]) -> str:
        number = next(numbers)
        return (
            f'<section class="chapter{match.group(1)}" style="page: c{number}">'
            f'<h1 id="chapter-{number}">{match.group(2)}</h1>'
        )

    html = CHAPTER.sub(open_chapter, source)
    lines = "".join(
        f"<li><span>{title}</span><b>{pages.get(f'chapter-{number}', 0)}</b></li>"
        for number, title in enumerate(titles)
    )
    html = html.replace("{toc}", f'<ul class="toc">{lines}</ul>')
    html = REFERENCE.sub(lambda match: str(pages.get(match.group(1), 0)), html)
    if markers:
        html = TARGET.sub(r'\1<span class="marker">@@\2@@</span>', html)
    html = re.sub(r" ([:;?!»%])", "\u00a0\\1", html).replace("« ", "«\u00a0")
    head = f"<style>{(HERE / 'style.css').read_text()}\n{page_rules(titles, header)}</style>"
    return html.replace("<head>", f"<head>{head}", 1)


def print_pdf(html: str, target: Path) -> None:
    """Print one HTML text to a PDF, with a fixed date so that rebuilding changes nothing."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(html)
        subprocess.run(
            [
                CHROMIUM,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-pdf-header-footer",
                "--disable-background-networking",
                f"--user-data-dir={folder}/profile",
                f"--print-to-pdf={target}",
                page.as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )
    target.write_bytes(DATES.sub(FIXED_DATE, target.read_bytes()))


def page_texts(pdf: Path) -> list[str]:
    """Return the text of each page."""
    result = subprocess.run(
        ["pdftotext", "-raw", str(pdf), "-"], check=True, capture_output=True, text=True
    )
    return result.stdout.split("\f")[:-1]


def build(source: Path) -> Path:
    """Print one manual; raise ``ValueError`` on a reference that leads nowhere."""
    text = source.read_text()
    unknown = set(REFERENCE.findall(text)) - {name for _, name in TARGET.findall(text)}
    if unknown:
        raise ValueError(f"{source.name}: unknown targets {sorted(unknown)}")
    pages: dict[str, int] = {}
    pdf = source.with_suffix(".pdf")
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "draft.pdf"
        for _ in range(4):
            print_pdf(compose(text, pages, markers=True), draft)
            found = {
                name: number
                for number, content in enumerate(page_texts(draft), start=1)
                for name in re.findall(r"@@([a-z0-9-]+)@@", content)
            }
            if found == pages:
                break
            pages = found
        else:
            raise ValueError(f"{source.name}: the page numbers do not settle")
    missing = set(REFERENCE.findall(text)) - set(pages)
    if missing:
        raise ValueError(f"{source.name}: markers not read back for {sorted(missing)}")
    html = compose(text, pages, markers=False)
    print_pdf(html, pdf)
    contents = ["".join(content.split()) for content in page_texts(pdf)]
    for name, title in HEADING.findall(html):
        if "".join(title.split()) not in contents[pages[name] - 1]:
            raise ValueError(f"{source.name}: « {title} » moved between the draft and the print")
    return pdf


def main() -> None:
    """Build the manuals named on the command line, or all of them."""
    names = sys.argv[1:]
    for source in sorted(HERE.glob("*.html")):
        if not names or source.stem in names:
            pdf = build(source)
            print(f"{pdf.name}: {len(page_texts(pdf))} pages, {pdf.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
