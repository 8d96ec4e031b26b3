"""Files sent to be manuals, and versions that were published."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of what is in service already nobody has kept who sent it."""
    op.create_table(
        "manual_uploads",
        sa.Column("upload_id", sa.String(), nullable=False),
        sa.Column("client", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("refusal", sa.String(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("passages", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client"], ["clients.slug"], name="fk_manual_uploads_client"),
        sa.PrimaryKeyConstraint("upload_id", name="pk_manual_uploads"),
    )
    op.create_index(
        "ix_manual_uploads_client_manual_uploads_at", "manual_uploads", ["client", "at"]
    )
    op.create_index("ix_manual_uploads_state", "manual_uploads", ["state"])
    op.create_table(
        "manual_publications",
        sa.Column("publication_id", sa.String(), nullable=False),
        sa.Column("client", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("difference", sa.JSON(), nullable=False),
        sa.Column("check", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["client"], ["clients.slug"], name="fk_manual_publications_client"),
        sa.PrimaryKeyConstraint("publication_id", name="pk_manual_publications"),
    )
    op.create_index(
        "ix_manual_publications_client_manual_publications_at",
        "manual_publications",
        ["client", "at"],
    )
