"""Requests for a human become tickets: durable before the caller hears of them."""

from __future__ import annotations

from dataclasses import replace

from agent.call.record import Handoff, HandoffRequest, TicketBook
from agent.handoff.brief import brief_of


class TicketDesk:
    """Answers every request with a callback ticket."""

    def __init__(self, book: TicketBook) -> None:
        self._book = book

    def open(self, request: HandoffRequest) -> Handoff:
        """Write the brief and keep the ticket; returns once it is durable."""
        brief = brief_of(request)
        ticket_id = self._book.open_ticket(request.client, request.call_id, brief, request.urgency)
        return Handoff(ticket_id, request.urgency, brief)

    def set_number(self, handoff: Handoff, caller_number: str) -> Handoff:
        """Keep the number to call back; returns once it is durable."""
        self._book.set_number(handoff.ticket_id, caller_number)
        return replace(handoff, brief=replace(handoff.brief, caller_number=caller_number))

    def set_detail(self, handoff: Handoff, field: str, value: str) -> Handoff:
        """Keep a detail of the caller or the matter; returns once it is durable."""
        self._book.set_detail(handoff.ticket_id, field, value)
        details = {**handoff.brief.details, field: value}
        return replace(handoff, brief=replace(handoff.brief, details=details))
