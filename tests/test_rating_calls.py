"""A mark given on a real call: heard by the real recogniser, or pressed; the voices are real."""

from __future__ import annotations

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection

from agent.audio import TELEPHONE_RATE_HZ, Samples, read_wav
from agent.call import reply
from agent.call.handover import NoOperators
from agent.call.live import LiveCalls
from agent.call.record import CallRecord
from agent.call.session import CallServices
from agent.call.turns import TurnModels
from agent.opening import open_transcriber, open_voice
from agent.settings import load_settings
from agent.telephony.media_protocol import message
from agent.telephony.recorded_caller import HeardCall, RecordedCaller
from tests.conftest import CALLS
from tests.conversations import SHORT, VS320
from tests.test_recorded_call import Book, serving
from tests.test_reply import NoDesk
from voices.prompts import prompt

ASKED = read_wav(CALLS / "dishwasher-code.wav", TELEPHONE_RATE_HZ)
SILENT = np.zeros(0, np.int16)


class Presser(RecordedCaller):
    """Presses 2 where a turn holds no sound."""

    async def _speak(self, socket: ClientConnection, samples: Samples) -> None:
        if samples.size:
            await super()._speak(socket, samples)
        else:
            await socket.send(message("dtmf", digit="2"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def services(models_home: Path) -> AsyncIterator[CallServices]:
    """Real models; nothing is kept but the last record."""
    settings = load_settings(home=models_home)
    transcriber, voice, turns = open_transcriber(settings), open_voice(settings), TurnModels()
    with ThreadPoolExecutor(2) as blocking:
        yield CallServices(
            transcriber=transcriber, voice=voice, turns=turns, desk=NoDesk(), log=Book(),
            operators=NoOperators(), live=LiveCalls(1), blocking=blocking,
            data_dir=models_home / "none", max_call_s=60,
        )  # fmt: skip
        await turns.close()
    voice.close()
    transcriber.close()


async def place(
    services: CallServices, *turns: str | Samples, realtime: bool = False
) -> tuple[HeardCall, CallRecord]:
    """A call of these turns, words in a voice; as its caller lived it, and its record."""
    edge = np.zeros(TELEPHONE_RATE_HZ // 5, np.int16)
    sounds = []
    for turn in turns:
        if isinstance(turn, str):
            turn = np.concatenate([edge, await services.voice.speak(turn, TELEPHONE_RATE_HZ), edge])
        sounds.append(turn)
    async with serving(services, recorded=False, ask=lambda _: SHORT, rates=True) as url:
        lived = await Presser(url, "orvane", sounds, realtime=realtime).run()
    assert isinstance(services.log, Book)
    assert services.log.saved is not None
    return lived, services.log.saved


@pytest.mark.asyncio(loop_scope="module")
async def test_a_mark_is_said(services: CallServices, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer, thanks, the question, the mark, goodbye: it stands in the record."""
    monkeypatch.setattr(reply, "RATED_FROM_S", 0.0)
    lived, record = await place(services, ASKED, "Oui merci, au revoir.", "Quatre.", realtime=True)
    assert [turn["said"] for turn in lived.turns][-2:] == [
        prompt("rating_ask"), prompt("rating_thanks"),
    ]  # fmt: skip
    assert (record.satisfaction_asked, record.satisfaction) == (True, 4)
    assert (record.outcome, record.ended_by) == ("answered", "agent")
    assert record.product == VS320


@pytest.mark.asyncio(loop_scope="module")
async def test_a_mark_is_pressed(services: CallServices, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same with a key."""
    monkeypatch.setattr(reply, "RATED_FROM_S", 0.0)
    lived, record = await place(services, ASKED, "Oui merci, au revoir.", SILENT)
    assert lived.turns[-1]["said"] == prompt("rating_frank")
    assert (record.satisfaction_asked, record.satisfaction) == (True, 2)


@pytest.mark.asyncio(loop_scope="module")
async def test_hanging_up_is_no_answer(
    services: CallServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked, and no mark."""
    monkeypatch.setattr(reply, "RATED_FROM_S", 0.0)
    lived, record = await place(services, ASKED, "Oui merci, au revoir.")
    assert lived.turns[-1]["said"] == prompt("rating_ask")
    assert (record.satisfaction_asked, record.satisfaction) == (True, None)
    assert record.ended_by == "caller"


@pytest.mark.asyncio(loop_scope="module")
async def test_a_short_call_ends_as_ever(services: CallServices) -> None:
    """Nobody is asked after a few seconds."""
    lived, record = await place(services, ASKED, "Oui merci, au revoir.")
    assert lived.turns[-1]["said"] == prompt("goodbye")
    assert (record.satisfaction_asked, record.satisfaction) == (False, None)
