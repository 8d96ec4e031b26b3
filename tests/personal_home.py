"""An installation with a caller of whom much is kept, and another one of whom as much is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from agent.audio import wav_of
from agent.call.record import Brief, CallRecord, Handoff, Turn, recording_of
from agent.handoff.states import HandoffRecord, Passage
from agent.personal.person import Persons, persons_of
from agent.sealing.keys import Key
from agent.sealing.vault import Vault
from agent.settings import Settings, load_settings
from agent.store.calls import CallStore
from agent.store.clients import ClientStore
from agent.store.database import Database
from agent.store.handoffs import HandoffStore
from agent.store.outbox import OutboxStore
from agent.store.schema import GapRow
from agent.store.targets import Targets, TargetStore
from agent.store.ticket_work import TicketWork
from agent.store.tickets import TicketStore
from agent.store.users import User, UserStore
from agent.store.verdicts import VerdictStore
from knowledge.answer import Evidence
from tests.databases import database_url

NUMBER, NATIONAL, SPACED = "+33639981234", "0639981234", "06 39 98 12 34"
OTHER = "0639985678"
SPOKEN = "zéro six trente-neuf quatre-vingt-dix-huit douze trente-quatre"
NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
CANARIES = ("perlimpinpin", "abracadabra", "turlututu", "saperlipopette", "mirliton")
"""Words of the caller: in a question, an answer, a brief, a note, a verdict."""

KEY = Key(b"k" * 32)
VECTOR = b"vector of what was said" * 8
SOUND = np.arange(-4000, 4000, dtype=np.int16)


@dataclass
class PersonalHome:
    """An installation in a folder."""

    settings: Settings
    database: Database
    vault: Vault
    persons: Persons
    user: User

    def call(
        self, call_id: str, number: str | None, heard: str, said: str = "", *,
        client: str = "acme", days: float = 1, recorded: bool = True,
    ) -> CallRecord:  # fmt: skip
        """Keep a call so many days ago that asked one question."""
        at = NOW - timedelta(days=days)
        name = recording_of(client, call_id)
        evidence = (Evidence("four.pdf", 3, "p3", "Le filtre se lave."),)
        turn = Turn(heard, said, "answer", 0.9, evidence)
        record = CallRecord(
            call_id, client, at, number, "browser", at + timedelta(seconds=90), "caller",
            "answered", [turn], recording=name if recorded else None,
        )  # fmt: skip
        CallStore(self.database).save(record)
        if recorded:
            self.vault.write(self.settings.data_dir / name, wav_of(8000, SOUND))
        return record

    def ticket(
        self, call_id: str, number: str | None, question: str, *,
        client: str = "acme", days: float = 1,
    ) -> str:  # fmt: skip
        """Keep a callback request of a call, handed over in vain, with notes and messages."""
        at = NOW - timedelta(days=days)
        brief = Brief(
            f"four — « {question} »", number, "four FX", question, "non trouvé", (question,), (),
            {"name": "Durand"},
        )  # fmt: skip
        tickets = TicketStore(self.database, now=lambda: at)
        ticket = tickets.open_ticket(client, call_id, brief, "normal")
        work = TicketWork(self.database)
        work.note(ticket, self.user.id, f"{CANARIES[3]}, il est au {SPACED}", at)
        OutboxStore(self.database).claim(NOW, ("email",))
        record = CallStore(self.database).load(call_id)
        record.handoff = Handoff(ticket, "normal", brief)
        CallStore(self.database).save(record)
        rung = Passage(at, "ringing", self.user.id)
        failed = Passage(at, "failed", self.user.id, CANARIES[2])
        record_of = HandoffRecord(f"h-{call_id}", client, call_id, ticket, (rung, failed))
        HandoffStore(self.database).save(record_of)
        return ticket


@cache
def _migrated() -> bytes:
    """An empty database: migrated once for all tests."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "permanence.db"
        database = Database(f"sqlite:///{file}")
        database.migrate()
        database.close()
        return file.read_bytes()


@contextmanager
def personal_home(folder: Path, *, sealed: bool = True) -> Iterator[PersonalHome]:
    """With clients "acme" and "bora"; the caller called acme twice and bora once."""
    settings = load_settings(home=folder)
    settings.data_dir.mkdir(parents=True)
    url = database_url(settings.data_dir)
    settings = settings.model_copy(update={"database_url": url})
    if url.startswith("sqlite"):
        (settings.data_dir / "permanence.db").write_bytes(_migrated())
    database = Database(url)
    vault = Vault([KEY] if sealed else [])
    try:
        for slug in ("acme", "bora"):
            ClientStore(database).add(slug, slug.title())
            TargetStore(database).set(slug, Targets(emails=("sav@example.com",)))
        user = UserStore(database).add(
            "poste@example.com", "Poste", "operator", "une phrase assez longue", clients=("acme",)
        )
        home = PersonalHome(settings, database, vault, persons_of(settings, database, vault), user)
        _fill(home)
        yield home
    finally:
        database.close()


def _fill(home: PersonalHome) -> None:
    home.call("c1", NATIONAL, f"mon four dit {CANARIES[0]}", f"Alors {CANARIES[1]}.")
    home.ticket("c1", NATIONAL, f"mon four dit {CANARIES[2]}")
    VerdictStore(home.database).set("c1", 0, "wrong", CANARIES[4], home.user.id, NOW)
    with home.database.transaction() as session:
        session.add(
            GapRow(
                call_id="c1", position=0, client="acme", heard=f"mon four dit {CANARIES[0]}",
                embedder="e", vector=VECTOR, group_key="g", place=0,
            )
        )  # fmt: skip
    home.call("c2", None, f"{CANARIES[0]}, rappelez au {SPOKEN}", f"C'est bien le {SPACED} ?")
    home.ticket("c2", NUMBER, f"{CANARIES[2]} encore")
    home.call("c3", None, f"le {SPOKEN}, {CANARIES[0]}", "D'accord.", recorded=False)
    home.call("c4", OTHER, "mon lave-linge fuit", "Fermez le robinet.")
    home.call("c5", NATIONAL, "bonjour", "Bonjour.", client="bora")
