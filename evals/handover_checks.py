"""What is looked at while a caller is handed over, and afterwards; each check can fail."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from agent.audio import VOICED_RMS, Samples, resample
from agent.call.operator_leg import OperatorLeg
from agent.call.record import CallRecord
from agent.demo import CALLER
from agent.errors import PermanenceError
from agent.handoff.transfer import SwitchboardTransfer
from agent.telephony.browser import RATE_OUT_HZ
from evals.arrived import word_errors
from evals.chromium import EAR_RATE_HZ
from evals.console_page import ConsolePage, NotInTimeError
from evals.handover_figures import KEPT, SILENT, Run
from evals.handover_stage import AGREES, ASKS, GREETS, PAUSE_S, TELLS, Stage, until
from evals.sound_match import find, voiced_outside
from evals.waiting_caller import WaitingCaller
from voices.french import sentences
from voices.prompts import prompt

SAME = 20
"""Letters by which a sentence is known: it may be spoken in parts."""

AGENT_LIMIT_S = 0.3
"""Sound on the caller's line, beside the operator's words, that is not the agent's yet: the edges
of the words and of the browser's noise suppression."""

EDGE_S = 0.5
KEPT_LIMIT_S = 4.0
"""By when what was decided is in the database."""

MISHEARD = 0.6
"""Share of wrong words from which a sentence is taken not to be in the transcript."""

WHOLE = 0.35
"""Share of wrong words up to which a sentence was certainly heard whole: a talk may end then."""

TURN_LIMIT_S = 20.0
"""By when both have said their sentence, and the recogniser has heard it."""

WANTED: dict[str, tuple[str, ...]] = {
    "accepted": (
        "it rings", "connected", "the operator hears the caller", "the caller hears the operator",
        "the agent is silent", "transcript has both", "ended by the operator", KEPT, "history",
        "ticket", SILENT,
    ),
    "declined": ("it rings", "told", "number taken", KEPT, "history", "ticket", SILENT),
    "no answer": ("it rings", "told", "number taken", KEPT, "history", "ticket", SILENT),
    "browser killed": (
        "it rings", "connected", "told", "rung elsewhere or told", "number taken", KEPT, "history",
        "ticket", SILENT,
    ),
    "caller gone": ("it rings", "silent within a second", KEPT, "history", "ticket", SILENT),
}  # fmt: skip
"""What has to be so in each case."""

HISTORY = {
    "accepted": ["requested ringing accepted connected finished"],
    "declined": ["requested ringing ringing declined"],
    "no answer": ["requested ringing no_answer"],
    "browser killed": [
        "requested ringing accepted connected failed",
        "requested ringing ringing declined",
    ],
    "caller gone": ["requested ringing abandoned"],
}
"""The states of the handoffs; who declines is noted in the state in which they do."""


# --- while it goes on -----------------------------------------------------------------------------


@asynccontextmanager
async def calling(stage: Stage, *, masked: bool = False) -> AsyncIterator[WaitingCaller]:
    """A caller by the media socket, who asks for a person; at the end the call is over.

    Raises:
        NotInTimeError: The call is not taken.
        CallFailedError: The line broke.
    """
    number = None if masked else CALLER
    caller = WaitingCaller(stage.media_url, stage.clip(ASKS), number)
    caller.start()
    assert caller.done is not None
    try:
        await until(lambda: caller.call_id, 10, "the call is taken")
        yield caller
        await asyncio.wait_for(asyncio.shield(caller.done), 15)
    finally:
        caller.hang_up()
        with suppress(TimeoutError, PermanenceError):
            await asyncio.wait_for(caller.done, 10)


async def rung(stage: Stage, made: Run, call_id: str, page: ConsolePage) -> SwitchboardTransfer:
    """Wait until a call rings in a console; returns its handoff.

    Raises:
        NotInTimeError: It does not ring.
    """
    transfer = await until(lambda: stage.transfer_of(call_id), 40, "an operator is rung")
    assert transfer is not None
    asked_at = transfer.record.history[0].at.timestamp()
    rang_at = await until(lambda: page.rang_at(asked_at - 0.05), 6, "the console rings")
    made.checks["it rings"] = True
    assert rang_at is not None
    made.times_s["requested to ringing"] = rang_at - asked_at
    return transfer


async def connected(
    stage: Stage, made: Run, transfer: SwitchboardTransfer, page: ConsolePage
) -> None:
    """Accept by the key, and wait until the operator's line carries sound.

    Raises:
        NotInTimeError: It does not.
    """
    pressed_at = time.time()
    await asyncio.to_thread(page.press, "a")
    await until(lambda: transfer.record.state == "connected", 15, "the operator is connected")
    made.checks["connected"] = True
    made.times_s["key to accepted"] = when(transfer, "accepted") - pressed_at
    made.times_s["accepted to connected"] = when(transfer, "connected") - when(transfer, "accepted")
    await asyncio.to_thread(page.browser.listen)


def when(transfer: SwitchboardTransfer, state: str) -> float:
    """When a handoff came into a state last, seconds since the epoch."""
    return next(
        one.at.timestamp() for one in reversed(transfer.record.history) if one.state == state
    )


def is_joined(transfer: SwitchboardTransfer) -> bool:
    """Whether the operator and the caller hear one another."""
    leg = transfer.leg
    return isinstance(leg, OperatorLeg) and leg.joint.is_joined


async def both_said(stage: Stage, call_id: str, text: str) -> None:
    """Wait until the operator's sentence and the caller's are heard; each is looked at later."""

    def both() -> bool:
        live = stage.server.house.live.get(call_id)
        turns = live.record.turns if live is not None else []
        greeted = any(_wrong(GREETS, turn.said) <= WHOLE for turn in turns if turn.by == "operator")
        told = any(_wrong(text, turn.heard) < MISHEARD for turn in turns if turn.heard)
        return greeted and told

    with suppress(NotInTimeError):  # the checks will say what is missing
        await until(both, TURN_LIMIT_S, "both are heard")


async def ended_by_key(stage: Stage, made: Run, call_id: str, page: ConsolePage) -> None:
    """The operator ends the talk: the agent takes leave, and the call is over."""
    await asyncio.to_thread(page.press, "t")
    live = stage.server.house.live
    await until(lambda: live.get(call_id) is None, 20, "the call is over")
    await until(lambda: stage.record(call_id).ended_at, KEPT_LIMIT_S, "the call's record is kept")
    made.checks["ended by the operator"] = stage.record(call_id).ended_by == "agent"


def says(caller: WaitingCaller, name: str, since: float) -> bool:
    """Whether the agent has begun the first sentence of a prompt since a time."""
    first = sentences(prompt(name, number="", before=""))[0]
    return any(said.startswith(first[:SAME]) for said in caller.said(since))


async def told_nobody(made: Run, caller: WaitingCaller, limit_s: float = 8.0) -> None:
    """Wait until the caller is told that nobody could answer, and what comes of it.

    Raises:
        NotInTimeError: They are not told.
    """
    await until(lambda: says(caller, "no_operator_known", 0.0), limit_s, "told that nobody answers")
    await until(
        lambda: any("rappelle" in said or "rappeler" in said for said in caller.said()[-2:]),
        10, "told that they are called back",
    )  # fmt: skip
    made.checks["told"] = True


async def give_number(stage: Stage, caller: WaitingCaller) -> None:
    """Key the number that is asked for, and agree to it as it is read back."""
    asked_at = time.time()
    await until(lambda: _listened(caller, asked_at), 15, "the number is asked for")
    keyed_at = time.time()
    caller.key(CALLER)
    await until(lambda: _listened(caller, keyed_at), 15, "the number is read back")
    agreed_at = time.time()
    caller.say(stage.clip(AGREES))
    await until(lambda: caller.said(agreed_at), 10, "the number is kept")


def _listened(caller: WaitingCaller, since: float) -> bool:
    return any(at >= since and one["event"] == "listening" for at, one in caller.events)


# --- afterwards -----------------------------------------------------------------------------------


def check_sound(
    stage: Stage, made: Run, text: str, ear: Samples, line: Samples, line_hz: int
) -> None:
    """Look whether each end has received what the other sent, and nothing of the agent.

    Args:
        stage: Of the run.
        made: Of the run.
        text: What the caller said.
        ear: What the operator's browser received, at `EAR_RATE_HZ`.
        line: What the caller received while they were joined.
        line_hz: Its rate.
    """
    told = find(stage.clips[text], RATE_OUT_HZ, ear, EAR_RATE_HZ)
    greeted = find(stage.clips[GREETS], RATE_OUT_HZ, line, line_hz)
    others = [find(stage.clips[other], RATE_OUT_HZ, ear, EAR_RATE_HZ).likeness
              for other in TELLS if other != text]  # fmt: skip
    made.numbers |= {
        "likeness at the operator's": told.likeness,
        "likeness at the caller's": greeted.likeness,
        "likeness of other sentences": max(others),
    }
    made.checks["the operator hears the caller"] = told.arrived and max(others) < told.likeness
    made.checks["the caller hears the operator"] = greeted.arrived
    length_s = stage.clips[GREETS].size / RATE_OUT_HZ
    starts = [greeted.at_s + times * (length_s + PAUSE_S) for times in range(-5, 6)]
    spans = [(start - EDGE_S, start + length_s + EDGE_S) for start in starts]
    outside = voiced_outside(resample(line, line_hz, EAR_RATE_HZ), EAR_RATE_HZ, spans, VOICED_RMS)
    made.numbers["sound beside the operator's words, s"] = outside
    made.checks["the agent is silent"] = outside <= AGENT_LIMIT_S


async def check_talk(stage: Stage, made: Run, transfer: SwitchboardTransfer, text: str) -> None:
    """Look at what was kept of a call whose caller and operator have talked."""
    turns = stage.record(transfer.request.call_id).turns
    operator = " ".join(turn.said for turn in turns if turn.by == "operator")
    made.numbers["operator's words wrong"] = wrong = _wrong(GREETS, operator)
    made.numbers["caller's words wrong"] = heard = min(
        (_wrong(text, turn.heard) for turn in turns if turn.heard), default=1.0
    )
    made.checks["transcript has both"] = wrong < MISHEARD and heard < MISHEARD
    await check_ticket(stage, made, transfer)


async def check_ticket(
    stage: Stage, made: Run, transfer: SwitchboardTransfer, handoffs: int = 1
) -> None:
    """Look at the handoffs and the ticket as they were kept.

    Args:
        stage: Of the run.
        made: Of the run.
        transfer: The first handoff.
        handoffs: How many there were.
    """
    house, call_id = stage.server.house, transfer.request.call_id
    wanted, status = HISTORY[made.case][:handoffs], "done" if made.case == "accepted" else "new"

    def as_wanted() -> bool:
        return _histories(stage, call_id) == wanted and _status(record) == status

    def _status(record: CallRecord) -> str:
        assert record.handoff is not None
        return house.tickets.get(record.handoff.ticket_id).status

    await until(lambda: house.live.get(call_id) is None, 10, "the call is over")
    record = stage.record(call_id)
    if record.handoff is None:
        return
    with suppress(NotInTimeError):
        await until(as_wanted, KEPT_LIMIT_S, "kept")
    ticket = house.tickets.get(record.handoff.ticket_id)
    made.checks["history"] = _histories(stage, call_id) == wanted
    if not made.checks["history"]:
        made.fault = made.fault or f"history: {_histories(stage, call_id)}"
    made.checks["ticket"] = ticket.status == status
    made.checks["number taken"] = ticket.caller_number == CALLER
    talked = made.checks.get("ended by the operator", False) and ticket.status == "done"
    called_back = ticket.status == "new" and ticket.caller_number == CALLER
    made.checks[KEPT] = talked or called_back


def _histories(stage: Stage, call_id: str) -> list[str]:
    records = stage.server.house.handoffs.of_call(call_id)
    return [" ".join(one.state for one in record.history) for record in records]


def _wrong(said: str, heard: str) -> float:
    """Share of the words that are not as they were said."""
    errors, words = word_errors(said, heard)
    return min(1.0, errors / words)
