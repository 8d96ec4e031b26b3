"""Operators' telephones against an exchange that notes what it is asked and tells what we say."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agent.audio import write_wav
from agent.call.handover import (
    FarLeg,
    NoOperator,
    OperatorAway,
    OperatorHere,
    OperatorLeft,
    RingRequest,
)
from agent.call.record import Brief
from agent.handoff.desks import Operator, RingLimits
from agent.handoff.switchboard import Switchboard
from agent.telephony.asterisk import phones as module
from agent.telephony.asterisk.ari import AriError
from agent.telephony.asterisk.phones import Phones
from agent.telephony.operator_phones import PhoneUser, spoken_story

BRIEF = Brief(
    line="four AZ70 — « il ne chauffe plus » — le client demande un conseiller.",
    caller_number="0639981234", product="four AZ70", question="il ne chauffe plus",
    reason="le client demande un conseiller", tried=(), pages=(),
)  # fmt: skip
REQUEST = RingRequest("orvane", "1795.1", "T-1", BRIEF)


class NotingAri:
    """Notes what is asked; refuses what it is told to refuse."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Mapping[str, Any]]] = []
        self.hung_up: list[str] = []
        self.refuses = ""
        self.online = True
        self.channels: list[Mapping[str, Any]] = []

    async def ask(self, method: str, path: str, query: Any = None, body: Any = None) -> Any:
        """Note it."""
        if path.startswith("/endpoints"):
            return [{"resource": "101", "state": "online" if self.online else "offline"}]
        if self.refuses and self.refuses in path:
            raise AriError("refused")
        if (method, path) == ("GET", "/channels"):
            return self.channels
        self.asked.append((method, path, query or {}))
        return {"id": f"playback-{len(self.asked)}"}

    async def hang_up(self, channel_id: str) -> None:
        """Note it."""
        self.hung_up.append(channel_id)

    async def exists(self, channel_id: str) -> bool:
        """Until it was hung up."""
        return channel_id not in self.hung_up

    def paths(self, part: str) -> list[Mapping[str, Any]]:
        """What was asked of such paths."""
        return [query for _, path, query in self.asked if part in path]


class NotingExchange:
    """Joins callers, unless it is told not to."""

    def __init__(self) -> None:
        self.ari = NotingAri()
        self.calls: dict[str, object] = {"1795.1": object()}
        self.joins = True
        self.joined: list[tuple[str, str]] = []
        self.parted: list[str] = []
        self.hears: Any = None
        self.again: Any = None

    def hear(self, take: Any, connected: Any) -> None:
        """Keep who hears."""
        self.hears, self.again = take, connected

    async def join(self, call_id: str, channel: str) -> bool:
        """Note it."""
        self.joined.append((call_id, channel))
        return self.joins

    async def is_back(self, call_id: str, limit_s: float) -> None:
        """They are."""

    async def part(self, call_id: str, limit_s: float) -> None:
        """Note it."""
        self.parted.append(call_id)


class Room:
    """One operator with a telephone, one caller, and what either is told."""

    def __init__(self, folder: Path) -> None:
        self.elsewhere: set[tuple[str, str]] = set()
        self.exchange = NotingExchange()
        self.told: list[object] = []
        self.kept: list[str] = []
        limits = RingLimits(together_s=5, return_s=5)
        self.board = Switchboard(lambda record: self.kept.append(record.state), limits)
        user = PhoneUser(Operator("lea", "Léa"), "101")

        async def speak(text: str, path: Path) -> None:
            write_wav(path, 8000, np.zeros(800, np.int16))

        self.phones = Phones(
            self.board, self.exchange, lambda: [user], speak, {"orvane": "Orvane"}, folder,
            lambda call_id, phone: (call_id, phone) in self.elsewhere,
        )  # type: ignore[arg-type]  # the exchange only notes  # fmt: skip

    async def ring(self) -> Any:
        """Have the telephone rung."""
        await settle(lambda: self.board.reachable("orvane"))
        transfer = self.board.ring(REQUEST, self.told.append)
        assert transfer is not None
        await settle(lambda: self.exchange.ari.paths("/channels"))
        return transfer

    @property
    def channel(self) -> str:
        """The telephone's."""
        return str(self.exchange.ari.paths("/channels")[0]["channelId"])

    def event(self, kind: str, **values: Any) -> None:
        """The exchange tells something of the telephone."""
        channel = {"id": self.channel, "name": "PJSIP/101-1"}
        self.exchange.hears({"type": kind, "channel": channel, **values})

    async def pick_up(self, key: str = "") -> None:
        """The operator picks up, and presses a key."""
        self.event("StasisStart")
        await settle(lambda: self.exchange.ari.paths("/play"))
        if key:
            self.event("ChannelDtmfReceived", digit=key)
            await asyncio.sleep(0.01)


async def settle(what: Any) -> None:
    """Wait until something is so."""
    for _ in range(1000):
        if what():
            return
        await asyncio.sleep(0.005)
    pytest.fail("it does not come")


@pytest.fixture
async def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Room]:
    """The room, while telephones are rung."""
    monkeypatch.setattr(module, "LOOK_S", 0.02)
    monkeypatch.setattr(module, "KEY_S", 0.05)
    made = Room(tmp_path)
    running = asyncio.create_task(made.phones.run())
    yield made
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    left = await asyncio.to_thread(lambda: list(tmp_path.iterdir()))
    assert not left, "no story is left on the disk"


async def test_one_takes_the_call_and_the_exchange_joins_the_two(room: Room) -> None:
    """The caller's number is shown; the leg is far; who hangs up has finished."""
    transfer = await room.ring()
    assert room.exchange.ari.paths("/channels")[0]["endpoint"] == "PJSIP/101"
    assert "0639981234" in str(room.exchange.ari.paths("/channels")[0]["callerId"])
    await room.pick_up("1")
    await settle(lambda: OperatorHere() in room.told)
    assert isinstance(transfer.leg, FarLeg)
    assert await transfer.leg.take()
    assert room.exchange.joined == [("1795.1", "PJSIP/101-1")]
    room.event("ChannelEnteredBridge")
    room.event("ChannelDestroyed", cause=16)
    await settle(lambda: OperatorLeft("finished") in room.told)
    await settle(lambda: room.exchange.parted == ["1795.1"])


async def test_a_lost_telephone_brings_the_caller_back(room: Room) -> None:
    """The caller is told that the line was cut, at once: nobody reloads a telephone."""
    transfer = await room.ring()
    await room.pick_up("1")
    await settle(lambda: transfer.leg is not None)
    await transfer.leg.take()
    room.event("ChannelEnteredBridge")
    room.event("ChannelDestroyed", cause=44)
    await settle(lambda: OperatorLeft("lost") in room.told)
    assert room.told.index(OperatorAway()) < room.told.index(OperatorLeft("lost"))


async def test_who_hangs_up_before_they_are_joined_has_not_finished(room: Room) -> None:
    """Else the agent would take leave of a caller whom nobody has spoken with."""
    transfer = await room.ring()
    await room.pick_up("1")
    await settle(lambda: transfer.leg is not None)
    room.event("ChannelDestroyed", cause=16)
    await settle(lambda: OperatorLeft("lost") in room.told)


async def test_two_who_talk_are_not_parted_when_this_process_stops(room: Room) -> None:
    """The line of one who is joined is the exchange's; that of one who waits to be is hung up."""
    transfer = await room.ring()
    await room.pick_up("1")
    await settle(lambda: transfer.leg is not None)
    leg = transfer.leg
    await leg.take()
    room.event("ChannelEnteredBridge")
    leg.close("caller")
    await asyncio.sleep(0.02)
    assert room.exchange.ari.hung_up == []


async def test_a_caller_who_cannot_be_joined_is_not_left_in_silence(room: Room) -> None:
    """The exchange refuses: the telephone is hung up, the caller is the agent's again."""
    transfer = await room.ring()
    await room.pick_up("1")
    await settle(lambda: transfer.leg is not None)
    room.exchange.joins = False
    assert not await transfer.leg.take()
    await settle(lambda: OperatorLeft("lost") in room.told)
    assert room.exchange.ari.hung_up == [room.channel]


@pytest.mark.parametrize("key", ["2", "", "5"], ids=["declined", "voicemail", "wrong key"])
async def test_nothing_but_one_takes_the_call(room: Room, key: str) -> None:
    """A voicemail presses nothing."""
    await room.ring()
    await room.pick_up(key)
    await settle(lambda: NoOperator("declined") in room.told)
    await settle(lambda: room.channel in room.exchange.ari.hung_up)
    assert OperatorHere() not in room.told


@pytest.mark.parametrize("cause", [17, 21, 20])
async def test_a_busy_or_unreachable_telephone_is_not_waited_for(room: Room, cause: int) -> None:
    """Its operator does not come."""
    await room.ring()
    room.event("ChannelDestroyed", cause=cause)
    await settle(lambda: NoOperator("declined") in room.told)


async def test_nothing_rings_on(room: Room) -> None:
    """A caller who hangs up silences the telephone."""
    transfer = await room.ring()
    transfer.give_up("caller")
    await settle(lambda: room.channel in room.exchange.ari.hung_up)


async def test_a_colleague_was_faster(room: Room) -> None:
    """Who presses 1 too late hears so, and is hung up on."""
    transfer = await room.ring()
    await room.pick_up()
    transfer.rung.clear()
    room.event("ChannelDtmfReceived", digit="1")
    await settle(lambda: room.channel in room.exchange.ari.hung_up)
    assert OperatorHere() not in room.told


async def test_a_telephone_that_cannot_be_rung_declines(room: Room) -> None:
    """The exchange refuses to call it."""
    await settle(lambda: room.board.reachable("orvane"))
    room.exchange.ari.refuses = "/channels"
    room.board.ring(REQUEST, room.told.append)
    await settle(lambda: NoOperator("declined") in room.told)


async def test_a_telephone_that_a_carrier_rings_is_left_to_it(room: Room) -> None:
    """It is rung once, by the carrier that brought the caller."""
    room.elsewhere.add(("1795.1", "101"))
    await settle(lambda: room.board.reachable("orvane"))
    room.board.ring(REQUEST, room.told.append)
    await asyncio.sleep(0.05)
    assert room.exchange.ari.paths("/channels") == []


async def test_a_telephone_that_is_not_signed_on_is_nobody(room: Room) -> None:
    """It comes and goes with its registration."""
    await settle(lambda: room.board.reachable("orvane"))
    room.exchange.ari.online = False
    await settle(lambda: not room.board.reachable("orvane"))


async def test_what_ended_while_no_event_was_heard_has_ended(room: Room) -> None:
    """The stream of events broke, and the operator hung up meanwhile."""
    transfer = await room.ring()
    await room.pick_up("1")
    await settle(lambda: transfer.leg is not None)
    room.exchange.ari.hung_up.append(room.channel)
    room.exchange.again()
    await settle(lambda: OperatorLeft("lost") in room.told)


async def test_the_story_is_made_while_it_rings(room: Room, tmp_path: Path) -> None:
    """Who picks up hears it at once; of who does not, nothing is left."""
    transfer = await room.ring()
    await settle(lambda: list(tmp_path.glob("*.wav")))
    assert not room.exchange.ari.paths("/play")
    transfer.give_up("caller")
    await settle(lambda: not list(tmp_path.glob("*.wav")))
    await settle(lambda: room.channel in room.exchange.ari.hung_up)


async def test_who_was_rung_by_a_process_that_was_killed_is_hung_up(room: Room) -> None:
    """But not who talks, nor whoever is none of our operators."""
    room.exchange.ari.channels = [
        {"id": name, "dialplan": {"context": context}}
        for name, context in (
            ("0123456789ab-1", "nowhere"), ("0123456789ab-2", "operator"), ("1795.3", "permanence"),
        )
    ]  # fmt: skip
    await settle(lambda: room.board.reachable("orvane"))
    transfer = await room.ring()
    room.exchange.ari.channels.append({"id": room.channel, "dialplan": {"context": "nowhere"}})
    room.exchange.again()
    await settle(lambda: room.exchange.ari.hung_up)
    await asyncio.sleep(0.05)
    assert room.exchange.ari.hung_up == ["0123456789ab-1"]
    assert transfer.rung == {"lea"}
    transfer.give_up("caller")
    await settle(lambda: room.channel in room.exchange.ari.hung_up)


async def test_a_browser_s_caller_is_joined_in_this_process(room: Room) -> None:
    """The telephone is sent to the agent's own door."""
    room.exchange.calls.clear()
    transfer = await room.ring()
    await room.pick_up("1")
    await settle(lambda: room.exchange.ari.paths("/continue"))
    assert room.exchange.ari.paths("/continue")[0]["extension"] == "leg"
    leg = room.phones.of_handoff(transfer.handoff_id)
    assert leg is not None and leg.user_id == "lea"


def test_the_story_is_said_aloud() -> None:
    """No dash, no guillemets; each piece is a sentence."""
    told = spoken_story(BRIEF)
    assert told == "Four AZ70. Il ne chauffe plus. Le client demande un conseiller."
    assert spoken_story(replace(BRIEF, line="")) == ""
