"""`permanence eval sip-load | sip-attack | sip-soak`: what the telephone line bears."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from evals.telling import HtmlOption, tell

sip_load = typer.Typer()
JsonOption = Annotated[Path | None, typer.Option("--json", help="Write the figures here.")]


@sip_load.command("sip-load")
def eval_sip_load(
    calls: Annotated[int, typer.Option(min=1, max=100, help="At once, with stand-ins.")] = 30,
    seconds: Annotated[float, typer.Option(min=10, max=3600, help="Each of them.")] = 180.0,
    real: Annotated[
        bool, typer.Option("--real", help="Then with the real models: how many may talk at once.")
    ] = False,
    only_real: Annotated[
        bool, typer.Option("--only-real", help="The same, without the calls with stand-ins.")
    ] = False,
    turns: Annotated[
        int, typer.Option(min=1, help="Of the callers of a level; one takes 13 seconds.")
    ] = 40,
    most: Annotated[int, typer.Option(min=1, max=24, help="Real calls at once, at most.")] = 24,
    html: HtmlOption = None,
    json_file: JsonOption = None,
) -> None:
    """Many telephone calls at once: whether they hold, how evenly sound comes, how many may talk.

    Raises:
        typer.Exit: A goal is missed.
    """
    from agent.log import hush_pipecat

    hush_pipecat()
    from agent.settings import load_settings
    from evals import sip_load as measured

    settings, real = load_settings(), real or only_real
    light = None if only_real else measured.run_light(settings, calls, seconds)
    if light is not None:
        print("\n".join(light.lines()), flush=True)
    levels = []
    for level in measured.run_real(settings, turns, most) if real else ():
        levels.append(level)
        print(f"  {level.calls} real calls:", *level.lines(), sep="\n  ", flush=True)
    best = measured.highest(levels)
    beyond = measured.run_beyond(settings, best, turns) if best else None
    tell("Telephone load", measured.sections(light, levels, beyond), [], html)
    _write(json_file, {
        "light": light and light.as_json(), "real": [one.as_json() for one in levels],
        "highest": best if real else None, "beyond": beyond and beyond.as_json(),
    })  # fmt: skip
    missed = light is not None and not (light.whole and light.even)
    missed = missed or (real and (beyond is None or not beyond.met))
    if missed:
        raise typer.Exit(1)


@sip_load.command("sip-attack")
def eval_sip_attack(
    seconds: Annotated[
        float, typer.Option(min=0, max=600, help="Of the flood, 100 INVITE a second; 0: none.")
    ] = 60.0,
    html: HtmlOption = None,
    json_file: JsonOption = None,
) -> None:
    """A flood of strangers, malformed messages and greedy dial strings, during a good call.

    Raises:
        typer.Exit: A goal is missed.
    """
    from agent.log import hush_pipecat

    hush_pipecat()
    from agent.settings import load_settings
    from evals import sip_attack

    made = sip_attack.run(load_settings(), seconds)
    tell("Telephone under attack", made.sections(), [], html)
    _write(json_file, made.as_json())
    if not made.met:
        raise typer.Exit(1)


@sip_load.command("sip-soak")
def eval_sip_soak(
    minutes: Annotated[float, typer.Option(min=1, max=1440, help="Of calls.")] = 60.0,
    calls: Annotated[int, typer.Option(min=1, max=50, help="At a time.")] = 4,
    html: HtmlOption = None,
    json_file: JsonOption = None,
) -> None:
    """Call after call: whether memory, descriptors, tasks and threads stay, and each is kept once.

    Raises:
        typer.Exit: A goal is missed.
    """
    from agent.log import hush_pipecat

    hush_pipecat()
    from agent.settings import load_settings
    from evals import sip_soak

    found = sip_soak.run(load_settings(), minutes, calls)
    tell("Telephone, call after call", found.sections(), [], html)
    _write(json_file, found.as_json())
    if not found.met:
        raise typer.Exit(1)


def _write(file: Path | None, told: dict[str, Any]) -> None:
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")
