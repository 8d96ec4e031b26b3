"""`permanence eval gaps`: unanswered questions grouped, and answered once that was approved."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evals.telling import HtmlOption, tell

if TYPE_CHECKING:
    from knowledge.embeddings import Vectors
    from knowledge.library import Library

gaps_app = typer.Typer()
TABLES = Path(__file__).parent.parent / "knowledge" / "likeness.json"


@gaps_app.command("gaps")
def eval_gaps(
    write: Annotated[
        bool, typer.Option("--write", help="Learn anew and write knowledge/likeness.json.")
    ] = False,
    show: Annotated[bool, typer.Option("--show", help="Print what was not answered rightly.")] = (
        False
    ),
    html: HtmlOption = None,
) -> None:
    """200 unanswered questions of 25 meanings grouped; then what approved answers answer."""
    from agent.settings import load_settings
    from evals import gaps
    from evals.bench import open_bench
    from evals.questions import DATA

    library = open_bench(load_settings(), only={"orvane"})
    embedder = library.embedder
    try:
        if write:
            _learn(library)

        def embed(text: str) -> Vectors:
            return embedder.query(text).vector

        test = gaps.read_meanings("test")
        grouping = gaps.grouping_of(test, embed, gaps.learned_of(embedder))
        gaps.approve_all(library, "orvane", test)
        lines = (DATA / "demo_questions.jsonl").read_text("utf-8").splitlines()
        ordinary = [json.loads(line)["question"] for line in lines]
        answering, wrong = gaps.answering_of(library, "orvane", test, ordinary)
        library.approve("orvane", [])
    finally:
        library.close()
    sections = [
        ("Grouping", "\n".join(grouping.lines())),
        ("Approved answers", "\n".join([*answering.lines(), *(wrong if show else [])])),
    ]
    tell("Gaps, test split", sections, [], html)


def _learn(library: Library) -> None:
    from evals import gaps
    from knowledge.approved import ApprovedAnswer, parts_said, whole_vector
    from knowledge.likeness import likeness

    embedder = library.embedder
    sets = [gaps.read_meanings(split) for split in gaps.DEVELOPMENT]
    wholes = {
        one.meaning: whole_vector(
            ApprovedAnswer(1, one.question, (), parts_said(one.answer), one.appliance),
            embedder,
        )
        for several in sets
        for one in several
    }
    kept: dict[str, Vectors] = {}

    def embed(text: str) -> Vectors:
        if text not in kept:
            kept[text] = embedder.query(text).vector
        return kept[text]

    tables = json.loads(TABLES.read_text("utf-8"))
    tables[embedder.name] = gaps.learn(sets, embed, wholes.__getitem__)
    TABLES.write_text(json.dumps(tables, ensure_ascii=False) + "\n", "utf-8")
    likeness.cache_clear()
