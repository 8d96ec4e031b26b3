"""The numbers on which clients are called."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Clients that are there already have no number: they are reached by their slug alone."""
    op.create_table(
        "client_numbers",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("client", sa.String(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["client"], ["clients.slug"], name="fk_client_numbers_client"),
        sa.PrimaryKeyConstraint("number", name="pk_client_numbers"),
    )
    op.create_index("ix_client_numbers_client", "client_numbers", ["client"])
