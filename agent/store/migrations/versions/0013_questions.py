"""Questions that went unanswered in groups, and answers that a client's people have approved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is grouped or approved yet."""
    op.create_table(
        "faq_answers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("client", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("variants", sa.JSON(), nullable=False),
        sa.Column("appliance", sa.String(), nullable=False),
        sa.Column("models", sa.JSON(), nullable=False),
        sa.Column("written_by", sa.String(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client"], ["clients.slug"], name="fk_faq_answers_client"),
        sa.PrimaryKeyConstraint("id", name="pk_faq_answers"),
        sa.UniqueConstraint("client", "number", name="uq_faq_answers_client_number"),
    )
    op.create_table(
        "gap_questions",
        sa.Column("call_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("client", sa.String(), nullable=False),
        sa.Column("heard", sa.String(), nullable=False),
        sa.Column("embedder", sa.String(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("group_key", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("settled", sa.String(), nullable=False, server_default=sa.text("''")),
        sa.Column("settled_by", sa.String(), nullable=False, server_default=sa.text("''")),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.call_id"], name="fk_gap_questions_call_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["client"], ["clients.slug"], name="fk_gap_questions_client"),
        sa.PrimaryKeyConstraint("call_id", "position", name="pk_gap_questions"),
    )
    op.create_index(
        "ix_gap_questions_client_gap_questions_group_key", "gap_questions", ["client", "group_key"]
    )
