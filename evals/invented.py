"""What the recogniser writes where nobody speaks: line noise, a kitchen, hum, waiting music.

Clips of five seconds are decoded as if each were a turn, which is harsher than a call: there the
voice-activity detector stands before the recogniser. So it is also said how many words are left of
clips in which the detector hears a voice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.audio.vad.vad_analyzer import VADState

from agent.audio import (
    RECOGNISER_RATE_HZ,
    SAMPLE_BYTES,
    TELEPHONE_FRAME_SAMPLES,
    TELEPHONE_RATE_HZ,
    Samples,
    to_int16,
)
from agent.call.transcriber import Transcriber
from agent.call.turns import VAD
from evals.bounded import each
from evals.line import Noise, alaw, background, on_the_line

CLIP_S = 5
LEVELS_DBFS: dict[Noise, float] = {"hiss": -50.0, "kitchen": -30.0, "hum": -30.0, "music": -25.0}
"""The sounds and how loud each is; speech is at about -20."""


@dataclass(frozen=True)
class Invented:
    """What became of one clip without speech.

    Attributes:
        sound: What is on it.
        biased: The recogniser was given a client's words.
        voiced: The detector of a call hears a voice in it.
        text: What was recognised, "" as it should be.
    """

    sound: Noise
    biased: bool
    voiced: bool
    text: str


def quiet_clips(minutes: float) -> list[tuple[Noise, Samples]]:
    """Clips at 8 kHz after A-law, the sounds in equal parts, always the same."""
    each = max(1, round(minutes * 60 / CLIP_S / len(LEVELS_DBFS)))
    made: list[tuple[Noise, Samples]] = []
    for sound, level_dbfs in LEVELS_DBFS.items():
        for number in range(each):
            random = np.random.default_rng(number)
            signal = background(sound, CLIP_S * RECOGNISER_RATE_HZ, RECOGNISER_RATE_HZ, random)
            loud = to_int16(signal * 10 ** (level_dbfs / 20))
            made.append((sound, alaw(on_the_line(loud, RECOGNISER_RATE_HZ, random))))
    return made


async def voice_in(samples: Samples) -> bool:
    """Whether the detector of a call hears a voice in a clip at 8 kHz."""
    detector = SileroVADAnalyzer(params=VAD)
    detector.set_sample_rate(TELEPHONE_RATE_HZ)
    pcm = samples.astype("<i2").tobytes()
    step = TELEPHONE_FRAME_SAMPLES * SAMPLE_BYTES
    try:
        for at in range(0, len(pcm), step):
            if await detector.analyze_audio(pcm[at : at + step]) is VADState.SPEAKING:
                return True
        return False
    finally:
        await detector.cleanup()


async def invent(
    transcriber: Transcriber, clips: Sequence[tuple[Noise, Samples]], bias: Sequence[str],
    at_once: int,
) -> list[Invented]:  # fmt: skip
    """Decode clips without speech, with the client's words and without.

    Args:
        transcriber: As a call has it.
        clips: At 8 kHz, and what is on them.
        bias: The client's words.
        at_once: Clips that are worked on at a time.
    """

    async def one(clip: tuple[Noise, Samples]) -> list[Invented]:
        sound, samples = clip
        voiced = await voice_in(samples)
        found = []
        for words in (tuple(bias), ()):
            heard = await transcriber.transcribe(samples, TELEPHONE_RATE_HZ, words)
            found.append(Invented(sound, bool(words), voiced, heard.text))
        return found

    return [found for both in await each(clips, one, at_once) for found in both]


def words_a_minute(found: Sequence[Invented], *, behind_detector: bool = False) -> float:
    """Words invented in a minute of no speech.

    Args:
        found: Of one kind.
        behind_detector: Count only what a call would have decoded.
    """
    counted = [one for one in found if one.voiced or not behind_detector]
    words = sum(len(one.text.split()) for one in counted)
    return words / (len(found) * CLIP_S / 60) if found else 0.0


def lines(found: Sequence[Invented]) -> list[str]:
    """A line a sound, with the client's words and without."""
    told = [f"{'sound':10} {'bias':4} {'minutes':>7} {'words a minute':>15} "
            f"{'behind the detector':>20} {'clips with words':>17}  what"]  # fmt: skip
    for sound in LEVELS_DBFS:
        for biased in (True, False):
            some = [one for one in found if one.sound == sound and one.biased == biased]
            texts = Counter(one.text for one in some if one.text)
            most = "; ".join(f"« {text[:40]} » × {n}" for text, n in texts.most_common(2))
            told.append(
                f"{sound:10} {'on' if biased else 'off':4} {len(some) * CLIP_S / 60:7.1f} "
                f"{words_a_minute(some):15.2f} {words_a_minute(some, behind_detector=True):20.2f} "
                f"{sum(texts.values()):8d} of {len(some):<5d}  {most}"
            )
    return told
