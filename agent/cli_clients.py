"""The commands about clients: added, listed, set; and about the recordings of their calls."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.errors import PermanenceError
from agent.settings import load_settings

if TYPE_CHECKING:
    from agent.handoff.hours import Schedule
    from agent.store.clients import ClientStore
    from agent.store.recordings import RecordingStore

client_app = typer.Typer(no_args_is_help=True, help="Brands whose line is answered.")
recordings_app = typer.Typer(no_args_is_help=True, help="Recordings of calls.")

LONGEST_KEPT_DAYS = 180
"""Six months, the most that the CNIL allows a recording of calls to be kept."""

Slug = Annotated[str, typer.Argument(help="The client.")]


@client_app.command("add")
def add(
    slug: Annotated[str, typer.Argument(help="Short name: a-z, 0-9 and -.")],
    name: Annotated[str, typer.Option(help="The brand, as callers know it.")],
) -> None:
    """Add a client."""
    with _clients() as clients:
        clients.add(slug, name)
    print(f"{slug}: {name}")


@client_app.command("list")
def list_clients() -> None:
    """List the clients; those whose calls are recorded are marked so."""
    with _clients() as clients:
        for client in clients.list():
            print(f"{client.slug}\t{client.name}" + ("\trecorded" if client.recording else ""))


@client_app.command("set")
def set_client(
    slug: Slug,
    recording: Annotated[
        bool | None,
        typer.Option(help="Record its calls; each caller is told first and may refuse."),
    ] = None,
) -> None:
    """Change what a client wants, from the next call on."""
    if recording is None:
        raise PermanenceError("Nothing was changed; give --recording or --no-recording.")
    with _clients() as clients:
        client = clients.set_recording(slug, recording)
    print(f"{client.slug}: {'recorded' if client.recording else 'not recorded'}")


@client_app.command("hours")
def hours(
    slug: Slug,
    file: Annotated[
        Path | None,
        typer.Argument(
            help="Text of the hours, a line each; - reads it; without it, they are told."
        ),
    ] = None,
) -> None:
    """Say when a client's operators are there: « lundi-vendredi 9h-12h30, 14h-18h »."""
    from agent.handoff.hours_text import parse

    with _clients() as clients:
        if file is None:
            client = clients.get(slug)
        else:
            text = sys.stdin.read() if str(file) == "-" else _text_of(file)
            try:
                parse(text)
            except ValueError as error:
                raise PermanenceError(f"{error} Les horaires n'ont pas changé.") from error
            client = clients.set_hours(slug, text.strip())
    if not client.hours:
        print(f"{slug} : aucun horaire ; les appelants sont rappelés sans qu'un moment soit dit.")
        return
    print(client.hours)
    print(_staffed(parse(client.hours)))


def _staffed(schedule: Schedule) -> str:
    from agent.handoff.hours import as_said, closes_at, next_opening

    now = datetime.now(UTC)
    closes = closes_at(schedule, now)
    if closes is not None:
        return f"Ouvert en ce moment ; fermeture {as_said(closes, now, schedule.zone)}."
    opens = next_opening(schedule, now)
    if opens is None:
        return "Fermé, sans réouverture prévue : vérifiez ces horaires."
    return f"Fermé en ce moment ; réouverture {as_said(opens, now, schedule.zone)}."


def _text_of(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PermanenceError(
            f"{file} ne peut pas être lu ({error}) : donnez un fichier texte en UTF-8."
        ) from error


@client_app.command("answering")
def answering(
    slug: Slug,
    mode: Annotated[
        str, typer.Argument(help="always: the agent answers first; overflow: operators do.")
    ],
    rings: Annotated[
        int | None, typer.Option(help="Rings after which the agent answers; default: as before.")
    ] = None,
) -> None:
    """Say who answers a client's calls first: the agent, or its operators while they are there."""
    with _clients() as clients:
        client = clients.set_answering(slug, mode, rings)
    if client.answering == "always":
        print(f"{slug}: the agent answers first")
        return
    rings = client.overflow_rings
    print(f"{slug}: operators are rung first; rings before the agent answers: {rings}")


@client_app.command("ringing")
def ringing(
    slug: Slug,
    how: Annotated[str, typer.Argument(help="together, or in-turn: one after the other.")],
) -> None:
    """Say how a client's operators are rung."""
    with _clients() as clients:
        client = clients.set_ringing(slug, how.replace("-", "_"))
    print(f"{slug}: operators are rung {client.ringing.replace('_', ' ')}")


@client_app.command("say")
def say(
    slug: Slug,
    word: Annotated[
        str | None, typer.Argument(help="As it is written; without it, all are listed.")
    ] = None,
    spoken: Annotated[
        str | None,
        typer.Argument(help="How it is said, in French spelling; without it, as it is written."),
    ] = None,
) -> None:
    """Have a client's word spoken otherwise than it is written: Whirlpool ouirlpoule."""
    with _clients() as clients:
        if word is None:
            client = clients.get(slug)
        else:
            client = clients.set_pronunciation(slug, word, spoken)
    for written, said in sorted(client.pronunciations.items(), key=lambda pair: pair[0].casefold()):
        print(f"{written}: {said}")


@recordings_app.command("purge")
def purge(
    older_than_days: Annotated[
        int, typer.Option(help=f"Age of the calls, days; {LONGEST_KEPT_DAYS} at most.")
    ] = LONGEST_KEPT_DAYS,
) -> None:
    """Delete the recordings of calls that are older; each client's days are kept to at night."""
    from datetime import timedelta

    if not 0 <= older_than_days <= LONGEST_KEPT_DAYS:
        raise PermanenceError(
            f"Recordings cannot be kept for {older_than_days} days; give 0 to {LONGEST_KEPT_DAYS}."
        )
    with _recordings() as recordings:
        deleted = recordings.purge(datetime.now(UTC) - timedelta(days=older_than_days))
    print(f"Deleted recordings: {deleted}")


@recordings_app.command("erase")
def erase(
    number: Annotated[str, typer.Argument(help="A caller's number: 06 39 98 12 34, +33639981234.")],
) -> None:
    """Delete the recordings of a number, of every client's calls, and nothing else of it.

    All that a client keeps of a number, with its words: `permanence person erase`.
    """
    with _recordings() as recordings:
        deleted = recordings.erase(_as_kept(number))
    print(f"Deleted recordings: {deleted}")


def _as_kept(number: str) -> str:
    """A number without signs, as it is dialled in France if it is French."""
    digits = "".join(sign for sign in number if sign.isdigit() or sign == "+")
    digits = f"+{digits[2:]}" if digits.startswith("00") else digits
    if not any(sign.isdigit() for sign in digits):
        raise PermanenceError(f"{number!r} is no telephone number; give its digits.")
    return f"0{digits[3:]}" if digits.startswith("+33") else digits


@contextmanager
def _clients() -> Iterator[ClientStore]:
    from agent.opening import open_database
    from agent.store.clients import ClientStore

    database = open_database(load_settings())
    try:
        yield ClientStore(database)
    finally:
        database.close()


@contextmanager
def _recordings() -> Iterator[RecordingStore]:
    from agent.opening import open_database
    from agent.store.recordings import RecordingStore

    settings = load_settings()
    database = open_database(settings)
    try:
        yield RecordingStore(database, settings.data_dir)
    finally:
        database.close()
