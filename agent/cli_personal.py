"""The commands about personal data: one number, what is too old."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from agent.errors import PermanenceError
from agent.settings import load_settings

person_app = typer.Typer(no_args_is_help=True, help="What is kept of a telephone number.")
retention_app = typer.Typer(no_args_is_help=True, help="What is deleted once it is too old.")

Number = Annotated[str, typer.Argument(help="Written in any way: 06 39 98 12 34, +33639981234.")]
ClientOption = Annotated[str, typer.Option("--client", help="Slug of the client.")]
WHO = "command line"


@person_app.command("search")
def search(number: Number, client: ClientOption) -> None:
    """Print what is kept of a number: calls, callback requests, recordings."""
    from agent.personal.person import open_persons

    with open_persons(load_settings()) as (persons, _, _):
        found = persons.find(client, number)
    for call in found.calls:
        recorded = "recorded" if call.recording else "-"
        print(f"call\t{call.call_id}\t{call.started_at:%Y-%m-%d %H:%M}\t{call.outcome}\t{recorded}")
    for ticket in found.tickets:
        print(f"ticket\t{ticket.ticket_id}\t{ticket.created_at:%Y-%m-%d %H:%M}\t{ticket.status}")
    if not found:
        print("Nothing is kept of this number.")


@person_app.command("export")
def export(
    number: Number,
    client: ClientOption,
    out: Annotated[Path, typer.Option("--out", help="ZIP file to write.")],
) -> None:
    """Write all that is kept of a number into a ZIP file, in the clear, to be handed out."""
    import os

    from agent.handoff.message import zone_of
    from agent.personal.export import write_export
    from agent.personal.person import open_persons
    from agent.store.audit import AuditStore
    from agent.store.clients import ClientStore

    with open_persons(load_settings()) as (persons, database, vault):
        found = persons.find(client, number)
        if not found:
            raise PermanenceError("Nothing is kept of this number.")
        brand = ClientStore(database).get(client)
        try:
            with os.fdopen(os.open(out, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
                write_export(
                    file, found, vault, brand=brand.name, zone=zone_of(brand.hours),
                    at=datetime.now(UTC),
                )  # fmt: skip
        except OSError as error:
            raise PermanenceError(f"{out} cannot be written ({error.strerror}).") from error
        AuditStore(database).note("person.exported", client=client, who=WHO)
    print(f"{len(found.calls)} calls, {len(found.tickets)} tickets: {out}")


@person_app.command("erase")
def erase(
    number: Number,
    client: ClientOption,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase all that is kept of a number, for good."""
    from agent.personal.person import open_persons

    with open_persons(load_settings()) as (persons, _, _):
        found = persons.find(client, number)
        if found and not yes:
            typer.confirm(
                f"Erase {len(found.calls)} calls, {len(found.tickets)} tickets and"
                f" {len(found.recordings)} recordings for good?",
                abort=True,
            )
        done = persons.erase(client, number, who=WHO)
    print(f"Erased: {done.calls} calls, {done.tickets} tickets, {done.recordings} recordings.")
    if not done.clean:
        print("The database was busy or is a server's: see that it is vacuumed (VACUUM FULL).")


@retention_app.command("run")
def run(
    now: Annotated[
        datetime | None, typer.Option(help="As if it were then, UTC: 2027-01-31.")
    ] = None,
) -> None:
    """Delete what is older than each client wants it kept; the service does so every night."""
    from agent.opening import open_database, open_vault
    from agent.personal.retention import Retention

    settings = load_settings()
    database = open_database(settings)
    try:
        retention = Retention(database, settings.data_dir, open_vault(settings))
        at = datetime.now(UTC) if now is None else now.replace(tzinfo=UTC)
        for slug, done in retention.run_all(at, who=WHO).items():
            print(
                f"{slug}: {done.recordings} recordings, the words of {done.calls} calls,"
                f" {done.tickets} tickets, {done.analyses} verdicts deleted"
            )
    finally:
        database.close()


def backup(out: Annotated[Path, typer.Argument(help="File to write: .tar or .tar.gz.")]) -> None:
    """Write everything that is kept into one file, while calls go on.

    PERMANENCE_DATA_KEY is not in it: keep it elsewhere, sealed files cannot be read without it.
    """
    from agent.opening import open_database
    from agent.personal.backup import write_backup
    from agent.store.audit import AuditStore

    settings = load_settings()
    database = open_database(settings)
    try:
        manifest = write_backup(settings, database, out)
        AuditStore(database).note("backup.taken", who=WHO, files=len(manifest.files))
    finally:
        database.close()
    size = sum(saved.size for saved in manifest.files)
    print(f"{out}: {len(manifest.files)} files, {size / 1e6:.1f} MB")
    if not manifest.database:
        print("The database is a server's: save it with pg_dump, at the same time.")


def restore(
    file: Annotated[Path, typer.Argument(help="What `permanence backup` wrote.")],
    ledger: Annotated[
        Path | None, typer.Option(help="A newer erasures.jsonl, its .key beside it.")
    ] = None,
) -> None:
    """Put a backup into an empty PERMANENCE_HOME, every hash checked, and erase again what was."""
    from agent.manual_commands import reindex_manuals
    from agent.opening import open_database, open_vault
    from agent.personal.restore import restore_backup
    from agent.store.audit import AuditStore
    from agent.store.clients import ClientStore

    settings = load_settings()
    done = restore_backup(
        settings, file, ledger=ledger, open_database=open_database, vault=open_vault(settings),
    )  # fmt: skip
    database = open_database(settings)
    try:
        AuditStore(database).note(
            "backup.restored", who=WHO, files=done.files, erased_again=done.erased
        )
    finally:
        database.close()
    print(f"{done.files} files restored, of {done.manifest.created_at}; every hash is right.")
    if done.erased:
        print(f"{done.erased} numbers that were erased since were erased again.")
    for slug in done.without_index:
        print(f"{slug}: its manuals are read again …", flush=True)
        database = open_database(settings)
        try:
            reindex_manuals(settings, ClientStore(database), slug, None)
        finally:
            database.close()
