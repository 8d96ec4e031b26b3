"""`permanence eval …`: the figures, each by a command that anyone can run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from evals.cli_api import api
from evals.cli_calls import calls
from evals.cli_gaps import gaps_app
from evals.cli_handoffs import handoffs
from evals.cli_publishing import publishing_app
from evals.cli_sip import sip
from evals.cli_sip_load import sip_load
from evals.telling import HtmlOption, tell

if TYPE_CHECKING:
    from evals.cases import Case
    from evals.published import Published

app = typer.Typer(no_args_is_help=True, help="Measure finding, deciding and the call itself.")
app.add_typer(api)
app.add_typer(calls)
app.add_typer(handoffs)
app.add_typer(publishing_app)
app.add_typer(gaps_app)
app.add_typer(sip)
app.add_typer(sip_load)
SplitOption = Annotated[
    str, typer.Option(help="development | pairs | calibration | practice | test | fresh.")
]
KnownOption = Annotated[
    bool, typer.Option("--known", help="The appliance is known from earlier in the call.")
]


@app.command("retrieval")
def eval_retrieval(
    split: SplitOption = "development",
    known: KnownOption = False,
    html: HtmlOption = None,
    published: Annotated[
        bool, typer.Option("--published", help="Beside it, EmbeddingGemma as published, alone.")
    ] = False,
) -> None:
    """How often the right page is found, by words, meaning, sound and all of them."""
    from agent.settings import load_settings
    from evals import retrieval
    from knowledge.evidence import calibration

    gate = calibration(load_settings().embedding)
    sections = []
    for noisy, title in ((False, "as said"), (True, "as the recogniser heard it")):
        cases, _ = _cases(split, noisy=noisy, known=known)
        if cases:
            alone = _published(cases) if published else None
            rows = retrieval.table(cases, gate.rank, alone)
            sections.append((title, "\n".join(retrieval.lines(f"{split}, {title}", rows))))
    tell(f"Retrieval, {split} split", sections, [], html)


@app.command("answers")
def eval_answers(
    split: SplitOption = "development",
    known: KnownOption = False,
    html: HtmlOption = None,
    show: Annotated[bool, typer.Option("--show", help="Print the wrong answers.")] = False,
) -> None:
    """What is answered, confirmed and handed over, and what of it is wrong."""
    from agent.settings import load_settings
    from evals import decisions, report
    from knowledge.evidence import calibration

    gate = calibration(load_settings().embedding)
    sections: list[tuple[str, str]] = []
    plots: list[tuple[str, list[Case], str]] = []
    for noisy, title in ((False, "as said"), (True, "as the recogniser heard it")):
        cases, stems = _cases(split, noisy=noisy, known=known)
        if not cases:
            continue
        found = decisions.figures(cases, gate)
        cases = decisions.settled_all(cases, gate)
        text = [*found.lines(), "", *decisions.by_kind(cases, gate)]
        if not noisy:
            middle, _ = decisions.overlap(cases, stems)
            text.insert(0, f"median overlap of content words with the passage {middle:.2f}")
        if show:
            text += ["", *_wrong(cases)]
        sections.append((title, "\n".join(text)))
        plots.append((f"Risk and coverage, {title}", cases, "risk"))
        plots.append((f"Reliability, {title}", cases, "reliability"))
    drawn = []
    for caption, cases, kind in plots if html is not None else []:
        svg = report.risk_plot(cases) if kind == "risk" else report.reliability_plot(cases, gate)
        drawn.append((caption, svg))
    tell(f"Answers, {split} split", sections, drawn, html)


@app.command("masking")
def eval_masking(html: HtmlOption = None) -> None:
    """What of telephone numbers, addresses and names is hidden, and what is hidden wrongly."""
    from evals import masking

    sections = [
        ("By kind", "\n".join(masking.lines())),
        ("Dictated", "\n".join(masking.dictated())),
    ]
    tell("Masking", sections, [], html)


@app.command("calibrate")
def eval_calibrate(
    write: Annotated[
        bool, typer.Option("--write", help="Write knowledge/calibration.json.")
    ] = False,
) -> None:
    """Learn the order, the gate and its thresholds from development and calibration questions."""
    from agent.settings import load_settings
    from evals.calibrate import run

    run(load_settings(), write=write)


@app.command("teach")
def eval_teach(
    passes: Annotated[int, typer.Option(help="Passes over the lessons.")] = 2,
    seed: Annotated[int, typer.Option(help="Of the random numbers.")] = 1,
    further: Annotated[
        bool, typer.Option("--further", help="Start from what the repository has.")
    ] = False,
    write: Annotated[
        bool, typer.Option("--write", help="Write knowledge/adapter.npz and reader.npz.")
    ] = False,
) -> None:
    """Teach the embedding model's upper layers and the reader, on lessons of other appliances."""
    from agent.settings import load_settings
    from evals.teach import run

    run(load_settings(), passes=passes, seed=seed, further=further, write=write)


def _cases(split: str, *, noisy: bool, known: bool) -> tuple[list[Case], Any]:
    from agent.settings import load_settings
    from evals.bench import open_bench
    from evals.cases import Remembering, collect
    from evals.questions import SPLITS, Split, read_split
    from knowledge.evidence import calibration

    if split not in SPLITS:
        raise typer.BadParameter(f"choose one of {', '.join(SPLITS)}")
    chosen: Split = split
    settings = load_settings()
    library = open_bench(settings)
    try:
        remembering = Remembering(library.embedder)
        cases = collect(
            library, read_split(chosen), noisy=noisy, remembering=remembering,
            calibrated=calibration(settings.embedding), known=known,
        )  # fmt: skip
        return cases, library.shelf("orvane").retriever.words.stems
    finally:
        library.close()


def _published(cases: list[Case]) -> Published:
    from agent.settings import load_settings
    from evals.bench import open_bench
    from evals.published import Published

    settings = load_settings()
    library = open_bench(settings)
    try:
        return Published(settings, library, [case.question.client for case in cases])
    finally:
        library.close()


def _wrong(cases: list[Case]) -> list[str]:
    from agent.settings import load_settings
    from evals.cases import decided
    from knowledge.evidence import calibration

    gate = calibration(load_settings().embedding)
    out = []
    for case in cases:
        if decided(case, gate) == "answer" and not case.right:
            first = case.answer.evidence[0]
            out.append(f"{case.answer.confidence:.2f} {case.question.text}")
            out.append(f"     {first.manual} p. {first.page}: {case.answer.text[:160]}")
            out.append(f"     right: {sorted(case.question.places)} {case.question.facts}")
    return out
