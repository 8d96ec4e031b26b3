"""What operators' telephones have in common, whoever rings them: whose they are, what they hear."""

from __future__ import annotations

from dataclasses import dataclass

from agent.call.record import Brief
from agent.handoff.desks import Operator

RING_S = 60
"""Longest that a telephone rings; the switchboard mostly stops it before."""

KEY_S = 5.0
"""After the story, for the key; then it is told once more, then the call is not for them."""

TELLINGS = 2
ACCEPT, DECLINE = "1", "2"

CALL = (
    "Un appel de l'assistance {brand}. {story} "
    "Pour le prendre, appuyez sur la touche un. Sinon, sur la touche deux."
)
TOO_LATE = "Merci, un autre conseiller a déjà pris cet appel."


@dataclass(frozen=True)
class PhoneUser:
    """An operator who has a telephone: an extension, or an outside number, E.164."""

    operator: Operator
    phone: str


def spoken_story(brief: Brief) -> str:
    """The brief's line as it is said aloud: no dash, no guillemets, each piece a sentence."""
    pieces = [piece.strip(" .«»\u00a0\u202f") for piece in brief.line.split(" — ")]
    return " ".join(f"{piece[:1].upper()}{piece[1:]}." for piece in pieces if piece)
