"""Whether a sound that one end of a call sent is in what the other end received. Pure.

Speech that has gone through codecs, a browser's noise suppression and its level control has another
waveform, but the same pattern of bands over time: that pattern is looked for at every place.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from agent.audio import TELEPHONE_RATE_HZ, Samples, resample, to_float, voiced_windows

Bands = npt.NDArray[np.float64]

HOP_S = 0.01
HOP = int(HOP_S * TELEPHONE_RATE_HZ)
WINDOW = 2 * HOP
BANDS_HZ = tuple(300.0 * (3400.0 / 300.0) ** (at / 12) for at in range(13))
"""Twelve bands of a telephone's width, equal on the logarithm of the frequency."""

FLOOR_DB = -60.0
"""Below the loudest frame: what is fainter is silence."""

PIECE_S, PLAY_S = 0.5, 0.25
"""A sound is looked for in pieces, each of which may come so much early or late: a browser plays a
line whose packets come unevenly faster and slower."""

LIKE = 0.63
"""Likeness from which a sound is taken to have arrived. On a busy machine, through both codecs, the
browser's suppression and its jitter buffer, the sentence itself came to 0.68 to 0.98, six others of
the same voice to 0.59 at most; each run of `permanence eval handovers` measures both."""


@dataclass(frozen=True)
class Match:
    """Where a sound was found.

    Attributes:
        likeness: Correlation of the two patterns there, 1 for the same sound.
        at_s: Where it begins, seconds.
    """

    likeness: float
    at_s: float

    @property
    def arrived(self) -> bool:
        """Whether it is the sound."""
        return self.likeness >= LIKE


def find(sent: Samples, sent_hz: int, received: Samples, received_hz: int) -> Match:
    """The place of a recording that is likest to a sound.

    Args:
        sent: The sound, int16 mono.
        sent_hz: Its rate.
        received: What the other end has heard, int16 mono.
        received_hz: Its rate.
    """
    pattern = _bands(resample(sent, sent_hz, TELEPHONE_RATE_HZ))
    heard = _bands(resample(received, received_hz, TELEPHONE_RATE_HZ))
    if not len(pattern) or len(heard) < len(pattern) or np.ptp(pattern) == 0:
        return Match(0.0, 0.0)
    pieces = np.array_split(pattern, max(1, round(len(pattern) * HOP_S / PIECE_S)))
    scores, start = np.zeros(len(heard) - len(pattern) + 1), 0
    for piece in pieces:
        scores += len(piece) / len(pattern) * _scores(piece, heard, start)[: len(scores)]
        start += len(piece)
    best = np.flatnonzero(scores >= scores.max() - 1e-9)  # as far as the pieces may come early
    return Match(round(float(scores.max()), 3), float(best.mean()) * HOP_S)


def _scores(piece: Bands, heard: Bands, start: int) -> npt.NDArray[np.float64]:
    """The likeness of a piece to what was heard near each place, were the whole to begin there."""
    wanted = _centred(piece).ravel()
    size = np.linalg.norm(wanted)
    places = np.lib.stride_tricks.sliding_window_view(heard, len(piece), axis=0)
    flat = (places - places.mean(axis=2, keepdims=True)).transpose(0, 2, 1).reshape(len(places), -1)
    sizes = np.linalg.norm(flat, axis=1) * size
    likeness = np.divide(flat @ wanted, sizes, out=np.zeros(len(flat)), where=sizes > 0)
    play = round(PLAY_S / HOP_S)
    padded = np.pad(likeness, play, constant_values=0.0)
    near = np.lib.stride_tricks.sliding_window_view(padded, 2 * play + 1).max(axis=1)
    shifted: npt.NDArray[np.float64] = np.pad(near[start:], (0, start))
    return shifted


def voiced_outside(
    samples: Samples, rate_hz: int, inside: list[tuple[float, float]], threshold: float
) -> float:
    """Seconds of sound in a recording that are in none of some spans, each in seconds."""
    at_s = voiced_windows(samples, rate_hz, threshold) / 100
    out = np.ones(len(at_s), dtype=bool)
    for start, end in inside:
        out &= (at_s < start) | (at_s >= end)
    return float(out.sum()) / 100


def _bands(samples: Samples) -> Bands:
    """Energy of each band and frame, dB, [frames, bands]."""
    count = (samples.size - WINDOW) // HOP + 1
    if count < 1:
        return np.zeros((0, len(BANDS_HZ) - 1))
    frames = np.lib.stride_tricks.sliding_window_view(to_float(samples), WINDOW)[::HOP]
    power = np.abs(np.fft.rfft(frames * np.hanning(WINDOW), 512)) ** 2
    hertz = np.fft.rfftfreq(512, 1 / TELEPHONE_RATE_HZ)
    energy = np.stack(
        [power[:, (hertz >= low) & (hertz < high)].sum(axis=1)
         for low, high in pairwise(BANDS_HZ)], axis=1,
    )  # fmt: skip
    decibel = 10 * np.log10(np.maximum(energy, 1e-12))
    floored: Bands = np.maximum(decibel, decibel.max() + FLOOR_DB)
    return floored


def _centred(bands: Bands) -> Bands:
    centred: Bands = bands - bands.mean(axis=0)
    return centred
