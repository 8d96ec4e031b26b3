"""A call and its tickets, printed to be read."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from agent.handoff.message import STATUS_WORDS
from agent.store.ticket_rows import Ticket
from knowledge.answer import place_of

EVIDENCE_PRINTED = 3


def print_call(call: dict[str, Any], console: Console) -> None:
    """The conversation with evidence, page and timings, then the outcome."""
    for said in call["unasked"]:
        console.print(f"[bold green]Agent[/]     {escape(said)}", soft_wrap=True)
    for turn in call["turns"]:
        console.print()
        heard = turn["heard"] or "(rien compris)"
        console.print(f"[bold cyan]Appelant[/]  {escape(heard)}", soft_wrap=True)
        console.print(f"[bold green]Agent[/]     {escape(turn['said'])}", soft_wrap=True)
        if turn["decision"] != "social":
            confidence = turn["confidence"]
            sure = "" if confidence is None else f", confiance {confidence:.2f}"
            console.print(f"          [dim]{turn['decision']}{sure}[/]")
        for evidence in turn["evidence"][:EVIDENCE_PRINTED]:
            place = place_of(evidence["manual"], evidence["page"])
            console.print(
                f"          [dim]{place} : {escape(evidence['text'][:90])}[/]", soft_wrap=True
            )
        timings = {k: v for k, v in turn["timings_ms"].items() if v is not None}
        if timings:
            parts = ", ".join(f"{name} {value:.0f}" for name, value in timings.items())
            console.print(f"          [dim]ms : {parts}[/]", soft_wrap=True)
    console.print()
    times = [t["timings_ms"]["voice_to_voice"] for t in call["turns"]]
    known = [time for time in times if time is not None]
    if known:
        median = statistics.median(known) / 1000
        console.print(
            f"[bold]De voix à voix, médiane : {median:.2f} s[/] "
            "(du dernier son de l'appelant au premier son de l'agent, en temps réel)"
        )
    console.print(
        f"[bold]Issue : {call['outcome']}[/] (appel {call['call_id']}, fin : {call['ended_by']})"
    )
    if call["handoff"] is not None:
        handoff = call["handoff"]
        console.print(
            f"Demande de rappel {handoff['ticket_id']} : {escape(handoff['brief']['line'])}",
            soft_wrap=True,
        )


def print_tickets(tickets: Sequence[Ticket], console: Console, *, as_json: bool) -> None:
    """Tickets as a table, or as JSON, one a line."""
    if as_json:
        for ticket in tickets:
            print(json.dumps(asdict(ticket), ensure_ascii=False, default=str))
        return
    table = Table(
        "Ticket", "Client", "Le (UTC)", "Dès (UTC)", "Urgence", "État", "À rappeler",
        "En une phrase",
    )  # fmt: skip
    for ticket in tickets:
        name = ticket.brief.details.get("name")
        number = ticket.caller_number or "numéro inconnu"
        table.add_row(
            ticket.ticket_id, ticket.client, f"{ticket.created_at:%Y-%m-%d %H:%M}",
            f"{ticket.due_at or ticket.created_at:%Y-%m-%d %H:%M}", ticket.urgency,
            STATUS_WORDS[ticket.status],
            escape(f"{name}, {number}" if name else number), escape(_with_details(ticket)),
        )  # fmt: skip
    console.print(table)


def _with_details(ticket: Ticket) -> str:
    """The line to read aloud, and what the caller added when asked."""
    details = ticket.brief.details
    added = [f"{word} : {details[key]}" for key, word in _DETAILS.items() if key in details]
    return " ".join((ticket.brief.line, *(f"({one})" for one in added)))


_DETAILS = {"appliance": "appareil", "subject": "sujet", "also": "et aussi"}
"""Details that stand with the line, as an operator reads them."""
