"""The story of a call in five seconds, built by rules from what the call knows. Pure."""

from __future__ import annotations

from dataclasses import replace

from agent.call.record import Brief, HandoffRequest, Sourced, Story, TriedStep
from knowledge.answer import Danger

REASONS = {
    "unsure": "la réponse n'est pas dans les notices",
    "human": "le client demande un conseiller",
    "unheard": "le client est mal compris au téléphone",
    "technical": "panne technique de l'assistant",
    "angry": "le client est mécontent",
    "service": "la notice renvoie au service après-vente",
    "language": "le client ne parle pas français",
    "danger": "DANGER signalé par le client",
    "taken_over": "un conseiller a pris l'appel",
}
"""Each reason of a handoff as an operator reads it."""

DANGERS: dict[Danger, str] = {
    "gas": "gaz",
    "fire": "feu ou fumée",
    "shock": "courant électrique",
    "carbon_monoxide": "monoxyde de carbone",
    "shut_in": "personne ou animal enfermé",
    "injury": "personne blessée ou malade",
}
"""Each danger as an operator reads it."""

TRIED_CHARACTERS = 160
"""A longer sentence of the agent is cut in the brief."""

NO_PRODUCT, NO_QUESTION = "appareil non précisé", "demande non formulée"


def brief_of(request: HandoffRequest) -> Brief:
    """The brief of a request; adds no fact to it."""
    question = request.question.strip()
    story = request.story or Story(problem=question)
    seen: dict[str, None] = {}
    for passage in request.looked_at:
        seen.setdefault(passage.place)
    brief = Brief(
        line="",
        caller_number=request.caller_number,
        product=request.product,
        question=question or NO_QUESTION,
        reason=REASONS.get(request.reason, request.reason),
        tried=tuple(shortened(text) for text in request.tried),
        pages=tuple(seen),
        details=dict(request.details),
        problem=question if question and story.problem else None,
        earlier=story.earlier,
        reference=story.reference or None,
        said=story.said,
        steps=story.steps,
        mood=story.mood,
        danger=request.danger,
        next_step=_next_step(request, story),
        language=story.language,
    )
    return replace(brief, line=line_of(brief))


def line_of(brief: Brief) -> str:
    """The story in one sentence, to be read aloud, with what the caller gave since."""
    given = brief.details
    product = brief.product or given.get("appliance") or NO_PRODUCT
    words = brief.problem or given.get("subject") or brief.question
    reason = brief.reason
    if brief.danger is not None:
        reason = f"{reason} : {DANGERS[brief.danger]}"
    pieces = (product, f"« {words} »", _progress(brief.steps), reason)
    return f"{' — '.join(piece for piece in pieces if piece)}."


def shortened(text: str, limit: int = TRIED_CHARACTERS) -> str:
    """A text of at most so many characters, cut between words."""
    return text if len(text) <= limit else text[: limit - 1].rsplit(" ", 1)[0] + "…"


def _progress(steps: tuple[TriedStep, ...]) -> str:
    """How the advice went, in a few words; "" if none was given."""
    tried = sum(step.result in ("done", "no_help", "helped") for step in steps)
    if not tried:
        return "une étape donnée, non faite" if steps else ""
    how = f"{tried} étapes essayées" if tried > 1 else "une étape essayée"
    last = steps[-1].result
    if last == "not_done":
        return f"{how}, bloqué à la suivante"
    return f"{how}, sans succès" if last == "no_help" else how


def _next_step(request: HandoffRequest, story: Story) -> Sourced | None:
    """The first untried part of the advice, else what the manuals may also say to it."""
    if request.reason == "danger" or request.danger is not None:
        return None
    return story.left[0] if story.left else story.lead
