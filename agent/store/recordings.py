"""Recordings of calls, to be found and deleted: the file first, then the record's word of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import or_, select

from agent.call.record import PART, recording_of
from agent.errors import StoreError
from agent.store.database import Database
from agent.store.schema import CallRow, TicketRow


class RecordingStore:
    """The recordings of all clients.

    Args:
        database: Holds the records of the calls.
        data_dir: Folder under which the files stand.

    Raises:
        StoreError: (every method) A file cannot be deleted, or the database cannot be used.
    """

    def __init__(self, database: Database, data_dir: Path) -> None:
        self._database = database
        self._data_dir = data_dir

    def purge(self, before: datetime, client: str | None = None) -> int:
        """Delete the recordings of calls that began before then; returns how many.

        With `client` those of that client alone.

        What a dead process left is found by its file; one whose call is not kept goes by its own
        date.
        """
        recorded = CallRow.record["recording"].as_string().is_not(None)
        query = select(CallRow.client, CallRow.call_id).where(recorded, CallRow.started_at < before)
        if client is not None:
            query = query.where(CallRow.client == client)
        with self._database.reading() as session:
            old = [(row.client, row.call_id) for row in session.execute(query)]
            for file in self._data_dir.glob(f"recordings/{client or '*'}/*.wav*"):
                call_id = file.name.removesuffix(PART).removesuffix(".wav")  # may hold a dot
                begun = session.scalar(select(CallRow.started_at).where(CallRow.call_id == call_id))
                if (begun or _changed_at(file)) < before:
                    old.append((file.parent.name, call_id))
        return self._delete(old)

    def erase(self, number: str) -> int:
        """Delete the recordings of calls from that number, or to be called back there.

        Args:
            number: As calls keep it: national digits, or E.164.
        """
        called_back = select(TicketRow.call_id).where(TicketRow.caller_number == number)
        mine = or_(CallRow.caller_number == number, CallRow.call_id.in_(called_back))
        with self._database.reading() as session:
            rows = session.execute(select(CallRow.client, CallRow.call_id).where(mine)).all()
        return self._delete([(row.client, row.call_id) for row in rows])

    def delete(self, client: str, call_ids: Iterable[str]) -> int:
        """Delete the recordings of these calls of a client; returns how many there were."""
        return self._delete([(client, call_id) for call_id in call_ids])

    def _delete(self, calls: Iterable[tuple[str, str]]) -> int:
        """Delete these calls' recordings; returns how many there were."""
        deleted = 0
        for client, call_id in dict.fromkeys(calls):
            path = self._data_dir / recording_of(client, call_id)
            files = [f for f in (path, path.with_name(path.name + PART)) if f.exists()]
            try:
                for file in files:
                    file.unlink(missing_ok=True)
            except OSError as error:
                raise StoreError(
                    f"The recording {error.filename} cannot be deleted ({error.strerror}); check"
                    " whose it is, and try again."
                ) from error
            deleted += bool(files)
            with self._database.transaction() as session:
                row = session.get(CallRow, call_id, with_for_update=True)
                if row is not None and row.record.get("recording") is not None:
                    row.record = {**row.record, "recording": None}
        return deleted


def _changed_at(file: Path) -> datetime:
    return datetime.fromtimestamp(file.stat().st_mtime, UTC)
