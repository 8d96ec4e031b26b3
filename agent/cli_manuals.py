"""The commands about a client's manuals: added, listed, corrected, made again, deleted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from agent.errors import PermanenceError
from agent.settings import Settings, load_settings

if TYPE_CHECKING:
    from agent.store.clients import ClientStore
    from knowledge.collection import ManualEntry
    from knowledge.products import Product

manuals_app = typer.Typer()

Slug = Annotated[str, typer.Argument(help="The client.")]


@manuals_app.command()
def ingest(
    slug: Slug, files: Annotated[list[Path], typer.Argument(help="The manuals' files.")]
) -> None:
    """Add manuals to a client, or replace those of the same name."""
    from agent.manual_commands import add_manuals, reconcile
    from agent.opening import open_library

    with _clients(slug) as (settings, clients):
        library = open_library(settings)
        try:
            with _bar() as report:
                entries = add_manuals(library, clients, slug, files, report)
        finally:
            library.close()
        reconcile(settings, clients, slug)
    _print(entries)


@manuals_app.command()
def manuals(slug: Slug) -> None:
    """List a client's manuals."""
    from agent.manual_commands import reconcile

    with _clients(slug) as (settings, clients):
        reconcile(settings, clients, slug)
        found = clients.manuals(slug)
    table = Table("Manual", "Appliance", "References", "Pages", "Passages", "Languages", "Since")
    for m in found:
        table.add_row(
            m.file_name, m.appliance, m.product_references, str(m.pages), str(m.passages),
            m.languages, f"{m.ingested_at:%Y-%m-%d %H:%M}",
        )  # fmt: skip
    Console().print(table)


@manuals_app.command()
def forget(
    slug: Slug, files: Annotated[list[str], typer.Argument(help="File names, as `manuals` lists.")]
) -> None:
    """Delete manuals for good: passages, vectors, file, edits; calls go on with the others."""
    from agent.manual_commands import forget_manuals

    with _clients(slug) as (settings, clients):
        left = forget_manuals(settings, clients, slug, files)
    print(f"Forgotten: {', '.join(files)}")
    if not left:
        print(f"{slug} has no manual in service any more; add one with `permanence ingest {slug}`.")


@manuals_app.command()
def reindex(slug: Slug) -> None:
    """Make a client's index again from the files kept; the products edited by hand stay so."""
    from agent.manual_commands import reindex_manuals

    with _clients(slug) as (settings, clients), _bar() as report:
        entries = reindex_manuals(settings, clients, slug, report)
    if not entries:
        raise PermanenceError(
            f"{slug} n'a aucune notice ; ajoutez-en une : `permanence ingest {slug} FICHIER`."
        )
    _print(entries)


@manuals_app.command()
def product(
    slug: Slug,
    file: Annotated[str, typer.Argument(help="File name, as `manuals` lists it.")],
    appliance: Annotated[str | None, typer.Option(help="Kind, in French: lave-linge.")] = None,
    references: Annotated[
        str | None, typer.Option(help="Models, separated by commas; the first is the one said.")
    ] = None,
    brand: Annotated[str | None, typer.Option(help="The brand.")] = None,
    as_read: Annotated[
        bool, typer.Option("--as-read", help="Drop all edits: back to what the manual says.")
    ] = False,
) -> None:
    """Show what a manual is about, or correct it by hand; a new edition keeps the correction."""
    from agent.manual_commands import edit_product
    from knowledge.hand_edits import ProductEdit

    given = ProductEdit(_kind(appliance), _models(references), brand and brand.strip())
    if as_read and given != ProductEdit():
        raise PermanenceError("--as-read retire les corrections ; donnez-le seul.")
    with _clients(slug) as (settings, clients):
        entry = edit_product(settings, clients, slug, file, None if as_read else given)
    read = entry.found or entry.product
    for name, now, before in zip(
        ("appliance", "references", "brand"), _values(entry.product), _values(read), strict=True
    ):
        print(f"{name}: {now or '-'}" + (f" (read: {before or '-'})" if now != before else ""))


def _kind(appliance: str | None) -> str | None:
    if appliance is not None and not appliance.strip():
        raise PermanenceError("L'appareil ne peut pas être vide ; dites par exemple lave-linge.")
    return appliance and appliance.strip().lower()


def _models(references: str | None) -> tuple[str, ...] | None:
    if references is None:
        return None
    names = (name.strip().upper() for name in references.split(","))
    return tuple(dict.fromkeys(name for name in names if name))


def _values(product: Product) -> tuple[str, str, str]:
    brand = str(getattr(product, "brand", ""))
    return product.appliance, ", ".join(product.references), brand


def _print(entries: list[ManualEntry]) -> None:
    for entry in entries:
        print(f"{entry.file}: {entry.product.name}, {entry.pages} pages, {entry.passages} passages")


@contextmanager
def _clients(slug: str) -> Iterator[tuple[Settings, ClientStore]]:
    """The settings and the clients' store, once it is sure that the client is one of them."""
    from agent.opening import open_database
    from agent.store.clients import ClientStore

    settings = load_settings()
    database = open_database(settings)
    try:
        clients = ClientStore(database)
        clients.get(slug)
        yield settings, clients
    finally:
        database.close()


@contextmanager
def _bar() -> Iterator[Any]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
    )
    console = Console(stderr=True)
    hidden = not console.is_terminal  # else it leaves an empty line in a log
    with Progress(*columns, console=console, transient=True, disable=hidden) as progress:
        task = progress.add_task("manuals", total=None)
        yield lambda stage, done, total: progress.update(
            task, description=stage, completed=done, total=total
        )
