"""A callback in an operator's words. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from agent.handoff.message import RESULT_WORDS, STATUS_WORDS
from agent.handoff.wording import by_pairs
from agent.store.outbox import Sending
from agent.store.ticket_rows import Ticket
from agent.store.ticket_work import ToCall
from agent.store.users import User
from agent.web.console.feed import Names
from agent.web.console.when import when_said

UNKNOWN_NUMBER = "numéro inconnu"
URGENT, OVERDUE = "URGENT", "EN RETARD"

EVENTS = {"opened": "nouvelle demande", "urgent": "devenue urgente", "reopened": "rouverte"}
KINDS = {"email": "E-mail", "webhook": "Webhook"}


@dataclass(frozen=True)
class CallbackRow:
    """A line of the list.

    Attributes:
        marks: URGENT, EN RETARD.
        who: Name, or number.
        due: When, as it is said.
        about: Appliance and the caller's words.
        state: Who has it, and how often they called.
    """

    ticket_id: str
    marks: tuple[str, ...]
    who: str
    due: str
    about: str
    brand: str
    state: str
    mine: bool
    free: bool


def row_of(one: ToCall, user: User, names: Names, now: datetime) -> CallbackRow:
    """A callback as a line."""
    ticket = one.ticket
    urgent = ticket.urgency == "urgent"
    marks = ((URGENT, urgent), (OVERDUE, one.overdue))
    brief = ticket.brief
    product = brief.product or brief.details.get("appliance", "")
    words = f"« {brief.problem or brief.details.get('subject') or brief.question} »"
    return CallbackRow(
        ticket_id=ticket.ticket_id,
        marks=tuple(mark for mark, is_so in marks if is_so),
        who=brief.details.get("name") or number_of(ticket),
        due=when_said(one.due_at, now, names.zone(ticket.client)),
        about=f"{product} — {words}" if product else words,
        brand=names.brand(ticket.client),
        state=", ".join(state_words(ticket, user, names)),
        mine=ticket.taken_by == user.id,
        free=ticket.taken_by is None,
    )


def number_of(ticket: Ticket) -> str:
    """The number to call, by pairs."""
    return by_pairs(ticket.caller_number) if ticket.caller_number else UNKNOWN_NUMBER


def state_words(ticket: Ticket, user: User, names: Names) -> Iterator[str]:
    """Who has it, and how often they called."""
    if ticket.status in ("live", "done"):
        yield STATUS_WORDS[ticket.status]
    if ticket.taken_by is not None:
        yield "à vous" if ticket.taken_by == user.id else f"prise par {names.user(ticket.taken_by)}"
    elif ticket.status in ("new", "called"):
        yield "à prendre"
    if ticket.attempts:
        last = RESULT_WORDS[ticket.attempts[-1].result]
        times = len(ticket.attempts)
        yield f"{times} rappel{'s' * (times > 1)}, dernier : {last}"


def due_words(ticket: Ticket, now: datetime, names: Names) -> str:
    """When the caller was promised a call."""
    zone = names.zone(ticket.client)
    received = f"demandé {when_said(ticket.created_at, now, zone)}"
    if ticket.due_at is None:
        return f"À rappeler dès que possible, {received}"
    if ticket.due_at > now:
        return f"À rappeler {when_said(ticket.due_at, now, zone)}, {received}"
    return f"À rappeler depuis {when_said(ticket.due_at, now, zone)}, {received}"


def journal(
    ticket: Ticket, sendings: tuple[Sending, ...], names: Names, now: datetime
) -> tuple[tuple[str, str, str], ...]:
    """What happened, the newest first: when, who and what, and their words."""
    zone = names.zone(ticket.client)
    happened: list[tuple[datetime, str, str]] = [(ticket.created_at, "Demande reçue", "")]
    for attempt in ticket.attempts:
        what = f"{names.user(attempt.user_id)} a rappelé : {RESULT_WORDS[attempt.result]}"
        happened.append((attempt.at, what, attempt.note))
    happened += [(n.at, f"{names.user(n.user_id)} a noté", n.text) for n in ticket.notes]
    if ticket.done_at is not None:
        happened.append((ticket.done_at, "Demande close", ""))
    happened += [_sent(one) for one in sendings]
    ordered = sorted(happened, key=lambda one: one[0], reverse=True)
    return tuple((when_said(at, now, zone), what, words) for at, what, words in ordered)


def _sent(one: Sending) -> tuple[datetime, str, str]:
    what = f"{KINDS.get(one.kind, one.kind)} à {_address(one)} ({EVENTS.get(one.event, one.event)})"
    if one.sent_at is not None:
        return one.sent_at, f"{what} : envoyé", ""
    if one.given_up_at is not None:
        return one.given_up_at, f"{what} : abandonné", one.error or ""
    return one.due_at, f"{what} : à envoyer", one.error or ""


def _address(one: Sending) -> str:
    """Where it goes; of a URL its host alone: the rest may be a secret."""
    return one.target.split("/")[2] if "://" in one.target else one.target
