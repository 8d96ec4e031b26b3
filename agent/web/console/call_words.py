"""A past call in an operator's words. Pure."""

from __future__ import annotations

from agent.call.record import CallRecord, Decision, Outcome
from agent.handoff.states import HandoffRecord, HandoffState
from agent.web.console.feed import Names
from agent.web.console.when import clock_of

OUTCOMES: dict[Outcome, str] = {
    "answered": "Répondu",
    "handoff": "Transmis",
    "message": "Message pris",
    "abandoned": "Sans suite",
}
IN_PROGRESS = "En cours"

DECISIONS: dict[Decision, str] = {
    "answer": "réponse de la notice",
    "confirm": "demande de confirmation",
    "clarify": "demande de précision",
    "handoff": "passage à un conseiller",
    "safety": "consigne de sécurité",
    "social": "",
}
"""What a turn led to, as an operator reads it; nothing of small talk."""

ENDED_BY = {
    "caller": "le client a raccroché",
    "operator": "le conseiller a raccroché",
    "agent": "l'assistant a pris congé",
    "limit": "durée maximale atteinte",
    "error": "panne technique",
    "server": "arrêt du serveur",
}

STATES: dict[HandoffState, str] = {
    "requested": "en attente d'un conseiller",
    "ringing": "un conseiller est appelé",
    "accepted": "accepté",
    "connected": "en conversation",
    "declined": "refusé",
    "no_answer": "personne n'a répondu",
    "failed": "la liaison a été perdue",
    "finished": "terminé par le conseiller",
    "abandoned": "le client n'a pas attendu",
}


WHYS: dict[str, str] = {
    "declined": "refusé",
    "returned": "rendu à l'assistant, à rappeler",
    "settled": "rendu à l'assistant, réglé",
}
"""What an operator did, where the state alone does not tell."""


def outcome_of(record: CallRecord) -> str:
    """How a call came out."""
    return IN_PROGRESS if record.ended_at is None else OUTCOMES[record.outcome]


def passages_of(handoff: HandoffRecord, names: Names) -> tuple[str, ...]:
    """Each state of a handoff: when, what, and whose doing it was."""
    zone = names.zone(handoff.client)
    lines = []
    for one in handoff.history:
        what = WHYS.get(one.why, STATES[one.state])
        by = f" ({names.user(one.operator)})" if one.operator else ""
        lines.append(f"{clock_of(one.at, zone)} : {what}{by}")
    return tuple(lines)
