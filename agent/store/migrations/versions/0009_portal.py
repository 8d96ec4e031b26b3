"""The clients' own people: managers and readers, the language of their pages, what was done."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A client's people who are there already may change what is theirs, as managers."""
    op.add_column(
        "users", sa.Column("language", sa.String(), nullable=False, server_default=sa.text("'fr'"))
    )
    op.execute("UPDATE users SET role = 'manager' WHERE role = 'client'")
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.String(), nullable=True),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("client", sa.String(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.ForeignKeyConstraint(["client"], ["clients.slug"], name="fk_audit_client"),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_client_audit_at", "audit", ["client", "at"])
