"""The command that lists the callback requests, on the screen or into a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from agent.errors import PermanenceError
from agent.settings import load_settings


def tickets(
    client: Annotated[str | None, typer.Option(help="Only this client's.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one a line.")] = False,
    as_csv: Annotated[
        Path | None,
        typer.Option("--csv", help="Write a table for a French Excel here instead."),
    ] = None,
) -> None:
    """List the callback requests, newest first."""
    from agent.handoff.message import zone_of
    from agent.opening import open_database
    from agent.outbox import unsent_notice
    from agent.store.clients import ClientStore
    from agent.store.outbox import OutboxStore
    from agent.store.tickets import TicketStore
    from agent.store.users import UserStore
    from agent.telephony.transcript import print_tickets
    from agent.ticket_csv import tickets_as_csv

    settings = load_settings()
    database = open_database(settings)
    try:
        found = TicketStore(database).list(client)
        zones = {one.slug: zone_of(one.hours) for one in ClientStore(database).list()}
        names = {user.id: user.name for user in UserStore(database).list()}
        notice = unsent_notice(settings, OutboxStore(database))
    finally:
        database.close()
    if as_csv is not None:
        _write(as_csv, tickets_as_csv(found, zones, names))
        print(f"{as_csv}: {len(found)}")
    else:
        print_tickets(found, Console(), as_json=as_json)
    if notice:
        Console(stderr=True).print(notice, style="yellow", markup=False, soft_wrap=True)


def _write(file: Path, content: bytes) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    except OSError as error:
        raise PermanenceError(
            f"{file} cannot be written ({error.strerror}); give another file."
        ) from error
