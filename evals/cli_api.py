"""`permanence eval api`: the API under requests that Schemathesis makes up."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

api = typer.Typer()


@api.command("api")
def eval_api(
    examples: Annotated[
        int, typer.Option(min=1, help="Of each operation and each who asks.")
    ] = 300,
    only: Annotated[str, typer.Option(help="Only operations whose name holds this.")] = "",
    who: Annotated[
        list[str] | None,
        typer.Option(help="Only these: admin, manager, reader, operator, full, read, none, …"),
    ] = None,
) -> None:
    """Server errors, answers outside the description, and what is done or shown to the wrong ones.

    Some 10 minutes by default. Ends with status 1 if anything was wrong.
    """
    from agent.log import hush_pipecat

    hush_pipecat()
    from agent.settings import load_settings
    from evals import api as measured
    from evals.api_stage import staged

    with (
        tempfile.TemporaryDirectory(prefix="api-") as folder,
        staged(load_settings(), Path(folder)) as (url, stage),
    ):
        asking = [
            one
            for one in measured.askers(stage)
            if not who or {*one.name.split(", ")}.intersection(who)
        ]
        tallies = measured.run(url, stage, examples, asking, only, _tell)
    print()
    print("\n".join(measured.lines(tallies)))
    if any(tally.faults for tally in tallies):
        raise typer.Exit(1)


def _tell(tally: object) -> None:
    print(f"  {tally}", flush=True)
