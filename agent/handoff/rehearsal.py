"""The desk of calls that try a line out: it answers as the real one does, and keeps nothing."""

from __future__ import annotations

from datetime import datetime

from agent.call.record import Brief, Urgency

TICKET_ID = "ESSAI"
"""Of the requests of such calls, all of them."""


class RehearsalBook:
    """A `TicketBook` without pages: nobody is told, nobody is to be called back."""

    def open_ticket(
        self, client: str, call_id: str, brief: Brief, urgency: Urgency, due_at: datetime | None
    ) -> str:
        """Keep nothing; returns `TICKET_ID`."""
        return TICKET_ID

    def set_brief(self, ticket_id: str, brief: Brief) -> None:
        """Keep nothing."""

    def set_number(self, ticket_id: str, caller_number: str) -> None:
        """Keep nothing."""

    def set_detail(self, ticket_id: str, field: str, value: str) -> None:
        """Keep nothing."""
