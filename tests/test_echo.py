"""The agent's own voice is taken out of what comes back, and the caller's stays."""

from __future__ import annotations

import numpy as np
import pytest

from agent.audio import Samples, read_wav, samples_of
from agent.call.echo import RATES_HZ, EchoCanceller, echo_canceller
from agent.demo import recorded_turns

RATE_HZ = 8_000
FRAME = 160
DELAY = 200 * RATE_HZ // 1000


@pytest.fixture(scope="module")
def voice() -> Samples:
    """Twelve seconds of speech, for the agent's."""
    said = np.concatenate([read_wav(file, RATE_HZ) for file in recorded_turns()])
    return np.tile(said, 3)[: 12 * RATE_HZ]


def returned(voice: Samples, gain: float) -> Samples:
    """What the telephone sends back of it."""
    late = np.concatenate([np.zeros(DELAY, np.int16), voice])[: voice.size]
    return (late * gain).astype(np.int16)


def through(played: Samples, near: Samples, backlog: int = 0) -> Samples:
    """What is left of the near end after the canceller, frame by frame at the pace of the ear.

    The first `backlog` frames of the near end wait until there are so many.
    """
    now_s = 0.0
    canceller = EchoCanceller(RATE_HZ, RATE_HZ, clock=lambda: now_s)
    left, waiting = [], []
    for number, at in enumerate(range(0, near.size - FRAME + 1, FRAME)):
        now_s = at / RATE_HZ
        canceller.played(played[at : at + FRAME].tobytes())
        waiting.append(near[at : at + FRAME].tobytes())
        if number >= backlog:
            left += [samples_of(canceller.cleaned(frame)) for frame in waiting]
            waiting = []
    return np.concatenate(left)


def power(samples: Samples) -> float:
    """Mean square."""
    return float(np.mean(samples.astype(np.float64) ** 2))


@pytest.mark.parametrize("gain", [0.3, 0.1, 0.02])
def test_the_agents_own_voice_goes(voice: Samples, gain: float) -> None:
    """After three seconds not a hundredth of its power is left."""
    echo = returned(voice, gain)
    left = through(voice, echo)
    late = slice(3 * RATE_HZ, None)
    assert power(left[late]) < power(echo[late]) / 100


def test_a_late_beginning_is_made_good(voice: Samples) -> None:
    """The first fifth of a second was looked at late: the way is as long as without it."""
    echo = returned(voice, 0.1)
    left = through(voice, echo, backlog=10)
    late = slice(3 * RATE_HZ, None)
    assert power(left[late]) < power(echo[late]) / 100


def test_a_pause_makes_it_forget_nothing(voice: Samples) -> None:
    """While the agent is silent nothing is looked for; its next words are taken out at once."""
    half = 6 * RATE_HZ
    pause = np.zeros(3 * RATE_HZ, np.int16)
    played = np.concatenate([voice[:half], pause, voice[half:]])
    near = returned(played, 0.1)
    near[half + 2 * RATE_HZ :][: RATE_HZ // 2] = voice[: RATE_HZ // 2]  # the caller, in the pause
    left = through(played, near)
    over = slice(half + 2 * RATE_HZ, half + 2 * RATE_HZ + RATE_HZ // 2)
    assert np.array_equal(left[over], near[over])
    late = slice(half + pause.size, None)
    assert power(left[late]) < power(near[late]) / 100


def test_the_callers_voice_stays(voice: Samples) -> None:
    """While the agent is silent, and while both speak."""
    silence = np.zeros_like(voice)
    assert power(through(silence, voice)) > 0.7 * power(voice)
    over = np.roll(voice, 5 * RATE_HZ)
    left = through(voice, (over * 0.7).astype(np.int16) + returned(voice, 0.1))
    late = slice(3 * RATE_HZ, None)
    assert power(left[late]) > 0.3 * power((over * 0.7).astype(np.int16)[late])


def test_a_line_without_echo_is_left_as_it_is(voice: Samples) -> None:
    """To the sample, once the greeting told that it has none, whoever speaks over whom."""
    greeted = 6 * RATE_HZ
    over = np.concatenate([np.zeros(greeted, np.int16), voice[:greeted][::-1]])
    left = through(voice, over)
    assert np.array_equal(left[greeted:], over[greeted:])


def test_any_piece_of_sound_is_taken() -> None:
    """What does not fill ten milliseconds waits for the next piece; nothing is lost."""
    canceller = EchoCanceller(RATE_HZ, 16_000)
    canceller.played(bytes(123 * 2))
    sizes = [len(canceller.cleaned(bytes(2 * count))) for count in (100, 100, 40)]
    assert sum(sizes) == 2 * 240
    assert all(size % 160 == 0 for size in sizes)


def test_other_rates_have_none() -> None:
    """The line is then listened to as it is."""
    assert echo_canceller(8_000, 24_000) is None
    assert all(echo_canceller(rate_hz, rate_hz) is not None for rate_hz in RATES_HZ)
    with pytest.raises(ValueError, match="Echo"):
        EchoCanceller(22_050, 22_050)
