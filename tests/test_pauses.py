"""Whether the agent spoke into a pause is read off the recording."""

from __future__ import annotations

import numpy as np
import pytest

from agent.audio import TELEPHONE_RATE_HZ
from agent.telephony.recorded_caller import HeardCall
from evals import calls
from evals.pauses import Findings, add
from evals.turn_clips import Clip, Plan

CLIP = Clip(Plan("clauses", ("Bonjour,", "voilà."), 1.2), np.zeros(1, np.int16), ends_s=3.0)
STARTS_S = 2.0
"""When the clip is played, on the call's clock; its first word comes half a second later."""


@pytest.mark.parametrize(
    ("begins_s", "ends_s", "over"),
    [
        (0.0, 2.3, False),  # the greeting, until the caller speaks
        (3.5, 4.0, True),  # in the pause
        (4.8, 6.0, True),  # over the last word
        (5.3, 7.0, False),  # the answer
    ],
)
def test_who_spoke_into_the_pause(begins_s: float, ends_s: float, over: bool) -> None:
    """Only between the caller's first word and their last."""
    agent = np.zeros(9 * TELEPHONE_RATE_HZ, np.int16)
    agent[int(begins_s * TELEPHONE_RATE_HZ) : int(ends_s * TELEPHONE_RATE_HZ)] = 5_000
    start = int(STARTS_S * TELEPHONE_RATE_HZ)
    call = HeardCall(agent=agent, spans=[(0, 1), (start, start + 4 * TELEPHONE_RATE_HZ)])
    found = Findings()
    add(found, [CLIP], call, first=1)
    assert found.heard == [(CLIP.plan, over)]
    assert "talked over" in found.sections()[0][1]


@pytest.mark.parametrize(
    ("agent_s", "cut"),
    [
        ([(0.0, 2.4), (6.0, 8.0)], False),  # talked over, falls silent, answers
        ([(0.0, 2.4), (4.0, 4.3), (6.0, 8.0)], True),  # and cuts in
    ],
)
def test_an_answer_that_cuts_in(agent_s: list[tuple[float, float]], cut: bool) -> None:
    """The caller speaks from 2 s to 5.5 s; what is still heard at their beginning is no cut."""
    agent, caller = (np.zeros(9 * TELEPHONE_RATE_HZ, np.int16) for _ in range(2))
    for begins_s, ends_s in agent_s:
        agent[int(begins_s * TELEPHONE_RATE_HZ) : int(ends_s * TELEPHONE_RATE_HZ)] = 5_000
    start, end = 2 * TELEPHONE_RATE_HZ, int(5.5 * TELEPHONE_RATE_HZ)
    caller[start:end] = 5_000
    found = calls.Findings()
    calls.add(found, HeardCall(caller=caller, agent=agent, spans=[(start, end)]), [])
    assert found.cut == [cut]
    assert found.voice_to_voice == [500.0]
