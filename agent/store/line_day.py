"""What a client's people see of their line at a glance: counts of its calls, tests left aside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from agent.store.database import Database
from agent.store.schema import CallRow, TurnRow


@dataclass(frozen=True)
class LineDay:
    """The calls since an instant.

    Attributes:
        calls: All of them.
        unanswered: Questions that were looked up and had no answer.
    """

    calls: int
    unanswered: int


def line_since(database: Database, client: str, since: datetime) -> LineDay:
    """What came on a client's line since an instant.

    Args:
        database: Where it is kept.
        client: Slug.
        since: With its zone.
    """
    mine = (CallRow.client == client, CallRow.test.is_(False), CallRow.started_at >= since)
    calls = select(func.count()).select_from(CallRow).where(*mine)
    unanswered = (
        select(func.count())
        .select_from(TurnRow)
        .join(CallRow, TurnRow.call_id == CallRow.call_id)
        .where(*mine, TurnRow.decision == "handoff", TurnRow.confidence.is_not(None))
        .where(TurnRow.heard != "")
    )
    with database.reading() as session:
        return LineDay(session.scalar(calls) or 0, session.scalar(unanswered) or 0)
