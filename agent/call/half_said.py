"""Words that stop in the middle of something: who says « c'est pour mon » is not answered at once.

A turn that is over for the ear may not be over for the sense. A reply held back for a moment is
never heard if the caller goes on: both halves are then one sentence.
"""

from __future__ import annotations

import re

from agent.call.capture import understood
from agent.call.moves import Phase, State
from knowledge.safety import fold

HELD_S = 2.2
"""Of silence after the last word, before something half said is answered."""

_LEADS_ON = frozenset(
    "le la les l un une des du de d mon ma mes ton ta tes son sa ses notre votre leur ce cet cette"
    " ces au aux a et ou mais que qu quand parce donc puis sur pour par dans sans entre chez vers"
    " je j tu il elle on nous ils elles me m te t se s ne n y en est sont ai as euh heu hum"
    " comme dont lorsque puisque"
    .split()
)  # fmt: skip
"""Words that nothing ends with; « avec », « si » or « alors » may be the last."""

_ASKS = re.compile(r"\?\W*$")
_TURNS_ROUND = re.compile(r"\b\w+-(?:je|tu|il|elle|on|nous|vous|ils|elles|ce|y|en)\W*$")
"""« Que dois-je », « allez-y »: these endings are whole."""


def is_half_said(state: State, text: str) -> bool:
    """Whether more is to come: a sentence that stops at an article, a number without its end."""
    if state.phase is Phase.CAPTURING and state.capture is not None:
        capture = state.capture
        if capture.field != "phone" or capture.offered:  # « non, douze » to a read-back is whole
            return False
        reading, _ = understood(capture, text)
        return bool(reading.value) and not (reading.complete or reading.unusable)
    words = fold(text).split()
    if len(words) < 2 or _ASKS.search(text) or _TURNS_ROUND.search(text.casefold()):
        return False
    return words[-1] in _LEADS_ON
