"""Accounts: invitations, second factors, known browsers, failed attempts, sessions listed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Those who sign in already go on as before; of what they did until now nothing is known."""
    op.add_column("users", sa.Column("signed_in_at", _WHEN, nullable=True))
    op.add_column("sessions", sa.Column("used_at", _WHEN, nullable=True))
    for name in ("device", "network"):
        op.add_column(
            "sessions", sa.Column(name, sa.String(), server_default=sa.text("''"), nullable=False)
        )
    _signing_in()
    _second_factors()
    _invitations()


def _of_user(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_user_id"
    return sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=name, ondelete="CASCADE")


def _signing_in() -> None:
    op.create_table(
        "sign_in_steps",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("expires_at", _WHEN, nullable=False),
        _of_user("sign_in_steps"),
        sa.PrimaryKeyConstraint("digest", name="pk_sign_in_steps"),
    )
    op.create_table(
        "devices",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("used_at", _WHEN, nullable=False),
        _of_user("devices"),
        sa.PrimaryKeyConstraint("digest", "user_id", name="pk_devices"),
    )
    op.create_table(
        "attempts",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("count", sa.Double(), nullable=False),
        sa.Column("counted_at", _WHEN, nullable=False),
        sa.Column("blocked_until", _WHEN, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_attempts"),
    )
    op.create_index("ix_attempts_counted_at", "attempts", ["counted_at"])


def _second_factors() -> None:
    op.create_table(
        "second_factors",
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("created_at", _WHEN, nullable=False),
        sa.Column("confirmed_at", _WHEN, nullable=True),
        _of_user("second_factors"),
        sa.PrimaryKeyConstraint("user_id", name="pk_second_factors"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        _of_user("recovery_codes"),
        sa.PrimaryKeyConstraint("user_id", "digest", name="pk_recovery_codes"),
    )


def _invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("client", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("invited_by", sa.String(), nullable=True),
        sa.Column("inviter", sa.String(), nullable=False),
        sa.Column("created_at", _WHEN, nullable=False),
        sa.Column("expires_at", _WHEN, nullable=False),
        sa.Column("due_at", _WHEN, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", _WHEN, nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("used_at", _WHEN, nullable=True),
        sa.Column("withdrawn_at", _WHEN, nullable=True),
        sa.ForeignKeyConstraint(["client"], ["clients.slug"], name="fk_invitations_client"),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
    )
    for column in ("client", "email", "due_at"):
        op.create_index(f"ix_invitations_{column}", "invitations", [column])
    op.create_table(
        "invitation_links",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("invitation_id", sa.String(), nullable=False),
        sa.Column("made_at", _WHEN, nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitations.id"], name="fk_invitation_links_invitation_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("digest", name="pk_invitation_links"),
    )  # fmt: skip
    op.create_index("ix_invitation_links_invitation_id", "invitation_links", ["invitation_id"])
