"""Advice, one step at a time: what the manuals answered, and how the caller gets on with it. Pure.

A caller who tries something is waited for; one for whom it did not help gets the next cause, and a
person once the causes run out; a question in between does not lose the place.
"""

from __future__ import annotations

import re
from dataclasses import replace

from agent.call.handing import hand_over
from agent.call.intents import asks_for_time, is_correction, says, says_briefly, says_only
from agent.call.moves import Advice, LookUp, Phase, Say, State
from agent.call.story import (
    STEP_KINDS,
    asked,
    calls_service,
    came,
    corrected,
    given,
    guessed,
    in_vain,
    place,
    resumed,
)
from agent.call.talking import Step, aside, say
from knowledge.answer import OTHER_BRAND, UNKNOWN_CODE, Answer
from knowledge.appliances import appliances_in
from knowledge.choices import choice_heard
from knowledge.followup import is_not_enough
from knowledge.safety import fold, safety_text
from voices.prompts import prompt, which_appliance

DOUBTS_LIMIT = 2
"""Times in a row that a question is put back to the caller before a person is asked."""

BADLY_HEARD_LOGPROB = -0.25
"""Mean log-probability of a question's words under which they are doubtful: of 96 first sentences
of the scripted conversations, said by synthetic callers on the telephone, 23 are under it, 15 of
them with more than a fifth of their words wrong; of the other 73, 8. Repeat it: `python -m
evals.clearness`."""

ASIDE_WORDS = 12
"""A question in the middle of steps with more words than this is about something else."""

UNCLEAR_WORDS = 3
"""A turn between steps of so few words, none of them known, was misheard: it is asked back."""

_WHAT_FOLLOWS = re.compile(r"\b(?:la suite|ensuite|l etape (?:suivante|d apres))\b")
_CLAUSES = re.compile(r"[.,;!?…]|\bmais\b")
_ANOTHER_MATTER = re.compile(
    r"\b(?:aussi|autre\w*|sinon|problemes?|souci|voudrais|aimerais|besoin|faut|faudrait|j ai"
    r"|seulement)\b"
)
_NOT_DONE = re.compile(r"\b(?:mais|pas|plus|toujours|encore)\b")

REMEDIES = ("trouble", "error_code")
"""Kinds of passages after which the caller is asked whether the problem is gone."""

ONLY_SERVICE = 12
"""Words of a step that says nothing else, after others were said: it is not repeated."""

DID_NOT_HELP = "et si ça ne suffit pas ?"
"""What a « non » means to the manuals after a remedy: the next one."""

Readings = tuple[tuple[str, float], ...]


def look_up(state: State, question: str, readings: Readings = ()) -> Step:
    """Ask the manuals; what was advised before is not advised again when it did not help."""
    before = state.given if is_not_enough(question) else ()
    looking = replace(
        state, phase=Phase.LOOKING_UP, question=question, readings=readings, which="",
        given=before, advice=Advice(), pending=None, choices=(),
    )  # fmt: skip
    looking = asked(looking, question, on_the_way=state.paused is not None)
    return looking, (LookUp(question, state.about, readings, state.asked, before),)


def found(state: State, answer: Answer) -> Step:
    """The manuals answered."""
    state = replace(state, asked=answer.asked or state.asked)
    if answer.decision != "confirm":  # a guess that is denied says nothing about the appliance
        state = replace(state, product=answer.product or state.product)
    if answer.decision in ("answer", "confirm") and in_vain(state, answer):
        return hand_over(state, "unsure")
    match answer.decision:
        case "answer":
            return speak_answer(state, answer)
        case "confirm":
            asking = guessed(replace(state, phase=Phase.CONFIRMING, pending=answer), answer)
            return say(asking, prompt("confirm", topic=answer.topic), "confirm")
        case "clarify" if state.doubts < DOUBTS_LIMIT:
            asking = replace(
                state, phase=Phase.CHOOSING, doubts=state.doubts + 1, choices=answer.choices
            )
            return say(asking, which_appliance(answer.choices), "clarify")
        case "safety" if answer.danger is not None:
            state, actions = say(
                replace(state, danger=answer.danger), safety_text(answer.danger), "safety"
            )
            state, more = hand_over(state, "danger")
            return state, actions + more
        case "handoff" if state.doubts == 0 and answer.reason.startswith(UNKNOWN_CODE):
            again = replace(state, phase=Phase.LISTENING, doubts=1)
            return say(again, prompt("reread_code"), "clarify")
        case "handoff" if state.doubts == 0 and answer.reason.startswith(OTHER_BRAND):
            again = replace(state, phase=Phase.LISTENING, doubts=1)
            return say(again, prompt("other_brand", brand=state.brand), "clarify")
        case "handoff" if badly_heard(state) and not answer.refused:
            again = replace(state, phase=Phase.LISTENING, doubts=state.doubts + 1)
            return say(again, prompt("rephrase"), "clarify")
        case _:
            return hand_over(state, "unsure")


def badly_heard(state: State) -> bool:
    """Whether a question to which there is no answer was perhaps another: it is asked for again."""
    return state.logprob < BADLY_HEARD_LOGPROB and state.doubts == 0 and state.ticket_id is None


def speak_answer(state: State, answer: Answer) -> Step:
    """Begin to give an answer."""
    before = (*state.given, *(evidence.passage_id for evidence in answer.evidence[:1]))
    parts = answer.parts or (answer.text,)
    # What is said in one breath may hold a remedy or only a meaning: then it is asked if it helped.
    advice = Advice(
        left=parts, kind=answer.kind if len(parts) > 1 else "", page=place(answer.evidence),
        does=answer.kind in STEP_KINDS,
    )  # fmt: skip
    return _next_part(replace(state, advice=advice, given=before, doubts=0), first=True)


def confirmed(state: State, text: str, readings: Readings) -> Step:
    """The caller's word on what was understood."""
    answer = state.pending
    if answer is not None and says_briefly("yes", text):
        known = answer.product or state.product
        return speak_answer(replace(state, pending=None, product=known), answer)
    if names_another_appliance(state, text):
        if state.doubts >= DOUBTS_LIMIT:  # the same guess would be put back for ever
            return hand_over(replace(state, pending=None), "unsure")
        other = replace(state, product=None, which="", pending=None, doubts=state.doubts + 1)
        return chosen(other, text)
    if not says("no", text):
        return look_up(state, text, readings)
    again = guessed(replace(state, pending=None, phase=Phase.LISTENING), None)
    if not says_only("no", text):  # « non, c'est le sel »: no, and what it is instead
        again = replace(again, doubts=state.doubts + 1)
        if again.doubts > DOUBTS_LIMIT:
            return hand_over(again, "unsure")
        return look_up(again, text, readings)
    if answer is not None and answer.other is not None:
        other = guessed(replace(state, pending=answer.other), answer.other)
        return say(other, prompt("confirm_other", topic=answer.other.topic), "confirm")
    if state.paused is not None:
        return take_up(again, state.paused)
    again = replace(again, doubts=state.doubts + 1)
    if again.doubts >= DOUBTS_LIMIT:
        return hand_over(again, "unsure")
    return say(again, prompt("rephrase"), "clarify")


def names_another_appliance(state: State, text: str) -> bool:
    """Whether the caller corrects which appliance the question was about."""
    return bool(state.question) and is_correction(text) and bool(appliances_in(text))


def choosing(state: State, text: str, readings: Readings) -> Step:
    """The caller's word on which of the appliances it is, by sound where words do not tell."""
    if asks_for_time(text):
        return aside(replace(state, waiting=True), prompt("take_time"))
    heard = tuple(reading for reading, _ in readings) or (text,)
    by_sound = None if says("question", text) else choice_heard(heard, state.choices)
    return chosen(state, by_sound or text)


def chosen(state: State, text: str) -> Step:
    """Which appliance it is: the same question again, with what the caller says of it."""
    if says("unknown", text) and state.doubts < DOUBTS_LIMIT:
        return say(replace(state, doubts=DOUBTS_LIMIT), prompt("product_label"), "clarify")
    said = f"{state.which} {text}".strip()
    looking = replace(state, phase=Phase.LOOKING_UP, which=said, advice=Advice(), choices=())
    look = LookUp(state.question, state.product, state.readings, state.asked, state.given, said)
    return corrected(looking, text), (look,)


def next_step(state: State, text: str, readings: Readings) -> Step:
    """What the caller says while they try a step."""
    if asks_for_time(text) and not _ends_done(text):
        return aside(replace(state, waiting=True), prompt("take_time"))
    remedy = state.advice.kind in REMEDIES
    if names_another_appliance(state, text):
        return chosen(replace(state, product=None, which=""), text)
    if remedy and _did_not_help(text):
        return _another(came(state, "no_help"))
    if remedy and _works(text):
        return _glad(came(state, "helped"))
    if says("enough", text) or says_only("no", text) or says_only("thanks", text):
        return say(replace(state, phase=Phase.LISTENING, advice=Advice()), prompt("anything_else"))
    if any(says_briefly(intent, text) for intent in ("done", "yes")) or _ends_done(text):
        return _next_part(came(state, "done"))
    if says_briefly("where", text):
        again = f"{prompt('once_more')} {state.advice.now} {prompt('step_hint_short')}"
        return came(state, "asked"), (Say(again, slow=True),)
    if len(text.split()) <= ASIDE_WORDS and says("stuck", text) and not says("question", text):
        return _offer_stuck(came(state, "not_done"))
    if len(fold(text).split()) <= UNCLEAR_WORDS and not says("question", text):
        return aside(state, prompt("step_unclear"))  # « C'est fait » is heard as « J'ai faim »
    if is_not_enough(text) or len(text.split()) > ASIDE_WORDS:
        return look_up(state, text, readings)
    return look_up(replace(state, paused=state.advice), text, readings)


def helped(state: State, text: str, readings: Readings) -> Step | None:
    """The caller's word on an answer that was given whole; None if it is about something else."""
    if asks_for_time(text):
        return aside(replace(state, waiting=True), prompt("take_time"))
    if names_another_appliance(state, text):
        return chosen(replace(state, product=None, which=""), text)
    if state.advice.kind in REMEDIES and (_did_not_help(text) or says_only("no", text)):
        return _another(came(state, "no_help"))
    if says_only("yes", text) or says_only("thanks", text) or _works(text) or _is_content(text):
        state = came(state, "helped")
        return _glad(state) if state.paused is None else take_up(state, state.paused)
    if says_briefly("no", text):
        return hand_over(came(state, "no_help"), "unsure")
    if not state.advice.left and _awaits_more(text):
        return aside(state, f"{prompt('all_told')} {_question(state.advice)}")
    return None


def _ends_done(text: str) -> bool:
    """« Attendez… Ah oui, il y avait une louche. C'est fait. », « …, mais c'est fait »."""
    last = [clause for clause in _CLAUSES.split(text) if clause.strip()][-1:]
    return any(says_briefly("done", one) and not _NOT_DONE.search(fold(one)) for one in last)


def _is_content(text: str) -> bool:
    """« Oui, l'eau arrive. », « ah, très bien, me voilà rassurée », « ah, deux ans, merci »."""
    folded = fold(text)
    if len(folded.split()) > ASIDE_WORDS or says("question", text) or _NOT_DONE.search(folded):
        return False
    if says("thanks", text):
        return "merci de" not in folded
    return says("yes", text) and not _ANOTHER_MATTER.search(folded) and not appliances_in(text)


def _awaits_more(text: str) -> bool:
    """Whether the caller has done the last step, or asks for one more: « et la suite ? »."""
    folded = fold(text)
    if len(folded.split()) > ASIDE_WORDS or _NOT_DONE.search(folded):
        return False
    return says_briefly("done", text) or _WHAT_FOLLOWS.search(folded) is not None


def _another(state: State) -> Step:
    """What was tried did not help: the next part, else the next cause."""
    return _next_part(state) if state.advice.left else look_up(state, DID_NOT_HELP)


def _glad(state: State) -> Step:
    return say(replace(state, phase=Phase.LISTENING, advice=Advice()), prompt("glad"))


def _offer_stuck(state: State) -> Step:
    """Offer a person, and keep the place in the advice for who would rather go on."""
    offering = replace(
        state, phase=Phase.OFFERING, reason="unsure", paused=state.advice, advice=Advice()
    )
    return say(offering, prompt("offer_stuck"), "clarify")


def _works(text: str) -> bool:
    return says_briefly("fixed", text) and not is_not_enough(text)


def _did_not_help(text: str) -> bool:
    few = len(text.split()) <= ASIDE_WORDS
    return is_not_enough(text) or (few and says("still", text) and not says("question", text))


def take_up(state: State, paused: Advice) -> Step:
    """Go back to the step that a question interrupted."""
    back = replace(state, paused=None, pending=None, advice=paused, phase=Phase.STEPS)
    back = resumed(back, paused)
    return say(back, f"{prompt('back_to_it')} {paused.now} {prompt('step_hint_short')}", "answer")


def _next_part(state: State, *, first: bool = False) -> Step:
    advice = state.advice
    if not advice.left:
        return say(replace(state, phase=Phase.HELPED), _question(advice))
    now, left = advice.left[0], advice.left[1:]
    if calls_service(now):
        told = advice.now == "" or len(now.split()) > ONLY_SERVICE
        spoken, actions = say(state, now, "answer") if told else (state, ())
        if told:
            spoken = given(spoken, replace(advice, now=now, left=(), does=False))
        handed, more = hand_over(spoken, "service")
        return handed, actions + more
    advice = replace(advice, now=now, left=left)
    state = given(replace(state, advice=advice), advice)
    if left and all(calls_service(part) for part in left):
        # « Si F07 revient, appelez … »: only if what was just tried did not help.
        return say(replace(state, phase=Phase.HELPED), f"{now} {_question(advice)}", "answer")
    if left:
        hint = prompt("step_hint" if first else "step_hint_short")
        return say(replace(state, phase=Phase.STEPS), f"{now} {hint}", "answer")
    return say(replace(state, phase=Phase.HELPED), f"{now} {_question(advice)}", "answer")


def _question(advice: Advice) -> str:
    return prompt("fixed" if advice.kind in REMEDIES else "helped")
