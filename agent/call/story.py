"""What a caller told, what they were told and what came of it, kept for the brief. Pure.

Each function takes the state of a conversation and gives it with a longer story; nothing else of it
changes, and no move depends on it but what is still to be asked for a ticket.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from agent.call.intents import is_qualified_yes, is_upset, says, wants_person
from agent.call.moves import Advice, State
from agent.call.record import Mood, Sourced, StepResult, Story, TriedStep
from agent.call.strangers import language_wanted
from knowledge.answer import Answer, Evidence
from knowledge.appliances import appliances_in, is_related
from knowledge.compose import OPENINGS
from knowledge.followup import is_not_enough
from knowledge.safety import fold
from knowledge.spoken import references

STEP_KINDS = ("procedure", "trouble", "error_code")
"""Kinds of passages that tell what to do."""

TIMES_BEGUN = 2
"""Times that one advice is begun in a call before a person is asked instead."""

LEAD_CHARACTERS = 160
"""A longer passage is cut where it is shown as a lead."""

_CALL_SERVICE = re.compile(
    r"\b(?:appelez|contactez|faites (?:appel|venir|intervenir|controler|verifier)|adressez vous|"
    r"prevenez) (?:\w+ ){0,4}"
    r"(?:service|technicien|professionnel|installateur|electricien|reparateur)|"
    r"\b(?:remplac|chang|repar)\w+ (?:\w+ ){0,4}par le service apres vente\b"
)
_OPENINGS = tuple(words for several in OPENINGS.values() for words in several)
_MOODS: tuple[Mood, ...] = ("calm", "upset", "insulting")
_CLAUSES = re.compile(r"[,.;:!?…]|\b(?:parce qu|car|et)\b")
_MATTER = re.compile(
    r"\b[a-z] ?\d{1,3}\b|\b[ef] (?:zero|un|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze"
    r"|vingt|trente|quarante|cinquante|soixante)\b|"
    r"\b(?:pannes?|disjoncte\w*|saute|fuites?|fuit|fuient|coule|eau|bruits?|vibre\w*|codes?"
    r"|affiche\w*|bloque\w*|chauffe\w*|lave plus|demarre\w*|allume\w*|marche (?:plus|pas)"
    r"|fonctionne (?:plus|pas)|tourne (?:plus|pas)|vidange\w*|essore\w*|porte|filtre|odeurs?|sent"
    r"|casse\w*|abime\w*|garantie|factur\w+|livr\w+|rendez vous|commande\w*|rembours\w+|pieces?"
    r"|repar\w+)\b"
)
"""Words of what an after-sales service is rung for."""


def calls_service(part: str) -> bool:
    """Whether a manual sends its reader to the after-sales service: whom the caller has rung."""
    return _CALL_SERVICE.search(fold(part)) is not None


def mooded(state: State, text: str) -> State:
    """The worst mood that was heard stays."""
    heard: Mood = "insulting" if says("insult", text) else "upset" if is_upset(text) else "calm"
    if _MOODS.index(heard) <= _MOODS.index(state.story.mood):
        return state
    return _told(state, mood=heard)


def tells_matter(text: str) -> bool:
    """Whether words tell what a call is about, beside whom the caller wants and how they feel."""
    if wants_person(text):
        clauses = (clause for clause in _CLAUSES.split(text) if not wants_person(clause))
        return any(_is_matter(clause) for clause in clauses)
    if says("insult", text) or is_upset(text):
        return _is_matter(text)
    return bool(text)


def _is_matter(text: str) -> bool:
    return bool(appliances_in(text)) or _MATTER.search(fold(text)) is not None


def asked(state: State, question: str, *, on_the_way: bool = False) -> State:
    """The caller tells what it is about; « ça ne suffit pas » does not change that.

    Args:
        state: Before it.
        question: Their words.
        on_the_way: A question in the middle of something that goes on.
    """
    problem = state.story.problem
    state = _told(named(state, question), lead=None)
    if problem and (on_the_way or is_not_enough(question)):
        return state
    replies = says("no", question) or is_qualified_yes(question)
    if problem and replies and not _MATTER.search(fold(question)):
        return _told(state, correction=question)  # « non, c'est un LV900 »: the same matter
    return _turned(state, question) if tells_matter(question) else state


def first_asked(state: State, text: str) -> State:
    """Words that count as the question only if there is none yet: of who wants a person."""
    state = named(replace(state, question=state.question or text), text)
    state = _told(state, language=language_wanted(text) or state.story.language)
    if says("no", text):  # « mais non ! Passez-moi quelqu'un. »: it is not what was understood
        state = _told(state, lead=None)
    return _turned(state, text) if not state.story.problem and tells_matter(text) else state


def in_danger(state: State, text: str) -> State:
    """A danger takes the place of what the call was about; nothing is to be tried any more."""
    return _turned(named(state, text), text)


def _turned(state: State, problem: str) -> State:
    """From now on it is about this."""
    story = state.story
    before = () if story.problem in ("", problem, *story.earlier) else (story.problem,)
    kinds = appliances_in(problem)
    return _told(
        state, problem=problem, correction="", appliance=kinds[0] if kinds else "",
        earlier=tuple(one for one in (*story.earlier, *before) if one != problem),
        left=(), lead=None,
    )  # fmt: skip


def settled(state: State) -> State:
    """A person has dealt with it: what is told from now on is about something else."""
    told = state.story
    before = dict.fromkeys(one for one in (*told.earlier, told.problem) if one)
    kept = Story(
        named=told.named, earlier=tuple(before), reference=told.reference, mood=told.mood,
        language=told.language,
    )  # fmt: skip
    return replace(
        state, story=kept, ticket_id=None, noted=(), wanted=(), question="", which="", doubts=0,
        tried=(),
    )  # fmt: skip


def named(state: State, text: str) -> State:
    """The caller may say which appliance it is, by its kind or its reference."""
    kinds, told = appliances_in(text), references(text)
    story = state.story
    return _told(
        state,
        appliance=kinds[0] if kinds else story.appliance,
        named=tuple(dict.fromkeys((*story.named, *kinds))),
        reference=told[-1] if told else story.reference,
    )


def corrected(state: State, text: str) -> State:
    """The caller says which appliance it is; what was understood of another does not count."""
    return _told(named(state, text), lead=None, left=())


def product_told(state: State, product: str | None) -> str | None:
    """The appliance that a brief may name: one that the caller named or was asked about.

    Args:
        state: Of the conversation.
        product: As the manuals name it, None if it is not known.
    """
    story, said = state.story, " ".join(state.tried)
    owned = next(iter(appliances_in(product or "")), "")
    if product is None:
        return story.appliance or next(reversed(story.named), None)
    if story.appliance and not is_related(story.appliance, owned):
        return story.appliance
    if not any(is_related(one, owned) for one in (*story.named, *appliances_in(said))):
        return None  # only the manuals say so
    model = product.removeprefix(owned).strip()
    advised = any(is_related(owned, one) for one in story.named) and bool(story.said)
    told = model and model in (story.reference, *said.replace(",", " ").replace(".", " ").split())
    return product if advised or told else owned or product


def place(evidence: Sequence[Evidence]) -> str:
    """Where the first of the passages stands: "manual, page n"."""
    return evidence[0].place if evidence else ""


def guessed(state: State, answer: Answer | None) -> State:
    """What was understood is put to the caller: a lead until they say yes or no; None: they did."""
    if answer is None or not answer.evidence:
        return _told(state, lead=None)
    lead = Sourced(_cut(answer.evidence[0].text), place(answer.evidence))
    return _told(state, lead=lead)


def given(state: State, advice: Advice) -> State:
    """A part of an advice is said."""
    part = Sourced(bare(advice.now), advice.page)
    said = (*(one for one in state.story.said if one != part), part)
    steps = state.story.steps
    if advice.does and all(step.text != part.text for step in steps):
        steps = (*steps, TriedStep(part.text, page=advice.page))
    return _told(state, said=said, steps=steps, lead=None, left=_left(advice))


def resumed(state: State, advice: Advice) -> State:
    """An advice is taken up again."""
    return _told(state, left=_left(advice))


def came(state: State, result: StepResult) -> State:
    """What came of the step that the caller is at."""
    now, left = bare(state.advice.now), state.story.left
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
    todo = (bare(part) for part in parts if part and not calls_service(part))
    return tuple(Sourced(part, advice.page) for part in todo)


def in_vain(state: State, answer: Answer) -> bool:
    """Whether just this was tried already and did not help, or was begun too often."""
    parts = answer.parts or (answer.text,)
    bares = {bare(part) for part in parts}
    mine = [step for step in state.story.steps if step.text in bares]
    if mine and mine[-1].result == "no_help":
        return True
    return sum(text.startswith(parts[0]) for text in state.tried) >= TIMES_BEGUN


def bare(part: str) -> str:
    """What is said without the words that only open it."""
    return next((part.removeprefix(one).strip() for one in _OPENINGS if part.startswith(one)), part)


def _told(state: State, **changes: object) -> State:
    return replace(state, story=replace(state.story, **changes))  # type: ignore[arg-type]


def _cut(text: str) -> str:
    if len(text) <= LEAD_CHARACTERS:
        return text
    return text[: LEAD_CHARACTERS - 1].rsplit(" ", 1)[0] + "…"
