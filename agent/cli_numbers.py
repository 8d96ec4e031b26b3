"""The command about a client's telephone numbers: whose line a dialled number is."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.errors import PermanenceError
from agent.settings import load_settings


def number(
    slug: Annotated[str, typer.Argument(help="The client.")],
    what: Annotated[
        str | None, typer.Argument(help="add or remove; without it, its numbers are listed.")
    ] = None,
    number: Annotated[
        str | None, typer.Argument(help="Number: +33199001234, 01 99 00 12 34.")
    ] = None,
) -> None:
    """Say on which numbers a client is called."""
    from agent.opening import open_database
    from agent.store.numbers import NumberStore

    if what not in (None, "add", "remove"):
        raise PermanenceError(f"{what!r} n'est pas prévu ; écrivez add ou remove, puis le numéro.")
    if what is not None and number is None:
        raise PermanenceError(
            f"Quel numéro ? Écrivez `permanence client number {slug} {what} 01 99 00 12 34`."
        )
    database = open_database(load_settings())
    try:
        numbers = NumberStore(database)
        if number is not None:
            (numbers.add if what == "add" else numbers.remove)(slug, number)
        left = numbers.of_client(slug)
    finally:
        database.close()
    for one in left:
        print(one)
    if not left:
        print(f"{slug} : aucun numéro ; `permanence client number {slug} add NUMÉRO` en donne un.")
