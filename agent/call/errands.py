"""What the dialogue has done by the house: manuals asked, tickets kept, dangers sensed.

Each runs in a thread and within a limit of time; whatever goes wrong becomes an event, so that the
caller hears words.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Hashable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import TypeVar

from agent.call import dialogue
from agent.call.ahead import Ahead
from agent.call.dialogue import Event, State
from agent.call.handover import Operators, RingRequest, Tell, Transfer
from agent.call.record import Brief, CallRecord, Handoff, HandoffDesk, HandoffRequest, Turn
from agent.call.story import product_told
from agent.call.turn_log import TurnLog
from knowledge.answer import Answer, Evidence, Inquiry, Sensed

logger = logging.getLogger(__name__)

T = TypeVar("T")
Ask = Callable[[Inquiry], Answer]
"""Asks a client's manuals. Blocks."""

Sense = Callable[[Sequence[str]], Sensed | None]
"""Whether readings of a turn speak of a danger, by their meaning. Blocks for some 20 ms each."""

DIRECT = "appel direct, l'assistant n'a pas encore répondu"
"""Why an operator is rung who answers before the agent, as they read it."""

LIMIT_S = 6.0
SENSE_LIMIT_S = 1.0


async def in_time(blocking: Executor, work: Callable[[], T], limit_s: float = LIMIT_S) -> T:
    """The result of blocking work.

    Raises:
        TimeoutError: It takes longer; it goes on all the same.
    """
    done = asyncio.get_running_loop().run_in_executor(blocking, work)
    return await asyncio.wait_for(done, limit_s)


def request_of(
    record: CallRecord,
    action: dialogue.OpenTicket,
    state: State,
    looked_at: tuple[Evidence, ...],
) -> HandoffRequest:
    """What a call knows when it asks for a human.

    Args:
        record: Of the call; what was given on an earlier request stays.
        action: What the dialogue asks for.
        state: Of the conversation then.
        looked_at: Passages of the last look-up, best first.
    """
    before = record.handoff
    return HandoffRequest(
        client=record.client,
        call_id=record.call_id,
        caller_number=state.caller_number or record.caller_number,
        product=product_told(state, action.product),
        question=action.question,
        reason=action.reason,
        tried=action.tried,
        looked_at=looked_at,
        urgency=action.urgency,
        story=state.story,
        danger=state.danger if action.reason == "danger" else None,
        details={} if before is None else before.brief.details,
    )


def brought_up_to_date(request: HandoffRequest, state: State, handoff: Handoff) -> HandoffRequest:
    """A request that was kept, with what was told since; what it is about stays."""
    before, now = request.story or state.story, state.story
    story = replace(
        before, said=now.said, steps=now.steps, mood=now.mood, language=now.language,
        reference=now.reference,
    )  # fmt: skip
    same = now.problem == before.problem
    product = request.product or (product_told(state, None) if same else None)
    return replace(
        request, story=story, tried=state.tried, product=product,
        caller_number=handoff.brief.caller_number, details=handoff.brief.details,
    )  # fmt: skip


class Errands:
    """Those of one call."""

    def __init__(
        self,
        record: CallRecord,
        turns: TurnLog,
        *,
        ask: Ask,
        sense: Sense,
        desk: HandoffDesk,
        operators: Operators,
        blocking: Executor,
    ) -> None:
        self._record = record
        self._turns = turns
        self._ask = ask
        self._sense = sense
        self._desk = desk
        self._operators = operators
        self._blocking = blocking
        self._ahead = Ahead()
        self._looked_at: tuple[Evidence, ...] = ()
        self._request: HandoffRequest | None = None
        self._one_at_a_time = asyncio.Lock()  # the ticket is written from two tasks of a call

    async def sensed(self, event: Event) -> Event:
        """The event with the danger that its words mean; without it where that cannot be told."""
        if not isinstance(event, dialogue.Heard) or not event.text:
            return event
        try:
            danger = await self._ahead.take(*self._sensing(event))
        except Exception:  # the words that name a danger are still looked for
            logger.exception("dangers could not be sensed")
            self._turns.count("failed_sense")
            return event
        return replace(event, sensed=True, danger=danger)

    async def look_up(self, action: dialogue.LookUp, turn: Turn) -> Event:
        """Ask the manuals, and note on the turn what they were found to say."""
        started = time.perf_counter()
        try:
            answer = await self._ahead.take(*self._asking(action))
        except Exception as error:  # whatever the manuals' side raises, the caller gets a human
            logger.exception("the manuals could not be consulted")
            self._record.error = f"look-up: {type(error).__name__}: {error}"
            self._turns.count("failed_look_up")
            return dialogue.LookUpFailed()
        took_ms = (time.perf_counter() - started) * 1000
        turn.timings_ms = replace(turn.timings_ms, retrieval=round(took_ms, 1))
        turn.confidence = round(answer.confidence, 3)
        turn.evidence = self._looked_at = answer.evidence
        return dialogue.Found(answer)

    async def foresee(self, state: State, event: dialogue.Heard) -> dialogue.Say | None:
        """What would be said first if the caller had ended with these words; None if nothing is.

        Nothing is noted, kept or said; what was found is kept for when they have. Most turns tell
        no danger, so the manuals are asked while that is made sure of.
        """
        sensing = self._ahead.begin(*self._sensing(event))
        said = await self._rehearsed(state, replace(event, sensed=True))
        danger = await asyncio.shield(sensing)
        if danger is None:
            return said
        return await self._rehearsed(state, replace(event, sensed=True, danger=danger))

    async def _rehearsed(self, state: State, event: Event) -> dialogue.Say | None:
        while True:
            state, actions = dialogue.step(state, event)
            wanted = (one for one in actions if isinstance(one, dialogue.Say | dialogue.LookUp))
            first = next(wanted, None)
            if not isinstance(first, dialogue.LookUp):
                return first
            event = dialogue.Found(await asyncio.shield(self._ahead.begin(*self._asking(first))))

    def _sensing(
        self, event: dialogue.Heard
    ) -> tuple[Hashable, Callable[[], Awaitable[Sensed | None]]]:
        readings = (event.text, *event.alternatives)
        return readings, lambda: in_time(
            self._blocking, lambda: self._sense(readings), SENSE_LIMIT_S
        )

    def _asking(self, action: dialogue.LookUp) -> tuple[Hashable, Callable[[], Awaitable[Answer]]]:
        inquiry = Inquiry(
            action.question, action.product, action.readings, action.earlier, action.given,
            action.which,
        )  # fmt: skip
        return inquiry, lambda: in_time(self._blocking, lambda: self._ask(inquiry))

    async def open_ticket(self, action: dialogue.OpenTicket, state: State) -> Event:
        """Keep a request for a human, of a conversation that stands so."""
        async with self._one_at_a_time:
            request = request_of(self._record, action, state, self._looked_at)
            try:
                handoff = await in_time(self._blocking, lambda: self._desk.open(request))
            except Exception as error:  # the caller must not hear a promise that nothing keeps
                return self._not_kept(error)
            self._record.handoff, self._request = handoff, request
        reachable = self._operators.reachable(self._record.client, self._record.transport)
        return dialogue.TicketOpened(handoff.ticket_id, handoff.reopens, reachable)

    def ring(self, tell: Tell, first_s: float = 0.0) -> Transfer | None:
        """Ring operators for the open ticket; None if nobody is there.

        Args:
            tell: Is told what becomes of it.
            first_s: How long they are rung before the agent answers, where no ticket is open yet.
        """
        handoff, record = self._record.handoff, self._record
        if handoff is None:
            brief = Brief(DIRECT, record.caller_number, None, "", DIRECT, (), ())
            direct = RingRequest(
                record.client, record.call_id, None, brief, ring_s=first_s, line=record.transport
            )
            return self._operators.ring(direct, tell)
        request = RingRequest(
            record.client, record.call_id, handoff.ticket_id, handoff.brief,
            handoff.urgency, language=handoff.brief.language, line=record.transport,
        )  # fmt: skip
        return self._operators.ring(request, tell)

    async def keep_told(self, state: State) -> None:
        """Bring the open ticket up to date with what was told since, if anything was."""
        async with self._one_at_a_time:
            handoff, request = self._record.handoff, self._request
            if handoff is None or request is None or state.ticket_id is None:
                return  # none, or the operator has settled it
            if state.phase is dialogue.Phase.CONNECTED:
                return
            newer = brought_up_to_date(request, state, handoff)
            if (newer.story, newer.product) == (request.story, request.product):
                return
            try:
                kept = await in_time(self._blocking, lambda: self._desk.update(handoff, newer))
            except Exception:  # the ticket stands as it was: nothing was promised of this
                logger.exception("the ticket could not be brought up to date")
                self._turns.count("failed_ticket")
                return
            self._request = newer
            self._record.handoff = kept

    async def keep(self, action: dialogue.KeepNumber | dialogue.KeepDetail) -> Event | None:
        """Put something on the open ticket; an event if it could not be kept."""
        async with self._one_at_a_time:
            handoff, desk = self._record.handoff, self._desk
            assert handoff is not None, "details are kept on an open ticket"

            def put() -> Handoff:
                if isinstance(action, dialogue.KeepNumber):
                    return desk.set_number(handoff, action.number)
                return desk.set_detail(handoff, action.field, action.value)

            try:
                self._record.handoff = await in_time(self._blocking, put)
            except Exception as error:  # « c'est noté » must be true
                return self._not_kept(error)
            return None

    def _not_kept(self, error: Exception) -> Event:
        logger.error("the ticket could not be kept", exc_info=error)
        self._record.error = f"ticket: {type(error).__name__}: {error}"
        self._turns.count("failed_ticket")
        return dialogue.TicketFailed()
