"""Print the manuals whose pages are marked in their HTML, with headless Chromium.

Run from anywhere: ``python evals/data/manuals/print_pages.py [brand …]``.

A source is plain HTML, each page of it a ``<section class="page">``; the PDF of the same name must
have as many pages. Needs ``chromium``.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pypdfium2

HERE = Path(__file__).resolve().parent
CHROMIUM = "/usr/bin/chromium"
PAGE = '<section class="page'
DATES = re.compile(rb"\(D:\d{14}")
FIXED_DATE = b"(D:20250301080000"


def print_pdf(source: Path) -> Path:
    """Print one manual, with a fixed date so that printing it again changes nothing.

    Raises:
        ValueError: A page of the source does not fit one of the PDF.
    """
    pdf = source.with_suffix(".pdf")
    with tempfile.TemporaryDirectory() as folder:
        command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu"]
        command += ["--no-pdf-header-footer", "--disable-background-networking"]
        command += [f"--user-data-dir={folder}/profile", f"--print-to-pdf={pdf}", source.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    pdf.write_bytes(DATES.sub(FIXED_DATE, pdf.read_bytes()))
    document = pypdfium2.PdfDocument(pdf)
    printed, wanted = len(document), source.read_text("utf-8").count(PAGE)
    document.close()
    if printed != wanted:
        raise ValueError(f"{source.name} has {wanted} pages, {pdf.name} {printed}")
    return pdf


def main() -> None:
    """Print the manuals of the brands named on the command line, or of all."""
    for source in sorted(HERE.glob("*/*.html")):
        brand = source.parent.name
        if brand in (sys.argv[1:] or [brand]) and PAGE in source.read_text("utf-8"):
            pdf = print_pdf(source)
            print(f"{brand}/{pdf.name}: {pdf.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
