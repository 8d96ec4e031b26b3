"""What is to be sent about a ticket, written in the ticket's own transaction.

So nothing is sent of a ticket that was not kept, and none is kept of which nothing will be sent.
Rows wait a little before they are due: a caller gives number and name after the ticket was opened.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from agent.store.database import insert_if_absent
from agent.store.schema import ClientRow, OutboxRow, TicketRow

logger = logging.getLogger(__name__)

Event = Literal["opened", "urgent", "reopened"]
"""Of a ticket: made; made urgent by a second request; asked for again after it was done."""

HOLD, URGENT_HOLD = timedelta(minutes=5), timedelta(seconds=30)
"""How long a message waits for the end of its call, unless it is released sooner."""

OnDuty = Callable[[Sequence[Mapping[str, str]], datetime], Sequence[str]]
"""The addresses of those who are on call at an instant, of a client's rules (`on_call`)."""


def all_on_duty(rules: Sequence[Mapping[str, str]], at: datetime) -> Sequence[str]:
    """Everybody who is ever on call."""
    return [rule["email"] for rule in rules if "email" in rule]


def announce(
    session: Session,
    client: ClientRow,
    ticket: TicketRow,
    event: Event,
    now: datetime,
    duty: OnDuty,
) -> None:
    """Queue one message for each target that the client has now.

    A ticket that becomes urgent before its message was tried once has that one sent sooner, as it
    then tells the urgency itself; who was told already, or is only told of emergencies, gets a row.
    """
    urgent = ticket.urgency == "urgent"
    due_at = now + (URGENT_HOLD if urgent else HOLD)
    untold = _hastened(session, ticket, due_at) if event == "urgent" else set()
    for kind, target in _targets(client, urgent, now, duty):
        if (kind, target) in untold:
            continue
        values = {
            "id": _key(ticket.id, event, kind, target),
            "client": client.slug,
            "ticket_id": ticket.id,
            "event": event,
            "kind": kind,
            "target": target,
            "body": {},
            "created_at": now,
            "due_at": due_at,
        }
        insert_if_absent(session, OutboxRow, values)


def _hastened(session: Session, ticket: TicketRow, due_at: datetime) -> set[tuple[str, str]]:
    """Make the messages that were never tried due sooner; returns their kinds and targets."""
    rows = session.scalars(
        select(OutboxRow)
        .where(
            OutboxRow.ticket_id == ticket.id, OutboxRow.sent_at.is_(None), OutboxRow.attempts == 0
        )
        .with_for_update()
    ).all()
    for row in rows:
        row.due_at = min(row.due_at, due_at)
    return {(row.kind, row.target) for row in rows}


def _targets(
    client: ClientRow, urgent: bool, now: datetime, duty: OnDuty
) -> dict[tuple[str, str], None]:
    """Kinds and targets, none of them twice."""
    found = {("email", str(address)): None for address in client.notify_emails}
    if client.webhook_url:
        found["webhook", client.webhook_url] = None
    if urgent:
        found |= dict.fromkeys(("email", address) for address in _on_call(client, now, duty))
    return found


def _on_call(client: ClientRow, now: datetime, duty: OnDuty) -> Sequence[str]:
    """Who is on call; rules that cannot be read must not keep a ticket from being kept."""
    try:
        return duty(client.on_call, now)
    except (ValueError, LookupError):
        logger.exception("who is on call at %s cannot be read: all of them are told", client.slug)
        return all_on_duty(client.on_call, now)


def _key(*parts: str) -> str:
    """The same for the same message, also where it was dropped and is queued again."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def withdraw(session: Session, ticket_id: str) -> None:
    """Drop what was not sent of a ticket: its caller has talked to somebody.

    A message that is being sent at this moment still arrives.
    """
    unsent = OutboxRow.ticket_id == ticket_id, OutboxRow.sent_at.is_(None)
    session.execute(delete(OutboxRow).where(*unsent))
