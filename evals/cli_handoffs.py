"""`permanence eval handoffs`: who is handed over, and with what brief."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from evals.telling import HtmlOption, tell

handoffs = typer.Typer()


@handoffs.command("handoffs")
def eval_handoffs(
    voice: Annotated[
        bool, typer.Option("--voice", help="By a speaking caller, over the real audio path.")
    ] = False,
    only: Annotated[str, typer.Option(help="Only scripts whose name or theme holds this.")] = "",
    every: Annotated[int, typer.Option(min=1, help="One in so many of them.")] = 1,
    show: Annotated[bool, typer.Option("--show", help="Print each wrong call at length.")] = False,
    html: HtmlOption = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the figures and the errors here.")
    ] = None,
) -> None:
    """Who is handed over, for which reason, and whether the brief is whole and invents nothing."""
    from agent.log import hush_pipecat

    hush_pipecat()
    from agent.settings import load_settings
    from evals import handoffs as measured
    from evals.dialogues import chosen

    settings, scripts = load_settings(), chosen(only)[::every]
    if voice:
        from evals import spoken_dialogues

        cases = [
            measured.case_of(script, record, log)
            for script, record, log in spoken_dialogues.records(settings, scripts)
        ]
    else:
        cases = measured.run(settings, scripts)
    tell("Handoffs", measured.sections(cases, show=show), [], html)
    if json_file is not None:
        errors = {case.script.name: list(case.faults) for case in cases if case.faults}
        told = {**measured.figures(cases), "errors": errors}
        _keep(json_file, told)


@handoffs.command("handovers")
def eval_handovers(
    runs: Annotated[int, typer.Option(min=1, help="Of each case; one takes some 20 seconds.")] = 5,
    only: Annotated[
        list[str] | None,
        typer.Option(
            help="A case by name; repeat it: accepted, declined, no answer, browser killed, "
            "caller gone. None: all five."
        ),
    ] = None,
    html: HtmlOption = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the figures and all runs here.")
    ] = None,
) -> None:
    """Callers who ask for a person: taken, declined, not answered, cut off; in real browsers."""
    from agent.log import hush_pipecat

    hush_pipecat()
    from agent.settings import load_settings
    from evals import handover_checks, handover_figures, handovers

    unknown = [name for name in only or () if name not in handovers.CASES]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]!r} is none of {', '.join(handovers.CASES)}")
    played = handovers.run(load_settings(), runs, only or ())
    tell("Handovers", handover_figures.sections(played, handover_checks.WANTED), [], html)
    if json_file is not None:
        told = handover_figures.as_json(played, handover_checks.WANTED)
        _keep(json_file, told)


@handoffs.command("phone-handovers")
def eval_phone_handovers(
    runs: Annotated[int, typer.Option(min=1, help="Of each case; one takes half a minute.")] = 5,
    only: Annotated[
        list[str] | None,
        typer.Option(
            help="A case by name; repeat it: answered, busy, declined, no answer, voicemail, "
            "caller gone, operator gone. None: all seven."
        ),
    ] = None,
    html: HtmlOption = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the figures and all runs here.")
    ] = None,
) -> None:
    """Callers handed to an operator's telephone by a real exchange, with real softphones."""
    from agent.log import hush_pipecat

    hush_pipecat()
    from agent.settings import load_settings
    from evals import handover_figures, phone_handovers

    unknown = [name for name in only or () if name not in phone_handovers.CASES]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]!r} is none of {', '.join(phone_handovers.CASES)}")
    played = phone_handovers.run(load_settings(), runs, only or ())
    wanted = phone_handovers.WANTED
    tell("Handovers by telephone", handover_figures.sections(played, wanted), [], html)
    if json_file is not None:
        told = handover_figures.as_json(played, wanted)
        _keep(json_file, told)


@handoffs.command("console-load")
def eval_console_load(
    calls: Annotated[
        int, typer.Option(min=1, help="Calls whose recogniser and voice are light stand-ins.")
    ] = 20,
    real: Annotated[
        int, typer.Option(min=0, help="Calls with the real models, before them; 0: none.")
    ] = 4,
    consoles: Annotated[int, typer.Option(min=1, help="Consoles open at once.")] = 5,
    seconds: Annotated[float, typer.Option(min=5, help="Of each of the measurements.")] = 30.0,
    html: HtmlOption = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the figures here.")
    ] = None,
) -> None:
    """How soon consoles show what changes, and what they cost the calls; in real browsers."""
    from agent.log import hush_pipecat

    hush_pipecat()
    from agent.settings import load_settings
    from evals import console_load

    loads = console_load.run(
        load_settings(), calls=calls, real=real, consoles=consoles, seconds=seconds
    )
    tell("Console load", [load.section() for load in loads], [], html)
    if json_file is not None:
        console_load.write(json_file, loads)


def _keep(json_file: Path, told: object) -> None:
    """Write figures and runs into a file."""
    json_file.parent.mkdir(parents=True, exist_ok=True)
    json_file.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")
