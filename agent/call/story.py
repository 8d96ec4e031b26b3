"""What a caller told, what they were told and what came of it, kept for the brief. Pure.

Each function takes the state of a conversation and gives it with a longer story; nothing else of it
changes, and no move depends on it but what is still to be asked for a ticket.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from agent.call.intents import says
from agent.call.moves import Advice, State
from agent.call.record import Mood, Sourced, StepResult, Story, TriedStep
from knowledge.answer import Answer, Evidence
from knowledge.appliances import appliances_in
from knowledge.followup import is_not_enough
from knowledge.safety import fold
from knowledge.spoken import normalise, references

STEP_KINDS = ("procedure", "trouble", "error_code")
"""Kinds of passages that tell what to do."""

LEAD_CHARACTERS = 160
"""A longer passage is cut where it is shown as a lead."""

_CALL_SERVICE = re.compile(
    r"\b(?:appelez|contactez|faites (?:appel|venir|intervenir|controler|verifier)|adressez vous|"
    r"prevenez) (?:\w+ ){0,4}"
    r"(?:service|technicien|professionnel|installateur|electricien|reparateur)"
)
_MOODS: tuple[Mood, ...] = ("calm", "upset", "insulting")
_CLAUSES = re.compile(r"[,.;:!?…]|\b(?:parce qu|car|et)\b")
_MATTER = re.compile(
    r"\d|\b(?:pannes?|fuites?|fuit|fuient|coule|eau|bruits?|vibre\w*|codes?|affiche\w*|bloque\w*"
    r"|chauffe\w*|lave plus|demarre\w*|allume\w*|marche (?:plus|pas)|fonctionne (?:plus|pas)"
    r"|tourne (?:plus|pas)|vidange\w*|essore\w*|porte|filtre|odeurs?|sent|casse\w*|abime\w*"
    r"|garantie|facture|livr\w+|rendez vous|commande\w*|rembours\w+|pieces?|repar\w+)\b"
)


def calls_service(part: str) -> bool:
    """Whether a manual sends its reader to the after-sales service: whom the caller has rung."""
    return _CALL_SERVICE.search(fold(part)) is not None


def mooded(state: State, text: str) -> State:
    """The worst mood that was heard stays."""
    heard: Mood = (
        "insulting" if says("insult", text) else "upset" if says("angry", text) else "calm"
    )
    if _MOODS.index(heard) <= _MOODS.index(state.story.mood):
        return state
    return _told(state, mood=heard)


def tells_matter(text: str) -> bool:
    """Whether words tell what a call is about, beside whom the caller wants."""
    if not text:
        return False
    if not says("human", text):
        return not (says("insult", text) or says("angry", text)) or _is_matter(text)
    clauses = (clause for clause in _CLAUSES.split(text) if not says("human", clause))
    return any(_is_matter(clause) for clause in clauses)


def _is_matter(text: str) -> bool:
    return bool(appliances_in(text)) or _MATTER.search(fold(normalise(text))) is not None


def asked(state: State, question: str, *, on_the_way: bool = False) -> State:
    """The caller tells what it is about; « ça ne suffit pas » does not change that.

    Args:
        state: Before it.
        question: Their words.
        on_the_way: A question in the middle of something that goes on.
    """
    story = _with_reference(state.story, question)
    if on_the_way or is_not_enough(question) or not tells_matter(question):
        return replace(state, story=story)
    before = () if story.problem in ("", question, *story.earlier) else (story.problem,)
    earlier = tuple(one for one in (*story.earlier, *before) if one != question)
    return replace(
        state, story=replace(story, problem=question, earlier=earlier, left=(), lead=None)
    )


def first_asked(state: State, text: str) -> State:
    """Words that count as the question only if there is none yet: of who wants a person."""
    state = replace(state, question=state.question or text)
    return _told(state, problem=text) if not state.story.problem and tells_matter(text) else state


def in_danger(state: State, text: str) -> State:
    """A danger takes the place of what the call was about; nothing is to be tried any more."""
    story = state.story
    before = () if story.problem in ("", text) else (story.problem,)
    return _told(state, problem=text, earlier=(*story.earlier, *before), left=(), lead=None)


def named(state: State, text: str) -> State:
    """The caller says which appliance it is."""
    return replace(state, story=_with_reference(state.story, text))


def _with_reference(story: Story, text: str) -> Story:
    found = references(text)
    return replace(story, reference=found[-1]) if found else story


def place(evidence: Sequence[Evidence]) -> str:
    """Where the first of the passages stands: "manual, page n"."""
    return f"{evidence[0].manual}, page {evidence[0].page}" if evidence else ""


def guessed(state: State, answer: Answer | None) -> State:
    """What was understood is put to the caller: a lead until they say yes or no; None: they did."""
    if answer is None or not answer.evidence:
        return _told(state, lead=None)
    lead = Sourced(_cut(answer.text or answer.topic), place(answer.evidence))
    return _told(state, lead=lead)


def given(state: State, advice: Advice) -> State:
    """A part of an advice is said."""
    part = Sourced(advice.now, advice.page)
    said = (*(one for one in state.story.said if one != part), part)
    steps = state.story.steps
    if advice.does and all(step.text != advice.now for step in steps):
        steps = (*steps, TriedStep(advice.now, page=advice.page))
    return _told(state, said=said, steps=steps, lead=None, left=_left(advice))


def resumed(state: State, advice: Advice) -> State:
    """An advice is taken up again."""
    return _told(state, left=_left(advice))


def came(state: State, result: StepResult) -> State:
    """What came of the step that the caller is at."""
    now, left = state.advice.now, state.story.left
    steps = tuple(
        replace(step, result=result) if step.text == now else step for step in state.story.steps
    )
    if result == "helped":
        left = ()
    elif result in ("done", "no_help"):
        left = tuple(one for one in left if one.text != now)
    return _told(state, steps=steps, left=left)


def _left(advice: Advice) -> tuple[Sourced, ...]:
    parts = (advice.now, *advice.left) if advice.does else ()
    return tuple(Sourced(part, advice.page) for part in parts if part and not calls_service(part))


def _told(state: State, **changes: object) -> State:
    return replace(state, story=replace(state.story, **changes))  # type: ignore[arg-type]


def _cut(text: str) -> str:
    if len(text) <= LEAD_CHARACTERS:
        return text
    return text[: LEAD_CHARACTERS - 1].rsplit(" ", 1)[0] + "…"
