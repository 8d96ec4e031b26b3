"""The tables, as SQLAlchemy sees them; `migrations` makes the same ones.

`base` what they have in common · `clients` · `calls` · `people` · `manuals`
"""

from agent.store.schema.base import Base, UtcDateTime
from agent.store.schema.calls import (
    CallCodeRow,
    CallFactRow,
    CallPageRow,
    CallRow,
    HandoffRow,
    OutboxRow,
    TicketRow,
    TurnRow,
    VerdictRow,
)
from agent.store.schema.clients import (
    ApiRequestRow,
    ApiTokenRow,
    AuditRow,
    ClientRow,
    NumberRow,
)
from agent.store.schema.manuals import (
    FaqRow,
    GapRow,
    ManualPublicationRow,
    ManualRow,
    ManualUploadRow,
    TestQuestionRow,
    TestRunRow,
)
from agent.store.schema.people import (
    AttemptRow,
    DeviceRow,
    InvitationLinkRow,
    InvitationRow,
    RecoveryCodeRow,
    SecondFactorRow,
    SessionRow,
    SignInStepRow,
    UserRow,
)

HEAD = "0014"
"""Newest revision in `migrations/versions`; known here so that a start at head needs no Alembic."""

__all__ = [
    "HEAD",
    "ApiRequestRow",
    "ApiTokenRow",
    "AttemptRow",
    "AuditRow",
    "Base",
    "CallCodeRow",
    "CallFactRow",
    "CallPageRow",
    "CallRow",
    "ClientRow",
    "DeviceRow",
    "FaqRow",
    "GapRow",
    "HandoffRow",
    "InvitationLinkRow",
    "InvitationRow",
    "ManualPublicationRow",
    "ManualRow",
    "ManualUploadRow",
    "NumberRow",
    "OutboxRow",
    "RecoveryCodeRow",
    "SecondFactorRow",
    "SessionRow",
    "SignInStepRow",
    "TestQuestionRow",
    "TestRunRow",
    "TicketRow",
    "TurnRow",
    "UserRow",
    "UtcDateTime",
    "VerdictRow",
]
