"""What a client wants of its calls: recorded or not, and how its words are spoken."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Clients that are there already are not recorded, and their words are read as written."""
    op.add_column(
        "clients",
        sa.Column("recording", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column(
        "clients",
        sa.Column("pronunciations", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
    )
