"""What is heard over the agent: words that should stop it, murmurs and noises that should not."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import numpy as np

from agent.audio import (
    RECOGNISER_RATE_HZ,
    TELEPHONE_RATE_HZ,
    Samples,
    read_wav,
    to_float,
    to_int16,
)
from agent.demo import CLIENT, recorded_turns
from agent.settings import Settings
from agent.web.server import running_server
from evals import sounds
from evals.barging import Attempt, BargingCaller, Outcome
from evals.line import alaw, on_the_line, speech_rms
from evals.sounds import Signal
from evals.turn_clips import Plan, parts_spoken

WORDS = "words"
WORDS_OVER = (
    "Attendez, je n'ai pas compris.",
    "Non, c'est le lave-vaisselle, pas le lave-linge.",
    "Pardon, vous pouvez répéter ?",
    "Excusez-moi, et pour le filtre, je fais comment ?",
)
MURMURS = {"oui": "Oui.", "d'accord": "D'accord.", "hum hum": "Hum hum."}
NOISES = ("cough", "television")
TELEVISION_S = 2.0
TELEVISION_DB = -10.0
"""The television in the caller's room, over the caller's voice."""

LISTENING, LISTENING_S = "listening", 4.0
"""Nothing is said over the agent, whose voice comes back from a hands-free telephone."""

ECHO_DB = -20.0
SPEECH_DBFS = -20.0
ATTEMPTS_A_CALL = 3


def sounds_over(settings: Settings, talkers: Sequence[Samples]) -> dict[str, list[Samples]]:
    """What is said over the agent, 8 kHz after A-law, by name; several takes of each.

    Args:
        settings: Of the installation whose callers speak.
        talkers: Clips at 16 kHz for the television.
    """
    texts = (*WORDS_OVER, *MURMURS.values())
    said = parts_spoken(settings, [Plan("complete", (text,)) for text in texts])
    spoken = {parts[0]: to_float(samples[0]).astype(np.float64) for parts, samples in said.items()}
    takes: dict[str, list[Samples]] = {WORDS: [sent(spoken[text], 0) for text in WORDS_OVER]}
    takes |= {name: [sent(spoken[text], 0)] for name, text in MURMURS.items()}
    for name in NOISES:
        takes[name] = []
        for seed in range(4):
            random = np.random.default_rng(seed)
            if name == "cough":
                takes[name].append(
                    sent(at_level(sounds.cough(RECOGNISER_RATE_HZ, random), 0.0), seed)
                )
            else:
                count = int(TELEVISION_S * RECOGNISER_RATE_HZ)
                babble = sounds.television(count, RECOGNISER_RATE_HZ, random, talkers)
                takes[name].append(sent(at_level(babble, TELEVISION_DB), seed))
    return takes


def at_level(signal: Signal, level_db: float) -> Signal:
    """A sound as loud as speech is, or by so much more."""
    wanted = 10 ** ((SPEECH_DBFS + level_db) / 20)
    return signal * wanted / speech_rms(signal, RECOGNISER_RATE_HZ)


def sent(signal: Signal, seed: int) -> Samples:
    """A sound at 16 kHz as it arrives at 8 kHz after A-law."""
    random = np.random.default_rng(seed)
    return alaw(on_the_line(to_int16(signal), RECOGNISER_RATE_HZ, random))


def attempts(takes: Mapping[str, Sequence[Samples]], words: int, murmurs: int) -> list[Attempt]:
    """What is tried, in order: `words` real interruptions, then each other thing so many times."""
    questions = [read_wav(file, TELEPHONE_RATE_HZ) for file in recorded_turns()[:2]]
    named = [WORDS] * words + [name for _ in range(murmurs) for name in (*MURMURS, *NOISES)]
    made: list[Attempt] = []
    for number, name in enumerate(named):
        earlier = sum(one.name == name for one in made)
        over = takes[name][earlier % len(takes[name])]
        made.append(Attempt(name, questions[number % len(questions)], over))
    return made


def attempts_hands_free(takes: Mapping[str, Sequence[Samples]], times: int) -> list[Attempt]:
    """Listening in silence and talking over, in turn, so many times each."""
    questions = [read_wav(file, TELEPHONE_RATE_HZ) for file in recorded_turns()[:2]]
    silence = np.zeros(int(LISTENING_S * TELEPHONE_RATE_HZ), np.int16)
    made: list[Attempt] = []
    for number in range(times):
        question, words = questions[number % 2], takes[WORDS][number % len(takes[WORDS])]
        made += [Attempt(LISTENING, question, silence), Attempt(WORDS, question, words)]
    return made


def talk_over(
    settings: Settings, wanted: Sequence[Attempt], echo_db: float | None = None
) -> list[Outcome]:
    """Call a server of its own and talk over it, call after call (blocks; real time).

    Args:
        settings: Of the installation.
        wanted: In order.
        echo_db: How loud the agent's voice comes back; None: not at all.

    Raises:
        PermanenceError: The server cannot be started.
    """
    found: list[Outcome] = []
    with running_server(settings.model_copy(update={"port": 0})) as server:
        address = f"{server.url.replace('http', 'ws', 1)}/media"
        for at in range(0, len(wanted), ATTEMPTS_A_CALL):
            caller = BargingCaller(address, CLIENT, wanted[at : at + ATTEMPTS_A_CALL], echo_db)
            found += asyncio.run(caller.run())
    return found
