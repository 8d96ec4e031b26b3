"""The telephones of operators."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Those who are there already have none: they answer in their browser."""
    op.add_column(
        "users", sa.Column("phone", sa.String(), nullable=False, server_default=sa.text("''"))
    )
