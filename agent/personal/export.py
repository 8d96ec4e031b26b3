"""What is kept of a number as a file to hand out: readable, for programs, and to be listened to."""

from __future__ import annotations

import html
import json
import shutil
import zipfile
from contextlib import closing
from datetime import datetime
from typing import IO, Any

from pydantic import TypeAdapter

from agent.call.record import CallRecord, record_as_json
from agent.call.recording_file import open_recording
from agent.handoff.message import local_time
from agent.personal.person import Person
from agent.sealing.vault import Vault
from agent.store.ticket_rows import Ticket

_TICKETS = TypeAdapter(tuple[Ticket, ...])
_COPY_BYTES = 1 << 18
_PAGE = """<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><title>{title}</title>
<style>body{{font:1rem/1.5 sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}}
dt{{font-weight:bold}}dd{{margin:0 0 .5rem 1rem}}h2{{margin-top:2rem}}</style></head>
<body><h1>{title}</h1>
<p>Tout ce que le service après-vente {brand} garde de ce numéro, au {at}. Les mêmes données se
trouvent dans <code>donnees.json</code>, pour un programme.</p>
{body}
</body></html>
"""


def write_export(
    out: IO[bytes], person: Person, vault: Vault, *, brand: str, zone: str, at: datetime
) -> None:
    """Write a ZIP of all that is kept of a number (blocks).

    Args:
        out: Where it is written; it holds everything in the clear.
        person: What is kept.
        vault: Opens the recordings.
        brand: The client's name.
        zone: The client's time zone.
        at: The time, with its zone.

    Raises:
        OSError, SealedError: A recording cannot be read.
    """
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        data: dict[str, Any] = {
            "number": person.number,
            "client": brand,
            "exported_at": at.isoformat(),
            "calls": [record_as_json(call) for call in person.calls],
            "tickets": _TICKETS.dump_python(person.tickets, mode="json"),
            "recordings": [f"enregistrements/{file.name}" for file in person.recordings],
        }
        archive.writestr("donnees.json", json.dumps(data, ensure_ascii=False, indent=1))
        archive.writestr("lisezmoi.html", _page(person, brand, zone, at))
        for file in person.recordings:
            with (
                closing(open_recording(vault, file)) as sound,
                archive.open(f"enregistrements/{file.name.removesuffix('.part')}", "w") as target,
            ):
                shutil.copyfileobj(sound, target, _COPY_BYTES)


def _page(person: Person, brand: str, zone: str, at: datetime) -> str:
    parts = ["<h2>Appels</h2>"] if person.calls else ["<p>Aucun appel n'est gardé.</p>"]
    parts += [_call(call, zone) for call in person.calls]
    if person.tickets:
        parts.append("<h2>Demandes de rappel</h2>")
        parts += [_ticket(ticket, zone) for ticket in person.tickets]
    return _PAGE.format(
        title=f"Données du {html.escape(person.number)}",
        brand=html.escape(brand),
        at=local_time(at, zone),
        body="\n".join(parts),
    )


def _call(call: CallRecord, zone: str) -> str:
    said = []
    for turn in call.turns:
        who = "L'assistant" if turn.by == "agent" else "Le conseiller"
        said += [f"<dt>Vous</dt><dd>{html.escape(turn.heard)}</dd>"] if turn.heard else []
        said += [f"<dt>{who}</dt><dd>{html.escape(turn.said)}</dd>"] if turn.said else []
    sound = "<p>Cet appel est enregistré : voir « enregistrements ».</p>" if call.recording else ""
    return f"<h3>{local_time(call.started_at, zone)}</h3>{sound}<dl>{''.join(said)}</dl>"


def _ticket(ticket: Ticket, zone: str) -> str:
    rows = {
        "Numéro à rappeler": ticket.caller_number or "",
        "Demande": ticket.brief.question,
        "Résumé": ticket.brief.line,
        **ticket.brief.details,
        "Notes": " · ".join(note.text for note in ticket.notes),
        "Rappels": " · ".join(
            f"{local_time(one.at, zone)} {one.note}".strip() for one in ticket.attempts
        ),
    }
    shown = "".join(
        f"<dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd>"
        for name, value in rows.items()
        if value
    )
    return f"<h3>{ticket.ticket_id}, {local_time(ticket.created_at, zone)}</h3><dl>{shown}</dl>"
