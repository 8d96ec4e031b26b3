"""How many answers are right, wrong, or left to a human, on a question set.

    python -m evals.answers [evals/data/holdout.jsonl] [--client orvane] [--show]

Reads the manuals as a call does. Exits with status 1 when more wrong answers are spoken than
`--most-wrong` allows.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections import Counter
from pathlib import Path

from agent.opening import open_library
from agent.settings import load_settings
from evals.questions import DATA, Question, read_questions, verdict
from knowledge.answer import Answer
from knowledge.library import Library


def run(library: Library, client: str, questions: list[Question]) -> list[tuple[Question, Answer]]:
    """Ask every question."""
    return [(question, library.ask(client, question.text)) for question in questions]


def summary(results: list[tuple[Question, Answer]]) -> str:
    """A few lines of figures."""
    able = Counter(verdict(q, a) for q, a in results if q.answerable)
    unable = Counter(verdict(q, a) for q, a in results if not q.answerable)
    total_able, total_unable = sum(able.values()), sum(unable.values())
    spoken = able["right"] + able["wrong"] + unable["wrong"]
    wrong = able["wrong"] + unable["wrong"]
    times = [dict(answer.timings_ms)["total"] for _, answer in results]
    found = sum(
        any((e.manual, e.page) in q.places for e in a.evidence) for q, a in results if q.answerable
    )
    return "\n".join(
        [
            f"answerable {total_able}: right {able['right']}, wrong {able['wrong']}, "
            f"asked back {able['asked']}, handed over {able['handed over'] + able['safety']}",
            f"not answerable {total_unable}: answered all the same {unable['wrong']}, "
            f"asked back {unable['asked']}, handed over {unable['handed over'] + unable['safety']}",
            f"wrong answers spoken: {wrong} of {spoken} spoken, {len(results)} asked; "
            f"right page among the three looked at: {found} of {total_able}",
            f"time a question: median {statistics.median(times):.0f} ms, "
            f"longest {max(times):.0f} ms",
        ]
    )


def main() -> None:
    """Read the command line, ask, print."""
    parser = argparse.ArgumentParser(description="Right, wrong and handed-over answers.")
    parser.add_argument("file", type=Path, nargs="?", default=DATA / "demo_questions.jsonl")
    parser.add_argument("--client", default="orvane")
    parser.add_argument("--most-wrong", type=int, default=None, help="fail above so many")
    parser.add_argument("--show", action="store_true", help="print every question")
    given = parser.parse_args()
    library = open_library(load_settings())
    try:
        results = run(library, given.client, read_questions(given.file))
    finally:
        library.close()
    for question, answer in results:
        said = verdict(question, answer)
        if given.show or said == "wrong":
            place = answer.evidence[0] if answer.evidence else None
            where = f"{place.manual} p. {place.page}: {place.text[:70]}" if place else "-"
            print(f"{said:12} {answer.decision:8} {answer.confidence:.2f} {question.text}")
            print(f"    {where}")
    print(summary(results))
    wrong = sum(verdict(q, a) == "wrong" for q, a in results)
    if given.most_wrong is not None and wrong > given.most_wrong:
        sys.exit(1)


if __name__ == "__main__":
    main()
