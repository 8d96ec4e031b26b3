"""How well callers are understood: `permanence eval hearing`, on clean lines and on bad ones.

Synthetic callers say the test's utterances (made once, cached); each line does its damage at run
time; a recogniser as a call has it decodes. `python -m evals.hearing [--padding 30 4 1]
[--questions 22] [--vocabulary] [--show]` is the smaller measurement of `evals.padding`.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from agent.audio import RECOGNISER_RATE_HZ, TELEPHONE_RATE_HZ, Samples
from agent.call.capture.phone import national, read
from agent.call.transcriber import Transcriber
from agent.opening import open_transcriber
from agent.settings import Settings
from evals import invented
from evals.arrived import Take, word_errors
from evals.bounded import each
from evals.callers import caller_voice
from evals.hearing_tables import SPEAKERS, Findings
from evals.line import CONDITIONS, CodecMissingError, Condition, alaw, received
from evals.noise import speaker_of
from evals.real_speech import Prompt, RealSpeechMissingError, read_prompts
from evals.recorded_words import error_code, telephone_number, tested_speaker
from evals.utterances import Lexicon, Utterance, drawn, read_lexicons
from knowledge.spoken import codes
from voices.french import speakable

UNBIASED = ("telephone", "telephone kitchen 15 dB")
"""Conditions that are decoded a second time without the client's words."""

LEFT_OUT = ("telephone hum 5 dB", "loss 10 %", "fast")
DEFAULTS = tuple(name for name in CONDITIONS if name not in LEFT_OUT)
"""What is measured unless conditions are named."""

FIGURES = (60, 40)
"""Telephone numbers and codes that are put together from a person's recorded figures."""

TALKERS = 12
"""Other callers' clips that the television draws from."""


@dataclass(frozen=True)
class Clip:
    """An utterance as one voice says it, clean, at 16 kHz."""

    utterance: Utterance
    speaker: str
    samples: Samples


def run(
    settings: Settings, *, questions: int = 40, conditions: Sequence[str] = (),
    prompts: int = 200, minutes: float = 10.0,
) -> Findings:  # fmt: skip
    """Measure everything (blocks; some ten minutes on two cores).

    Args:
        settings: Of the installation whose models are measured.
        questions: How many of the test split.
        conditions: Names in `CONDITIONS`; none means `DEFAULTS`.
        prompts: How many recordings of a real speaker, at most.
        minutes: Of sound without speech.

    Raises:
        KeyError: There is no such condition.
    """
    chosen = [CONDITIONS[name] for name in conditions or DEFAULTS]
    lexicons = read_lexicons(settings)
    clips = spoken(settings, drawn(lexicons, questions))
    findings = Findings(lexicons)
    at_once = settings.transcriber_workers
    transcriber = open_transcriber(settings)
    try:
        for condition in chosen:
            for biased in (True, False) if condition.name in UNBIASED else (True,):
                _tell(f"{condition.name}{'' if biased else ', without the words'}")
                listening = listen(
                    transcriber, clips, condition, lexicons, biased=biased,
                    at_once=at_once,
                )  # fmt: skip
                try:
                    findings.takes += asyncio.run(listening)
                except CodecMissingError as error:
                    findings.notes.append(f"{condition.name}: {error}")
                    break
        if minutes > 0:
            _tell("no speech")
            quiet = invented.quiet_clips(minutes)
            findings.nothing = asyncio.run(
                invented.invent(transcriber, quiet, lexicons["orvane"].bias, at_once)
            )
        if prompts > 0:
            _tell("real speech")
            try:
                recorded = read_prompts(settings, prompts)
                findings.prompts = asyncio.run(read_aloud(transcriber, recorded, at_once))
                findings.figures = asyncio.run(read_figures(transcriber, settings, at_once))
            except RealSpeechMissingError as error:
                findings.notes.append(f"Asterisk's French prompts: {error}")
    finally:
        transcriber.close()
    return findings


def spoken(settings: Settings, utterances: Sequence[Utterance]) -> list[Clip]:
    """Each utterance as its caller says it; one voice after the other (blocks)."""
    made = []
    for speaker in SPEAKERS:
        own = [one for one in utterances if speaker_of(one.text) == speaker]
        if not own:
            continue
        _tell(f"{speaker} speaks")
        voice = caller_voice(settings, speaker)
        try:
            voice.prepare([speakable(one.text) for one in own], RECOGNISER_RATE_HZ)
            for one in own:
                samples = asyncio.run(voice.speak(speakable(one.text), RECOGNISER_RATE_HZ))
                made.append(Clip(one, speaker, samples))
        finally:
            voice.close()
    return made


async def listen(
    transcriber: Transcriber, clips: Sequence[Clip], condition: Condition,
    lexicons: Mapping[str, Lexicon], *, biased: bool, at_once: int,
) -> list[Take]:  # fmt: skip
    """All clips under one condition, as they are understood.

    Raises:
        CodecMissingError: The condition's codec is not here.
    """

    async def one(clip: Clip) -> Take:
        others = [other.samples for other in clips if other.speaker != clip.speaker][:TALKERS]
        samples, rate_hz = await asyncio.to_thread(
            received, condition, clip.samples, RECOGNISER_RATE_HZ, seed_of(clip), others
        )
        words = lexicons[clip.utterance.client].bias if biased else ()
        heard = await transcriber.transcribe(samples, rate_hz, words)
        readings = tuple(text for text, _ in heard.readings())
        return Take(clip.utterance, clip.speaker, condition.name, biased, readings)

    return await each(clips, one, at_once)


def seed_of(clip: Clip) -> int:
    """Of a clip's randomness: always the same, different from clip to clip."""
    return int.from_bytes(hashlib.sha256(clip.utterance.text.encode()).digest()[:4], "big")


async def read_aloud(
    transcriber: Transcriber, prompts: Sequence[Prompt], at_once: int
) -> list[tuple[int, int]]:
    """Errors and words of each recording of a real speaker."""

    async def one(prompt: Prompt) -> tuple[int, int]:
        heard = await transcriber.transcribe(alaw(prompt.samples), TELEPHONE_RATE_HZ)
        return word_errors(prompt.text, heard.text)

    return await each(prompts, one, at_once)


async def read_figures(
    transcriber: Transcriber, settings: Settings, at_once: int
) -> dict[str, list[bool]]:
    """Whether telephone numbers and codes in a person's recorded words arrive, by kind.

    Raises:
        RealSpeechMissingError: The recordings cannot be had here.
    """
    speaker, random = tested_speaker(settings), Random(5)
    numbers = [telephone_number(speaker, random) for _ in range(FIGURES[0])]
    told = [error_code(speaker, random) for _ in range(FIGURES[1])]

    async def one(item: tuple[str, list[list[str]]]) -> str:
        samples = speaker.say(item[1], Random(item[0]))
        return (await transcriber.transcribe(alaw(samples), TELEPHONE_RATE_HZ)).text

    dialled = [re.sub(r"\D", "", written) for written, _ in numbers]
    heard = [national(read(text).value) for text in await each(numbers, one, at_once)]
    arrived = [codes(text) for text in await each(told, one, at_once)]
    return {
        "telephone numbers": [a == b for a, b in zip(dialled, heard, strict=True)],
        "codes": [written in found for (written, _), found in zip(told, arrived, strict=True)],
    }


def _tell(step: str) -> None:
    print(f"  {step}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    from evals.padding import main

    main()
