"""Sounds of a kitchen, a line and a listener, synthesised: water, fan, dishes, music, coughs.

Each is float64 of unit RMS, made from a generator given by the caller, so that it can be repeated.
The levels and bands are those of the things by ear and by common knowledge, not of recordings.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from agent.audio import Samples, to_float

Signal = npt.NDArray[np.float64]
Random = np.random.Generator

MAINS_HZ = 50.0
MAINS_HARMONICS = 13
DISHES_A_SECOND = 1.5
CHORDS_HZ = ((220.0, 261.6, 329.6), (174.6, 220.0, 261.6), (261.6, 329.6, 392.0),
             (196.0, 246.9, 293.7))  # fmt: skip
"""A minor, F, C, G: what waiting music and half of the radio go round in."""

BAR_S = 2.0
NOTES_A_BAR = 8


def unit(signal: Signal) -> Signal:
    """The same at RMS 1; silence stays silence."""
    level = float(np.sqrt(np.mean(signal**2))) if signal.size else 0.0
    return signal / level if level > 0 else signal


def shaped(signal: Signal, rate_hz: int, curve: Sequence[tuple[float, float]]) -> Signal:
    """A signal through a gain curve.

    Args:
        signal: Of any length; filtered as if it went round in a circle.
        rate_hz: Its sampling rate.
        curve: (Hz, dB) points in rising order; straight between them over the logarithm of the
            frequency, level beyond the first and the last.
    """
    spectrum = np.fft.rfft(signal)
    octaves = np.log2(np.maximum(np.fft.rfftfreq(signal.size, 1 / rate_hz), 1.0))
    points = np.array(curve, dtype=np.float64)
    gains_db = np.interp(octaves, np.log2(points[:, 0]), points[:, 1])
    return np.fft.irfft(spectrum * 10 ** (gains_db / 20), signal.size)


def hiss(count: int, rate_hz: int, random: Random) -> Signal:
    """The noise of an idle line: white, [count]."""
    return unit(random.standard_normal(count))


def hum(count: int, rate_hz: int, random: Random) -> Signal:
    """Mains hum at 50 Hz: odd harmonics strongest, as of a bad ground or a transformer, [count]."""
    time_s = np.arange(count) / rate_hz
    total = np.zeros(count)
    for harmonic in range(1, MAINS_HARMONICS + 1):
        level = (1.0 if harmonic % 2 else 0.4) / harmonic**0.7
        phase = random.uniform(0, 2 * np.pi)
        total += level * np.sin(2 * np.pi * MAINS_HZ * harmonic * time_s + phase)
    return unit(total)


def water(count: int, rate_hz: int, random: Random) -> Signal:
    """A running tap: a broad hiss that swells and fades a little, [count]."""
    curve = ((100, -30), (400, -12), (1500, 0), (4500, -2), (8000, -12))
    stream = shaped(random.standard_normal(count), rate_hz, curve)
    swell = shaped(random.standard_normal(count), rate_hz, ((1.0, 0), (3.0, -20), (6.0, -60)))
    return unit(stream * (1 + 0.25 * np.clip(unit(swell), -2, 2)))


def fan(count: int, rate_hz: int, random: Random) -> Signal:
    """An extractor hood: rushing air, the motor's hum and the blades' tone, [count]."""
    curve = ((40, -6), (150, 0), (900, -9), (4000, -24), (8000, -36))
    air = unit(shaped(random.standard_normal(count), rate_hz, curve))
    time_s = np.arange(count) / rate_hz
    motor = np.sin(2 * np.pi * 2 * MAINS_HZ * time_s) + 0.5 * np.sin(2 * np.pi * 285.0 * time_s)
    return unit(air + 0.4 * motor)


def dishes(count: int, rate_hz: int, random: Random) -> Signal:
    """Plates and cutlery: knocks at random, each a few resonances that die away, [count]."""
    total = np.zeros(count)
    for at in random.integers(0, count, random.poisson(DISHES_A_SECOND * count / rate_hz)):
        room = min(count - int(at), int(0.5 * rate_hz))
        time_s = np.arange(room) / rate_hz
        loudness = random.uniform(0.2, 1.0)
        for _ in range(random.integers(4, 9)):
            pitch_hz = random.uniform(900, min(7000, 0.45 * rate_hz))
            decay_s = random.uniform(0.02, 0.12)
            ring = np.sin(2 * np.pi * pitch_hz * time_s + random.uniform(0, 2 * np.pi))
            total[at : at + room] += loudness * ring * np.exp(-time_s / decay_s)
    return unit(total)


def kitchen(count: int, rate_hz: int, random: Random) -> Signal:
    """Water running, the hood on, somebody putting dishes away, [count]."""
    parts = (water(count, rate_hz, random), 0.7 * fan(count, rate_hz, random),
             0.8 * dishes(count, rate_hz, random))  # fmt: skip
    return unit(np.sum(parts, axis=0))


def television(
    count: int, rate_hz: int, random: Random, talkers: Sequence[Samples], voices: int = 3
) -> Signal:
    """Several people talking at once behind a small loudspeaker, [count].

    Args:
        count: Samples.
        rate_hz: Of the talkers too.
        random: Chooses what each says and from where.
        talkers: Clips of speech, one array each.
        voices: How many talk at a time.

    Raises:
        ValueError: There is no talker.
    """
    if not any(clip.size for clip in talkers):
        raise ValueError("A television needs speech: give it clips.")
    total = np.zeros(count)
    for _ in range(voices):
        said: list[Signal] = []
        length = 0
        while length < count + rate_hz:
            clip = talkers[int(random.integers(len(talkers)))]
            said.append(unit(to_float(clip).astype(np.float64)))
            length += clip.size
        start = int(random.integers(0, rate_hz))
        total += np.concatenate(said)[start : start + count]
    return unit(shaped(total, rate_hz, ((100, -40), (200, 0), (4500, 0), (6500, -40))))


def music(count: int, rate_hz: int, random: Random) -> Signal:
    """Waiting music: a chord a bar, broken into notes that die away, [count]."""
    total = np.zeros(count)
    step = int(BAR_S * rate_hz / NOTES_A_BAR)
    time_s = np.arange(int(1.2 * rate_hz)) / rate_hz
    first_chord = int(random.integers(len(CHORDS_HZ)))
    for number, at in enumerate(range(0, count, step)):
        chord = CHORDS_HZ[(first_chord + number // NOTES_A_BAR) % len(CHORDS_HZ)]
        pitches = [chord[int(random.integers(3))] * random.choice((1.0, 2.0))]
        if number % NOTES_A_BAR == 0:
            pitches += [chord[0] / 2, *chord]
        for pitch_hz in pitches:
            note = sum(
                np.sin(2 * np.pi * pitch_hz * k * time_s) * np.exp(-time_s * (2 + k)) / k
                for k in range(1, 5)
            )
            room = min(count - at, time_s.size)
            total[at : at + room] += np.asarray(note)[:room]
    return unit(total)


def cough(rate_hz: int, random: Random) -> Signal:
    """Two coughs in half a second: bursts of throat noise with a sharp beginning."""
    total = np.zeros(int(0.55 * rate_hz))
    for at_s, decay_s, loudness in ((0.0, 0.07, 1.0), (0.28, 0.09, 0.7)):
        start = int(at_s * rate_hz)
        time_s = np.arange(total.size - start) / rate_hz
        curve = ((80, -20), (350, 0), (1200, 3), (2500, -6), (6000, -18))
        throat = unit(shaped(random.standard_normal(time_s.size), rate_hz, curve))
        rise = np.minimum(1.0, time_s / 0.008)
        total[start:] += loudness * throat * rise * np.exp(-time_s / decay_s)
    return unit(total)


def murmur(rate_hz: int, random: Random) -> Signal:
    """« Mm », « mm-hm »: a voice behind closed lips, a nasal resonance and little else.

    Spelled, a synthetic voice reads « mmh » letter by letter, so it is made here: harmonics of a
    pitch that rises or falls, through the low resonance of the nose (Fant 1960: about 250 Hz, those
    above 20 dB and more below).
    """
    pieces = int(random.integers(1, 3))
    low_hz = random.uniform(95, 230)
    parts: list[Signal] = []
    for _ in range(pieces):
        time_s = np.arange(int(random.uniform(0.18, 0.4) * rate_hz)) / rate_hz
        glide = np.linspace(1.0, random.uniform(0.85, 1.25), time_s.size)
        phase = 2 * np.pi * np.cumsum(low_hz * glide) / rate_hz
        voice = np.sum([np.sin(k * phase) / k for k in range(1, int(3400 / low_hz))], axis=0)
        curve = ((60, -6), (250, 0), (450, -8), (800, -24), (1100, -20), (2200, -30), (3400, -40))
        nasal = unit(shaped(voice, rate_hz, curve))
        parts += [nasal * np.hanning(nasal.size) ** 0.5, np.zeros(int(0.09 * rate_hz))]
    return unit(np.concatenate(parts))
