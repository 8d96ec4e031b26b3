"""`permanence eval publishing`: a manual is published while calls go on."""

from __future__ import annotations

from typing import Annotated

import typer

publishing_app = typer.Typer()


@publishing_app.command("publishing")
def eval_publishing(
    turns: Annotated[
        int, typer.Option(help="Of each of the two callers, before and during; eight seconds each.")
    ] = 24,
) -> None:
    """How soon a manual of 60 pages is in service, and what two calls notice of it."""
    from agent.log import hush_pipecat

    hush_pipecat()
    from agent.settings import load_settings
    from evals import publishing
    from evals.telling import tell

    tell("Publishing", [("Publishing", publishing.run(load_settings(), turns).report())], [], None)
