"""What figures are made of: a call that is over, reduced to what is counted.

How a call came out is told here otherwise than in its record, which knows nothing of what happened
to its ticket: see `CallKind`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import delete, exists, insert, select, update
from sqlalchemy.orm import Session

from agent.call.record import CallRecord, Turn
from agent.store.schema import CallCodeRow, CallFactRow, CallPageRow, HandoffRow
from knowledge.answer import Evidence

SLOT_S = 900
"""Length of a slot: every time zone's hours and days begin with one."""

LONGEST_NAME = 120
"""Characters of a product or code; what is longer is cut."""

CallKind = Literal["answered", "transferred", "message", "abandoned"]
"""How a call came out, each call one of these:

transferred: the caller and an operator have talked, whatever else happened.
message: a callback request was kept, or a message was left, and no operator has talked with them.
answered: neither; the manuals answered at least one question.
abandoned: none of these: the caller hung up before, or what they wanted came to nothing.
"""


def slot_of(at: datetime) -> int:
    """The slot that an instant is in, counted from 1970 in UTC."""
    return int(at.timestamp()) // SLOT_S


def kind_of(record: CallRecord, *, talked: bool) -> CallKind:
    """How a call that is over came out.

    Args:
        record: Of the call.
        talked: The caller and an operator have talked.
    """
    if talked or any(turn.by == "operator" for turn in record.turns):
        return "transferred"
    if record.handoff is not None or record.outcome in ("handoff", "message"):
        return "message"
    return "answered" if any(turn.decision == "answer" for turn in record.turns) else "abandoned"


def waited_ms(record: CallRecord) -> int | None:
    """From when the call was taken to the first word that the caller was told, milliseconds.

    None where that was not kept, or where the caller was told nothing first: a message left.
    """
    first = record.turns[0] if record.turns else None
    if first is None or first.heard or not first.said or first.at_s is None:
        return None
    return round(first.at_s * 1000)


def pages_of(record: CallRecord) -> dict[int, Evidence]:
    """The passages that answered questions, by the position of the turn that gave the answer.

    An answer that was given after « c'est bien ça ? » stands on what was looked up before.
    """
    found: dict[int, Evidence] = {}
    guess: Turn | None = None
    for position, turn in enumerate(record.turns):
        if turn.decision == "answer":
            stands_on = turn.evidence or (guess.evidence if guess is not None else ())
            if stands_on:
                found[position] = stands_on[0]
        if turn.heard:
            guess = turn if turn.decision == "confirm" else None
    return found


def write_facts(session: Session, record: CallRecord) -> None:
    """Keep those of a call that is over and whose row is there, in place of older ones."""
    assert record.ended_at is not None, "only a call that is over is counted"
    for table in (CallFactRow, CallCodeRow, CallPageRow):
        session.execute(delete(table).where(table.call_id == record.call_id))
    own = {"call_id": record.call_id, "client": record.client, "slot": slot_of(record.started_at)}
    talked = exists().where(
        HandoffRow.call_id == record.call_id,
        HandoffRow.client == record.client,
        HandoffRow.connected_at.is_not(None),
    )
    brief = None if record.handoff is None else record.handoff.brief
    product = record.product or (brief.product if brief is not None else None) or ""
    values = own | {
        "outcome": kind_of(record, talked=bool(session.scalar(select(talked)))),
        "length_s": max(0, round((record.ended_at - record.started_at).total_seconds())),
        "waited_ms": waited_ms(record),
        "danger": is_danger(record),
        "asked": record.satisfaction_asked,
        "rating": record.satisfaction,
        "product": product[:LONGEST_NAME],
    }
    session.execute(insert(CallFactRow).values(values))
    codes = dict.fromkeys(code[:LONGEST_NAME] for code in record.codes)
    if codes:
        session.execute(insert(CallCodeRow), [own | {"code": code} for code in codes])
    pages = [
        own | {"position": position, "manual": evidence.manual, "page": evidence.page}
        for position, evidence in pages_of(record).items()
    ]
    if pages:
        session.execute(insert(CallPageRow), pages)


def is_danger(record: CallRecord) -> bool:
    """Whether a danger was spoken of."""
    told = any(turn.decision == "safety" for turn in record.turns)
    return told or (record.handoff is not None and record.handoff.brief.danger is not None)


def note_talk(session: Session, call_id: str) -> None:
    """The caller and an operator have talked; of a call that goes on it is seen at its end."""
    session.execute(
        update(CallFactRow).where(CallFactRow.call_id == call_id).values(outcome="transferred")
    )
