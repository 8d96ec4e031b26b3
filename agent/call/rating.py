"""The mark that a caller is asked for once all is settled, where the client wants it. Pure.

Only a whole number from 1 to 5 counts: « très bien » is none, and nothing is made of it. The
question is asked once, and put once more to who answers something else.
"""

from __future__ import annotations

import re
from dataclasses import replace

from agent.call.intents import is_angry, is_leaving, says, says_briefly, says_only
from agent.call.moves import Phase, State
from agent.call.talking import Step, aside, leave, say
from knowledge.appliances import appliances_in
from knowledge.safety import fold
from voices.prompts import prompt

RATED_FROM_S = 20.0
"""Length of a call from which its caller is asked."""

ASKS_LIMIT = 2
"""Times that the question is put."""

LOW = 2
"""Marks up to this one are thanked for in other words: nobody is glad of them."""

_FIGURES = {"un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5,
            **{str(mark): mark for mark in range(1, 6)}}  # fmt: skip
_BEFORE = (
    r"(?:ah|oh|euh|heu|ben|bah|bon|alors|allez|eh bien|oui|ouais|ok|d accord|bien sur|volontiers"
    r"|disons|moi|pour moi|sans hesiter|franchement|je|j|vous|en|dirais|dirai|dis|mets|mettrais"
    r"|mettrai|donne|donnerais|donnerai|vais|mettre|donner|dire|c est|ce sera|ca sera|ce serait"
    r"|(?:c est|mets|donne|dirais) un|la note|une note|note|de|le|plutot|bonjour)"
)
_AFTER = (
    r"(?:sur (?:cinq|5)|etoiles?|points?|bien sur|volontiers|merci|beaucoup|bien|et|voila|je pense"
    r"|je dirais|s il vous plait|au revoir|bonne (?:journee|soiree)|a vous|aussi|madame|monsieur"
    r"|parfait|tres bien|c etait|super)"
)
_MARK = re.compile(rf"(?:{_BEFORE} )*(?P<mark>{'|'.join(_FIGURES)})(?: {_AFTER})*")
_DECLINES = re.compile(
    r"\b(?:pas (?:de note|le temps|envie|besoin|repondre|noter)|sans (?:avis|opinion)"
    r"|laissez tomber|prefere pas|ne souhaite pas|ne veux pas|veux pas|je sais pas|sais pas"
    r"|une autre fois|ca ira|passons)\b"
)

LONGEST_MARK = 14
"""Words of an answer that holds a mark and nothing else."""

LONGEST_ANSWER = 6
"""Words of an answer to the question; more of them are about something else."""


def mark_in(text: str) -> int | None:
    """The whole number from 1 to 5 that is all that the words say; None if it is not so."""
    plain = fold(re.sub(r"(?<=\d) ?/ ?(?=\d)", " sur ", text))
    if len(plain.split()) > LONGEST_MARK:
        return None
    found = _MARK.fullmatch(plain)
    return None if found is None else _FIGURES[found["mark"]]


def farewell(state: State, text: str) -> Step:
    """Last words to a caller who takes leave; before them the question, where it is due."""
    if not _is_due(state, text):
        return leave(state, prompt("goodbye"))
    asking = replace(state, phase=Phase.RATING, rating_asks=1, silences=0)
    return say(asking, prompt("rating_ask"))


def _is_due(state: State, text: str) -> bool:
    """Whether the client wants it, and the caller leaves content, as far as that can be told."""
    if not state.rates or state.rating_asks or state.talked or state.ticket_id is not None:
        return False
    if state.danger is not None or state.story.mood != "calm" or state.offers or state.doubts:
        return False
    helped = state.phase is Phase.HELPED and not says("no", text)
    asked_more = state.said in (prompt("glad"), prompt("anything_else"))
    over = state.phase is Phase.LISTENING and asked_more
    steps = state.story.steps
    in_vain = bool(steps) and steps[-1].result in ("no_help", "not_done")
    return (helped or over) and bool(steps or state.story.said) and not in_vain


def rated(state: State, text: str, alternatives: tuple[str, ...] = ()) -> Step | None:
    """What the caller says when asked for a mark; None if it is about something else.

    Args:
        state: In which they are asked.
        text: Their words, "" for none.
        alternatives: Other readings; they count where nothing is known of the first.
    """
    mark = mark_in(text)
    if mark is None and len(text.split()) <= 2:
        others = {found for other in alternatives if (found := mark_in(other)) is not None}
        mark = others.pop() if len(others) == 1 and not _answers_otherwise(text) else None
    if mark is not None:
        return marked(state, mark)
    if says_briefly("repeat", text) or says_briefly("slower", text):
        slow = replace(state, slow=state.slow or says("slower", text))
        return aside(slow, prompt("rating_ask"))
    if is_leaving(text) or _answers_otherwise(text):
        return leave(state, prompt("goodbye"))
    if says_briefly("wait", text):  # « attendez, encore une chose »
        return aside(replace(state, phase=Phase.LISTENING), prompt("go_on"))
    another = says("question", text) or bool(appliances_in(text))
    if another or len(text.split()) > LONGEST_ANSWER:
        return None
    return unclear(state)


def _answers_otherwise(text: str) -> bool:
    """Whether the caller would rather give none."""
    if says("question", text):
        return False
    if is_angry(text) or says("stop", text):
        return True
    declines = _DECLINES.search(fold(text)) is not None
    return declines or says_only("no", text) or says_only("thanks", text) or says("goodbye", text)


def keyed(state: State, digit: str) -> Step:
    """A key that is pressed when a mark is asked for."""
    mark = _FIGURES.get(digit)
    return unclear(state) if mark is None else marked(state, mark)


def marked(state: State, mark: int) -> Step:
    """Keep the mark, thank for it, and take leave."""
    kept = replace(state, rating=mark)
    return leave(kept, prompt("rating_frank") if mark <= LOW else prompt("rating_thanks"))


def unclear(state: State) -> Step:
    """Ask once more, for a figure; then take leave."""
    if state.rating_asks >= ASKS_LIMIT:
        return leave(state, prompt("goodbye"))
    again = replace(state, rating_asks=state.rating_asks + 1)
    return aside(again, prompt("rating_again"))
