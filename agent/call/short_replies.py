"""Short replies by their sound, where one is awaited: « Vêille » to « dites-moi quand c'est fait ».

A word or two that is none of the known ones is held against the few that are awaited, and against
what else is said there; where it is not clearly nearest to one that is awaited, nothing is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from agent.call.intents import is_hummed_yes, says, says_briefly
from agent.call.moves import Heard, Phase
from knowledge.alike import likeness
from knowledge.appliances import appliances_in
from knowledge.phonetics import sounds
from knowledge.safety import danger_in, fold

Reply = Literal["done", "yes", "no"]

_AWAITED: dict[Phase, tuple[Reply, ...]] = {
    Phase.CONFIRMING: ("yes", "no"),
    Phase.STEPS: ("done",),
    Phase.HELPED: ("yes", "no"),
    Phase.OFFERING: ("yes", "no"),
}
"""Where a word is awaited, and which."""

_WORDS: dict[Reply, str] = {"done": "C'est fait.", "yes": "Oui.", "no": "Non."}

LIKE_REPLY = 0.66
"""Likeness of sounds from which words may be a reply."""

CLEARLY = 0.12
"""By how much it is nearer than anything that means something else."""

LONGEST_REPLY = 3
"""Words of a reply that is looked for by its sound."""

_FORMS: dict[Reply, tuple[str, ...]] = {
    "done": ("c'est fait", "fait", "voilà", "ça y est", "c'est bon", "voilà c'est fait",
             "oui c'est fait", "c'est terminé", "j'ai fini"),
    "yes": ("oui", "oui oui", "oui c'est ça", "c'est ça", "c'est bien ça", "exactement",
            "oui merci", "d'accord"),
    "no": ("non", "non non", "non merci", "ce n'est pas ça", "c'est pas ça", "pas du tout"),
}  # fmt: skip

_OTHER = (
    "attendez", "attends", "pas encore", "une seconde", "une minute", "répétez", "pardon",
    "comment", "quoi", "hein", "lequel", "où ça", "pourquoi", "un conseiller", "au revoir",
    "allô", "je ne sais pas", "ça bloque", "ça coince", "j'y arrive pas", "ça fuit", "ça fume",
    "ça brûle", "au feu", "du feu", "le feu", "la fumée", "aïe",
    "du gaz", "de l'eau", "plus vite", "moins vite", "merci", "stop",
    "toujours pas", "c'est pareil", "ça revient", "je cherche", "je vois rien",
)  # fmt: skip
"""What else is said there, dangers first of all."""

_ANYWHERE = ("human", "repeat", "goodbye")
"""What may be said at any time."""

_KNOWN = ("human", "robot", "goodbye", "repeat", "wait", "slower", "stop", "unknown", "where",
          "fixed", "question", "still", "stuck", "enough", "insult", "angry", "yes", "no", "done",
          "thanks")  # fmt: skip


def reading_of(event: Heard, phase: Phase) -> str:
    """The caller's words; where a short one is awaited, the reading or the sound that holds it.

    « Oui, c'est ça » is so short that the recogniser often has it second: « où est-ce ça »; so are
    « au revoir » (« on se voit ») and « répétez », wherever they are said.
    """
    text, readings = event.text.strip(), (event.text, *event.alternatives)
    asked = phase is Phase.CHECKING or "yes" in _AWAITED.get(phase, ())
    if asked and is_hummed_yes(text):
        return _WORDS["yes"]
    if phase in _AWAITED:
        for reading in readings:
            if any(says_briefly(intent, reading) for intent in ("yes", "no", "done")):
                return reading.strip()
    if phase not in (*_AWAITED, Phase.LISTENING) or not _is_unclear(event):
        return text
    for reading in event.alternatives:
        if len(reading.split()) <= LONGEST_REPLY and any(says(one, reading) for one in _ANYWHERE):
            return reading.strip()
    reply = reply_heard(readings, _AWAITED.get(phase, ()))
    return text if reply is None else _WORDS[reply]


def _is_unclear(event: Heard) -> bool:
    """Whether nothing is known of a word or two, and no danger is named in them."""
    words = fold(event.text).split()
    if not 0 < len(words) <= LONGEST_REPLY or event.danger is not None:
        return False
    return not is_known(event.text)


def is_known(text: str) -> bool:
    """Whether words answer, ask, name an appliance or warn."""
    known = any(says(intent, text) for intent in _KNOWN)
    return known or bool(appliances_in(text)) or danger_in(text) is not None


def reply_heard(readings: Sequence[str], awaited: Sequence[Reply]) -> Reply | None:
    """The awaited reply that the likeliest reading sounds like; None if none clearly does.

    Args:
        readings: What the recogniser may have heard, likelier first: a word or two.
        awaited: What is a reply to what was asked.
    """
    text = readings[0]
    if not awaited or any(character.isdigit() for character in text):
        return None
    heard = sounds(text)
    near = {reply: max(likeness(sounds(form), heard) for form in _FORMS[reply])
            for reply in awaited}  # fmt: skip
    best = max(near, key=lambda reply: near[reply])
    others = [likeness(sounds(phrase), heard) for phrase in _OTHER]
    others += [
        likeness(sounds(form), heard)
        for reply, forms in _FORMS.items()
        for form in forms
        if reply != best and not {reply, best} <= {"done", "yes"}
    ]
    return best if near[best] >= max(LIKE_REPLY, max(others) + CLEARLY) else None
