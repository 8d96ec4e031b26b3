"""How loud a caller is, and what is fainter."""

from __future__ import annotations

import math

import numpy as np
import pytest

from agent.audio import TELEPHONE_RATE_HZ, speech_level_db, to_int16
from agent.call.loudness import Loudness


def tone(amplitude: float, seconds: float) -> np.ndarray:
    """A sine at 440 Hz, int16."""
    time_s = np.arange(int(seconds * TELEPHONE_RATE_HZ)) / TELEPHONE_RATE_HZ
    return to_int16(amplitude * np.sin(2 * np.pi * 440 * time_s))


def test_the_level_of_what_is_said_leaves_pauses_and_noise_out() -> None:
    """A sine of amplitude 0.1 is 23 dB below full scale, whatever stands around it."""
    said = tone(0.1, 0.5)
    assert speech_level_db(said, TELEPHONE_RATE_HZ) == pytest.approx(-23.0, abs=0.1)
    around = np.concatenate([np.zeros(4000, np.int16), said, tone(0.005, 2.0)])
    assert speech_level_db(around, TELEPHONE_RATE_HZ) == pytest.approx(-23.0, abs=0.3)


def test_silence_has_no_level() -> None:
    """Nor have no samples."""
    assert speech_level_db(np.zeros(800, np.int16), TELEPHONE_RATE_HZ) == -math.inf
    assert speech_level_db(np.zeros(0, np.int16), TELEPHONE_RATE_HZ) == -math.inf


def test_a_caller_is_known_by_their_last_turns() -> None:
    """One loud word does not make the rest faint; who puts the telephone down is soon known so."""
    caller = Loudness()
    assert caller.below_db(-40.0) == 0.0
    for level_db in (-20.0, -10.0, -21.0, -22.0):
        caller.note(level_db)
    assert caller.below_db(-30.0) == pytest.approx(10.0)
    assert caller.below_db(-15.0) == caller.below_db(-27.0) == 0.0
    assert caller.below_db(-math.inf) == caller.below_db(math.nan) == 0.0
    for _ in range(3):
        caller.note(-31.0)
    assert caller.below_db(-31.0) == 0.0
