"""A passage becomes what an adviser says: the manual's own sentences, one step at a time. Pure."""

from __future__ import annotations

import re

from knowledge.passages import Passage
from knowledge.products import with_article

PART_CHARACTERS = 260
"""Longest text said at one time, but for a single longer sentence."""

OPENINGS: dict[str, tuple[str, ...]] = {
    "error_code": ("Alors, je vois ce que c'est.", "D'accord, j'ai trouvé ce code."),
    "procedure": ("D'accord, je vous guide pas à pas.", "Très bien, on va le faire ensemble."),
    "trouble": ("D'accord, voici ce que vous pouvez essayer.", "Alors, voici quoi vérifier."),
    "other": ("Alors, voici ce que dit la notice.", "D'accord, j'ai trouvé dans la notice."),
}
"""Fixed first words: rendered beforehand, they are heard at once, while the rest is made."""

_CROSS_REFERENCE = re.compile(
    r"\s*\((?:voir |cf\.? )?(?:§ ?|chapitre |paragraphe |pages? |p\. ?)?\d+(?:\.\d+)*"
    r"(?:(?:,| et| à) ?(?:pages? |p\. ?)?\d+(?:\.\d+)*)*\)"
    r"|(?: ;|,)? ?\b(?:[Vv]oir(?: :)?|cf\.?) (?:aussi )?(?:le |la )?"
    r"(?:§ ?|chapitre |paragraphe |pages? |p\. ?)?\d+(?:\.\d+)*"
    r"(?:(?:,| et| à)? ?(?:pages? |p\. ?)\d+|(?:,| et| à) \d+\.\d+)*(?= ?[.;,)]|$)"
)
_SIGNAL = re.compile(
    r"^(?:DANGER|ATTENTION|AVERTISSEMENT|MISE EN GARDE|IMPORTANT|PRUDENCE|REMARQUE|CONSEIL)"
    r"\s*[–—:!-]\s*"
)
_BARE_LABEL = re.compile(r"(?:^|(?<=[.!?] ))[^.!?]{1,40} :\.")
"""« Sigles :. » is left of « Sigles : voir 5.1. »."""

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-ZÀ-ÖØ-Þ«])")


def speech_of(passage: Passage) -> tuple[str, ...]:
    """What is said of a passage, cut into what is said at one time."""
    opening = opening_of(passage)
    match passage.kind:
        case "error_code":
            meaning = lower_first(clean(passage.title).rstrip(". "))
            steps = [s for step in passage.steps for s in step_parts(step)]
            return _opened(f"{opening} Le code {passage.code} veut dire : {meaning}.", steps)
        case "procedure":
            return _procedure(passage, opening)
        case "trouble":
            return _opened(opening, [s for step in passage.steps for s in step_parts(step)])
        case _:
            return _opened(opening, step_parts(passage.text, PART_CHARACTERS))


def opening_of(passage: Passage) -> str:
    """The fixed first words for a passage: always the same for the same one."""
    choices = OPENINGS.get(passage.kind, OPENINGS["other"])
    return choices[int(passage.passage_id, 16) % len(choices)]


def _procedure(passage: Passage, opening: str) -> tuple[str, ...]:
    warnings = [clean(_SIGNAL.sub("", warning)) for warning in passage.warnings]
    steps = [clean(step) for step in passage.steps]
    parts = list(_opened(" ".join([opening, *warnings[:1]]), steps))
    if warnings[1:]:
        parts[-1] = f"{parts[-1]} {' '.join(warnings[1:])}"
    return tuple(parts)


def _opened(opening: str, steps: list[str]) -> tuple[str, ...]:
    if not steps:
        return (opening,)
    return (f"{opening} {steps[0]}", *steps[1:])


def step_parts(text: str, limit: int = 0) -> list[str]:
    """A text's sentences; with a limit, grouped up to so many characters."""
    parts: list[str] = []
    for sentence in _SENTENCE_END.split(clean(_SIGNAL.sub("", text))):
        if parts and len(parts[-1]) + len(sentence) < limit:
            parts[-1] = f"{parts[-1]} {sentence}"
        elif sentence:
            parts.append(sentence)
    return parts


def clean(text: str) -> str:
    """Without what only a reader can use: « (8.2) », « (voir 6.5, page 10) »."""
    cleaned = re.sub(r"\s+", " ", _CROSS_REFERENCE.sub("", text)).strip()
    cleaned = re.sub(r"\s+([.,])", r"\1", cleaned)
    cleaned = _BARE_LABEL.sub("", cleaned).strip()
    if not any(character.isalnum() for character in cleaned):
        return ""  # nothing but a reference
    return cleaned if cleaned[-1] in ".!?…" else cleaned.rstrip(" ;:,") + "."


def topic_of(passage: Passage) -> str:
    """What a passage is about, in its own terms, to be said in a question."""
    subject = passage.title if len(passage.title.split()) > 1 else ""
    subject = subject or passage.heading.rsplit(" > ", 1)[-1] or passage.text
    words = clean(subject).rstrip(".").split()
    return f"{lower_first(' '.join(words[:14]))}, pour {with_article(passage.product)}"


def lower_first(text: str) -> str:
    """« Vidange impossible » → « vidange impossible »; « LV450 … » stays."""
    return text[:1].lower() + text[1:] if len(text) > 1 and not text[1].isupper() else text
