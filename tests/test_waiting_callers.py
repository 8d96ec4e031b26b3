"""Callers who wait for operators, over the running path; recogniser and voice are light stand-ins.

The calls are real: sockets, frames, voice activity, dialogue, tickets, switchboard, clocks. The
operators are moved by hand: tests/web/test_console.py has them in browsers.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TypeVar

import pytest

from agent.audio import TELEPHONE_RATE_HZ, Samples, read_wav
from agent.handoff.desks import Operator
from agent.handoff.switchboard import Switchboard
from agent.handoff.transfer import SwitchboardTransfer
from agent.settings import Settings
from agent.web.server import RunningServer, running_server
from evals.light_models import LightTranscriber, LightVoice
from evals.waiting_caller import WaitingCaller
from tests.conftest import CALLS
from voices.french import sentences
from voices.prompts import prompt

pytestmark = pytest.mark.timeout(240)

T = TypeVar("T")

PERSON = "Je voudrais parler à un conseiller."
ENGLISH = "Je voudrais un conseiller qui parle anglais."
ASKS = {PERSON: "human", ENGLISH: "yes"}
"""What is understood of a recording, whatever is said in it."""

WITHOUT_A_WORD_S = 40.0
"""Twice as long as somebody who waits is left with tones alone."""


class Line:
    """An operator's line without sound."""

    def close(self, why: str) -> None:
        """Nothing is held."""


@pytest.fixture(scope="module")
def server(settings: Settings) -> Iterator[RunningServer]:
    """Operators are rung for a few seconds only."""
    quick = settings.model_copy(update={"ring_s": 6.0, "ring_each_s": 3.0, "port": 0})
    with running_server(quick) as running:
        lengths = {text: _clip(name).size / TELEPHONE_RATE_HZ for text, name in ASKS.items()}
        running.house.services = replace(
            running.house.services, transcriber=LightTranscriber(lengths), voice=LightVoice()
        )
        yield running


@pytest.fixture
def board(server: RunningServer) -> Iterator[Switchboard]:
    """Nobody is there, before and after."""
    board = server.house.switchboard
    yield board
    server.house.clients.set_answering("orvane", "always")
    server.house.clients.set_ringing("orvane", "together")
    for desk in board.desks():
        _on_loop(server, lambda name=desk.operator.user_id: board.sign_off(name))  # type: ignore[misc]


def _clip(name: str) -> Samples:
    return read_wav(CALLS / f"{name}.wav", TELEPHONE_RATE_HZ)


def _on_loop(server: RunningServer, what: Callable[[], T]) -> T:
    async def do() -> T:
        return what()

    return asyncio.run_coroutine_threadsafe(do(), server.loop).result(timeout=10)


def come(server: RunningServer, name: str, *languages: str) -> None:
    """An operator is there, available."""
    operator = Operator(name, name.upper(), ("*",), ("fr", *languages))
    _on_loop(server, lambda: server.house.switchboard.sign_on(operator))
    _on_loop(server, lambda: server.house.switchboard.set_status(name, "available"))


async def until(what: Callable[[], T | None], name: str, limit_s: float = 25.0) -> T:
    """Wait for something to be there; returns it."""
    for _ in range(int(limit_s / 0.05)):
        if found := what():
            return found
        await asyncio.sleep(0.05)
    pytest.fail(f"not within {limit_s} s: {name}")


@asynccontextmanager
async def calling(server: RunningServer, asks: str = PERSON) -> AsyncIterator[WaitingCaller]:
    """A caller who asks and waits; they hang up at the end."""
    url = f"{server.url.replace('http', 'ws', 1)}/media"
    caller = WaitingCaller(url, _clip(ASKS[asks]), "0639981234", "orvane")
    caller.start()
    assert caller.done is not None
    try:
        await until(lambda: caller.call_id, "the call is taken")
        yield caller
    finally:
        caller.hang_up()
        await asyncio.wait_for(caller.done, 20)


async def hears(caller: WaitingCaller, words: str, limit_s: float = 25.0) -> None:
    """Wait until the caller is told this, sentence by sentence."""
    for one in sentences(words):
        await until(lambda: one in caller.said(), f"« {one} » in {caller.said()}", limit_s)  # noqa: B023


async def transfer_of(board: Switchboard, caller: WaitingCaller) -> SwitchboardTransfer:
    """The caller's handoff, once there is one."""
    return await until(
        lambda: next(
            (one for one in board.transfers() if one.request.call_id == caller.call_id), None
        ),
        "operators are asked for",
    )


async def take(server: RunningServer, transfer: SwitchboardTransfer, name: str) -> None:
    """An operator who is rung accepts, and is on the line."""
    board = server.house.switchboard
    await until(lambda: name in transfer.rung, f"{name} is rung")
    assert _on_loop(server, lambda: board.accept(transfer.handoff_id, name))
    assert _on_loop(server, lambda: board.connected(transfer.handoff_id, name, Line()))


async def test_two_wait_for_one_operator(server: RunningServer, board: Switchboard) -> None:
    """Each hears how many are before, again while they wait, and when it is their turn."""
    come(server, "ada")
    async with calling(server) as first:
        talk = await transfer_of(board, first)
        await take(server, talk, "ada")
        async with calling(server) as second:
            waiting = await transfer_of(board, second)
            await hears(second, prompt("queued_next"))
            async with calling(server) as third:
                await transfer_of(board, third)
                await hears(third, prompt("queued_one"))
                await hears(second, prompt("still_next"), WITHOUT_A_WORD_S)
                await hears(third, prompt("still_one"), WITHOUT_A_WORD_S)
                _on_loop(server, lambda: board.left(talk.handoff_id, "ada", "finished"))
                await hears(second, prompt("operator_free"))
                await hears(third, prompt("queued_next"))
                await take(server, waiting, "ada")
                await hears(second, prompt("operator_accepted"))
    assert await until(lambda: not board.transfers(), "nothing rings for who has hung up")


async def test_operators_are_rung_in_turn(server: RunningServer, board: Switchboard) -> None:
    """One after the other, each once; then the caller is told, and called back."""
    server.house.clients.set_ringing("orvane", "in_turn")
    come(server, "ada")
    come(server, "bea")
    async with calling(server) as caller:
        transfer = await transfer_of(board, caller)
        (one,) = await until(lambda: tuple(transfer.rung), "one is rung")
        (other,) = {"ada", "bea"} - {one}
        await until(lambda: transfer.rung == {other}, "then the other")
        await hears(caller, "Aucun conseiller n'a pu répondre, j'en suis désolé.")
        assert transfer.record.state == "no_answer"
        ticket = server.house.tickets.get(str(transfer.request.ticket_id))
        await until(
            lambda: server.house.tickets.get(ticket.ticket_id).status == "new", "to be called back"
        )


async def test_operators_first_then_the_agent(server: RunningServer, board: Switchboard) -> None:
    """Overflow: they ring before a word is said; who is busy is not waited for."""
    server.house.clients.set_answering("orvane", "overflow", 1)
    come(server, "ada")
    async with calling(server) as taken:
        transfer = await transfer_of(board, taken)
        assert taken.said() == []
        await take(server, transfer, "ada")
        async with calling(server) as left:
            await until(lambda: left.said(), "the agent answers: the only operator talks")
            assert transfer.record.state == "connected"
        assert taken.said() == []
        _on_loop(server, lambda: board.left(transfer.handoff_id, "ada", "finished"))
        await hears(taken, prompt("goodbye"))
    async with calling(server) as unanswered:
        transfer = await transfer_of(board, unanswered)
        await until(lambda: unanswered.said(), "the agent answers: nobody does")
        assert transfer.record.state == "no_answer"


async def test_who_speaks_english_is_rung_for_who_asks_for_it(
    server: RunningServer, board: Switchboard
) -> None:
    """Then whoever is there; what the operator reads says it."""
    come(server, "ada")
    come(server, "bea", "en")
    async with calling(server, ENGLISH) as caller:
        transfer = await transfer_of(board, caller)
        await until(lambda: transfer.rung == {"bea"}, "who speaks it is rung")
        assert transfer.request.language == transfer.request.brief.language == "en"
        await until(lambda: transfer.rung == {"ada"}, "then who does not")
