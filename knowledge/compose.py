"""A passage becomes what an adviser says: the manual's own sentences, one step at a time. Pure."""

from __future__ import annotations

import re

from knowledge.appliances import with_article
from knowledge.passages import Passage
from knowledge.readable import SENTENCE_END, clean, without_signal
from knowledge.safety import fold
from knowledge.specified import specification_text

__all__ = [
    "OPENINGS", "PART_CHARACTERS", "clean", "lower_first", "opening_of", "speech_of", "step_parts",
    "topic_of",
]  # fmt: skip

PART_CHARACTERS = 260
"""Longest text said at one time, but for a single sentence that nothing divides."""

CAUSE_CHARACTERS = 100
"""Longest causes that are said before what to do about them."""

LEAD_CHARACTERS = 160
"""Longest text before the first step that is said with it."""

OPENINGS: dict[str, tuple[str, ...]] = {
    "error_code": ("Alors, je vois ce que c'est.", "D'accord, j'ai trouvé ce code."),
    "procedure": ("D'accord, je vous guide pas à pas.", "Très bien, on va le faire ensemble."),
    "trouble": ("D'accord, voici ce que vous pouvez essayer.", "Alors, voici quoi vérifier."),
    "other": ("Alors, voici ce que dit la notice.", "D'accord, j'ai trouvé dans la notice."),
}
"""Fixed first words: rendered beforehand, they are heard at once, while the rest is made."""

_LAMP = re.compile(r"^(?:touche|voyant|t[ée]moin|lampe|led|diode|lumi[èe]re)", re.IGNORECASE)
_NEEDS_ITS_CAUSE = re.compile(r"^[A-ZÀ-Þ][\w’']+(?:-l[ea]s?\b|-l['’])|^(?:Normal|Rien)\b")
_CLAUSE = re.compile(
    r"^(?:Le|La|Les|L['’]|Un|Une|Des|Il|Elle|Vous|De l['’]|Du)\b.*?\b(?:est|sont|n['’]est|ne sont|"
    r"a|ont|n['’]a|n['’]ont|avez|êtes|fuit|reste|manque|bloque|touche)\b"
)
_IMPERATIVE = re.compile(
    r"^(?:Ne (?:pas |jamais )?|N['’])?[A-ZÀ-Þ]?[\w’']+(?:ez|ez-\w+|er|ir|re)\b"
)
_FEMININE_LAMP = re.compile(r"l(?:ampe|ed|umi[èe]re)|diode|touche", re.IGNORECASE)
_CODES_SAID = {"--": "deux tirets", "---": "trois tirets", "°F": "degré F", "°C": "degré C"}


def speech_of(passage: Passage, model: str | None = None) -> tuple[str, ...]:
    """What is said of a passage, cut into what is said at one time.

    Args:
        passage: Of any kind.
        model: The caller's model, where it is known: its own values are given.
    """
    opening = opening_of(passage)
    match passage.kind:
        case "error_code":
            return _code(passage, opening)
        case "procedure":
            return _opened(opening, _steps(passage))
        case "trouble":
            return _opened(opening, _remedies(passage))
        case "specification" if passage.values:
            said = specification_text(passage.attribute, passage.values, passage.product, model)
            return _opened(opening, step_parts(said, PART_CHARACTERS))
        case "faq":
            answer = [s for step in passage.steps for s in step_parts(step, PART_CHARACTERS)]
            return _opened(opening, answer)
        case _:
            return _opened(opening, step_parts(passage.text, PART_CHARACTERS))


def opening_of(passage: Passage) -> str:
    """The fixed first words for a passage: always the same for the same one."""
    choices = OPENINGS.get(passage.kind, OPENINGS["other"])
    return choices[int(passage.passage_id, 16) % len(choices)]


# Kinds.


def _code(passage: Passage, opening: str) -> tuple[str, ...]:
    meaning, where = clean(passage.title).rstrip(". "), ""
    for model in passage.models[:1]:
        told = re.match(rf"(?:Sur )?(?:l[ea] )?{re.escape(model)} ?[:,] ", meaning)
        if told and len(passage.models) == 1:
            meaning, where = meaning[told.end() :], f", sur {model},"
    name = _code_named(passage.code)
    named = f"{name}{where} veut dire :"
    if _LAMP.match(passage.code):
        named = f"{name}{where} : cela veut dire :"
    said = f"{opening} {named} {lower_first(meaning)}." if meaning else f"{opening} {name}."
    if passage.values or passage.warnings:
        steps = _remedies(passage) if passage.values else _steps(passage)
    else:
        own = [step for step in passage.steps if step.rstrip(". ") != passage.title.rstrip(". ")]
        steps = [s for step in own for s in step_parts(step)]
    return _opened(said, steps)


def _steps(passage: Passage) -> list[str]:
    """The steps, each after the warnings that belong to it."""
    places = [*passage.warned, *[0] * (len(passage.warnings) - len(passage.warned))]
    said = []
    lead = _lead(passage)
    for at, step in enumerate(passage.steps):
        warnings = [
            clean(without_signal(warning))
            for warning, place in zip(passage.warnings, places, strict=False)
            if place == at
        ]
        told = " ".join(part for part in (*warnings, clean(step)) if part)
        if at == 0 and lead and len(lead) + len(told) < PART_CHARACTERS:
            told = f"{lead} {told}"
        said.append(told)
    return [part for step in said for part in _cut(step)]


def _lead(passage: Passage) -> str:
    """What a procedure says before its first step, if short: « Ce filtre ne se lave pas. »."""
    if not passage.steps:
        return ""
    before = passage.text.partition(passage.steps[0])
    if not before[1]:
        return ""
    known = fold(" ".join((passage.title, *passage.warnings)))
    sentences = SENTENCE_END.split(without_signal(re.sub(r"\s+", " ", before[0]).strip()))
    whole = [clean(sentence) for sentence in sentences if not sentence.endswith(":")]
    kept = [sentence for sentence in whole if sentence and fold(sentence) not in known]
    lead = " ".join(kept)
    return lead if len(lead) <= LEAD_CHARACTERS else ""


def _remedies(passage: Passage) -> list[str]:
    """What to try, cause by cause where the manual gives several."""
    if not passage.values:
        steps = [s for step in passage.steps for s in step_parts(step)]
        causes = clean(passage.causes)
        short = 0 < len(causes) <= CAUSE_CHARACTERS
        if steps and causes and (short or _NEEDS_ITS_CAUSE.match(steps[0])):
            several = ";" in causes or SENTENCE_END.search(causes) is not None
            label = "Causes possibles" if several else "Cause possible"
            steps[0] = _with_cause(causes.replace(" ; ", ", ou "), steps[0], label)
        elif steps and _names_a_cause(passage, steps[0]):
            steps[0] = f"Cause possible : {lower_first(steps[0])}"
        return steps
    said, label = [], "Cause possible"
    for cause, action in passage.values:
        said += _cut(_with_cause(cause, clean(without_signal(action)), label))
        label = "Autre cause possible"
    return said


def _names_a_cause(passage: Passage, step: str) -> bool:
    """Whether a remedy without a cause of its own begins with it: « Filtre encrassé. »."""
    told = passage.causes or ":" in step or "?" in step or _NEEDS_ITS_CAUSE.match(step)
    return passage.kind == "trouble" and not told and not _IMPERATIVE.match(step)


def _with_cause(cause: str, action: str, label: str) -> str:
    """« Si le filtre est bouché, nettoyez-le. », else « Cause possible : filtre bouché. … »."""
    cause = clean(cause).rstrip(". ")
    if not cause:
        return action
    one = not SENTENCE_END.search(cause)
    if one and action and _CLAUSE.match(cause) and _IMPERATIVE.match(action):
        si = "S'" if cause.startswith("Il") else "Si "
        return f"{si}{lower_first(cause)}, {lower_first(action)}"
    return f"{label} : {lower_first(cause)}. {action}".strip()


# Parts.


def _opened(opening: str, steps: list[str]) -> tuple[str, ...]:
    """The opening with the first step, apart where both together are long."""
    steps = [step for step in steps if step]
    if not steps:  # fixed first words alone would promise what does not come
        fixed = any(opening in choices for choices in OPENINGS.values())
        return () if fixed else tuple(_cut(opening))
    first = f"{opening} {steps[0]}"
    if len(first) <= PART_CHARACTERS:
        return (first, *steps[1:])
    return (*_cut(first), *steps[1:])


def step_parts(text: str, limit: int = 0) -> list[str]:
    """A text's sentences; with a limit, grouped up to so many characters."""
    parts: list[str] = []
    for sentence in SENTENCE_END.split(clean(without_signal(text))):
        for piece in _cut(sentence) if sentence else ():
            if parts and len(parts[-1]) + len(piece) < limit:
                parts[-1] = f"{parts[-1]} {piece}"
            else:
                parts.append(piece)
    return [upper_first(part) for part in parts]


def upper_first(text: str) -> str:
    """« laisser refroidir » → « Laisser refroidir »; « i10 … » and « dH … » stay."""
    first = text.split(maxsplit=1)[0] if text else ""
    return text[:1].upper() + text[1:] if first.islower() and first.isalpha() else text


def _cut(text: str) -> list[str]:
    """A text in parts that are not too long: between sentences, else at « ; », else at commas."""
    if len(text) <= PART_CHARACTERS:
        return [text] if text else []
    for boundary in (SENTENCE_END, re.compile(r"(?<=;) "), re.compile(r"(?<=,) ")):
        pieces = boundary.split(text)
        if len(pieces) > 1:
            break
    else:
        return [text]
    parts: list[str] = []
    for piece in pieces:
        if parts and len(parts[-1]) + len(piece) < PART_CHARACTERS:
            parts[-1] = f"{parts[-1]} {piece}"
        else:
            parts.append(piece)
    return [part for whole in parts for part in (_cut(whole) if len(parts) > 1 else [whole])]


def _code_named(code: str) -> str:
    """« Le code E20 », « Les voyants Départ et Fin clignotent »."""
    if not _LAMP.match(code):
        return f"Le code {_CODES_SAID.get(code, code)}"
    several = re.match(r"\w+s\b", code) is not None
    article = "Les" if several else "La" if _FEMININE_LAMP.match(code) else "Le"
    return f"{article} {lower_first(code)}"


def topic_of(passage: Passage, *, coded: bool = False) -> str:
    """What a passage is about, in its own terms, to be said in a question.

    Args:
        passage: The passage.
        coded: The caller told a code: it and the appliance are named; its meaning is the answer.
    """
    if coded:
        named = lower_first(_code_named(passage.code))
        asked = named if _LAMP.match(passage.code) else f"ce que veut dire {named}"
        return f"{asked}, pour {with_article(passage.product)}"
    subject = passage.title if len(passage.title.split()) > 1 else ""
    subject = subject or passage.heading.rsplit(" > ", 1)[-1] or passage.text
    if passage.kind == "specification":
        subject = passage.attribute
    words = clean(subject).rstrip(".").split()
    return f"{lower_first(' '.join(words[:14]))}, pour {with_article(passage.product)}"


def lower_first(text: str) -> str:
    """« Vidange impossible » → « vidange impossible »; « LV450 … » stays."""
    return text[:1].lower() + text[1:] if len(text) > 1 and not text[1].isupper() else text
