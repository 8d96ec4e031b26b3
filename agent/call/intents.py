"""What a caller says about the conversation itself: yes, no, again, a person, goodbye. Pure."""

from __future__ import annotations

import re

from knowledge.safety import fold

_WORDS: dict[str, str] = {
    "human": (
        r"\b(?:conseill(?:er|ere|e|ers)|humain|operat(?:eur|rice)|standardiste|technicien)\b"
        r"(?! a dit| m a dit)|vraie personne|une personne\b|quelqu un (?:de vrai|au telephone|s il)"
        r"|parler a quelqu un|avoir quelqu un|un agent\b"
    ),
    "robot": r"\b(?:etes|es|parle|parler|c est) (?:\w+ ){0,4}(?:robot|machine|ordinateur|ia)\b(?! a)",
    "goodbye": r"\b(?:au revoir|bonne (?:journee|soiree)|c est tout|ce sera tout|je raccroche)\b",
    "repeat": (
        r"\b(?:repete[rz]?|repeter|redites|redire|pardon|comment ca|vous dites|pas (?:bien )?"
        r"(?:compris|entendu|suivi))\b"
    ),
    "done": (
        r"\b(?:c est (?:fait|bon|ok)|ca y est|continue[rz]?|la suite|suivante?|ensuite|"
        r"et apres|j ai fini|je l ai fait|allez y|dites moi)\b"
    ),
    "wait": r"\b(?:attend(?:ez|s)|une (?:minute|seconde)|un (?:instant|moment)|je vais voir)\b",
    "yes": (
        r"^(?:\w+ ){0,2}(?:oui|ouais|ouaip|exact(?:ement)?|tout a fait|c est ca|c est bien ca|"
        r"voila|parfait|d accord|ok|okay|absolument|bien sur|effectivement|super|tres bien)\b"
    ),
    "no": r"^(?:\w+ ){0,1}(?:non|nan|pas (?:du tout|tout a fait|vraiment|ca)|rien|c est pas ca)\b",
    "thanks": r"\bmerci\b",
}
_PATTERNS = {name: re.compile(pattern) for name, pattern in _WORDS.items()}

SHORT_WORDS = 6
"""A turn with more words than this is about the appliance, whatever else it says."""


def says(intent: str, text: str) -> bool:
    """Whether the caller says this, by name of the table above."""
    return _PATTERNS[intent].search(fold(text)) is not None


def says_briefly(intent: str, text: str) -> bool:
    """Whether the caller says this and little else."""
    return len(fold(text).split()) <= SHORT_WORDS and says(intent, text)
