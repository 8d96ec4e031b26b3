"""What is sent about a ticket: an e-mail that is understood in five seconds, a webhook. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from agent.call.record import Brief
from agent.handoff.brief_text import brief_lines
from agent.handoff.hours import MONTHS, WEEKDAYS, Schedule
from agent.handoff.hours_text import parse
from agent.handoff.wording import by_pairs, one_line

WEBHOOK_VERSION = 1
"""Of the webhook's fields; a field may be added to it, none goes or changes its meaning."""

SUBJECT_CHARACTERS = 120

STATUSES = {
    "live": "l'appelant est en ligne avec un conseiller",
    "taken": "déjà prise par un conseiller",
    "called": "déjà rappelée",
    "done": "déjà close",
}

STATUS_WORDS = {
    "new": "nouvelle",
    "live": "en ligne",
    "taken": "prise",
    "called": "rappelée",
    "done": "close",
}
"""Each status of a ticket, as an operator reads it in a list."""

RESULT_WORDS = {
    "reached": "joint",
    "no_answer": "pas de réponse",
    "wrong_number": "mauvais numéro",
}
"""What came of calling back, as an operator reads it."""


class Told(Protocol):
    """A ticket, as far as it is told; `agent.store` implements it."""

    @property
    def ticket_id(self) -> str:
        """Short, `T-7F3K2Q`."""

    @property
    def client(self) -> str:
        """Slug."""

    @property
    def call_id(self) -> str:
        """Of the call that it came from."""

    @property
    def created_at(self) -> datetime:
        """With its zone."""

    @property
    def urgency(self) -> str:
        """Normal or urgent."""

    @property
    def status(self) -> str:
        """New, live, taken, called or done."""

    @property
    def caller_number(self) -> str | None:
        """National digits or E.164."""

    @property
    def brief(self) -> Brief:
        """What to know before calling back."""

    @property
    def due_at(self) -> datetime | None:
        """From when a callback was promised; None: from the call on."""


def email_body(ticket: Told, event: str, brand: str, zone: str) -> dict[str, Any]:
    """Subject and text of an e-mail.

    Args:
        ticket: What it tells of.
        event: opened | urgent | reopened.
        brand: The client's name.
        zone: In which the client reckons.
    """
    brief = ticket.brief
    urgent = ticket.urgency == "urgent"
    name = one_line(brief.details.get("name", ""))
    number = by_pairs(ticket.caller_number) if ticket.caller_number else "numéro inconnu"
    who = f"{name}, {number}" if name else number
    heading = "URGENT : rappeler" if urgent else "À rappeler :"
    if event == "reopened":
        heading = f"Nouvelle demande. {heading}"
    product = one_line(brief.product or "")
    subject = f"{heading} {who}" + (f" ({product})" if product else "")
    lines = [
        f"{heading} {who}",
        "",
        f"Rappel promis : {_promised(ticket, zone)}",
        *([f"État : {STATUSES[ticket.status]}"] if ticket.status in STATUSES else []),
        "",
        *brief_lines(replace(brief, caller_number=ticket.caller_number)),
        "",
        f"Appel reçu {_moment(ticket.created_at, zone)} pour {one_line(brand)}.",
        f"Demande {ticket.ticket_id}",
    ]  # fmt: skip
    return {
        "subject": _shortened(f"{subject} — {one_line(brand)}"),
        "text": "\n".join(lines) + "\n",
        "urgent": urgent,
    }


def webhook_body(ticket: Told, event: str, brand: str) -> dict[str, Any]:
    """What a webhook is given, as JSON values.

    - `version`: 1; `event`: opened | urgent | reopened; `client`, `brand`: slug and name.
    - `ticket`: `id`, `call_id`; `urgency`: normal | urgent; `status`: new | taken | called | done;
      `created_at`, `due_at`: ISO 8601 in UTC, `due_at` null where a callback is due from the call
      on; `caller_number`: E.164 or national digits, null if unknown; `name`: null if unknown;
      `product`: null if unknown; `question`: the caller's words; `reason`: why it was handed over;
      `line`: all of it in one sentence; `tried`, `pages`: lists of texts; `details`: texts by name.
    """
    brief = ticket.brief
    return {
        "version": WEBHOOK_VERSION,
        "event": event,
        "client": ticket.client,
        "brand": brand,
        "ticket": {
            "id": ticket.ticket_id,
            "call_id": ticket.call_id,
            "urgency": ticket.urgency,
            "status": ticket.status,
            "created_at": _iso(ticket.created_at),
            "due_at": _iso(ticket.due_at) if ticket.due_at is not None else None,
            "caller_number": ticket.caller_number,
            "name": brief.details.get("name"),
            "product": brief.product,
            "question": brief.question,
            "reason": brief.reason,
            "line": brief.line,
            "tried": list(brief.tried),
            "pages": list(brief.pages),
            "details": dict(brief.details),
        },
    }


def zone_of(hours: str) -> str:
    """The time zone of a client's hours as it wrote them; French time if they tell none."""
    try:
        return parse(hours).zone
    except ValueError:
        return Schedule().zone


def local_time(at: datetime, zone: str) -> str:
    """An instant in a client's time, « lundi 30 novembre 2026 à 9 h 05 »."""
    here = at.astimezone(ZoneInfo(zone))
    day = "1er" if here.day == 1 else str(here.day)
    clock = f"{here.hour} h" + (f" {here.minute:02d}" if here.minute else "")
    return f"{WEEKDAYS[here.weekday()]} {day} {MONTHS[here.month - 1]} {here.year} à {clock}"


def _moment(at: datetime, zone: str) -> str:
    return f"le {local_time(at, zone)}"


def _promised(ticket: Told, zone: str) -> str:
    if ticket.due_at is None:
        return "dès que possible"
    return f"à partir du {local_time(ticket.due_at, zone)}"


def _shortened(text: str) -> str:
    if len(text) <= SUBJECT_CHARACTERS:
        return text
    return text[: SUBJECT_CHARACTERS - 1].rsplit(" ", 1)[0] + "…"


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def body_of(kind: str, ticket: Told, event: str, brand: str, hours: str) -> Mapping[str, Any]:
    """The body of a message of a kind."""
    if kind == "email":
        return email_body(ticket, event, brand, zone_of(hours))
    return webhook_body(ticket, event, brand)
