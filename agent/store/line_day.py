"""What a client's people see of their line at a glance; calls that only tried it are left out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from agent.store.database import Database
from agent.store.gap_groups import MOST
from agent.store.gaps import found_gaps
from agent.store.schema import CallRow, GapRow


def calls_since(database: Database, client: str, since: datetime) -> int:
    """How many calls came on a client's line since an instant.

    Args:
        database: Where they are kept.
        client: Slug.
        since: With its zone.
    """
    query = select(func.count()).select_from(CallRow).where(
        CallRow.client == client, CallRow.test.is_(False), CallRow.started_at >= since
    )  # fmt: skip
    with database.reading() as session:
        return session.scalar(query) or 0


def unsettled_since(database: Database, client: str, since: datetime) -> int:
    """How many questions since an instant had no right answer, and nothing was done of them yet.

    Args:
        database: Where they are kept.
        client: Slug.
        since: With its zone.
    """
    query = select(GapRow.call_id, GapRow.position).where(
        GapRow.client == client, GapRow.settled != ""
    )
    with database.reading() as session:
        found = found_gaps(session, client, MOST, since)
        settled = {tuple(row) for row in session.execute(query)}
    return sum(gap.asked != "" and (gap.call_id, gap.position) not in settled for gap in found)
