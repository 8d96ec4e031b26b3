"""How an evaluation is told: on the terminal, and as a page where one is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

HtmlOption = Annotated[Path | None, typer.Option("--html", help="Write a page with plots here.")]


def tell(
    title: str,
    sections: Sequence[tuple[str, str]],
    plots: Sequence[tuple[str, str]],
    html: Path | None,
) -> None:
    """Print the sections; write the page."""
    for heading, text in sections:
        print(f"--- {heading}\n{text}\n")
    if html is not None:
        from evals import report

        report.write(html, report.page(title, sections, plots))
        print(f"written: {html}")
