"""Test questions of clients, and how they were answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Clients that are there already have none."""
    op.create_table(
        "test_questions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("client", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("appliance", sa.String(), nullable=False),
        sa.Column("manual", sa.String(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=True),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["client"], ["clients.slug"], name="fk_test_questions_client"),
        sa.PrimaryKeyConstraint("id", name="pk_test_questions"),
    )
    op.create_index(
        "ix_test_questions_client_test_questions_added_at", "test_questions", ["client", "added_at"]
    )
    op.create_table(
        "test_runs",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("client", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("draft", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("results", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["client"], ["clients.slug"], name="fk_test_runs_client"),
        sa.PrimaryKeyConstraint("id", name="pk_test_runs"),
    )
    op.create_index("ix_test_runs_client_test_runs_at", "test_runs", ["client", "at"])
