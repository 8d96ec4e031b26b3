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
from agent.store.schema import CallRow, TurnRow, UserRow, VerdictRow
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


@dataclass(frozen=True)
class Gap:
    """A question that was answered wrongly, or not at all.

    Attributes:
        kind: "wrong" by an operator's verdict; "unanswered": the manuals were read in vain.
        at: When its call began, UTC.
        asked: The caller's words.
        said: The agent's.
        pages: What it stood on, or what was nearest: « manual, page n ».
        note: Of the verdict, "" for none.
        by: Who gave it, "" for nobody.
    """

    kind: Literal["wrong", "unanswered"]
    call_id: str
    position: int
    at: datetime
    asked: str
    said: str
    pages: tuple[str, ...]
    note: str = ""
    by: str = ""


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
        """Answers that were wrong and questions without one, the newest call first.

        Raises:
            UnknownClientError: There is no such client.
        """
        mine = (
            TurnRow.call_id == CallRow.call_id,
            (CallRow.client == client) & CallRow.test.is_(False),
        )
        judged = VerdictRow.call_id == TurnRow.call_id, VerdictRow.position == TurnRow.position
        base = select(TurnRow, CallRow.started_at, VerdictRow, UserRow.name)
        query = (
            base.join(CallRow, mine[0])
            .outerjoin(VerdictRow, judged[0] & judged[1])
            .outerjoin(UserRow, UserRow.id == VerdictRow.user_id)
            .where(mine[1])
            .where(
                (VerdictRow.verdict == "wrong")
                | (
                    # Looked up, so there is a probability, and handed over all the same.
                    (TurnRow.decision == "handoff")
                    & TurnRow.confidence.is_not(None)
                    & (TurnRow.heard != "")
                )
            )
            .order_by(CallRow.started_at.desc(), CallRow.call_id, TurnRow.position)
            .limit(limit)
        )
        with self._database.reading() as session:
            require_client(session, client)
            return tuple(
                _gap(turn, at, verdict, by) for turn, at, verdict, by in session.execute(query)
            )


def _call(session: Session, call_id: str, clients: Scope) -> CallRow:
    row = session.get(CallRow, call_id)
    if row is None or (clients is not None and not {row.client, "*"}.intersection(clients)):
        raise NotKeptError(f"No call {call_id!r} is kept; look it up in the list of calls.")
    return row


def _verdict(row: VerdictRow) -> Verdict:
    opinion: Opinion = "wrong" if row.verdict == "wrong" else "good"
    return Verdict(row.position, opinion, row.note, row.user_id, row.given_at)


def _gap(turn: TurnRow, at: datetime, verdict: VerdictRow | None, by: str | None) -> Gap:
    wrong = verdict is not None and verdict.verdict == "wrong"
    pages = dict.fromkeys(f"{one['manual']}, page {one['page']}" for one in turn.evidence)
    return Gap(
        kind="wrong" if wrong else "unanswered",
        call_id=turn.call_id,
        position=turn.position,
        at=at,
        asked=turn.heard,
        said=turn.said,
        pages=tuple(pages),
        note=verdict.note if verdict is not None else "",
        by=by or "",
    )
