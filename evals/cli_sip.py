"""`permanence eval sip`: calls through a real exchange."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from evals.telling import HtmlOption, tell

sip = typer.Typer()


@sip.command("sip")
def eval_sip(
    calls: Annotated[
        int, typer.Option(min=0, help="That the agent takes; one lasts 40 seconds.")
    ] = 8,
    failures: Annotated[int, typer.Option(min=0, help="Calls of each way to fail.")] = 4,
    at_a_time: Annotated[int, typer.Option(min=1, help="Calls at one time.")] = 4,
    only: Annotated[
        list[str] | None,
        typer.Option(help="A way to fail: absent, filtered, killed, frozen, deaf; repeat it."),
    ] = None,
    html: HtmlOption = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the figures and all calls here.")
    ] = None,
) -> None:
    """How soon SIP callers are answered, hear a voice, silence it; and what if the agent fails."""
    from agent.log import hush_pipecat

    hush_pipecat()
    from agent.settings import load_settings
    from evals import sip_calls

    unknown = [name for name in only or () if name not in sip_calls.CASES]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]!r} is none of {', '.join(sip_calls.CASES)}")
    found = sip_calls.run(load_settings(), calls, failures, at_a_time, only or ())
    tell("Calls over SIP", found.sections(), [], html)
    if json_file is not None:
        json_file.parent.mkdir(parents=True, exist_ok=True)
        told = json.dumps(found.as_json(), ensure_ascii=False, indent=1)
        json_file.write_text(told + "\n", "utf-8")
