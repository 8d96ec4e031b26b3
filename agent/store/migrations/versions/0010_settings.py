"""What a client sets of its own line: greeting, voice, recording, retention; calls to try it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Clients go on as before: whoever recorded records every call, all is kept as long as may be.

    No call that is there was a test.
    """
    for name, kind, default in (
        ("spoken_name", sa.String(), "''"),
        ("greeting_sentence", sa.String(), "''"),
        ("greeting_heard", sa.String(), "''"),
        ("voice", sa.String(), "''"),
        ("pace", sa.Double(), "1.0"),
        ("recording_percent", sa.Integer(), "100"),
        ("recording_notice", sa.String(), "''"),
        ("keep_audio_days", sa.Integer(), "180"),
        ("keep_transcript_days", sa.Integer(), "365"),
        ("keep_ticket_days", sa.Integer(), "365"),
        ("keep_analysis_days", sa.Integer(), "365"),
    ):
        op.add_column(
            "clients", sa.Column(name, kind, server_default=sa.text(default), nullable=False)
        )
    op.add_column(
        "calls", sa.Column("test", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
