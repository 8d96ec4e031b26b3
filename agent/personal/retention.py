"""What is kept for how long, and what a night deletes of what is older.

The plan is pure: a client's days and a time give the instants before which each kind goes.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from agent.handoff.message import zone_of
from agent.sealing.vault import Vault, seal_files, sealed_files
from agent.store.audit import AuditStore
from agent.store.clients import Client, ClientStore
from agent.store.database import Database
from agent.store.forgetting import ForgettingStore
from agent.store.recordings import RecordingStore
from agent.store.second_factor import SecondFactorStore

MOST_AUDIO_DAYS = 180
"""Six months, the most that the CNIL allows a recording of calls to be kept."""

AUDIT_DAYS = 365
"""A year: the CNIL recommends six months to one year for logs of who did what (2021-122)."""

AT = time(3, 30)
"""When a client's night job is due, in its own time."""


@dataclass(frozen=True)
class Cutoffs:
    """Of each kind, what is older than this goes."""

    audio: datetime
    transcripts: datetime
    tickets: datetime
    analyses: datetime


@dataclass(frozen=True)
class Deleted:
    """What a night deleted, by kind."""

    recordings: int = 0
    calls: int = 0
    tickets: int = 0
    analyses: int = 0

    def __bool__(self) -> bool:
        return any(asdict(self).values())


def cutoffs(client: Client, now: datetime) -> Cutoffs:
    """What of a client's is too old."""
    audio = min(client.keep_audio_days, MOST_AUDIO_DAYS)
    days = (audio, client.keep_transcript_days, client.keep_ticket_days, client.keep_analysis_days)
    return Cutoffs(*(now - timedelta(days=one) for one in days))


def last_night(now: datetime, zone: str) -> datetime:
    """When the last night job of a client was due, UTC."""
    here = now.astimezone(ZoneInfo(zone))
    due = datetime.combine(here.date(), AT, here.tzinfo)
    if due > here:
        due = datetime.combine(here.date() - timedelta(days=1), AT, here.tzinfo)
    return due.astimezone(UTC)


class Retention:
    """Deletes what is too old; its methods block.

    Raises:
        StoreError: (every method) Something cannot be deleted: the rest goes the next time.
    """

    def __init__(self, database: Database, data_dir: Path, vault: Vault) -> None:
        self._database, self._data_dir, self._vault = database, data_dir, vault
        self._kept = ForgettingStore(database)

    def run(self, client: Client, now: datetime, *, who: str = "") -> Deleted:
        """Delete what of a client's is too old at that time."""
        old = cutoffs(client, now)
        recordings = RecordingStore(self._database, self._data_dir)
        calls = self._kept.older_calls(client.slug, old.transcripts)
        tickets = self._kept.older_tickets(client.slug, old.tickets)
        audio = recordings.purge(old.audio, client.slug)
        # Words that are gone are not to be heard either.
        audio += recordings.delete(client.slug, calls)
        self._kept.forget(client.slug, calls, tickets)
        analyses = self._kept.forget_judgements(client.slug, old.analyses)
        done = Deleted(audio, len(calls), len(tickets), analyses)
        if done:
            AuditStore(self._database).note(
                "retention.run", client=client.slug, who=who, now=now, **asdict(done)
            )
        return done

    def run_all(self, now: datetime, *, who: str = "") -> dict[str, Deleted]:
        """The same for every client, and what an installation has of its own."""
        done = {
            client.slug: self.run(client, now, who=who)
            for client in ClientStore(self._database).list()
        }
        self.tidy(now)
        return done

    def tidy(self, now: datetime) -> None:
        """Forget who did what more than a year ago, seal what stands plain, empty the log."""
        self._kept.forget_audit(now - timedelta(days=AUDIT_DAYS))
        if self._vault.seals:
            seal_files(self._vault, sealed_files(self._data_dir))
            SecondFactorStore(self._database, self._vault).seal_keys()
        self._database.wipe(whole=False)


def zone_of_client(client: Client) -> str:
    """A client's time zone."""
    return zone_of(client.hours)
