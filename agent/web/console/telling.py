"""A call in an operator's words. Pure."""

from __future__ import annotations

from datetime import datetime

from agent.call.live import LiveCall
from agent.call.moves import Phase, State
from agent.call.record import Brief, CallRecord, HandoffRequest, Turn
from agent.handoff.brief import brief_of
from agent.handoff.wording import by_pairs

DOING: dict[Phase, str] = {
    Phase.LISTENING: "écoute",
    Phase.LOOKING_UP: "cherche dans les notices",
    Phase.STEPS: "guide pas à pas",
    Phase.HELPED: "demande si c'est réglé",
    Phase.CONFIRMING: "fait confirmer",
    Phase.CHOOSING: "demande quel appareil",
    Phase.OFFERING: "propose un conseiller",
    Phase.CHECKING: "vérifie s'il y a un danger",
    Phase.HANDING_OVER: "transmet la demande",
    Phase.CAPTURING: "note les coordonnées",
    Phase.RATING: "demande une note",
    Phase.RINGING: "appelle un conseiller",
    Phase.CONNECTED: "un conseiller parle",
    Phase.ENDED: "prend congé",
}
"""What the agent is doing, as an operator reads it."""

UNKNOWN_NUMBER = "numéro masqué"

SPEAKERS = {"caller": "Client", "agent": "Assistant", "operator": "Conseiller"}
"""Who speaks, as an operator reads it."""


def doing(state: State) -> str:
    """What the agent is doing, danger first."""
    what = DOING[state.phase]
    return f"DANGER, {what}" if state.danger is not None else what


def caller_number_of(record: CallRecord) -> str:
    """The caller's number, or the one that they gave."""
    number = record.caller_number
    if number is None and record.handoff is not None:
        number = record.handoff.brief.caller_number
    return by_pairs(number) if number else UNKNOWN_NUMBER


def name_of(record: CallRecord) -> str:
    """The caller's name, "" if they did not give it."""
    return record.handoff.brief.details.get("name", "") if record.handoff is not None else ""


def caller_of(record: CallRecord) -> str:
    """The caller's number by pairs, and their name once they gave it."""
    number, name = caller_number_of(record), name_of(record)
    return f"{name}, {number}" if name else number


def lasted(record: CallRecord, now: datetime) -> str:
    """How long a call has lasted, « 3:07 »."""
    seconds = int(((record.ended_at or now) - record.started_at).total_seconds())
    return f"{max(0, seconds) // 60}:{max(0, seconds) % 60:02d}"


def lines_of(turn: Turn) -> list[tuple[str, str]]:
    """Who said what in a turn, in order: ("caller" | "agent" | "operator", words)."""
    said = [("caller", turn.heard), (turn.by, turn.said)]
    return [(who, words) for who, words in said if words]


def brief_so_far(call: LiveCall) -> Brief:
    """The brief of a caller who has not been handed over yet."""
    state, record = call.state, call.record
    return brief_of(
        HandoffRequest(
            record.client, record.call_id, record.caller_number, state.about, state.problem,
            "taken_over", state.tried, (), "normal", story=state.story,
        )
    )  # fmt: skip
