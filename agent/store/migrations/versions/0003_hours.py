"""When a client's operators are there, and from when a caller may be called back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Clients that are there already have set no hours; nothing is known of their tickets."""
    op.add_column(
        "clients", sa.Column("hours", sa.String(), server_default=sa.text("''"), nullable=False)
    )
    op.add_column("tickets", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
