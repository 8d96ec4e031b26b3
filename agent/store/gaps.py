"""What real calls left unanswered, what was misunderstood in them, and what was judged wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, aliased

from agent.store.schema import CallRow, TurnRow, UserRow, VerdictRow
from knowledge.answer import place_of

GapKind = Literal["wrong", "unanswered", "misunderstood"]
"""wrong: by an operator's verdict. unanswered: the manuals were read in vain. misunderstood: what
was put to the caller to be confirmed was denied, or they were asked to say it in other words."""

ASKED_AGAIN = ("je vous ai mal compris", "je n'ai pas bien entendu")
"""In what the agent says when it was not sure to have heard right (voices/prompts)."""

_NO = re.compile(r"\W*(?:(?:ah|euh|mais|ben|oh)\W+)*non\b", re.IGNORECASE)


@dataclass(frozen=True)
class Gap:
    """A question that was answered wrongly, misunderstood, or not answered at all.

    Attributes:
        kind: See `GapKind`.
        at: When its call began, UTC.
        asked: The caller's words.
        said: The agent's.
        pages: What it stood on, or what was nearest: « manual, page n ».
        note: Of the verdict, "" for none.
        by: Who gave it, "" for nobody.
        recorded: The call was recorded.
    """

    kind: GapKind
    call_id: str
    position: int
    at: datetime
    asked: str
    said: str
    pages: tuple[str, ...]
    note: str = ""
    by: str = ""
    recorded: bool = False


def found_gaps(
    session: Session, client: str, limit: int, since: datetime | None = None
) -> tuple[Gap, ...]:
    """A client's gaps, the newest call first; calls that only tried the line are left out.

    With `since` those of calls that began before then are, too.
    """
    after = aliased(TurnRow)
    next_one = and_(after.call_id == TurnRow.call_id, after.position == TurnRow.position + 1)
    judged = VerdictRow.call_id == TurnRow.call_id, VerdictRow.position == TurnRow.position
    looked_up = TurnRow.confidence.is_not(None)  # so there is a probability
    again = or_(*(TurnRow.said.contains(words) for words in ASKED_AGAIN))
    recorded = CallRow.record["recording"].as_string()
    query = (
        select(TurnRow, CallRow.started_at, recorded, VerdictRow, UserRow.name, after.heard)
        .join(CallRow, TurnRow.call_id == CallRow.call_id)
        .outerjoin(VerdictRow, judged[0] & judged[1])
        .outerjoin(UserRow, UserRow.id == VerdictRow.user_id)
        .outerjoin(after, next_one)
        .where(CallRow.client == client, CallRow.test.is_(False))
        .where(
            or_(
                VerdictRow.verdict == "wrong",
                and_(
                    TurnRow.heard != "",
                    or_(
                        and_(TurnRow.decision == "handoff", looked_up),
                        and_(TurnRow.decision == "confirm", after.heard.is_not(None)),
                        again,
                    ),
                ),
            )
        )
        .order_by(CallRow.started_at.desc(), CallRow.call_id, TurnRow.position)
    )
    if since is not None:
        query = query.where(CallRow.started_at >= since)
    found: list[Gap] = []
    for turn, at, recording, verdict, by, then in session.execute(query):
        kind = _kind(turn, verdict, then)
        if kind is not None:
            found.append(_gap(kind, turn, at, verdict, by, recording is not None))
            if len(found) == limit:
                break
    return tuple(found)


def _kind(turn: TurnRow, verdict: VerdictRow | None, then: str | None) -> GapKind | None:
    if verdict is not None and verdict.verdict == "wrong":
        return "wrong"
    if turn.decision == "handoff":
        return "unanswered"
    if turn.decision == "confirm":
        return "misunderstood" if then is not None and _NO.match(then) else None
    return "misunderstood"


def _gap(
    kind: GapKind, turn: TurnRow, at: datetime, verdict: VerdictRow | None, by: str | None,
    recorded: bool,
) -> Gap:  # fmt: skip
    evidence: list[Mapping[str, Any]] = turn.evidence
    pages = dict.fromkeys(place_of(one["manual"], one["page"]) for one in evidence)
    return Gap(
        kind=kind,
        call_id=turn.call_id,
        position=turn.position,
        at=at,
        asked=turn.heard,
        said=turn.said,
        pages=tuple(pages),
        note=verdict.note if verdict is not None else "",
        by=by or "",
        recorded=recorded,
    )


KINDS: tuple[GapKind, ...] = get_args(GapKind)
