"""The longest duration of a call ends what the agent does, and nobody's talk with an operator."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from agent.call import session as module
from agent.call.moves import Phase, State
from agent.call.session import CallSession


class Watched(CallSession):
    """A session of which only the deadlines run."""

    def __init__(self, phase: Phase) -> None:
        self._ended, self._leaving = asyncio.Event(), asyncio.Event()
        self._services: Any = SimpleNamespace(max_call_s=0.02)
        self.record: Any = SimpleNamespace(ended_by=None)
        self.now = phase
        self._reply: Any = self
        self.farewells = 0

    @property
    def state(self) -> State:
        """Where the conversation stands."""
        return State("Orvane", phase=self.now)

    async def time_up(self) -> None:
        """The agent takes leave, and hangs up."""
        self.farewells += 1
        self._leaving.set()

    async def stop_when_done(self) -> None:
        """The line is hung up."""
        self._ended.set()


@pytest.mark.parametrize("phase", [Phase.RINGING, Phase.CONNECTED])
async def test_a_talk_is_not_cut_off(phase: Phase, monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes on for as long as it takes; when the agent has the caller again, that is the end."""
    monkeypatch.setattr(module, "TALK_LOOK_S", 0.01)
    session: Any = Watched(phase)
    watching = asyncio.create_task(session._watch(session))
    await asyncio.sleep(0.2)
    assert (watching.done(), session.farewells) == (False, 0)
    session.now = Phase.LISTENING
    await asyncio.wait_for(watching, 5)
    assert session.farewells == 1


async def test_the_agents_own_talk_has_an_end() -> None:
    """With words."""
    session: Any = Watched(Phase.STEPS)
    await asyncio.wait_for(session._watch(session), 5)
    assert (session.farewells, session.record.ended_by) == (1, "limit")
