"""Requests for a human become tickets: durable before the caller hears of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from agent.call.record import Handoff, HandoffRequest, TicketBook
from agent.handoff.brief import brief_of, line_of
from agent.handoff.hours import Schedule, as_said, next_opening


class TicketDesk:
    """Answers every request with a callback ticket."""

    def __init__(
        self,
        book: TicketBook,
        hours: Callable[[str], Schedule | None] = lambda _: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        release: Callable[[str], object] = lambda _: None,
    ) -> None:
        """Take requests.

        Args:
            book: Where they are kept.
            hours: A client's staffed hours by its slug, None if it has set none; may block.
            now: The time, with its zone.
            release: Has those told who are to be told of a ticket; may block.
        """
        self._book = book
        self._hours = hours
        self._now = now
        self._release = release

    def open(self, request: HandoffRequest) -> Handoff:
        """Write the brief and keep the ticket; returns once it is durable.

        An urgent request waits for no opening.
        """
        brief = brief_of(request)
        due_at, reopens = (None, "") if request.urgency == "urgent" else self._due(request.client)
        ticket_id = self._book.open_ticket(
            request.client, request.call_id, brief, request.urgency, due_at
        )
        return Handoff(ticket_id, request.urgency, brief, due_at, reopens)

    def set_number(self, handoff: Handoff, caller_number: str) -> Handoff:
        """Keep the number to call back; returns once it is durable."""
        self._book.set_number(handoff.ticket_id, caller_number)
        return replace(handoff, brief=replace(handoff.brief, caller_number=caller_number))

    def set_detail(self, handoff: Handoff, field: str, value: str) -> Handoff:
        """Keep a detail of the caller or the matter; returns once it is durable."""
        self._book.set_detail(handoff.ticket_id, field, value)
        brief = replace(handoff.brief, details={**handoff.brief.details, field: value})
        return replace(handoff, brief=replace(brief, line=line_of(brief)))

    def update(self, handoff: Handoff, request: HandoffRequest) -> Handoff:
        """Keep what was told since; number and details stay. Returns once it is durable."""
        brief = brief_of(request)
        self._book.set_brief(handoff.ticket_id, brief)
        return replace(handoff, brief=brief)

    def complete(self, handoff: Handoff) -> None:
        """The call is over: have those told who are to be told of its ticket."""
        self._release(handoff.ticket_id)

    def _due(self, client: str) -> tuple[datetime | None, str]:
        """When operators are there again and how that is said, if they are not there now."""
        schedule, now = self._hours(client), self._now()
        opens = next_opening(schedule, now) if schedule is not None else None
        if schedule is None or opens is None or opens <= now:
            return None, ""
        return opens, as_said(opens, now, schedule.zone)
