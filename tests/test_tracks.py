"""Both sides of a call on one clock, to the sample."""

from __future__ import annotations

import numpy as np
import pytest

from agent.audio import FRAME_MS, TELEPHONE_RATE_HZ, Samples, samples_of
from agent.call.tracks import AHEAD_FRAMES, JITTER_FRAMES, Interleaver, Tracks

RATE_HZ = TELEPHONE_RATE_HZ
FRAME = RATE_HZ * FRAME_MS // 1000


def pcm(value: int, frames: int = 1) -> bytes:
    """Frames of 8 kHz samples that can be told apart by their value."""
    return np.full(frames * FRAME, value, dtype="<i2").tobytes()


def by_frame(side: Samples) -> list[int]:
    """The value of each frame, which is the same throughout."""
    frames = side.reshape(-1, FRAME)
    assert (frames == frames[:, :1]).all()
    return [int(value) for value in frames[:, 0]]


def test_the_agent_stands_where_the_caller_heard_it() -> None:
    """Half a second of silence, then three frames, a second of silence, one frame."""
    tracks = Tracks(RATE_HZ, RATE_HZ)
    tracks.hear(pcm(1, 25))
    for _ in range(3):
        tracks.say(pcm(2))
        tracks.hear(pcm(1))
    tracks.hear(pcm(1, 50))
    tracks.say(pcm(3))
    tracks.hear(pcm(1))
    caller, agent = tracks.take(rest=True)
    assert by_frame(caller) == [1] * 79
    assert by_frame(agent) == [0] * 25 + [2] * 3 + [0] * 50 + [3]


def test_frames_that_come_unevenly_leave_no_hole() -> None:
    """Three at once, one late by 80 ms: they are joined as they are heard."""
    tracks = Tracks(RATE_HZ, RATE_HZ)
    tracks.hear(pcm(1, 50))
    for say, hear in ((3, 4), (1, 0), (0, 2), (1, 1), (1, 0)):
        for _ in range(say):
            tracks.say(pcm(2))
        tracks.hear(pcm(1, hear))
    _, agent = tracks.take(rest=True)
    assert by_frame(agent) == [0] * 50 + [2] * 6 + [0]


@pytest.mark.parametrize("seed", range(5))
def test_what_is_taken_in_pieces_is_what_is_taken_at_once(seed: int) -> None:
    """Whenever it is taken: what was final stays so, and both sides are equally long."""
    chance = np.random.default_rng(seed)
    whole, pieces = Tracks(RATE_HZ, RATE_HZ), Tracks(RATE_HZ, RATE_HZ)
    callers: list[Samples] = []
    agents: list[Samples] = []
    for number in range(2_000):
        speaks = number // 100 % 2 and chance.random() < 0.9
        for tracks in (whole, pieces):
            tracks.hear(pcm(number + 1))
            if speaks:
                tracks.say(pcm(-number - 1))
        if chance.random() < 0.05 or number == 1_999:
            caller, agent = pieces.take(rest=number == 1_999)
            assert caller.size == agent.size
            callers.append(caller)
            agents.append(agent)
    caller, agent = whole.take(rest=True)
    assert by_frame(np.concatenate(callers)) == by_frame(caller) == list(range(1, 2_001))
    assert by_frame(np.concatenate(agents)) == by_frame(agent)


def test_a_line_that_sends_nothing_does_not_fill_the_memory() -> None:
    """The agent speaks for a minute: the caller's side follows, a second behind."""
    tracks = Tracks(RATE_HZ, RATE_HZ)
    for _ in range(60 * 1000 // FRAME_MS):
        tracks.say(pcm(2))
        tracks.take()
    assert tracks.waiting_s <= (AHEAD_FRAMES + JITTER_FRAMES) * FRAME_MS / 1000 + 1e-9
    tracks.hear(pcm(1))
    caller, agent = tracks.take(rest=True)
    assert caller.size == agent.size


@pytest.mark.parametrize("rates_hz", [(8_000, 8_000), (16_000, 24_000), (8_000, 24_000)])
def test_a_click_on_both_sides_stays_one_moment(rates_hz: tuple[int, int]) -> None:
    """Taken in uneven pieces at the rates of a telephone and of a browser: to the sample."""
    chance = np.random.default_rng(3)
    sides = []
    for rate_hz in rates_hz:
        side = np.zeros(5 * rate_hz, np.int16)
        side[2 * rate_hz : 2 * rate_hz + rate_hz // 100] = 9000
        sides.append(side)
    interleaver, made, place = Interleaver(*rates_hz), b"", 0.0
    while place < 5.0:
        ends = min(5.0, place + int(chance.integers(1, 70)) * FRAME_MS / 1000)
        caller, agent = (
            side[round(place * rate_hz) : round(ends * rate_hz)]
            for side, rate_hz in zip(sides, rates_hz, strict=True)
        )
        made += interleaver.next((caller, agent), last=ends == 5.0)
        place = ends
    both = samples_of(made).reshape(-1, 2)
    assert both.shape[0] == pytest.approx(5 * RATE_HZ, abs=2)
    for side in both.T:
        loud = np.flatnonzero(side > 4500)
        assert loud[0] == pytest.approx(2 * RATE_HZ, abs=1)
        assert loud.size == pytest.approx(RATE_HZ // 100, abs=2)
