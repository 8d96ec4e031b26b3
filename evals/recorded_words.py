"""Numbers, codes and references put together from a person's recorded figures and letters.

Asterisk's French prompts hold the words from zero to vingt, the tens and the alphabet, for saying
numbers one word after another. Two speakers are in Debian: Armelle Desjardins (GSM full rate, free
licence in the package), who teaches the recogniser, and the Canadian of real_speech.py, whom it is
only tested with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import cast

import av
import numpy as np
from av.filter import Graph

from agent.audio import TELEPHONE_RATE_HZ, Samples
from agent.settings import Settings
from evals.real_speech import TESTED_WITH, fetched
from evals.spoken_lessons import LETTERS, STARTS

TAUGHT_WITH = ("asterisk-prompt-fr-armelle",)
LOUDEST = 20_000
AUDIBLE = 0.04
"""Of the loudest moment: below it is the recording's hiss."""

KEPT = int(0.03 * TELEPHONE_RATE_HZ)
"""Samples kept around what is audible."""

WITHIN_S, BETWEEN_S = (0.0, 0.06), (0.08, 0.5)
"""Silence within a pair of figures, and between pairs or letters."""

HIGH = 60
"""From here on pairs sound like one another: 66 and 76, 88 and 98."""


@dataclass(frozen=True)
class Speaker:
    """A person's words by what they say, « 80 » or « L », int16 [n] at 8 kHz each."""

    words: Mapping[str, Samples]

    def pairs(self) -> list[str]:
        """Pairs of figures that can be said, « 06 », « 98 »."""
        return [pair for pair in (f"{n:02d}" for n in range(100)) if self.can_say(in_words(pair))]

    def can_say(self, words: Sequence[str]) -> bool:
        """Whether all of them were recorded."""
        return bool(words) and all(word in self.words for word in words)

    def say(self, groups: Sequence[Sequence[str]], random: Random) -> Samples:
        """The groups of words one after another, int16 [n] at 8 kHz.

        Raises:
            KeyError: A word was not recorded.
        """
        parts: list[Samples] = []
        for group in groups:
            for word in group:
                parts += [self.words[word], _silence(random.uniform(*WITHIN_S))]
            parts.append(_silence(random.uniform(*BETWEEN_S)))
        return np.concatenate(parts[:-1])


def taught_speaker(settings: Settings) -> Speaker:
    """Whom the recogniser is taught with (blocks; fetches the package the first time).

    Raises:
        RealSpeechMissingError: The package cannot be had here.
    """
    folder = settings.home / "cache" / "asterisk-fr-taught"
    return _speaker(fetched(folder, TAUGHT_WITH), "*.gsm")


def tested_speaker(settings: Settings) -> Speaker:
    """Whom the recogniser is only tested with (blocks; fetches the packages the first time).

    Raises:
        RealSpeechMissingError: The packages cannot be had here.
    """
    return _speaker(fetched(settings.home / "cache" / "asterisk-fr", TESTED_WITH), "*.wav")


def in_words(pair: str) -> list[str]:
    """The recorded words that say a pair, « 98 » is « 80 » and « 18 »; none where « et » is said.

    >>> in_words("98"), in_words("06"), in_words("71")
    (['80', '18'], ['0', '6'], [])
    """
    value = int(pair)
    if value < 10:
        return ["0", str(value)]
    if value <= 20 or value in (30, 40, 50, 60, 70, 80, 90):
        return [str(value)]
    tens, ones = divmod(value, 10)
    if tens in (7, 9):
        tens, ones = tens - 1, ones + 10
    return [] if ones % 10 == 1 and tens != 8 else [str(tens * 10), str(ones)]


def telephone_number(speaker: Speaker, random: Random) -> tuple[str, list[list[str]]]:
    """A number as it is written, by pairs, and the words that say it; more than half are high."""
    pairs = speaker.pairs()
    high = [pair for pair in pairs if int(pair) >= HIGH]
    drawn = [random.choice(STARTS)]
    drawn += [random.choice(high if random.random() < 0.5 else pairs) for _ in range(4)]
    return " ".join(drawn), [in_words(pair) for pair in drawn]


def reference(speaker: Speaker, random: Random) -> tuple[str, list[list[str]]]:
    """A reference as it is written, and the words that say it: two letters or three, figures."""
    letters = [random.choice(LETTERS) for _ in range(random.choice((2, 2, 3)))]
    figures = [random.choice(speaker.pairs()) for _ in range(random.choice((1, 2)))]
    groups = [[letter] for letter in letters] + [in_words(pair) for pair in figures]
    last = random.choice(LETTERS) if random.random() < 0.4 else ""
    return "".join([*letters, *figures, last]), groups + ([[last]] if last else [])


def error_code(speaker: Speaker, random: Random) -> tuple[str, list[list[str]]]:
    """A code as it is written, and the words that say it."""
    letter, pair = random.choice("EEEFFFAHCDPSUI"), random.choice(speaker.pairs())
    return letter + pair, [[letter], in_words(pair)]


def hurried(samples: Samples, rate_hz: int, tempo: float) -> Samples:
    """The same said faster at the same pitch, int16 [n / tempo]; tempo from 0.5 to 2."""
    graph = Graph()
    source = graph.add_abuffer(sample_rate=rate_hz, format="s16", layout="mono", channels=1)
    tempo_filter = graph.add("atempo", f"{tempo:.3f}")
    sink = graph.add("abuffersink")
    source.link_to(tempo_filter)
    tempo_filter.link_to(sink)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(samples[None, :], format="s16", layout="mono")
    frame.sample_rate = rate_hz
    graph.push(frame)
    graph.push(None)
    parts: list[Samples] = []
    while True:
        try:
            parts.append(cast(Samples, graph.pull().to_ndarray().reshape(-1)))
        except (av.BlockingIOError, av.EOFError):
            return np.concatenate(parts) if parts else np.zeros(0, np.int16)


def _speaker(folder: Path, pattern: str) -> Speaker:
    words: dict[str, Samples] = {}
    for file in sorted(folder.rglob(pattern)):
        kind, name = file.parent.name, file.stem
        figure = kind == "digits" and name.isdigit() and int(name) < 100
        if kind == "digits" and "letters" in file.parts:
            continue
        if figure or (kind == "letters" and len(name) == 1 and name.isalpha()):
            words.setdefault(name.upper(), _read(file))
    return Speaker(words)


def _read(file: Path) -> Samples:
    """A recorded word without the silence around it, as loud as the others."""
    with av.open(str(file)) as container:
        frames = [frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)]
    samples = np.concatenate(frames).astype(np.float64)
    samples = samples / max(1.0, float(np.abs(samples).max())) * LOUDEST
    loud = np.flatnonzero(np.abs(samples) > LOUDEST * AUDIBLE)
    first, last = max(0, int(loud[0]) - KEPT), int(loud[-1]) + KEPT
    return cast(Samples, samples[first:last].astype(np.int16))


def _silence(seconds: float) -> Samples:
    return np.zeros(int(seconds * TELEPHONE_RATE_HZ), np.int16)
