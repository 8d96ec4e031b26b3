"""What the exchange plays by itself: its sentences for each client, music for those who wait."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from agent.audio import TELEPHONE_RATE_HZ, Samples, fade_edges, to_int16, write_wav
from voices.french import sentences
from voices.prompts import prompts

TABLE = "exchange"
"""Of `voices/prompts`: its sentences by their names."""

MUSIC, TONE = "music/waiting.wav", "tone.wav"
TONE_HZ, TONE_S = 880.0, 0.3
"""After which a message is spoken: Asterisk's own is in a package that may not be installed."""

MUSIC_BAR_S = 4.0
MUSIC_LEVEL = 0.05
"""Highest amplitude, of full scale: some 15 dB below a voice, for it is heard at the ear."""

_A_HZ = 220.0
_CHORDS = ((0, 7, 12, 16), (-3, 4, 9, 12), (-7, 5, 9, 12), (-5, 2, 7, 11))
"""Notes of each bar, in semitones from A: A, F sharp minor, D and E, one after the other."""

PAUSE_S = 0.25

Speak = Callable[[str], Awaitable[Samples]]
"""Says a sentence, at the telephone's rate."""


def sentence_names() -> tuple[str, ...]:
    """Names of what the exchange says for each client, without `.wav`."""
    return tuple(prompts(TABLE))


async def spoken(brand: str, pronounce: Callable[[str], str], speak: Speak) -> dict[str, Samples]:
    """What the exchange says for a client, by its name.

    Args:
        brand: As callers know it.
        pronounce: Writes a sentence as the client wants its words said.
        speak: Says one.
    """
    pause = np.zeros(int(PAUSE_S * TELEPHONE_RATE_HZ), np.int16)
    said = {}
    for name, text in prompts(TABLE).items():
        parts: list[Samples] = []
        for sentence in sentences(pronounce(text.format(brand=brand))):
            parts += [await speak(sentence), pause]
        said[name] = np.concatenate(parts)
    return said


def music(rate_hz: int = TELEPHONE_RATE_HZ) -> Samples:
    """Sixteen quiet seconds of plucked chords, which can be played over and over."""
    length = int(MUSIC_BAR_S * rate_hz)
    whole = np.zeros(length * (len(_CHORDS) + 1))
    for bar, chord in enumerate(_CHORDS):
        for step, semitones in enumerate((*chord, *chord[-2:0:-1])):
            start = bar * length + step * length // 6
            tone = _plucked(_A_HZ * 2 ** (semitones / 12), rate_hz)
            end = min(whole.size, start + tone.size)
            whole[start:end] += tone[: end - start]
    loop = whole[:-length].copy()
    loop[:length] += whole[-length:]  # what still sounds at the end sounds at the beginning
    return to_int16(loop / np.abs(loop).max() * MUSIC_LEVEL)


def tone(rate_hz: int = TELEPHONE_RATE_HZ) -> Samples:
    """The tone after which a message is spoken, and a moment for it to fade."""
    at = np.arange(int(TONE_S * rate_hz)) / rate_hz
    sounding = fade_edges(to_int16(0.2 * np.sin(2 * np.pi * TONE_HZ * at)), rate_hz, ms=20)
    return np.concatenate([sounding, np.zeros(rate_hz // 10, np.int16)])


def write_sounds(folder: Path, slug: str, said: dict[str, Samples]) -> None:
    """Write a client's sentences, each at once or not at all, readable by the exchange."""
    for name, samples in said.items():
        _write(folder / slug / f"{name}.wav", fade_edges(samples, TELEPHONE_RATE_HZ))


def write_common(folder: Path) -> None:
    """Write what is the same for all clients: the music for those who wait, and the tone."""
    _write(folder / MUSIC, music())
    _write(folder / TONE, tone())


def _plucked(hertz: float, rate_hz: int) -> npt.NDArray[np.float64]:
    at = np.arange(int(1.6 * rate_hz)) / rate_hz
    body = np.sin(2 * np.pi * hertz * at) + 0.25 * np.sin(4 * np.pi * hertz * at)
    softly: npt.NDArray[np.float64] = body * np.minimum(at / 0.03, 1.0) * np.exp(-2.5 * at)
    return softly


def _write(file: Path, samples: Samples) -> None:
    part = file.with_name(f".{file.name}.part")
    write_wav(part, TELEPHONE_RATE_HZ, samples)
    for folder in (file.parent, file.parent.parent):
        folder.chmod(0o755)
    part.chmod(0o644)
    part.replace(file)
