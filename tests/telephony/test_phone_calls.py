"""Callers and operators on real telephones, joined by a real exchange, by every way there is.

Recogniser and voice are stand-ins. `permanence eval phone-handovers` has the real ones, and tries
what takes longer.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import suppress

import numpy as np
import pytest

from agent.audio import TELEPHONE_RATE_HZ, Samples, resample
from agent.demo import BRAND, CLIENT
from agent.settings import Settings
from evals.console_page import wait_for
from evals.exchange_stage import TRUNK
from evals.refusing_phone import refusing_phone
from evals.softphone import Softphone, softphone
from evals.waiting_caller import WaitingCaller
from tests.telephony.phone_house import (
    CALLER,
    DIALLED,
    OUTSIDE,
    PERSON,
    SECRETS,
    THANKS,
    UNLISTED,
    WIFI,
    PhoneHouse,
    arrived,
    both_hear,
    clip,
    hears_said,
    phone_house,
)
from voices.french import sentences
from voices.prompts import prompt

pytestmark = [pytest.mark.timeout(300), pytest.mark.alone]

GREETS = sentences(prompt("greeting", brand=BRAND))[0]
RING_S = 5.0
WIDE_HZ = 16_000


@pytest.fixture(scope="module")
def raised(
    exchange_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PhoneHouse]:
    """One exchange and one server for all."""
    with phone_house(exchange_settings, tmp_path_factory.mktemp("phones")) as made:
        yield made


@pytest.fixture
def house(raised: PhoneHouse) -> Iterator[PhoneHouse]:
    """Operators are rung first, and after the test nothing is left of it."""
    raised.answering("overflow")
    yield raised
    raised.quiet()


def test_operator_s_outside_number_is_rung_through_the_trunk(house: PhoneHouse) -> None:
    """They hear what it is about, take the call with 1, talk, and hang up: the call is over."""
    with house.mobile() as operator, house.rung_at(OUTSIDE), house.caller() as (caller, call_id):
        house.take(operator, call_id)
        both_hear(caller, operator)
        since = time.time()
        operator.hang_up()
        caller.wait_for("CALL_CLOSED", 5, since)
    assert house.over(call_id).ended_by == "operator"
    (handoff,) = house.handoffs(call_id)
    assert handoff.state == "finished"


def test_caller_who_hangs_up_first_ends_the_operator_s_outside_call(house: PhoneHouse) -> None:
    """Through both halves of the exchange's own channel."""
    with house.mobile() as operator, house.rung_at(OUTSIDE), house.caller() as (caller, call_id):
        house.take(operator, call_id)
        since = time.time()
        caller.hang_up()
        operator.wait_for("CALL_CLOSED", 5, since)
    assert house.over(call_id).ended_by == "caller"


def test_number_that_is_not_listed_is_never_dialled(house: PhoneHouse) -> None:
    """Nothing reaches the trunk, and the agent answers at once."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as carrier,
        house.rung_at(UNLISTED),
    ):
        carrier.bind((TRUNK, house.stage.carrier_port))
        carrier.setblocking(False)
        with house.caller() as (caller, call_id):
            wait_for(lambda: hears_said(caller, GREETS, WIDE_HZ), RING_S, "the agent greets")
        with suppress(BlockingIOError):
            while message := carrier.recv(65536):
                assert not message.startswith(b"INVITE ")
    (handoff,) = house.handoffs(call_id)
    assert handoff.state == "declined"


def test_operator_s_telephone_rings_first_then_the_agent_answers(house: PhoneHouse) -> None:
    """After one ring, where one was asked for; it rings no more then."""
    house.answering("overflow", 1)
    with (
        house.telephone("101") as operator,
        house.rung_at("101"),
        house.caller() as (caller, call_id),
    ):
        rang = operator.wait_for("CALL_INCOMING", RING_S)
        silent = operator.wait_for("CALL_CLOSED", RING_S + 3, rang.at)
        wait_for(lambda: hears_said(caller, GREETS, WIDE_HZ), 5, "the agent greets")
        assert [one.kind for one in operator.events].count("CALL_INCOMING") == 1
        assert silent.at > rang.at
    (handoff,) = house.handoffs(call_id)
    assert handoff.state == "no_answer"


def test_operator_takes_it_before_the_agent_answers(house: PhoneHouse) -> None:
    """The agent says nothing; who hangs up first is kept."""
    with (
        house.telephone("101") as operator,
        house.rung_at("101"),
        house.caller() as (caller, call_id),
    ):
        house.take(operator, call_id)
        both_hear(caller, operator)
        since = time.time()
        operator.hang_up()
        caller.wait_for("CALL_CLOSED", 5, since)
    record = house.over(call_id)
    assert record.ended_by == "operator"
    assert not any(turn.said for turn in record.turns if turn.by == "agent")


@pytest.mark.parametrize("status", [603, 480], ids=["declined", "do not disturb"])
def test_telephone_that_refuses_is_not_waited_for(house: PhoneHouse, status: int) -> None:
    """The next is rung at once, then the caller is answered; each is rung once."""
    house.house.clients.set_ringing(CLIENT, "in_turn")
    port = house.stage.sip_port
    try:
        with (
            refusing_phone(port, "101", SECRETS["101"], status) as first,
            refusing_phone(port, "102", SECRETS["102"], status) as second,
            house.rung_at("101", "102"),
            house.caller() as (caller, call_id),
        ):
            wait_for(lambda: hears_said(caller, GREETS, WIDE_HZ), RING_S, "the agent greets")
            assert len(first.refused) == len(second.refused) == 1
    finally:
        house.house.clients.set_ringing(CLIENT, "together")
    (handoff,) = house.handoffs(call_id)
    assert handoff.state == "declined"
    declined = [one.operator for one in handoff.history if one.operator is not None]
    assert sorted(declined) == sorted(house.operators)


def test_lost_operator_then_another_is_joined_a_second_time(house: PhoneHouse) -> None:
    """Brought back to the agent, the caller asks for a person again."""
    with (
        house.telephone("101") as operator,
        house.rung_at("101"),
        house.caller() as (caller, call_id),
    ):
        house.take(operator, call_id)
        operator.kill()
        with house.telephone("101") as again:
            again.wait_for("CALL_INCOMING", 15)
            again.hang_up()
            wait_for(lambda: house.said(call_id, "rappel"), 12, "they are told")
            listens(caller)
            asked = time.time()
            caller.say(clip(PERSON))
            again.wait_for("CALL_INCOMING", 15, asked)
            house.take(again, call_id)
            both_hear(caller, again)
            since = time.time()
            again.hang_up()
            caller.wait_for("CALL_CLOSED", 5, since)
    record = house.over(call_id)
    assert record.ended_by == "operator"
    assert [one.state for one in house.handoffs(call_id)] == ["failed", "declined", "finished"]
    assert record.handoff is not None
    assert house.house.tickets.get(record.handoff.ticket_id).status == "done"


@pytest.mark.parametrize("first", ["operator", "caller"])
async def test_browser_s_caller_is_joined_to_a_telephone(house: PhoneHouse, first: str) -> None:
    """In the agent's process: both hear each other, both are written down, either ends it."""
    url = f"{house.server.url.replace('http', 'ws', 1)}/media"
    caller = WaitingCaller(url, None, CALLER)
    with house.telephone("101") as operator, house.rung_at("101"):
        caller.start()
        assert caller.done is not None
        await asyncio.to_thread(operator.wait_for, "CALL_INCOMING", RING_S)
        await asyncio.to_thread(house.take, operator, caller.call_id)
        if first == "operator":
            await talk(house, caller, operator)
            operator.hang_up()
        else:
            since = time.time()
            caller.hang_up()
            await asyncio.to_thread(operator.wait_for, "CALL_CLOSED", 5, since)
        heard = await asyncio.wait_for(caller.done, 15)
    assert heard.ended_by == ("caller" if first == "caller" else "agent")
    (handoff,) = await asyncio.to_thread(house.handoffs, caller.call_id)
    assert handoff.state == "finished"


async def talk(house: PhoneHouse, caller: WaitingCaller, operator: Softphone) -> None:
    """Both say something, both hear it, both is written down."""
    live = house.house.live.get(caller.call_id)
    assert live is not None
    written = live.record.turns
    from_s, heard_s = caller.now_s, operator.heard().size / TELEPHONE_RATE_HZ
    caller.say(clip(THANKS))
    operator.say(clip(WIFI))
    await until(lambda: arrived(THANKS, operator.heard(heard_s)), "the operator hears")
    await until(lambda: arrived(WIFI, caller.heard(from_s)), "the caller hears")
    await until(lambda: any(one.by == "operator" and one.said for one in written), "one is kept")
    await until(lambda: any(one.heard for one in written), "the other is kept")


@pytest.mark.parametrize("wideband", [True, False], ids=["G.722", "A-law"])
def test_wideband_trunk_brings_callers_of_either_codec(house: PhoneHouse, wideband: bool) -> None:
    """Its voice comes right, heights and all where they can be; it hears the caller."""
    house.answering("always")
    house.transcriber.given.clear()
    with house.caller(wideband=wideband) as (caller, call_id):
        wait_for(lambda: hears_said(caller, GREETS, WIDE_HZ), 10, "the agent greets")
        wait_for(lambda: house.said(call_id, GREETS), 10, "it has greeted")
        listens(caller)
        from_s = caller.heard().size / caller.rate_hz
        caller.say(resample(clip(PERSON), TELEPHONE_RATE_HZ, caller.rate_hz))
        wait_for(lambda: house.transcriber.was_given(PERSON, WIDE_HZ), 10, "the caller is heard")
        wait_for(lambda: house.handed_over(call_id), 10, "the caller is understood")
        if wideband:  # the exchange mixes the first two seconds of a call narrowly
            wait_for(lambda: has_heights(caller.heard(from_s)), 5, "heights are heard")


def test_two_who_talk_go_on_when_the_agent_stops(raised: PhoneHouse) -> None:
    """The last: the exchange ends their call by itself, and nothing is left of it."""
    raised.answering("overflow")
    users, board = raised.house.users, raised.house.switchboard
    with raised.telephone("101") as operator, softphone(raised.stage.sip_port, CALLER) as caller:
        users.set_phone(raised.operators[0], "101")
        wait_for(lambda: board.free(CLIENT) == 1, 10, "the operator is there")
        caller.dial(DIALLED)
        caller.wait_for("CALL_ESTABLISHED", 8)
        raised.take(operator, wait_for(raised.house.live.shown, 5, "a call")[0].record.call_id)
        raised.stop()
        both_hear(caller, operator)
        since = time.time()
        operator.hang_up()
        caller.wait_for("CALL_CLOSED", 5, since)
    raised.quiet()


def has_heights(heard: Samples) -> bool:
    """Whether noise of 16 kHz has its share above 4 kHz: half of it."""
    power = np.abs(np.fft.rfft(heard.astype(np.float64))) ** 2
    return bool(power[power.size // 2 :].sum() > 0.2 * power.sum() > 1e9)


def listens(caller: Softphone, pause_s: float = 1.0) -> None:
    """Wait until the caller has heard nothing for a while (blocks)."""

    def silent() -> bool:
        heard: Samples = caller.heard()[-int(pause_s * caller.rate_hz) :]
        return heard.size > 0 and float(np.abs(heard).max()) < 200

    wait_for(silent, 15, "the agent has finished")


async def until(what: object, name: str) -> None:
    """Wait until something is so, looking from a thread."""
    await asyncio.to_thread(wait_for, what, 12, name)
