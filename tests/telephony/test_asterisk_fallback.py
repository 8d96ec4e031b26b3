"""Whoever is with the exchange's fallback stays there: real calls, a real Asterisk.

The agent's recogniser and voice are stand-ins; how its process ends, and all telephones, are real.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from agent.audio import TELEPHONE_RATE_HZ, Samples, read_wav, write_wav
from agent.demo import CLIENT
from agent.settings import Settings
from evals.exchange_agent import heard_at
from evals.exchange_stage import PHONES
from evals.sip_calls import clip
from evals.sip_ground import DIALLED, Ground, ground
from evals.softphone import Softphone, softphone

pytestmark = [pytest.mark.timeout(600), pytest.mark.alone]

SECRETS = {"101": "telephone-101", "102": "telephone-102"}
LIMIT_S, ALIKE = 40.0, 0.8
BEGINS_S, SAID_S = 2.0, 3.0
"""Of a sentence, by which it is recognised; and all that the exchange says of it here."""


@pytest.fixture(scope="module")
def alone(exchange_settings: Settings) -> Iterator[Ground]:
    """An exchange that can ring nobody, and its agent, not yet started."""
    with ground(exchange_settings, max_calls=4, start=False) as raised:
        shorten(raised)
        yield raised


@pytest.fixture(scope="module")
def with_people(exchange_settings: Settings) -> Iterator[Ground]:
    """An exchange that rings two telephones while there is no agent."""
    changes = {"fallback": {CLIENT: {"phones": list(SECRETS)}}}
    with ground(
        exchange_settings, max_calls=4, start=False, phones=SECRETS, changes=changes
    ) as raised:
        shorten(raised)
        yield raised


def shorten(raised: Ground) -> None:
    """Nobody waits for the rest of what the exchange says."""
    for file in (raised.stage.sounds / CLIENT).glob("*.wav"):
        begun = read_wav(file, TELEPHONE_RATE_HZ)[: int(SAID_S * TELEPHONE_RATE_HZ)]
        write_wav(file, TELEPHONE_RATE_HZ, begun)
        file.chmod(0o644)


def until(what: Callable[[], object], name: str) -> None:
    """Wait for something; fails if it does not come."""
    end = time.monotonic() + LIMIT_S
    while not what():
        assert time.monotonic() < end, f"{name}: it does not come"
        time.sleep(0.2)


def sentence(raised: Ground, name: str) -> Samples:
    """The beginning of one that the exchange says."""
    file = raised.stage.sounds / CLIENT / f"{name}.wav"
    return read_wav(file, TELEPHONE_RATE_HZ)[: int(BEGINS_S * TELEPHONE_RATE_HZ)]


def hears(phone: Softphone, sound: Samples) -> bool:
    """Whether a sound has come to a telephone."""
    return heard_at(phone.heard(), sound)[1] > ALIKE


def taken(raised: Ground, phone: Softphone) -> None:
    """Ring, and be greeted by the agent."""
    phone.dial(DIALLED)
    phone.wait_for("CALL_ESTABLISHED", 5)
    until(lambda: np.abs(phone.heard()).max(initial=0) > 1000, "the greeting")
    assert not hears(phone, sentence(raised, "message"))


def leave_message(raised: Ground, phone: Softphone) -> None:
    """Hear what to do, speak for a while without being cut off, hang up."""
    until(lambda: hears(phone, sentence(raised, "message")), "the recording")
    time.sleep(SAID_S + 0.5)
    phone.say(clip("demo-1-code.wav"))
    time.sleep(3.0)
    assert not phone.happened("CALL_CLOSED")
    phone.hang_up()


def message_files(raised: Ground, number: str) -> list[int]:
    """Sizes of the messages of a caller."""
    international = f"+33{number[1:]}"
    return [
        one.stat().st_size
        for one in raised.stage.messages.glob("*.wav")
        if number in one.name or international in one.name
    ]


def ended_by(raised: Ground, number: str) -> str | None:
    """By whom a caller's call with the agent ended, as it was kept."""
    return next(
        one.ended_by for one in raised.records()
        if one.caller_number == number and one.outcome != "message"
    )  # fmt: skip


def test_agent_that_is_stopped_cuts_nobody(alone: Ground) -> None:
    """SIGTERM: while it closes, the exchange has the caller already."""
    alone.agent.start()
    with softphone(alone.stage.sip_port, "0639981301") as phone, ThreadPoolExecutor(1) as threads:
        taken(alone, phone)
        stopping = threads.submit(alone.agent.stop)
        leave_message(alone, phone)
        stopping.result()
    assert ended_by(alone, "0639981301") != "caller"
    until(lambda: message_files(alone, "0639981301"), "the message")


def test_agent_that_comes_to_itself_cuts_nobody(alone: Ground) -> None:
    """It was frozen, its callers were taken back; what it finds then is not hung up."""
    alone.agent.start()
    try:
        with softphone(alone.stage.sip_port, "0639981302") as phone:
            taken(alone, phone)
            alone.agent.freeze()
            until(lambda: hears(phone, sentence(alone, "message")), "the recording")
            alone.agent.thaw()
            leave_message(alone, phone)
        assert ended_by(alone, "0639981302") == "error"
    finally:
        alone.agent.stop()


def test_voicemail_neither_takes_the_call_nor_silences_the_others(with_people: Ground) -> None:
    """One answers, presses nothing and hangs up; the other takes the call with a key."""
    stage = with_people.stage
    with (
        softphone(stage.sip_port, "101", password=SECRETS["101"], address=PHONES) as voicemail,
        softphone(stage.sip_port, "102", password=SECRETS["102"], address=PHONES) as person,
        softphone(stage.sip_port, "0639981303") as phone,
    ):
        phone.dial(DIALLED)
        voicemail.wait_for("CALL_INCOMING", 15)
        voicemail.answer()
        voicemail.wait_for("CALL_ESTABLISHED", 5)
        until(lambda: hears(voicemail, sentence(with_people, "screen")), "what is asked")
        voicemail.hang_up()
        person.wait_for("CALL_INCOMING", 5)
        assert not person.happened("CALL_CLOSED")
        person.answer()
        until(lambda: hears(person, sentence(with_people, "screen")), "what is asked")
        person.press("1")
        time.sleep(1.0)
        phone.say(clip("demo-1-code.wav"))
        said = clip("demo-1-code.wav")[: int(BEGINS_S * TELEPHONE_RATE_HZ)]
        until(lambda: heard_at(person.heard(), said)[1] > ALIKE, "the caller is heard")
        assert not phone.happened("CALL_CLOSED")
        phone.hang_up()
    assert not message_files(with_people, "0639981303")


def test_who_is_answered_by_nobody_leaves_a_message(with_people: Ground) -> None:
    """All that answers hangs up without a key: the caller is told, and asked for a message."""
    stage = with_people.stage
    with (
        softphone(stage.sip_port, "101", password=SECRETS["101"], address=PHONES) as voicemail,
        softphone(stage.sip_port, "0639981304") as phone,
    ):
        phone.dial(DIALLED)
        voicemail.wait_for("CALL_INCOMING", 15)
        voicemail.answer()
        until(lambda: hears(voicemail, sentence(with_people, "screen")), "what is asked")
        voicemail.hang_up()
        until(lambda: hears(phone, sentence(with_people, "nobody")), "that nobody could answer")
        until(lambda: message_files(with_people, "0639981304"), "the message")
        assert not phone.happened("CALL_CLOSED")
        phone.hang_up()
