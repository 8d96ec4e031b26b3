"""What operators think of the agent's turns, and what the manuals leave unanswered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent.errors import PermanenceError
from agent.store.clients import require_client
from agent.store.database import Database, NotKeptError, insert_if_absent
from agent.store.gaps import Gap, found_gaps
from agent.store.schema import CallRow, VerdictRow
from agent.store.ticket_work import Scope

Opinion = Literal["good", "wrong"]

LONGEST_NOTE = 1000
"""Characters; what is longer is cut."""

NOT_YET = "Cette réponse n'est pas encore enregistrée : réessayez dans un instant."
NO_ANSWER = "Ce tour n'est pas une réponse de l'assistant : il n'y a rien à juger."


class VerdictRefusedError(PermanenceError):
    """There is nothing of the agent's to be judged; said in French."""


@dataclass(frozen=True)
class Verdict:
    """What somebody thinks of a turn.

    Attributes:
        note: In their words, "" for none.
        given_at: UTC.
    """

    position: int
    opinion: Opinion
    note: str
    user_id: str
    given_at: datetime


class VerdictStore:
    """The verdicts in the database, one a turn: the last one counts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def set(
        self,
        call_id: str,
        position: int,
        opinion: Opinion,
        note: str,
        user_id: str,
        now: datetime,
        *,
        clients: Scope = None,
    ) -> Verdict:
        """Keep what a user thinks of a turn; durable when it returns.

        Args:
            call_id: Of the call, which may still go on.
            position: Of the turn, from 0.
            opinion: Of it.
            note: In the user's words; "" for none.
            user_id: Whose it is.
            now: With its zone.
            clients: See `Scope`.

        Raises:
            NotKeptError: There is no such call, or it is none of `clients`.
            VerdictRefusedError: That turn is not kept, or is none of the agent's.
        """
        if opinion not in get_args(Opinion):
            raise VerdictRefusedError(f"Un avis ne peut pas être {opinion!r}.")
        values: dict[str, Any] = {
            "verdict": opinion,
            "note": note.strip()[:LONGEST_NOTE],
            "user_id": user_id,
            "given_at": now.astimezone(UTC),
        }
        key = {"call_id": call_id, "position": position}
        with self._database.transaction() as session:
            turns = _call(session, call_id, clients).record.get("turns", [])
            if not 0 <= position < len(turns):
                raise VerdictRefusedError(NOT_YET)
            if not turns[position]["said"] or turns[position].get("by", "agent") != "agent":
                raise VerdictRefusedError(NO_ANSWER)
            if not insert_if_absent(session, VerdictRow, key | values):
                row = session.get_one(VerdictRow, (call_id, position))
                for name, value in values.items():
                    setattr(row, name, value)
            session.flush()
            return _verdict(session.get_one(VerdictRow, (call_id, position)))

    def clear(self, call_id: str, position: int, *, clients: Scope = None) -> None:
        """Take a verdict back, if there is one.

        Raises:
            NotKeptError: There is no such call, or it is none of `clients`.
        """
        with self._database.transaction() as session:
            _call(session, call_id, clients)
            row = session.get(VerdictRow, (call_id, position))
            if row is not None:
                session.delete(row)

    def of_call(self, call_id: str) -> dict[int, Verdict]:
        """The verdicts on a call's turns, by position."""
        query = select(VerdictRow).where(VerdictRow.call_id == call_id)
        with self._database.reading() as session:
            return {row.position: _verdict(row) for row in session.scalars(query)}

    def gaps(self, client: str, limit: int = 100) -> tuple[Gap, ...]:
        """What was wrong, misunderstood or without an answer, the newest call first.

        Raises:
            UnknownClientError: There is no such client.
        """
        with self._database.reading() as session:
            require_client(session, client)
            return found_gaps(session, client, limit)


def _call(session: Session, call_id: str, clients: Scope) -> CallRow:
    row = session.get(CallRow, call_id)
    if row is None or (clients is not None and not {row.client, "*"}.intersection(clients)):
        raise NotKeptError(f"No call {call_id!r} is kept; look it up in the list of calls.")
    return row


def _verdict(row: VerdictRow) -> Verdict:
    opinion: Opinion = "wrong" if row.verdict == "wrong" else "good"
    return Verdict(row.position, opinion, row.note, row.user_id, row.given_at)
