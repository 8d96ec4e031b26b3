"""Words that stop in the middle of something: who says « c'est pour mon » is not answered at once.

A turn that is over for the ear may not be over for the sense. A reply held back for a moment is
never heard if the caller goes on: both halves are then one sentence.
"""

from __future__ import annotations

import re

from agent.call.capture import understood
from agent.call.intents import asks_for_time, is_whole_reply, says
from agent.call.moves import Phase, State
from knowledge.safety import fold

HELD_S = 2.2
"""Of silence after the last word, before something half said is answered."""

UNHURRIED_S = 1.1
"""Of silence before a statement is answered: Smart Turn takes a breath for its end two times in
five on the telephone, and the reply may be ready after 0.7 s. A question is answered at once."""

_LEADS_ON = frozenset(
    "le la les l un une des du de d mon ma mes ton ta tes son sa ses notre votre leur ce cet cette"
    " ces au aux a et ou mais que qu quand parce donc puis sur pour par dans sans entre chez vers"
    " je j tu il elle on nous ils elles me m te t se s ne n y en est sont ai as euh heu hum"
    " comme dont lorsque puisque"
    .split()
)  # fmt: skip
"""Words that nothing ends with; « avec », « si » or « alors » may be the last."""

_OPENS = re.compile(
    r"(?:(?:bonjour|bonsoir|allo|oui|ah|bah|ben|bon|eh|madame|monsieur|mademoiselle) )*"
    r"(?:alors|donc|voila|voyons|attendez voir|euh|heu|hum|je vous explique|je vous appelle"
    r"|c est pour vous dire)(?: (?:alors|voila|euh|heu|donc|bon|oui))*"
    r"(?: \w{1,4})?"
)
"""« Alors, euh… », « bonjour, voilà »: what callers say before they say it; of what they draw in
their breath for, the recogniser makes a short word."""

_FIRST_CLAUSE = re.compile(
    r"^(?:(?:oui|non|alors|bonjour|euh|mais|et|donc|en fait) )*"
    r"(?:quand|lorsqu\w*|des qu\w*|chaque fois qu\w*|depuis qu\w*|pendant qu\w*|comme)"
    r" (?!meme\b|ca\b)"
)
"""« Quand j'ouvre la porte du four, » has its other half to come."""

_TELLS = re.compile(
    r"\b(?:y a|c est|il|elle|ca|ecran|voyant|afficheur|bandeau) (?:\w+ ){0,2}?"
    r"(?:ecrit|marque|affiche|indique|s appelle)(?: (?:avant|la|dessus|dedans|donc|bien))?$"
    r"|^(?:\w+ ){0,3}c est pour (?:moi|ma|mon)$"
)
"""« Il y a écrit », « l'écran indique »: what, comes next. So it does after « c'est pour mon »,
which is heard as « c'est pour moi »."""

LONGEST_CLAUSE = 10
"""Words of a first clause alone; with more, both halves have been said."""

_ASKS = re.compile(r"\?\W*$")
_TURNS_ROUND = re.compile(r"\b\w+-(?:je|tu|il|elle|on|nous|vous|ils|elles|ce|y|en)\W*$")
"""« Que dois-je », « allez-y »: these endings are whole."""


def held_s(state: State, text: str) -> float:
    """Silence after the last word before it is answered, seconds; 0 where nothing is waited for.

    Args:
        state: Where the conversation stands.
        text: The caller's words.
    """
    busy = asks_for_time(text) and not any(says(one, text) for one in ("slower", "repeat"))
    if busy or is_half_said(state, text):
        return HELD_S
    waits_for_none = not text or _ASKS.search(text) or is_whole_reply(text)
    dictated = state.phase is Phase.CAPTURING and state.capture is not None
    return 0.0 if waits_for_none or dictated else UNHURRIED_S


def is_half_said(state: State, text: str) -> bool:
    """Whether more is to come: a sentence that stops at an article, a number without its end."""
    if state.phase is Phase.CAPTURING and state.capture is not None:
        capture = state.capture
        if capture.field != "phone" or capture.offered:  # « non, douze » to a read-back is whole
            return False
        reading, _ = understood(capture, text)
        return bool(reading.value) and not (reading.complete or reading.unusable)
    words = fold(text).split()
    plain = " ".join(words)
    if state.phase is Phase.LISTENING and _OPENS.fullmatch(plain):
        return True
    if len(words) < 2 or _ASKS.search(text) or _TURNS_ROUND.search(text.casefold()):
        return False
    return words[-1] in _LEADS_ON or _is_first_half(text, plain)


def _is_first_half(text: str, plain: str) -> bool:
    """Whether a clause stands there that another one completes."""
    if _TELLS.search(plain) is not None:
        return True
    alone = len(plain.split()) <= LONGEST_CLAUSE and "," not in text.rstrip(" ,.…")
    return alone and _FIRST_CLAUSE.search(plain) is not None
