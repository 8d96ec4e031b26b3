"""Callback requests as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from agent.csv_tables import table_as_csv
from agent.handoff.message import RESULT_WORDS, STATUS_WORDS
from agent.handoff.wording import by_pairs
from agent.store.ticket_rows import Ticket

COLUMNS = (
    "Demande", "Client", "Reçue le", "À rappeler dès le", "Urgence", "État", "Nom", "Numéro",
    "Appareil", "Problème", "Raison", "Sujet", "Et aussi", "Déjà dit ou demandé",
    "Pages consultées", "Prise par", "Rappels", "Notes", "Close le", "Appel",
)  # fmt: skip

_NOBODY: Mapping[str, str] = MappingProxyType({})


def tickets_as_csv(
    tickets: Sequence[Ticket],
    zones: Mapping[str, str] = _NOBODY,
    names: Mapping[str, str] = _NOBODY,
) -> bytes:
    """A line each, with a heading; times are those of the client's zone.

    Args:
        tickets: In the order of the lines.
        zones: IANA name of each client's zone by its slug; Europe/Paris where there is none.
        names: Of users by their identifiers; the identifier stands where there is none.
    """
    rows = [_cells(one, ZoneInfo(zones.get(one.client, "Europe/Paris")), names) for one in tickets]
    return table_as_csv([COLUMNS, *rows])


def _cells(ticket: Ticket, zone: ZoneInfo, names: Mapping[str, str]) -> tuple[str, ...]:
    brief, details = ticket.brief, ticket.brief.details
    return (
        ticket.ticket_id,
        ticket.client,
        _when(ticket.created_at, zone),
        _when(ticket.due_at, zone),
        "urgente" if ticket.urgency == "urgent" else "normale",
        STATUS_WORDS[ticket.status],
        details.get("name", ""),
        by_pairs(ticket.caller_number) if ticket.caller_number else "",
        brief.product or details.get("appliance", ""),
        brief.question,
        brief.reason,
        details.get("subject", ""),
        details.get("also", ""),
        " / ".join(brief.tried),
        " / ".join(brief.pages),
        _who(ticket.taken_by, names),
        " / ".join(
            f"{_when(one.at, zone)} {RESULT_WORDS[one.result]}"
            + (f" : {one.note}" * bool(one.note))
            for one in ticket.attempts
        ),
        " / ".join(f"{_when(one.at, zone)} {one.text}" for one in ticket.notes),
        _when(ticket.done_at, zone),
        ticket.call_id,
    )


def _who(user_id: str | None, names: Mapping[str, str]) -> str:
    return names.get(user_id, user_id) if user_id is not None else ""


def _when(at: datetime | None, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%d/%m/%Y %H:%M}" if at is not None else ""
