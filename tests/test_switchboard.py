"""Operators are rung for calls: all ways in which one comes, or does not; hours pass in no time."""

from __future__ import annotations

import asyncio
import random
import selectors
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest

from agent.call.handover import (
    NoOperator,
    OperatorAccepted,
    OperatorAway,
    OperatorEvent,
    OperatorFree,
    OperatorHere,
    OperatorLeft,
    Queued,
    RingRequest,
)
from agent.call.record import Brief, Urgency
from agent.handoff.desks import Operator, Ringing, RingLimits
from agent.handoff.states import HandoffRecord
from agent.handoff.switchboard import Switchboard
from agent.handoff.transfer import SwitchboardTransfer
from agent.house import ring_limits
from agent.settings import load_settings

T = TypeVar("T")

LIMITS = RingLimits(together_s=30, each_s=15, queue_s=180, connect_s=12, return_s=5, away_s=60)
BRIEF = Brief("Une panne.", "0639981234", None, "Une panne.", "human", (), ())


class _QuickSelector(selectors.DefaultSelector):
    """Waits for no timer: the clock jumps to it."""

    now = 1000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready now."""
        self.now += timeout or 0.0
        return super().select(0)


class QuickLoop(asyncio.SelectorEventLoop):
    """An event loop whose hours pass in no time."""

    def __init__(self) -> None:
        self._quick = _QuickSelector()
        super().__init__(self._quick)

    def time(self) -> float:
        """The clock."""
        return self._quick.now


class Line:
    """An operator's line.

    Attributes:
        closed: Why it was ended, None if it was not.
    """

    def __init__(self) -> None:
        self.closed: str | None = None

    def close(self, why: str) -> None:
        """End it."""
        self.closed = why


class World:
    """A switchboard, operators by name and calls by number.

    Attributes:
        kept: The handoffs as they were kept, in order.
        told: What each call was told, in order.
    """

    def __init__(self) -> None:
        self.loop = QuickLoop()
        self.kept: list[HandoffRecord] = []
        self.told: dict[str, list[OperatorEvent]] = {}
        self.transfers: dict[str, SwitchboardTransfer] = {}
        self.board = Switchboard(self.kept.append, LIMITS)

    def do(self, what: Callable[..., T], *given: Any) -> T:
        """Do something on the loop, then look whether all is as it can be."""

        async def work() -> T:
            return what(*given)

        done = self.loop.run_until_complete(work())
        self.check()
        return done

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.loop.run_until_complete(asyncio.sleep(seconds))
        self.check()

    def on(
        self, *names: str, clients: Sequence[str] = ("*",), languages: Sequence[str] = ("fr",)
    ) -> None:
        """Operators sign on and are available."""
        for name in names:
            operator = Operator(name, name.upper(), tuple(clients), tuple(languages))
            self.do(self.board.sign_on, operator)
            self.do(self.board.set_status, name, "available")

    def telephone(self, name: str, *lines: str) -> None:
        """An operator can be rung by telephone for callers on these lines."""
        self.do(self.board.telephone, Operator(name, name.upper()), frozenset(lines))

    def off(self, name: str) -> None:
        """An operator's page closes."""
        self.do(self.board.sign_off, name)

    def call(
        self, number: str, urgency: Urgency = "normal", client: str = "acme", language: str = "fr",
        line: str = "",
    ) -> bool:  # fmt: skip
        """A call wants an operator; returns whether anybody is there."""
        told = self.told.setdefault(number, [])
        request = RingRequest(
            client, number, f"T-{number}", BRIEF, urgency, language=language, line=line
        )
        transfer = self.do(self.board.ring, request, told.append)
        if transfer is not None:
            self.transfers[number] = transfer
        return transfer is not None

    def accept(self, name: str, number: str) -> bool:
        """An operator accepts a call."""
        return self.do(self.board.accept, self.transfers[number].handoff_id, name)

    def decline(self, name: str, number: str) -> None:
        """An operator declines a call."""
        self.do(self.board.decline, self.transfers[number].handoff_id, name)

    def connect(self, name: str, number: str) -> Line | None:
        """An operator's line carries sound; None if it came too late."""
        line = Line()
        handoff = self.transfers[number].handoff_id
        return line if self.do(self.board.connected, handoff, name, line) else None

    def left(self, name: str, number: str, why: str = "finished") -> None:
        """An operator's line has ended."""
        self.do(self.board.left, self.transfers[number].handoff_id, name, why)

    def talk(self, name: str, number: str) -> Line:
        """An operator accepts a call and is on it."""
        assert self.accept(name, number)
        line = self.connect(name, number)
        assert line is not None
        return line

    def gone(self, number: str, why: str = "caller") -> None:
        """A caller waits no longer."""
        self.do(self.transfers[number].give_up, why)

    def rings(self, number: str) -> str:
        """The operators who are rung for a call, by name."""
        return " ".join(sorted(self.transfers[number].rung))

    def states(self, number: str) -> str:
        """The states that a handoff came into."""
        return " ".join(one.state for one in self.transfers[number].record.history)

    def check(self) -> None:
        """Look whether all is as it can be, whatever has happened."""
        live = {one.handoff_id: one for one in self.board.transfers()}
        rung: list[str] = []
        lines: dict[str, str] = {}
        for transfer in live.values():
            assert not transfer.record.is_over
            assert bool(transfer.rung) == (transfer.record.state == "ringing")
            assert (transfer.desk is not None) == (
                transfer.record.state in ("accepted", "connected")
            )
            rung += transfer.rung
            lines |= dict.fromkeys(transfer.rung, transfer.request.line)
            talking = transfer.record.state == "connected" and transfer.leg is not None
            assert talking or transfer.timer is not None, "nothing would ever end this"
        assert len(rung) == len(set(rung)), "a console rings for one caller at a time"
        for desk in self.board.desks():
            name = desk.operator.user_id
            assert not (name in rung and not desk.is_free(lines[name])), "who is rung can answer"
            if desk.call is not None:
                assert live[desk.call].desk is desk
        for transfer in self.transfers.values():
            if transfer.handoff_id not in live:
                assert transfer.record.is_over
                assert transfer.timer is None or transfer.timer.cancelled()
                assert not transfer.rung
        last = {one.handoff_id: one for one in self.kept}
        for transfer in (*live.values(), *self.transfers.values()):
            assert last[transfer.handoff_id] == transfer.record


@pytest.fixture
def world() -> Iterator[World]:
    """A switchboard where nobody is."""
    made = World()
    yield made
    made.loop.close()


def test_all_are_rung_and_the_first_who_accepts_has_it(world: World) -> None:
    """The other's console falls silent; the states follow one another."""
    world.on("a", "b")
    assert world.call("1")
    assert world.rings("1") == "a b"
    assert world.accept("b", "1")
    assert world.rings("1") == ""
    line = world.connect("b", "1")
    assert line is not None
    assert world.transfers["1"].leg is line
    world.left("b", "1")
    assert world.states("1") == "requested ringing accepted connected finished"
    assert world.told["1"] == [OperatorAccepted(), OperatorHere(), OperatorLeft("finished")]
    assert world.transfers["1"].record.operator == "b"


def test_of_two_who_accept_one_has_it(world: World) -> None:
    """The second is told no, and can be rung for the next caller."""
    world.on("a", "b")
    world.call("1")
    assert world.accept("a", "1")
    assert not world.accept("b", "1")
    assert not world.accept("a", "1")
    world.call("2")
    assert world.rings("2") == "b"


def test_nobody_is_there(world: World) -> None:
    """Nobody at all, on a break, signed off, or for another brand: nothing rings."""
    assert not world.call("1")
    world.on("a", clients=("bora",))
    world.on("b")
    world.do(world.board.set_status, "b", "break")
    world.on("c")
    world.off("c")
    assert not world.call("1")
    assert not world.board.reachable("acme")
    assert world.call("2", client="bora")
    assert world.rings("2") == "a"
    assert world.transfers.keys() == {"2"}


def test_a_carrier_s_telephone_rings_for_its_callers_alone(world: World) -> None:
    """Other callers are told at once that nobody is there."""
    world.telephone("lea", "twilio")
    assert not world.board.reachable("acme")
    assert not world.call("1")
    assert not world.call("2", line="plivo")
    assert (world.board.free("acme"), world.board.free("acme", "twilio")) == (0, 1)
    assert world.call("3", line="twilio")
    assert world.rings("3") == "lea"
    world.talk("lea", "3")
    assert world.call("4", line="twilio")
    assert world.told["4"] == [Queued(0)]
    world.left("lea", "3")
    assert world.rings("4") == "lea"
    world.telephone("lea")
    assert world.told["4"][-1] == NoOperator("no_answer")


def test_a_telephone_and_a_page_are_one_operator(world: World) -> None:
    """A page that closes silences what it alone could ring; a break is one for both."""
    world.telephone("lea", "twilio")
    world.on("lea")
    world.call("1")
    world.off("lea")
    assert world.told["1"][-1] == NoOperator("no_answer")
    world.on("lea")
    world.call("2", line="twilio")
    world.off("lea")
    assert world.rings("2") == "lea"
    world.do(world.board.set_status, "lea", "break")
    assert world.told["2"][-1] == NoOperator("no_answer")
    world.telephone("lea", "twilio", "plivo")
    assert not world.call("3", line="twilio")


def test_who_is_free(world: World) -> None:
    """Who is on a call or rung is there, but not free."""
    world.on("a", "b", "c")
    world.on("d", clients=("bora",))
    assert world.board.free("acme") == 3
    world.do(world.board.set_ringing, "acme", "in_turn")
    world.call("1")
    assert world.board.free("acme") == 2
    world.talk(world.rings("1"), "1")
    assert world.board.free("acme") == 2
    assert world.board.reachable("acme")


def test_nobody_answers(world: World) -> None:
    """After thirty seconds the call is told, and no console rings any more."""
    world.on("a", "b")
    world.call("1")
    world.wait(29.9)
    assert world.told["1"] == []
    world.wait(0.2)
    assert world.told["1"] == [NoOperator("no_answer")]
    assert world.states("1") == "requested ringing no_answer"
    assert not world.board.ringing_for("a")


def test_operators_answer_first_for_so_many_rings(world: World) -> None:
    """Three rings, 15 s; whoever is busy is not waited for: the agent answers."""
    world.on("ada")
    direct = RingRequest("acme", "7", None, BRIEF, ring_s=15.0)
    told: list[OperatorEvent] = []
    assert world.do(world.board.ring, direct, told.append) is not None
    world.wait(14.0)
    assert told == []
    world.wait(1.1)
    assert told == [NoOperator("no_answer")]
    world.call("1")
    world.accept("ada", "1")
    assert world.do(world.board.ring, direct, told.append) is not None
    assert told == [NoOperator("no_answer")] * 2


def test_all_decline(world: World) -> None:
    """The last who declines ends it; who declined and why is kept."""
    world.on("a", "b")
    world.call("1")
    world.decline("a", "1")
    assert world.rings("1") == "b"
    assert not world.accept("a", "1")
    world.decline("b", "1")
    assert world.told["1"] == [NoOperator("declined")]
    notes = [(p.operator, p.why) for p in world.transfers["1"].record.history if p.operator]
    assert notes == [("a", "declined"), ("b", "declined")]


def test_one_in_turn(world: World) -> None:
    """Fifteen seconds each, whoever was rung longest ago first; then nobody."""
    world.do(world.board.set_ringing, "acme", "in_turn")
    world.on("a", "b", "c")
    world.call("1")
    order = [world.rings("1")]
    for _ in range(2):
        world.wait(15.1)
        order.append(world.rings("1"))
    assert sorted(order) == ["a", "b", "c"]
    world.wait(15.1)
    assert world.told["1"] == [NoOperator("no_answer")]
    world.call("2")
    assert world.rings("2") == order[0]
    world.decline(order[0], "2")
    assert world.rings("2") == order[1]


@pytest.mark.parametrize(
    ("speak", "language", "how", "rounds"),
    [
        ({"a": "fr", "b": "fr en"}, "fr", "together", ["a b"]),
        ({"a": "fr", "b": "fr en"}, "en", "together", ["b", "a"]),
        ({"a": "fr en", "b": "fr en", "c": "fr"}, "en", "together", ["a b", "c"]),
        ({"a": "fr", "b": "fr"}, "en", "together", ["a b"]),
        ({"a": "fr", "b": "en"}, "fr", "together", ["a", "b"]),
        ({"a": "fr", "b": "fr en", "c": "fr"}, "en", "in_turn", ["b", "a", "c"]),
        ({"a": "fr", "b": "fr es"}, "en", "in_turn", ["a", "b"]),
    ],
)
def test_who_speaks_the_caller_s_language_is_rung_first(
    world: World, speak: dict[str, str], language: str, how: Ringing, rounds: list[str]
) -> None:
    """Then those who do not; where nobody does, all who are there."""
    world.do(world.board.set_ringing, "acme", how)
    for name, languages in speak.items():
        world.on(name, languages=languages.split())
    assert world.call("1", language=language)
    rung = []
    while not world.told["1"]:
        rung.append(world.rings("1"))
        world.wait(15.1 if how == "in_turn" or len(rung) < len(rounds) else 30.1)
    assert rung == rounds
    assert world.told["1"] == [NoOperator("no_answer")]


def test_who_speaks_it_may_come_decline_and_go(world: World) -> None:
    """One who comes meanwhile is rung at once if they speak it, and their « no » rings the rest."""
    world.on("a")
    world.on("b", languages=("en",))
    world.call("1", language="en")
    world.on("c")
    assert world.rings("1") == "b"
    world.on("d", languages=("fr", "en"))
    assert world.rings("1") == "b d"
    world.decline("b", "1")
    assert world.rings("1") == "d"
    world.off("d")
    assert world.rings("1") == "a c"
    world.on("d", languages=("fr", "en"))
    assert world.rings("1") == "a c d"


def test_a_caller_waits_for_nobody_who_speaks_it_while_another_is_free(world: World) -> None:
    """Who speaks it is on a call: who does not is rung; only where all are busy they wait."""
    world.on("a")
    world.on("b", languages=("fr", "en"))
    world.call("1")
    world.talk("b", "1")
    world.call("2", language="en")
    assert world.rings("2") == "a"
    world.talk("a", "2")
    world.call("3", language="en")
    assert world.told["3"] == [Queued(0)]
    world.left("b", "1")
    assert world.rings("3") == "b"


def test_they_wait_for_one_who_is_on_a_call(world: World) -> None:
    """Each is told how many are before; the first is rung when the operator is free."""
    world.on("a")
    world.call("1")
    world.talk("a", "1")
    world.call("2")
    world.call("3")
    assert world.told["2"] == [Queued(0)]
    assert world.told["3"] == [Queued(1)]
    world.left("a", "1")
    assert (world.rings("2"), world.rings("3")) == ("a", "")
    assert world.told["2"] == [Queued(0), OperatorFree()]
    assert world.told["3"] == [Queued(1), Queued(0)]
    world.gone("2")
    assert world.rings("3") == "a"


def test_the_urgent_is_rung_first(world: World) -> None:
    """It stands before those who came earlier, who are told so."""
    world.on("a")
    world.call("1")
    world.talk("a", "1")
    world.call("2")
    world.call("3", "urgent")
    assert world.told["3"] == [Queued(0)]
    assert world.told["2"] == [Queued(0), Queued(1)]
    world.left("a", "1")
    assert (world.rings("2"), world.rings("3")) == ("", "a")


def test_nobody_waits_for_longer_than_three_minutes(world: World) -> None:
    """Then the call is told that nobody answers."""
    world.on("a")
    world.call("1")
    world.talk("a", "1")
    world.call("2")
    world.wait(179)
    assert world.told["2"] == [Queued(0)]
    world.wait(1.1)
    assert world.told["2"][-1] == NoOperator("no_answer")


def test_who_comes_later_is_rung_too(world: World) -> None:
    """A colleague who signs on while it rings can take it."""
    world.on("a")
    world.call("1")
    world.on("b")
    assert world.rings("1") == "a b"


def test_signing_off_while_it_rings(world: World) -> None:
    """The others ring on; with the last one gone nobody answers."""
    world.on("a", "b")
    world.call("1")
    world.off("a")
    assert world.rings("1") == "b"
    world.off("b")
    assert world.told["1"] == [NoOperator("no_answer")]


def test_one_of_two_pages_closes(world: World) -> None:
    """The other page rings on."""
    world.on("a", "a")
    world.call("1")
    world.off("a")
    assert world.rings("1") == "a"


def test_a_break_while_it_rings(world: World) -> None:
    """It rings at the others'."""
    world.on("a", "b")
    world.call("1")
    world.do(world.board.set_status, "a", "break")
    assert world.rings("1") == "b"
    world.do(world.board.set_status, "b", "break")
    assert world.told["1"] == [NoOperator("no_answer")]


def test_all_who_wait_are_told_when_the_only_operator_has_a_break(world: World) -> None:
    """Two waited: the first one's end reached the second while the list was gone through, whose
    end then came twice (KeyError)."""
    world.on("a")
    world.call("1")
    world.talk("a", "1")
    world.call("2")
    world.call("3")
    world.do(world.board.set_status, "a", "break")
    for waiting in ("2", "3"):
        assert world.told[waiting][-1] == NoOperator("no_answer")
    assert world.states("1").endswith("connected")


def test_all_who_wait_are_told_when_the_only_operator_signs_off(world: World) -> None:
    """They waited out their three minutes for somebody who had gone."""
    world.on("a")
    world.call("1")
    world.talk("a", "1")
    world.call("2")
    world.off("a")
    assert world.told["2"] == [Queued(0), NoOperator("no_answer")]


def test_the_line_never_comes(world: World) -> None:
    """The others who were rung are rung again: they were not (« tried » still held them)."""
    world.on("a", "b")
    world.call("1")
    world.accept("a", "1")
    world.wait(12.1)
    assert world.rings("1") == "b"
    assert world.connect("a", "1") is None
    assert world.accept("b", "1")
    assert world.connect("b", "1") is not None
    assert world.states("1") == (
        "requested ringing accepted requested ringing accepted connected"
    )  # fmt: skip


def test_who_never_came_can_be_rung_for_those_who_wait(world: World) -> None:
    """The next caller did not ring although the operator was free again."""
    world.on("a")
    world.call("1")
    world.accept("a", "1")
    world.call("2")
    world.wait(12.1)
    assert world.told["1"] == [OperatorAccepted(), NoOperator("no_answer")]
    assert world.rings("2") == "a"


def test_a_late_line_takes_nothing_from_the_next_operator(world: World) -> None:
    """The end of the first one's line ended the handoff that rang at, or was of, the second."""
    world.on("a", "b")
    world.call("1")
    world.accept("a", "1")
    world.wait(12.1)
    world.left("a", "1", "lost")
    assert world.rings("1") == "b"
    world.accept("b", "1")
    world.left("a", "1", "lost")
    assert world.connect("b", "1") is not None
    world.left("a", "1", "lost")
    assert world.states("1").endswith("connected")
    assert world.transfers["1"].leg is not None


def test_away_and_back(world: World) -> None:
    """A page that is reloaded: the caller is told of both, and the talk goes on."""
    world.on("a")
    world.call("1")
    world.talk("a", "1")
    world.transfers["1"].joining = True
    world.left("a", "1", "lost")
    assert not world.transfers["1"].joining, "another page may join now"
    world.wait(4.9)
    line = world.connect("a", "1")
    assert line is not None
    world.wait(60)
    assert world.states("1") == "requested ringing accepted connected"
    assert world.told["1"][2:] == [OperatorAway(), OperatorHere()]


def test_away_for_good(world: World) -> None:
    """After five seconds the operator is lost, and can be rung again."""
    world.on("a")
    world.call("1")
    world.talk("a", "1")
    world.left("a", "1", "lost")
    world.wait(5.1)
    assert world.told["1"][2:] == [OperatorAway(), OperatorLeft("lost")]
    assert world.states("1").endswith("connected failed")
    assert world.call("2")
    assert world.rings("2") == "a"


@pytest.mark.parametrize(
    ("before", "end"),
    [("ring", "abandoned"), ("accept", "abandoned"), ("talk", "finished"), ("away", "abandoned")],
)
def test_the_caller_goes(world: World, before: str, end: str) -> None:
    """Nothing rings on and the line ends. Who loses the operator and then hangs up has not been
    helped: that was « finished », and their ticket done."""
    world.on("a")
    world.call("1")
    line: Line | None = None
    if before == "accept":
        world.accept("a", "1")
    elif before != "ring":
        line = world.talk("a", "1")
    if before == "away":
        world.left("a", "1", "lost")
    world.gone("1")
    assert world.states("1").split()[-1] == end
    assert not world.board.ringing_for("a")
    assert line is None or before == "away" or line.closed == "caller"
    assert not world.board.transfers()
    assert world.connect("a", "1") is None
    world.gone("1")


def test_taking_over(world: World) -> None:
    """An operator takes a call unasked; not one that has an operator, nor beside another."""
    world.on("a", "b")
    told: list[OperatorEvent] = []
    request = RingRequest("acme", "9", None, BRIEF)
    transfer = world.do(world.board.take_over, request, "a", told.append)
    assert transfer is not None
    world.transfers["9"] = transfer
    assert world.do(world.board.take_over, request, "b", told.append) is None
    other = RingRequest("acme", "8", None, BRIEF)
    assert world.do(world.board.take_over, other, "a", told.append) is None
    assert world.connect("a", "9") is not None
    assert world.states("9") == "requested accepted connected"
    world.left("a", "9", "returned")
    assert told == [OperatorHere(), OperatorLeft("returned")]


def test_taking_over_while_another_call_rings(world: World) -> None:
    """That one's caller waits for this operator; they were told that nobody answers."""
    world.on("a")
    world.call("1")
    request = RingRequest("acme", "9", None, BRIEF)
    transfer = world.do(world.board.take_over, request, "a", lambda _: None)
    assert transfer is not None
    world.transfers["9"] = transfer
    assert world.told["1"] == [Queued(0)]
    world.connect("a", "9")
    world.left("a", "9")
    assert world.rings("1") == "a"


def test_taking_over_without_a_line(world: World) -> None:
    """The call goes on with the agent: nobody else is rung for it where it had asked for nobody."""
    world.on("a", "b")
    told: list[OperatorEvent] = []
    request = RingRequest("acme", "9", None, BRIEF)
    world.transfers["9"] = transfer = world.do(
        world.board.take_over, request, "a", told.append
    )  # type: ignore[assignment]  # fmt: skip
    assert transfer is not None
    world.wait(12.1)
    assert told == [NoOperator("failed")]


def test_back_after_a_while(world: World) -> None:
    """Who was away for a minute has to say that they are there."""
    world.on("a")
    world.off("a")
    world.wait(59)
    world.do(world.board.sign_on, Operator("a", "A"))
    assert world.board.reachable("acme")
    world.off("a")
    world.wait(61)
    world.do(world.board.sign_on, Operator("a", "A"))
    assert not world.board.reachable("acme")


def test_watchers_are_told(world: World) -> None:
    """Of each change, as long as they watch."""
    changes: list[None] = []
    with world.board.watched(lambda: changes.append(None)):
        world.on("a")
        world.call("1")
        before = len(changes)
        assert before
        world.accept("a", "1")
        assert len(changes) > before
    before = len(changes)
    world.gone("1")
    assert len(changes) == before


@pytest.mark.parametrize("seed", range(40))
def test_whatever_happens(world: World, seed: int) -> None:
    """Anything in any order leaves nobody rung for two, no call without an end, nothing unkept."""
    chance = random.Random(seed)
    if seed % 3 == 0:
        world.do(world.board.set_ringing, "acme", "in_turn")
    names, count = "abc", 0
    for _ in range(150):
        name = chance.choice(names)
        number = chance.choice(list(world.transfers)) if world.transfers else ""
        what = chance.choice(
            ("on", "on", "off", "break", "call", "call", "wait", "accept", "accept", "connect",
             "connect", "left", "decline", "gone", "over")
        )  # fmt: skip
        if what == "on":
            clients = chance.choice([("*",), ("acme",), ("bora",)])
            world.on(name, clients=clients, languages=chance.choice([("fr",), ("fr", "en")]))
        elif what == "off":
            world.off(name)
        elif what == "break":
            world.do(world.board.set_status, name, "break")
        elif what == "call":
            count += 1
            urgency: Urgency = "urgent" if chance.random() < 0.2 else "normal"
            client, language = chance.choice(["acme", "bora"]), chance.choice(["fr", "en"])
            world.call(str(count), urgency, client, language)
        elif what == "wait":
            world.wait(chance.choice([0.1, 4.0, 13.0, 31.0]))
        elif what == "over":
            count += 1
            told = world.told.setdefault(str(count), [])
            request = RingRequest("acme", str(count), chance.choice([None, "T-9"]), BRIEF)
            transfer = world.do(world.board.take_over, request, name, told.append)
            if transfer is not None:
                world.transfers[str(count)] = transfer
        elif number:
            if what == "left":
                world.left(name, number, chance.choice(["finished", "returned", "settled", "lost"]))
            elif what == "gone":
                world.gone(number, chance.choice(["caller", "callback"]))
            else:
                {"accept": world.accept, "connect": world.connect, "decline": world.decline}[what](
                    name, number
                )  # type: ignore[operator]
    world.wait(2000)
    left = [one.record.state for one in world.board.transfers()]
    assert set(left) <= {"connected"}, "all but who talks has come to an end"


def test_limits_are_settings(tmp_path: Path) -> None:
    """An installation says how long operators are rung, and how long callers wait for one."""
    limits = ring_limits(load_settings(home=tmp_path, ring_s=4, ring_each_s=2, queue_s=60))
    assert (limits.together_s, limits.each_s, limits.queue_s) == (4, 2, 60)
