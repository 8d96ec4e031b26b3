"""A real exchange with telephones of callers and operators; recogniser and voice are stand-ins.

The agent's server, its switchboard and its lines are real, and so is every telephone. The trunk is
wideband: callers of either codec come by it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from agent.audio import TELEPHONE_RATE_HZ, Samples, read_wav, resample
from agent.call.record import CallRecord
from agent.call.transcriber import Transcript
from agent.demo import BRAND, CLIENT
from agent.handoff.states import HandoffRecord
from agent.house import House
from agent.settings import Settings
from agent.telephony.asterisk import config, phones
from agent.web import server as web_server
from agent.web.server import RunningServer, running_server
from evals.console_page import PASSWORD, wait_for
from evals.exchange_agent import heard_at
from evals.exchange_stage import PHONES, TRUNK, ExchangeStage, exchange_stage
from evals.handover_stage import home_in
from evals.light_models import LightTranscriber, LightVoice
from evals.softphone import Softphone, softphone
from evals.sound_match import find
from tests.conftest import CALLS
from voices.french import sentences, speakable

CALLER, NUMBER, DIALLED = "0639981234", "+33199001234", "0199001234"
OUTSIDE, UNLISTED = "+33639981299", "+33639981298"
"""Operators' outside numbers: one that may be dialled, and one that may not."""

SECRETS = {"101": "telephone-101", "102": "telephone-102"}
PERSON, THANKS, WIFI, YES = "human", "thanks", "demo-3-wifi", "yes"
TEXTS = {
    PERSON: "Je voudrais parler à un conseiller.",
    THANKS: "Merci beaucoup.",
    WIFI: "Et comment je connecte mon lave-linge au wifi ?",
}
"""What is understood of a recording, by its name; each has a length of its own."""

VOICE = LightVoice(0.015)
"""Soon over."""

SILENT_S = 2
"""An operator's telephone that brings no sound for so long is gone: nobody waits for more here."""

RING_S, LOOK_S = 6.0, 0.2
RINGS_LIMIT_S, JOINED_LIMIT_S, OVER_LIMIT_S, QUIET_LIMIT_S = 15.0, 12.0, 15.0, 5.0
HEARD_LIMIT_S = 10.0
ALIKE = 0.4
"""Correlation from which noise is the one that was said: another one comes to 0.1, the same half a
sample late, as a change of rate may leave it, to 0.6."""

WATCH = "Local/watch@"

Answering = Literal["always", "overflow"]


class KeepingTranscriber(LightTranscriber):
    """Keeps what it is given to read."""

    def __init__(self) -> None:
        super().__init__({text: clip(name).size / 8000 for name, text in TEXTS.items()})
        self.given: list[tuple[Samples, int]] = []

    async def transcribe(
        self, samples: Samples, rate_hz: int, vocabulary: Sequence[str] = ()
    ) -> Transcript:
        """The sentence of the nearest length."""
        self.given.append((samples, rate_hz))
        return await super().transcribe(samples, rate_hz, vocabulary)

    def was_given(self, name: str, rate_hz: int) -> bool:
        """Whether a recording has come, at that rate, in one piece or in several."""
        pieces = [one for one, rate in tuple(self.given) if rate == rate_hz]
        return bool(pieces) and arrived(name, np.concatenate(pieces), rate_hz)


@dataclass
class PhoneHouse:
    """All of it, for one test after the other.

    Attributes:
        operators: Their identifiers.
        stop: Stops the agent, for good.
    """

    stage: ExchangeStage
    server: RunningServer
    operators: tuple[str, ...]
    stop: Callable[[], None]
    transcriber: KeepingTranscriber = field(default_factory=KeepingTranscriber)

    @property
    def house(self) -> House:
        """The agent's."""
        return self.server.house

    def answering(self, how: Answering, rings: int = 3) -> None:
        """Who answers the client's calls first."""
        self.house.clients.set_answering(CLIENT, how, rings)

    @contextmanager
    def rung_at(self, *their_phones: str) -> Iterator[None]:
        """So many operators are there, each with one of these telephones and no browser."""
        board, users = self.house.switchboard, self.house.users
        for user_id, phone in zip(self.operators, their_phones, strict=False):
            users.set_phone(user_id, phone)
        wait_for(lambda: board.free(CLIENT) == len(their_phones), 10, "the operators are there")
        try:
            yield
        finally:
            for user_id in self.operators:
                users.set_phone(user_id, "")
            wait_for(lambda: not board.reachable(CLIENT), 10, "the operators are gone")

    @contextmanager
    def telephone(self, extension: str) -> Iterator[Softphone]:
        """An operator's, signed on."""
        with softphone(
            self.stage.sip_port, extension, password=SECRETS[extension], address=PHONES
        ) as phone:
            yield phone

    @contextmanager
    def mobile(self) -> Iterator[Softphone]:
        """The operator's whose number is `OUTSIDE`: the trunk's far end."""
        with softphone(
            self.stage.sip_port, OUTSIDE, address=TRUNK, port=self.stage.carrier_port
        ) as phone:
            yield phone

    @contextmanager
    def caller(self, *, wideband: bool = False) -> Iterator[tuple[Softphone, str]]:
        """A caller whom the agent has taken, and the identifier of the call; they hang up."""
        with softphone(self.stage.sip_port, CALLER, wideband=wideband) as phone:
            phone.dial(DIALLED)
            phone.wait_for("CALL_ESTABLISHED", 8)
            shown = wait_for(self.house.live.shown, 5, "the call is taken")
            call_id = shown[0].record.call_id
            yield phone, call_id
            phone.hang_up()
        self.over(call_id)

    def take(self, operator: Softphone, call_id: str) -> None:
        """Pick up, hear what it is about, and take the call with a key (blocks)."""
        pick_up(operator)
        operator.press("1")
        self.joined(call_id)

    def joined(self, call_id: str) -> None:
        """Wait until the caller and an operator are joined."""

        def so() -> bool:
            call = self.house.live.get(call_id)
            return call is not None and call.joined

        wait_for(so, JOINED_LIMIT_S, "they are joined")

    def over(self, call_id: str) -> CallRecord:
        """The call as it was kept, once it is."""
        return wait_for(
            lambda: one if (one := self.house.calls.load(call_id)).ended_at else None,
            OVER_LIMIT_S, "the call is over",
        )  # fmt: skip

    def said(self, call_id: str, words: str) -> bool:
        """Whether the agent has said something in a call that lasts."""
        live = self.house.live.get(call_id)
        return live is not None and (
            words in live.state.said or any(words in turn.said for turn in live.record.turns)
        )

    def handed_over(self, call_id: str) -> bool:
        """Whether a call that lasts has a ticket."""
        live = self.house.live.get(call_id)
        return live is not None and live.record.handoff is not None

    def handoffs(self, call_id: str) -> tuple[HandoffRecord, ...]:
        """Those of a call, as they were kept, the first one first."""
        return tuple(self.house.handoffs.of_call(call_id))

    def quiet(self) -> None:
        """Nothing is left of whatever was done: no call, no channel, nobody who rings."""
        board = self.house.switchboard

        def so() -> bool:
            left = [one for one in self.stage.channels() if not one.startswith(WATCH)]
            busy = [desk for desk in board.desks() if desk.call is not None]
            return not (left or busy or board.transfers() or self.house.live.shown())

        wait_for(so, QUIET_LIMIT_S, "nothing is left")


@contextmanager
def phone_house(settings: Settings, folder: Path) -> Iterator[PhoneHouse]:
    """Raise it (blocks); all is taken down at the end.

    Args:
        settings: Whose models and exchange are used.
        folder: That is its own.
    """
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(config, "PHONE_SILENT_S", SILENT_S)
        patch.setattr(phones, "LOOK_S", LOOK_S)
        patch.setattr(phones, "KEY_S", 2.0)
        patch.setattr(web_server, "STOP_LIMIT_S", 1)
        changes: Mapping[str, Any] = {"outside": (OUTSIDE,), "trunk": {"wideband": True}}
        stage = stack.enter_context(
            exchange_stage(settings, {NUMBER: CLIENT}, phones=SECRETS, changes=changes)
        )
        home = home_in(folder, settings, ring_s=RING_S)
        ours = stage.settings(home, asterisk_sounds=stage.sounds, caller_calls=0)
        serving = stack.enter_context(ExitStack())
        server = serving.enter_context(running_server(ours))
        server.house.numbers.add(CLIENT, NUMBER)
        operators = tuple(
            server.house.users.add(f"{name}@essai.example", name, "operator", PASSWORD,
                                   clients=("*",)).id
            for name in ("ada", "bea")
        )  # fmt: skip
        made = PhoneHouse(stage, server, operators, serving.close)
        server.house.services = replace(
            server.house.services, transcriber=made.transcriber, voice=VOICE
        )
        yield made


def clip(name: str) -> Samples:
    """A recording, 8 kHz."""
    return read_wav(CALLS / f"{name}.wav", TELEPHONE_RATE_HZ)


def pick_up(operator: Softphone) -> None:
    """Pick up, and hear the first sentence of what it is about (blocks)."""
    operator.wait_for("CALL_INCOMING", RINGS_LIMIT_S)
    operator.answer()
    operator.wait_for("CALL_ESTABLISHED", 5)
    begins = sentences(phones.CALL.format(brand=BRAND, story=""))[0]
    wait_for(lambda: hears_said(operator, begins), 10, "what it is about is heard")


def hears_said(phone: Softphone, sentence: str, spoken_hz: int = TELEPHONE_RATE_HZ) -> bool:
    """Whether what the agent says, at that rate, has come to a telephone, sample for sample.

    Up to 4 kHz: what is above comes to a wideband telephone after two seconds only.
    """
    spoken = asyncio.run(VOICE.speak(speakable(sentence), spoken_hz))
    wanted = resample(spoken, spoken_hz, TELEPHONE_RATE_HZ)
    heard = resample(phone.heard(), phone.rate_hz, TELEPHONE_RATE_HZ)
    return heard_at(heard, wanted)[1] > ALIKE


def both_hear(caller: Softphone, operator: Softphone) -> None:
    """Each says something, and the other hears it (blocks)."""
    from_s = [one.heard().size / one.rate_hz for one in (caller, operator)]
    caller.say(resample(clip(YES), TELEPHONE_RATE_HZ, caller.rate_hz))
    operator.say(clip(THANKS))
    for phone, begins_s, name in zip((caller, operator), from_s, (THANKS, YES), strict=True):
        wait_for(
            lambda phone=phone, begins_s=begins_s, name=name: arrived(  # type: ignore[misc]
                name, phone.heard(begins_s), phone.rate_hz
            ),
            HEARD_LIMIT_S, f"{name} is heard",
        )  # fmt: skip


def arrived(name: str, heard: Samples, rate_hz: int = TELEPHONE_RATE_HZ) -> bool:
    """Whether a recording is in what was heard."""
    return find(clip(name), TELEPHONE_RATE_HZ, heard, rate_hz).arrived
