"""The story of a call in five seconds, built by rules from what the call knows. Pure."""

from __future__ import annotations

from agent.call.record import Brief, HandoffRequest

REASONS = {
    "unsure": "la réponse n'est pas dans les notices",
    "human": "le client demande un conseiller",
    "unheard": "le client est mal compris au téléphone",
    "technical": "panne technique de l'assistant",
    "angry": "le client est mécontent",
    "service": "la notice renvoie au service après-vente",
    "language": "le client ne parle pas français",
    "danger": "DANGER signalé par le client",
}
"""Each reason of a handoff as an operator reads it."""

TRIED_CHARACTERS = 160
"""A longer sentence of the agent is cut in the brief."""


def brief_of(request: HandoffRequest) -> Brief:
    """The brief of a request; adds no fact to it."""
    reason = REASONS.get(request.reason, request.reason)
    product = request.product or "appareil non précisé"
    question = request.question.strip() or "demande non formulée"
    seen: dict[str, None] = {}
    for passage in request.looked_at:
        seen.setdefault(f"{passage.manual}, page {passage.page}")
    return Brief(
        line=f"{product} — « {question} » — {reason}.",
        caller_number=request.caller_number,
        product=request.product,
        question=question,
        reason=reason,
        tried=tuple(_shortened(text) for text in request.tried),
        pages=tuple(seen),
    )


def _shortened(text: str) -> str:
    if len(text) <= TRIED_CHARACTERS:
        return text
    return text[: TRIED_CHARACTERS - 1].rsplit(" ", 1)[0] + "…"
