"""What figures are made of: calls that are over in small columns, callbacks made and late."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_WHEN = sa.DateTime(timezone=True)
_BATCH = 500


def upgrade() -> None:
    """Calls that are there already are counted, too; nobody is asked for a mark."""
    op.add_column(
        "clients",
        sa.Column("satisfaction", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column(
        "clients",
        sa.Column("minutes_per_call", sa.Integer(), server_default=sa.text("6"), nullable=False),
    )
    op.add_column("handoffs", sa.Column("connected_at", _WHEN, nullable=True))
    op.add_column("tickets", sa.Column("late_at", _WHEN, nullable=True))
    op.add_column("tickets", sa.Column("called_at", _WHEN, nullable=True))
    _tables()
    _fill_handoffs()
    _fill_tickets()
    _fill_facts()


def _tables() -> None:
    for name, key, columns in (
        (
            "call_facts",
            [],
            [
                sa.Column("outcome", sa.String(), nullable=False),
                sa.Column("length_s", sa.Integer(), nullable=False),
                sa.Column("waited_ms", sa.Integer(), nullable=True),
                sa.Column("danger", sa.Boolean(), nullable=False),
                sa.Column("asked", sa.Boolean(), nullable=False),
                sa.Column("rating", sa.Integer(), nullable=True),
                sa.Column("product", sa.String(), nullable=False),
            ],
        ),
        ("call_codes", ["code"], [sa.Column("code", sa.String(), nullable=False)]),
        (
            "call_pages",
            ["position"],
            [
                sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
                sa.Column("manual", sa.String(), nullable=False),
                sa.Column("page", sa.Integer(), nullable=False),
            ],
        ),
    ):
        op.create_table(
            name,
            sa.Column("client", sa.String(), nullable=False),
            sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
            sa.Column("call_id", sa.String(), nullable=False),
            *columns,
            sa.ForeignKeyConstraint(
                ["call_id"], ["calls.call_id"], name=f"fk_{name}_call_id", ondelete="CASCADE"
            ),
            sa.PrimaryKeyConstraint("client", "slot", "call_id", *key, name=f"pk_{name}"),
            *([] if key else [sa.UniqueConstraint("call_id", name=f"uq_{name}_call_id")]),
            sqlite_with_rowid=False,
        )
        if key:
            op.create_index(f"ix_{name}_call_id", name, ["call_id"])


def _rows(query: str) -> Iterator[Any]:
    """All rows of a query by key, a batch at a time: records are large."""
    last = ""
    while True:
        rows = op.get_bind().execute(sa.text(query), {"last": last, "batch": _BATCH}).all()
        yield from rows
        if len(rows) < _BATCH:
            return
        last = rows[-1][0]


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _instant(value: Any) -> datetime | None:
    if value is None:
        return None
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _fill_handoffs() -> None:
    table = sa.table("handoffs", sa.column("id"), sa.column("connected_at", _WHEN))
    for row in _rows("SELECT id, history FROM handoffs WHERE id > :last ORDER BY id LIMIT :batch"):
        talks = [one["at"] for one in _json(row.history) if one["state"] == "connected"]
        if talks:
            op.execute(
                table.update().where(table.c.id == row.id).values(connected_at=_instant(talks[0]))
            )


def _fill_tickets() -> None:
    table = sa.table(
        "tickets", sa.column("id"), sa.column("late_at", _WHEN), sa.column("called_at", _WHEN)
    )
    for row in _rows(
        "SELECT id, urgency, created_at, due_at, attempts FROM tickets WHERE id > :last"
        " ORDER BY id LIMIT :batch"
    ):
        due_at = _instant(row.due_at) or _instant(row.created_at)
        assert due_at is not None
        patience = timedelta(minutes=15) if row.urgency == "urgent" else timedelta(hours=2)
        made = [one["at"] for one in _json(row.attempts)]
        op.execute(
            table.update().where(table.c.id == row.id).values(
                late_at=due_at + patience, called_at=_instant(made[0]) if made else None
            )
        )  # fmt: skip


def _fill_facts() -> None:
    facts, pages = (
        sa.table(name, *map(sa.column, columns))
        for name, columns in (
            ("call_facts", ("call_id", "client", "slot", "outcome", "length_s", "waited_ms",
                            "danger", "asked", "rating", "product")),
            ("call_pages", ("call_id", "position", "client", "slot", "manual", "page")),
        )
    )  # fmt: skip
    talked = {
        row[0]
        for row in op.get_bind().execute(
            sa.text("SELECT call_id FROM handoffs WHERE connected_at IS NOT NULL")
        )
    }
    for row in _rows(
        "SELECT call_id, client, started_at, ended_at, outcome, record FROM calls"
        " WHERE call_id > :last AND ended_at IS NOT NULL ORDER BY call_id LIMIT :batch"
    ):
        record, began, ended = _json(row.record), _instant(row.started_at), _instant(row.ended_at)
        assert began is not None
        assert ended is not None
        turns, handoff = record.get("turns", []), record.get("handoff")
        own = {"call_id": row.call_id, "client": row.client, "slot": int(began.timestamp()) // 900}
        brief = (handoff or {}).get("brief", {})
        first = turns[0] if turns else {}
        waits = first.get("said") and not first.get("heard") and first.get("at_s") is not None
        decisions = [turn["decision"] for turn in turns]
        op.bulk_insert(facts, [own | {
            "outcome": _kind(row, turns, handoff, talked),
            "length_s": max(0, round((ended - began).total_seconds())),
            "waited_ms": round(first["at_s"] * 1000) if waits else None,
            "danger": "safety" in decisions or brief.get("danger") is not None,
            "asked": False,
            "rating": None,
            "product": (brief.get("product") or "")[:120],
        }])  # fmt: skip
        found = [
            own | {"position": position, "manual": best["manual"], "page": best["page"]}
            for position, best in _pages(turns)
        ]
        if found:
            op.bulk_insert(pages, found)


def _kind(row: Any, turns: list[Any], handoff: Any, talked: set[str]) -> str:
    if row.call_id in talked or any(turn.get("by") == "operator" for turn in turns):
        return "transferred"
    if handoff is not None or row.outcome in ("handoff", "message"):
        return "message"
    return "answered" if any(turn["decision"] == "answer" for turn in turns) else "abandoned"


def _pages(turns: list[Any]) -> Iterator[tuple[int, Any]]:
    guess: list[Any] = []
    for position, turn in enumerate(turns):
        if turn["decision"] == "answer" and (stands_on := turn.get("evidence") or guess):
            yield position, stands_on[0]
        if turn["heard"]:
            guess = turn.get("evidence") or [] if turn["decision"] == "confirm" else []
