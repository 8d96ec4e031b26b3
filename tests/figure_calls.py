"""A client's calls of some days, made so that each figure of them is known."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from agent.call.record import Brief, CallRecord, Handoff, Turn
from agent.handoff.states import HandoffRecord, Passage
from agent.store.calls import CallStore
from agent.store.handoffs import HandoffStore
from agent.store.ticket_work import TicketWork
from agent.store.tickets import TicketStore
from agent.web.portal.dashboard.period import Period
from knowledge.answer import Evidence

PARIS = ZoneInfo("Europe/Paris")
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=PARIS)
WEEK = Period(date(2026, 11, 23), date(2026, 11, 29), "Europe/Paris")
NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)

GREETING = Turn("", "Bonjour.", at_s=0.8)


def page(manual: str, number: int) -> tuple[Evidence, ...]:
    """A passage of a page."""
    return (Evidence(manual, number, f"{manual}-{number}", "Nettoyez le filtre."),)


def answered(manual: str = "lv84.pdf", number: int = 12) -> Turn:
    """A question that a page answered."""
    return Turn("Le filtre ?", "Nettoyez-le.", "answer", 0.9, page(manual, number), at_s=5.0)


class Calls:
    """Keeps calls in a database."""

    def __init__(self, database: Any) -> None:
        self.calls, self.handoffs = CallStore(database), HandoffStore(database)
        self._database = database
        self._made = 0

    def keep(
        self, client: str, at: datetime, *turns: Turn, length_s: int = 60, **given: Any
    ) -> CallRecord:
        """A call that is over; its turns follow the greeting."""
        self._made += 1
        record = CallRecord(
            f"{client}-{self._made:04d}", client, at.astimezone(UTC), "0639981234", "browser",
            at.astimezone(UTC) + timedelta(seconds=length_s), "caller",
            turns=[GREETING, *turns], **given,
        )  # fmt: skip
        record.settle_outcome()
        self.calls.save(record)
        return record

    def ticketed(
        self, client: str, at: datetime, *turns: Turn, urgent: bool = False, **given: Any
    ) -> tuple[CallRecord, str]:
        """A call whose caller is to be called back, and the ticket."""
        tickets = TicketStore(self._database, now=lambda: at)
        urgency: Any = "urgent" if urgent else "normal"
        call_id = f"{client}-{self._made + 1:04d}"
        brief = Brief("l", "0639981234", "four F72", "q", "r", (), ())
        ticket_id = tickets.open_ticket(client, call_id, brief, urgency)
        handoff = Handoff(ticket_id, urgency, brief)
        return self.keep(client, at, *turns, handoff=handoff, **given), ticket_id

    def called_back(self, ticket_id: str, at: datetime) -> None:
        """Somebody has tried."""
        TicketWork(self._database).attempt(ticket_id, "u1", "reached", "", at)

    def talked(self, record: CallRecord, ticket_id: str | None) -> None:
        """The caller and an operator have talked, and that was that."""
        at = record.started_at
        history = (
            Passage(at, "ringing"), Passage(at, "accepted", "u1"), Passage(at, "connected", "u1"),
            Passage(at + timedelta(seconds=50), "finished", "u1"),
        )  # fmt: skip
        self.handoffs.save(
            HandoffRecord(f"h-{record.call_id}", record.client, record.call_id, ticket_id, history)
        )


def a_week(calls: Calls) -> None:
    """Nine calls of Acmé's in the week, some outside it, one of another client's."""
    hour = timedelta(hours=1)
    calls.keep("acme", MONDAY, answered(), answered("lv84.pdf", 14), length_s=120,
               product="lave-linge LV84", codes=("E20", "E21"), satisfaction_asked=True,
               satisfaction=5)  # fmt: skip
    calls.keep("acme", MONDAY + hour, answered(), length_s=60, product="lave-linge LV84",
               codes=("E20",), satisfaction_asked=True, satisfaction=2)  # fmt: skip
    calls.keep("acme", MONDAY + 9 * hour, answered("f72.pdf", 3), length_s=240,
               satisfaction_asked=True)  # fmt: skip
    guess = Turn("Ça chauffe ?", "C'est bien ça ?", "confirm", 0.6, page("f72.pdf", 8))
    calls.keep("acme", MONDAY + 24 * hour, guess, Turn("Oui.", "Voilà.", "answer"), length_s=90)
    calls.keep("acme", MONDAY + 25 * hour, length_s=4)
    calls.keep("acme", MONDAY + 26 * hour, Turn("Allô ?", "Je vous écoute."), length_s=20)
    danger = Turn("Ça sent le gaz.", "Sortez.", "safety")
    _, gas = calls.ticketed("acme", MONDAY + 48 * hour, danger, urgent=True, length_s=40)
    calls.called_back(gas, MONDAY + 48 * hour + timedelta(minutes=14))
    _, late = calls.ticketed("acme", MONDAY + 49 * hour, Turn("La garantie ?", "…", "handoff"))
    calls.called_back(late, MONDAY + 52 * hour)
    record, ticket = calls.ticketed(
        "acme", MONDAY + 50 * hour, Turn("Un conseiller", "…", "handoff")
    )
    calls.talked(record, ticket)
    calls.ticketed("acme", NOW - timedelta(hours=1), Turn("Et la porte ?", "…", "handoff"))
    calls.keep("acme", WEEK.since - timedelta(seconds=1), answered())
    calls.keep("acme", WEEK.until, answered())
    calls.keep("acme", MONDAY, answered(), test=True)
    calls.keep("bora", MONDAY, answered("bora.pdf", 1), product="aspirateur", codes=("B1",))
