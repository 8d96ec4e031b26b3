"""A brief as an operator reads it, in five seconds: the same in an e-mail and in the console. Pure.

What counts most stands first: danger, appliance, the caller's own words, why they were handed over.
"""

from __future__ import annotations

from collections.abc import Iterator

from agent.call.record import Brief, Missing, Mood, Sourced, StepResult
from agent.handoff.brief import DANGERS, NO_PRODUCT, shortened
from agent.handoff.wording import by_pairs, one_line

RESULTS: dict[StepResult, str] = {
    "helped": "problème réglé",
    "done": "fait",
    "no_help": "sans effet",
    "not_done": "pas réussi",
    "asked": "pas comprise",
    "unknown": "sans retour",
}
"""What came of a step as an operator reads it."""

MOODS: dict[Mood, str] = {"calm": "", "upset": "mécontent", "insulting": "a insulté l'assistant"}

LANGUAGES = {
    "fr": "", "en": "parle anglais", "es": "parle espagnol", "de": "parle allemand",
    "it": "parle italien", "pt": "parle portugais", "ar": "parle arabe",
}  # fmt: skip

MISSING: dict[Missing, str] = {
    "number": "son numéro",
    "name": "son nom",
    "product": "l'appareil",
    "reference": "la référence",
    "subject": "le sujet",
}
"""What is still to be asked, as an operator reads it."""

STEPS_SHOWN = 4
"""Steps that are written out, the last ones; of those before, how many there were."""

LINE_CHARACTERS = 110

_DANGER = "DANGER : "


def brief_lines(brief: Brief) -> tuple[str, ...]:
    """The brief line by line; nobody whose words stand in it makes a line of their own."""
    return tuple(one_line(line) for line in _lines(brief))


def brief_text(brief: Brief) -> str:
    """The brief as a few lines of text."""
    return "\n".join(brief_lines(brief))


def is_danger(line: str) -> bool:
    """Whether it is the line that says which danger there is."""
    return line.startswith(_DANGER)


def _lines(brief: Brief) -> Iterator[str]:
    if brief.danger is not None:
        yield f"{_DANGER}{DANGERS[brief.danger]}"
    yield _appliance(brief)
    if brief.question:
        yield f"« {brief.question} »"
    for field, label in (("subject", "Sujet"), ("also", "Et aussi")):
        if field in brief.details:
            yield f"{label} : « {brief.details[field]} »"
    yield f"Motif : {brief.reason}"
    yield f"Appelant : {_caller(brief)}"
    yield from _steps(brief)
    stepped = {step.text for step in brief.steps}
    answered = [one for one in brief.said if one.text not in stepped]
    yield from (f"Répondu : {_quoted(one)}" for one in answered[-2:])
    if brief.next_step is not None:
        again = bool(brief.steps) and brief.steps[-1].text == brief.next_step.text
        yield "À reprendre : la dernière étape" if again else f"À voir : {_quoted(brief.next_step)}"
    if brief.missing:
        yield f"À demander : {', '.join(MISSING[what] for what in brief.missing)}"
    if brief.earlier:
        before = (f"« {shortened(one, LINE_CHARACTERS)} »" for one in brief.earlier)
        yield f"Avant : {' ; '.join(before)}"


def _appliance(brief: Brief) -> str:
    """The appliance, and whose word its reference is."""
    product = brief.product or brief.details.get("appliance") or NO_PRODUCT
    if brief.reference is None:
        return product
    known = brief.reference.casefold() in product.casefold()
    return product if known else f"{product}, référence dite : {brief.reference}"


def _caller(brief: Brief) -> str:
    number = by_pairs(brief.caller_number) if brief.caller_number else "numéro inconnu"
    language = LANGUAGES.get(brief.language, brief.language)
    pieces = (brief.details.get("name", ""), number, language, MOODS[brief.mood])
    return ", ".join(piece for piece in pieces if piece)


def _steps(brief: Brief) -> Iterator[str]:
    if not brief.steps:
        return
    hidden = len(brief.steps) - STEPS_SHOWN
    yield "Étapes données :" if hidden <= 0 else f"Étapes données ({hidden} avant celles-ci) :"
    for step in brief.steps[-STEPS_SHOWN:]:
        page = f", {step.page}" if step.page else ""
        yield f"- {shortened(step.text, LINE_CHARACTERS)} → {RESULTS[step.result]}{page}"


def _quoted(one: Sourced) -> str:
    page = f" ({one.page})" if one.page else ""
    return f"« {shortened(one.text, LINE_CHARACTERS)} »{page}"
