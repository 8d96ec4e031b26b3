"""Everything that is kept of a telephone number, for one client: found, and erased."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from agent.approving import Approving, is_behind
from agent.call.record import PART, CallRecord, recording_of
from agent.errors import PermanenceError, StoreError
from agent.privacy.whose import as_e164
from agent.sealing.vault import Vault
from agent.settings import Settings
from agent.store.audit import AuditStore
from agent.store.calls import CallStore
from agent.store.database import Database, NotKeptError
from agent.store.erasures import ErasureLedger
from agent.store.faq import FaqStore
from agent.store.forgetting import ForgettingStore
from agent.store.recordings import RecordingStore
from agent.store.ticket_rows import Ticket
from agent.store.tickets import TicketStore
from agent.store.users import User

logger = logging.getLogger(__name__)


class PersonRefusedError(PermanenceError):
    """What is asked cannot be done; one French sentence says why."""


NO_NUMBER = (
    "Ce n'est pas un numéro de téléphone : écrivez-le en entier, par exemple 06 39 98 12 34."
)
IN_A_CALL = "Un appel de ce numéro est en cours : recommencez quand il sera terminé."


@dataclass(frozen=True)
class Person:
    """What is kept of a number.

    Attributes:
        number: E.164.
        calls: The newest first.
        tickets: The newest first.
        recordings: Files of its calls.
        live: One of its calls still goes on.
    """

    number: str
    calls: tuple[CallRecord, ...]
    tickets: tuple[Ticket, ...]
    recordings: tuple[Path, ...]
    live: bool

    def __bool__(self) -> bool:
        return bool(self.calls or self.tickets or self.recordings)


@dataclass(frozen=True)
class Erased:
    """What was erased.

    Attributes:
        clean: No byte of it is left in the database's files either.
    """

    calls: int
    tickets: int
    recordings: int
    clean: bool


class Persons:
    """Of all clients; each method is about one of them, and blocks.

    Args:
        database: Of the installation.
        data_dir: Where the recordings stand.
        ledger: Where erasures are written down.
        republish: Makes the file of a client's approved answers anew, from the database.
    """

    def __init__(
        self, database: Database, data_dir: Path, ledger: ErasureLedger,
        republish: Callable[[str], None],
    ) -> None:  # fmt: skip
        self._database, self._data_dir, self._ledger = database, data_dir, ledger
        self._republish = republish
        self._kept = ForgettingStore(database)

    def find(self, client: str, number: str) -> Person:
        """What is kept of a number, however it is written.

        Raises:
            PersonRefusedError: It is no number.
            UnknownClientError: There is no such client.
        """
        e164 = _checked(number)
        held = self._kept.find(client, e164)
        calls, tickets = CallStore(self._database), TicketStore(self._database)
        records = []
        for call_id in held.calls:
            try:
                records.append(calls.load(call_id, client=client))
            except NotKeptError:  # deleted meanwhile
                continue
        found = {one.ticket_id: one for one in tickets.list(client)}
        mine = [found[one] for one in held.tickets if one in found]
        mine.sort(key=lambda ticket: ticket.created_at, reverse=True)
        files = tuple(self._recordings(client, held.calls))
        return Person(e164, tuple(records), tuple(mine), files, held.live)

    def erase(
        self,
        client: str,
        number: str,
        *,
        user: User | None = None,
        who: str = "",
        now: datetime | None = None,
        until: datetime | None = None,
        noted: bool = True,
    ) -> Erased:
        """Erase all of it; nothing of it is left when this returns. May be repeated.

        Args:
            client: Slug.
            number: However it is written.
            user: Who asks for it.
            who: Another name of who does.
            now: The time, with its zone.
            until: Only what was begun before then: what a restored backup has brought back.
            noted: False: the ledger has it already.

        Raises:
            PersonRefusedError: It is no number, or a call of it goes on.
            UnknownClientError: There is no such client.
            StoreError, IndexWriteError: Something cannot be deleted: begin again.
        """
        e164 = _checked(number)
        held = self._kept.find(client, e164, until)
        if held.live and until is None:  # what a backup has brought back is of no running call
            raise PersonRefusedError(IN_A_CALL)
        at = now or datetime.now(UTC)
        if noted:
            self._ledger.add(client, e164, at)  # first: whatever comes after can be done again
        files = len(list(self._recordings(client, held.calls)))
        RecordingStore(self._database, self._data_dir).delete(client, held.calls)
        self._kept.forget(client, held.calls, held.tickets)
        if until is None or not self._kept.find(client, e164):  # else it is a later call's, too
            self._kept.forget_number(client, e164)
        if is_behind(FaqStore(self._database), self._data_dir / "clients" / client, client):
            self._republish(client)
        done = Erased(len(held.calls), len(held.tickets), files, self._wiped())
        AuditStore(self._database).note(
            "person.erased", user=user, who=who, client=client, now=at,
            calls=done.calls, tickets=done.tickets, recordings=done.recordings,
        )  # fmt: skip
        return done

    def _wiped(self) -> bool:
        """Whether no byte is left in the database's files: not where it is too busy for that."""
        try:
            return self._database.wipe()
        except StoreError:
            logger.warning("the database could not be written anew", exc_info=True)
            return False

    def erase_again(self, clients: list[str]) -> int:
        """Erase what the ledger says was erased, in a database that comes from a backup."""
        done = 0
        entries = self._ledger.entries()
        for client in clients:
            latest = {one.digest: one.at for one in entries if one.client == client}
            if not latest:
                continue
            for number in self._kept.numbers(client):
                at = latest.get(self._ledger.digest(client, number))
                if at is not None and self._kept.find(client, number, at):
                    self.erase(client, number, until=at, noted=False, who="restore")
                    done += 1
        return done

    def _recordings(self, client: str, call_ids: tuple[str, ...]) -> Iterator[Path]:
        for call_id in call_ids:
            path = self._data_dir / recording_of(client, call_id)
            yield from (f for f in (path, path.with_name(path.name + PART)) if f.exists())


def _checked(number: str) -> str:
    e164 = as_e164(number)
    if e164 is None:
        raise PersonRefusedError(NO_NUMBER)
    return e164


def persons_of(
    settings: Settings,
    database: Database,
    vault: Vault,
    republish: Callable[[str], None] | None = None,
) -> Persons:
    """Those of an installation; without `republish` the manuals are opened where that is needed."""

    def opened(slug: str) -> None:
        from agent.opening import open_library

        library = open_library(settings)
        try:
            Approving(FaqStore(database), library).publish(slug)
        finally:
            library.close()

    ledger = ErasureLedger(settings.erasures_file, vault)
    return Persons(database, settings.data_dir, ledger, republish or opened)


@contextmanager
def open_persons(settings: Settings) -> Iterator[tuple[Persons, Database, Vault]]:
    """Those of an installation, for a command."""
    from agent.opening import open_database, open_vault

    database = open_database(settings)
    try:
        vault = open_vault(settings)
        yield persons_of(settings, database, vault), database, vault
    finally:
        database.close()
