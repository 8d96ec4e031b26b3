"""A client with targets and a ticket, for tests about what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agent.call.record import Brief
from agent.handoff.answering import on_call_now
from agent.handoff.states import HandoffRecord, HandoffState, Passage
from agent.store.clients import ClientStore
from agent.store.database import Database
from agent.store.handoffs import HandoffStore
from agent.store.outbox import OutboxStore
from agent.store.targets import OnCall, Targets, TargetStore
from agent.store.ticket_work import TicketWork
from agent.store.tickets import TicketStore
from tests.databases import database_url

NIGHT = datetime(2026, 11, 27, 21, 30, tzinfo=UTC)
"""A Friday, half past ten in the evening in Paris."""

SECRET = "a secret of the tests"
TARGETS = Targets(
    emails=("sav@essai.example", "chef@essai.example"),
    webhook_url="https://essai.example/permanence",
    webhook_secret=SECRET,
    on_call=(
        OnCall("nuit@essai.example", "lundi-vendredi 18h-6h"),
        OnCall("jour@essai.example", "lundi-vendredi 9h-18h"),
    ),
)
BRIEF = Brief(
    line="four FX 60 — « il ne chauffe plus » — la réponse n'est pas dans les notices.",
    caller_number=None,
    product="four FX 60",
    question="il ne chauffe plus",
    reason="la réponse n'est pas dans les notices",
    tried=("Vérifiez le disjoncteur.", "Le four est-il en mode démonstration ?"),
    pages=("fx60.pdf, page 12",),
)


@dataclass
class Clock:
    """A time that only the test moves."""

    at: datetime = NIGHT

    def __call__(self) -> datetime:
        """The time."""
        return self.at

    def pass_(self, **units: float) -> datetime:
        """Let some pass; returns the time afterwards."""
        self.at += timedelta(**units)
        return self.at


@dataclass
class Home:
    """The stores over one database, with the clients `essai` and `autre`."""

    database: Database
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        """Make the clients, if they are not there yet."""
        self.clients = ClientStore(self.database)
        self.targets = TargetStore(self.database)
        self.tickets = TicketStore(self.database, on_duty=on_call_now, now=self.clock)
        self.work = TicketWork(self.database)
        self.outbox = OutboxStore(self.database)

    def opened(self, call_id: str = "c-1", urgency: str = "normal", client: str = "essai") -> str:
        """A ticket's identifier."""
        kind = "urgent" if urgency == "urgent" else "normal"
        return self.tickets.open_ticket(client, call_id, BRIEF, kind)

    def handed(
        self, ticket_id: str, number: str, *states: HandoffState, why: str = "", known: int = 0
    ) -> None:
        """A handoff of that ticket came into these states, each kept but the first ones known."""
        store, record = HandoffStore(self.database), None
        for at, state in enumerate(states):
            last = why if state == states[-1] else ""
            passage = Passage(datetime.now(UTC), state, "u-1", last)
            if record is None:
                record = HandoffRecord(number, "essai", "c-1", ticket_id, (passage,))
            else:
                record = record.into(passage)
            if at >= known:
                store.save(record)


def made_home(folder: Path, targets: Targets = TARGETS) -> Home:
    """A home in a folder."""
    database = Database(database_url(folder))
    database.migrate()
    home = Home(database)
    home.clients.add("essai", "Essai")
    home.clients.add("autre", "Autre")
    home.targets.set("essai", targets)
    return home
