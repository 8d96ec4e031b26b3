"""What is heard over the agent's voice and is no reason to give up what it says. Pure.

The voice stops at the first sound, for words cannot be told from a murmur sooner; then it goes on,
unless somebody spoke to it.
"""

from __future__ import annotations

from agent.call.intents import is_back_channel, says_briefly, says_only
from agent.call.loudness import FAINT_DB
from agent.call.moves import Heard, Phase
from agent.call.short_replies import is_known
from knowledge.safety import fold

UNHEARD_S = 2.0
"""Of what the agent was saying, the rest after which a « oui » over it is no answer to it."""

FEW_WORDS = 3
"""Words of a murmur: « hum hum » is heard as « On en. », « MMR. », « Mache, émache. »."""

MURMUR_LOGPROB, LONE_MURMUR_LOGPROB = -0.5, -0.35
"""Mean log-probability under which unknown words are a murmur; one word alone, or one said twice.

Repeat the figures: `python -m evals.murmurs`.
"""

NO_LOGPROB = -0.6
"""The same for a « non »: « hum hum » is also heard as « Oh, non, non. »."""

BESIDES_LOGPROB, BESIDES_NO_SPEECH, UNCLEAR_LOGPROB = -0.5, 0.05, -0.8
"""Mean log-probability under which, with a no-speech probability over this, several words come from
a television and not from the caller; mean log-probability under which nobody can tell."""

FAR_DB = 12.0
"""How much fainter than the caller's own voice words are another's, whatever they mean."""

IGNORED_LIMIT = 2
"""Times in a row that words over the agent are taken for no words: somebody may mean them."""


def is_no_interruption(event: Heard, text: str) -> bool:
    """Whether what was heard over the agent is a listener's « oui, oui », a murmur or no speech.

    Args:
        event: The turn.
        text: Its words, or the reading of them that was chosen.
    """
    if not event.interrupting:
        return False
    if event.below_db and is_faint(event, text, FAR_DB if is_known(text) else FAINT_DB):
        return True
    if event.unheard_s <= UNHEARD_S:
        return False
    return not text or is_back_channel(text) or is_murmur(event, text)


def is_from_afar(event: Heard, text: str) -> bool:
    """Whether sentences that come while the agent listens are not the caller's.

    Figures are: they are read off a label, with the telephone left on the table.
    """
    figures = any(character.isdigit() for character in text)
    many = len(fold(text).split()) > FEW_WORDS and not figures
    return not event.interrupting and many and is_faint(event, text, FAR_DB)


def is_faint(event: Heard, text: str, by_db: float) -> bool:
    """Whether words are so much fainter than the caller that they are hardly theirs.

    Danger counts whoever speaks of it, and a person is asked for in earnest.
    """
    return event.below_db >= by_db and event.danger is None and not says_briefly("human", text)


def is_refused(event: Heard, phase: Phase, text: str) -> bool:
    """Whether a « non, non » in the middle of an answer says that it is the wrong one."""
    explaining = phase in (Phase.LISTENING, Phase.STEPS, Phase.HELPED)
    middle = event.interrupting and event.unheard_s > UNHEARD_S
    return middle and explaining and says_only("no", text)


def is_murmur(event: Heard, text: str) -> bool:
    """Whether words over the agent are probably nobody's, or not for it."""
    words = fold(text).split()
    if 2 * sum(word.isdigit() for word in words) >= len(words):
        return False  # a number, before it was asked for to the end
    if len(words) > FEW_WORDS:
        besides = event.logprob < BESIDES_LOGPROB and event.no_speech > BESIDES_NO_SPEECH
        return besides or event.logprob < UNCLEAR_LOGPROB
    if says_only("no", text) and event.logprob < NO_LOGPROB:
        return True
    if event.danger is not None or is_known(text):
        return False
    alone = len(set(words)) == 1 or _is_doubled(words)
    return event.logprob < (LONE_MURMUR_LOGPROB if alone else MURMUR_LOGPROB)


def _is_doubled(words: list[str]) -> bool:
    """« Mache, émache », « mémas et mémas »: twice the same, nearly."""
    first, last = words[0], words[-1]
    return len(words) > 1 and len(last) > 2 and (first.endswith(last) or last.endswith(first))
