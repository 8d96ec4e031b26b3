"""A sound is found where it has arrived, whatever the line made of it, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from agent.audio import TELEPHONE_RATE_HZ, Samples, alaw_decode, alaw_encode, read_wav, samples_of
from agent.demo import recorded_turns
from evals.sound_match import find, voiced_outside

RATE = TELEPHONE_RATE_HZ
CLIPS = [read_wav(path, RATE) for path in recorded_turns()[:3]]


def line(*parts: Samples, gain: float = 0.3, noise: float = 30.0) -> Samples:
    """Parts in a row, faint and noisy, through a telephone's codec."""
    joined = np.concatenate(parts) * gain
    noisy = joined + np.random.default_rng(3).normal(0, noise, joined.size)
    return np.array(samples_of(alaw_decode(alaw_encode(noisy.astype("<i2").tobytes()))))


def silence(seconds: float) -> Samples:
    """So many seconds of nothing."""
    return np.zeros(int(seconds * RATE), np.int16)


@pytest.mark.parametrize("number", range(len(CLIPS)))
def test_what_was_sent_is_found(number: int) -> None:
    """Where it begins, too; the other sentences are not there."""
    received = line(silence(1.5), CLIPS[number], silence(1))
    match = find(CLIPS[number], RATE, received, RATE)
    assert match.arrived
    assert match.at_s == pytest.approx(1.5, abs=0.05)
    others = [find(clip, RATE, received, RATE) for clip in CLIPS if clip is not CLIPS[number]]
    assert not any(other.arrived for other in others)


def test_a_line_whose_packets_come_unevenly() -> None:
    """It is found though a part comes a tenth of a second late; half of it is not the whole."""
    clip = CLIPS[0]
    middle = clip.size // 2
    late = line(silence(1), clip[:middle], silence(0.1), clip[middle:], silence(1))
    assert find(clip, RATE, late, RATE).arrived
    half = line(silence(1), clip[:middle], silence(3))
    assert not find(clip, RATE, half, RATE).arrived


@pytest.mark.parametrize(
    "received",
    [silence(0), silence(0.3), silence(8), line(silence(8)), line(silence(8), noise=900.0)],
    ids=["nothing", "too short", "silence", "hiss", "noise"],
)
def test_nothing_is_found_where_nothing_is(received: Samples) -> None:
    """A dead line, or one with noise alone, does not pass."""
    assert not find(CLIPS[0], RATE, received, RATE).arrived


def test_another_rate() -> None:
    """What was recorded at another rate is the same sound."""
    twice = np.repeat(line(silence(1), CLIPS[0], silence(1)), 2)
    assert find(CLIPS[0], RATE, twice, 2 * RATE).arrived


def test_sound_outside() -> None:
    """Only what is in none of the spans counts."""
    loud = np.full(RATE, 8000, np.int16)
    heard = np.concatenate([silence(1), loud, silence(1), loud, silence(1)])
    assert voiced_outside(heard, RATE, [(0.9, 2.1), (2.9, 4.1)], 200.0) == 0.0
    assert voiced_outside(heard, RATE, [(0.9, 2.1)], 200.0) == pytest.approx(1.0, abs=0.03)
