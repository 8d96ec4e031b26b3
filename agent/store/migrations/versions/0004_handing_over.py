"""Handing over: who signs in, what is sent, how tickets and handoffs go on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_WHEN = sa.DateTime(timezone=True)
_EMPTY = sa.text("'[]'")


def upgrade() -> None:
    """Clients go on as before: the agent answers first, and nothing is sent anywhere."""
    _clients()
    _tickets()
    _outbox()
    _users()
    _handoffs()


def _clients() -> None:
    for name, kind, default in (
        ("answering", sa.String(), "'always'"),
        ("overflow_rings", sa.Integer(), "3"),
        ("ringing", sa.String(), "'together'"),
        ("notify_emails", sa.JSON(), "'[]'"),
        ("webhook_url", sa.String(), "''"),
        ("webhook_secret", sa.String(), "''"),
        ("on_call", sa.JSON(), "'[]'"),
    ):
        op.add_column(
            "clients", sa.Column(name, kind, server_default=sa.text(default), nullable=False)
        )


def _tickets() -> None:
    op.add_column("tickets", sa.Column("taken_by", sa.String(), nullable=True))
    op.add_column(
        "tickets", sa.Column("attempts", sa.JSON(), server_default=_EMPTY, nullable=False)
    )
    op.add_column("tickets", sa.Column("notes", sa.JSON(), server_default=_EMPTY, nullable=False))
    op.add_column("tickets", sa.Column("done_at", _WHEN, nullable=True))
    op.create_index(
        "ix_tickets_client_tickets_caller_number", "tickets", ["client", "caller_number"]
    )
    op.create_index("ix_tickets_status_tickets_due_at", "tickets", ["status", "due_at"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("client", sa.String(), nullable=False),
        sa.Column("ticket_id", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("body", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("created_at", _WHEN, nullable=False),
        sa.Column("due_at", _WHEN, nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("sent_at", _WHEN, nullable=True),
        sa.Column("given_up_at", _WHEN, nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["client"], ["clients.slug"], name="fk_outbox_client"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_outbox_ticket_id"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint(
            "ticket_id", "event", "kind", "target", name="uq_outbox_ticket_id_event_kind_target"
        ),
    )
    op.create_index("ix_outbox_sent_at_outbox_due_at", "outbox", ["sent_at", "due_at"])


def _users() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("clients", sa.JSON(), nullable=False),
        sa.Column("languages", sa.JSON(), server_default=sa.text("'[\"fr\"]'"), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created_at", _WHEN, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("email", name="uq_users_email"),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("created_at", _WHEN, nullable=False),
        sa.Column("expires_at", _WHEN, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_sessions_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name="pk_sessions"),
    )


def _handoffs() -> None:
    op.create_table(
        "handoffs",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("client", sa.String(), nullable=False),
        sa.Column("call_id", sa.String(), nullable=False),
        sa.Column("ticket_id", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("operator", sa.String(), nullable=True),
        sa.Column("requested_at", _WHEN, nullable=False),
        sa.Column("ended_at", _WHEN, nullable=True),
        sa.Column("history", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["client"], ["clients.slug"], name="fk_handoffs_client"),
        sa.PrimaryKeyConstraint("id", name="pk_handoffs"),
    )
    op.create_index(
        "ix_handoffs_client_handoffs_requested_at", "handoffs", ["client", "requested_at"]
    )
    op.create_index("ix_handoffs_call_id", "handoffs", ["call_id"])
    op.create_table(
        "verdicts",
        sa.Column("call_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("note", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("given_at", _WHEN, nullable=False),
        sa.PrimaryKeyConstraint("call_id", "position", name="pk_verdicts"),
    )
