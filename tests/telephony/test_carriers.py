"""Calls of Twilio, Telnyx, Plivo: their documented messages through a real server and pipeline."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import numpy as np
import pytest
from fastapi import FastAPI, Request, Response
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from agent.audio import TELEPHONE_RATE_HZ, read_wav
from agent.call.admission import Admission
from agent.call.guard import Guard, Limits, Rate
from agent.settings import Settings, load_settings
from agent.telephony.carriers.configured import controls_of
from agent.telephony.carriers.control import CarrierApiError, TransferRefusedError
from agent.telephony.carriers.passes import call_id_of
from tests.conftest import CALLS
from tests.telephony.carrier_house import (
    QUIET,
    SETUP,
    FakeCarrier,
    carrier_server,
    document,
)
from tests.web.small_server import small_server
from voices.prompts import greeting

NAMES = ("twilio", "telnyx", "plivo")
every_carrier = pytest.mark.parametrize("name", NAMES)
FALLBACK, ALLOWED, OTHER = "+33199001230", "+33199001231", "+33199001239"


@pytest.fixture
def settings_for(tmp_path: Path) -> Callable[..., Settings]:
    """Settings of a new home in which all three carriers are set up."""
    return lambda **given: load_settings(**{"home": tmp_path, **SETUP, **given})


@pytest.fixture
def served(settings_for: Callable[..., Settings]) -> Iterator[tuple[Any, str]]:
    """A house with two lines and its server."""
    with carrier_server(settings_for()) as (house, url):
        yield house, url


async def until(condition: Callable[[], Any], limit_s: float = 10.0) -> None:
    """Wait for something that the server brings about."""
    deadline = time.monotonic() + limit_s
    while not await asyncio.to_thread(condition):  # another thread brings it about
        if time.monotonic() > deadline:
            raise TimeoutError
        await asyncio.sleep(0.02)


def verbs(answer: httpx.Response) -> list[str]:
    """The elements of a document, in order."""
    return [one.tag for one in document(answer)]


def kept(house: Any, name: str) -> Any:
    """The record of a carrier's call."""
    carrier = FakeCarrier(name, "")
    call = carrier.script["webhook"][carrier.script["call_field"]]
    return house.calls.load(call_id_of(name, call))


def asked_for_a_person(house: Any) -> bool:
    """Whether the call in progress has become a request."""
    return any(call.record.handoff is not None for call in house.live.shown())


@contextmanager
def api() -> Iterator[tuple[list[tuple[str, str, dict[str, str], str]], dict[str, int], str]]:
    """A carrier's API that keeps what it is asked: method, path, headers, body; says 200 or what
    is set for a path's last part."""
    asked: list[tuple[str, str, dict[str, str], str]] = []
    says: dict[str, int] = {}

    def add(app: FastAPI) -> None:
        @app.api_route("/{path:path}", methods=["POST", "DELETE"])
        async def answer(request: Request) -> Response:
            body = (await request.body()).decode()
            path = request.scope["raw_path"].decode()
            asked.append((request.method, path, dict(request.headers), body))
            status = says.get("*", 204 if request.method == "DELETE" else 200)
            return Response(status_code=status)

    with small_server(add) as url:
        yield asked, says, url


# --- a call -------------------------------------------------------------------------------------


@every_carrier
async def test_a_call_is_answered_heard_and_kept(served: tuple[Any, str], name: str) -> None:
    """The greeting comes at the pace of the ear, a key asks for a person, the caller hangs up."""
    house, url = served
    carrier = FakeCarrier(name, url)
    address = await carrier.call()
    async with carrier.stream(address) as stream:
        await until(lambda: len(stream.heard()) > 50)
        await stream.send(carrier.script["dtmf"])
        await until(lambda: asked_for_a_person(house))
        if carrier.script["stop"] is not None:
            await stream.send(carrier.script["stop"])
        else:
            await stream.socket.close()  # Plivo documents no message for it
        await stream.closed.wait()
    await until(lambda: house.only_call().ended_at is not None)
    await until(lambda: len(house.live) == 0)

    record = kept(house, name)
    assert (record.transport, record.client, record.ended_by) == (name, "essai", "caller")
    assert record.caller_number == "0639981234"
    assert record.handoff is not None
    assert house.tickets.get(record.handoff.ticket_id).caller_number == "0639981234"
    assert record.anomalies == {}

    heard = stream.heard()
    assert all(sound.size == 160 for _, sound in heard)
    assert np.sqrt(np.mean(np.concatenate([s for _, s in heard[:50]]).astype(float) ** 2)) > 1000
    ahead = [0.02 * i - (at - heard[0][0]) for i, (at, _) in enumerate(heard[:50])]
    assert max(ahead) < 0.1, "sent faster than it is heard"
    for key, value in carrier.script["sent"].items():
        assert all(one[key] == value for _, one in stream.received if "media" in one)
    assert all("text" not in one for _, one in stream.received), "what is said goes to no carrier"


async def test_who_speaks_over_the_agent_is_listened_to(
    settings_for: Callable[..., Settings],
) -> None:
    """The greeting is not cut; of a reply what was not yet played is cleared, and nothing follows.

    The agent's voice is silent here: while a greeting is heard, echo is looked for first.
    """
    letter_s = 0.03
    with carrier_server(settings_for(), letter_s=letter_s, level=0) as (_, url):
        carrier = FakeCarrier("plivo", url)
        async with carrier.stream(await carrier.call()) as stream:
            await until(lambda: stream.heard())
            await stream.send(carrier.script["dtmf"])
            greeted = int(len(greeting("Essai", recorded=False)) * letter_s / 0.02)
            await until(lambda: len(stream.heard()) > greeted + 15)
            assert carrier.script["clear"] not in stream.others()
            stream.say(read_wav(CALLS / "human.wav", TELEPHONE_RATE_HZ))
            await until(lambda: carrier.script["clear"] in stream.others())
            cleared = next(at for at, one in stream.received if one == carrier.script["clear"])
            await asyncio.sleep(0.3)
            late = [at - cleared for at, _ in stream.heard() if cleared + 0.03 < at < cleared + 0.3]
            assert late == []


async def test_what_the_agent_itself_said_is_not_heard(served: tuple[Any, str]) -> None:
    """A carrier that streams both sides, or chunks that others overtook, interrupt nobody."""
    house, url = served
    carrier = FakeCarrier("telnyx", url)
    async with carrier.stream(await carrier.call()) as stream:
        await until(lambda: len(stream.heard()) > 20)
        voice = read_wav(CALLS / "human.wav", TELEPHONE_RATE_HZ)
        for start in range(0, voice.size - 160, 160):
            await stream.send(stream.media(voice[start : start + 160], track="outbound"))
            await asyncio.sleep(0.005)
        await stream.send(stream.media(QUIET, chunk="3"))
        await asyncio.sleep(0.2)
        assert carrier.script["clear"] not in stream.others()
        await stream.send(carrier.script["stop"])
        await stream.closed.wait()
    await until(lambda: house.only_call().ended_at is not None and len(house.live) == 0)
    assert house.only_call().anomalies == {"late_audio": 1}


@every_carrier
async def test_garbage_is_counted_and_ends_nothing(served: tuple[Any, str], name: str) -> None:
    """No JSON, no object, unknown events, sound that is none, keys that are none, bytes."""
    house, url = served
    carrier = FakeCarrier(name, url)
    media, dtmf = carrier.script["media"], carrier.script["dtmf"]
    garbage = [
        b"\x00\x01", "", "{", "[]", "null", {}, {"event": 5}, {"event": "boo"},
        {"event": "start"}, {"event": "media"}, {"event": "media", "media": []},
        {**media, "media": {"payload": "*"}}, {**media, "media": {"payload": ""}},
        {**media, "media": {"payload": "A" * 24_000}}, {"event": "dtmf"},
        {"event": "dtmf", "dtmf": None}, {**dtmf, "dtmf": {"digit": "x"}},
        {**dtmf, "dtmf": {"digit": {"a": []}}},
    ]  # fmt: skip
    async with carrier.stream(await carrier.call()) as stream:
        await until(lambda: stream.heard())
        for message in garbage:
            await stream.send(message)
        await stream.send(dtmf)
        await until(lambda: asked_for_a_person(house))
        await stream.socket.close()
        await stream.closed.wait()
    await until(lambda: house.only_call().ended_at is not None and len(house.live) == 0)
    assert house.only_call().anomalies == {"garbage": len(garbage)}


async def test_a_stream_of_nothing_but_garbage_is_given_up(served: tuple[Any, str]) -> None:
    """After five hundred messages; the call is kept."""
    house, url = served
    carrier = FakeCarrier("twilio", url)
    async with carrier.stream(await carrier.call()) as stream:
        await until(lambda: stream.heard())
        for _ in range(500):
            await stream.send("{")
        await asyncio.wait_for(stream.closed.wait(), 10)
    await until(lambda: len(house.live) == 0)
    assert house.only_call().anomalies == {"garbage": 500}


# --- who ends it ----------------------------------------------------------------------------------


@every_carrier
async def test_the_agent_hangs_up_once_its_last_words_were_played(
    settings_for: Callable[..., Settings], name: str
) -> None:
    """The carrier tells that all was played, then its API is asked; without one it asks `after`."""
    with api() as (asked, _, address):
        settings = with_api(settings_for, address).model_copy(update={"max_call_s": 0.5})
        with carrier_server(settings, letter_s=0.01) as (house, url):
            carrier = FakeCarrier(name, url)
            async with carrier.stream(await carrier.call()) as stream:
                await asyncio.wait_for(stream.closed.wait(), 20)
                closed = time.monotonic()
            assert carrier.script["mark"] in stream.others()
            assert closed >= stream.plays_until, "the last words were cut off"
            assert house.only_call().ended_by == "limit"
            assert verbs(await carrier.post("after")) == ["Hangup"]
    call = quote(carrier.script["webhook"][carrier.script["call_field"]], safe="")
    ((method, path, headers, body),) = asked
    if name == "twilio":
        assert (method, path) == ("POST", f"/2010-04-01/Accounts/AC1/Calls/{call}.json")
        assert body == "Status=completed"
    elif name == "telnyx":
        assert (method, path) == ("POST", f"/v2/calls/{call}/actions/hangup")
        assert headers["authorization"] == "Bearer key"
    else:
        assert (method, path) == ("DELETE", f"/v1/Account/MA1/Call/{call}/")


@every_carrier
async def test_a_stream_that_breaks_leaves_nobody_in_silence(
    settings_for: Callable[..., Settings], name: str
) -> None:
    """The carrier still holds the caller and asks: words, the fallback number; one record."""
    with carrier_server(settings_for(fallback_number=FALLBACK)) as (house, url):
        carrier = FakeCarrier(name, url)
        async with carrier.stream(await carrier.call()) as stream:
            await until(lambda: stream.heard())
            stream.socket.transport.abort()
        await until(lambda: house.only_call().ended_at is not None and len(house.live) == 0)
        answer = await carrier.post("after")
        assert verbs(answer) == [carrier_says(name), "Dial", "Hangup"]
        assert document(answer).findtext(".//Number") == FALLBACK
        assert "Je vous passe un conseiller" in answer.text
        assert (await carrier.post("voice")).status_code == 403
        assert house.only_call().ended_by == "caller"


def carrier_says(name: str) -> str:
    """The element with which a carrier speaks."""
    return "Speak" if name == "plivo" else "Say"


@every_carrier
async def test_a_call_that_is_over_for_the_carrier_is_over(
    served: tuple[Any, str], name: str
) -> None:
    """It posts so; a status of a call in progress, or of a stranger's, ends nothing."""
    house, url = served
    carrier = FakeCarrier(name, url)
    async with carrier.stream(await carrier.call()) as stream:
        await until(lambda: stream.heard())
        over = carrier.script["completed"]
        for other in (
            {**over, "CallStatus": "in-progress"},
            {**over, carrier.script["call_field"]: "another"},
        ):
            assert (await carrier.post("status", other)).status_code == 204
        await asyncio.sleep(0.1)
        assert len(house.live) == 1
        assert (await carrier.post("status", over)).status_code == 204
        await asyncio.wait_for(stream.closed.wait(), 10)
    await until(lambda: house.only_call().ended_at is not None)
    assert house.only_call().ended_by == "caller"


# --- who is let in --------------------------------------------------------------------------------


@every_carrier
async def test_requests_that_the_carrier_did_not_sign_are_refused(
    served: tuple[Any, str], name: str
) -> None:
    """Unsigned, tampered with, signed for another address, expired, or another carrier's."""
    house, url = served
    carrier = FakeCarrier(name, url)
    good = carrier.signed(f"/carriers/{name}/voice", b"")
    other = FakeCarrier("plivo" if name == "twilio" else "twilio", url)
    body = carrier.script["webhook"]
    wrong_path = carrier.signed(f"/carriers/{name}/status", urlencode(body).encode())
    for headers in ({}, good, other.signed(f"/carriers/{name}/voice", b"")):
        answer = await carrier.post("voice", body, headers)
        assert answer.status_code == 403
        assert "not from" in answer.json()["detail"]
    if name != "telnyx":  # its signature is of no address
        assert (await carrier.post("voice", body, wrong_path)).status_code == 403
    else:
        late = carrier.signed("", urlencode(body).encode(), late_s=400)
        assert (await carrier.post("voice", body, late)).status_code == 403
    for what in ("after", "status", "transfer/token"):
        assert (await carrier.post(what, body, {})).status_code == 403
    large = {**body, "More": "x" * 70_000}
    assert (await carrier.post("voice", large, {})).status_code == 413
    assert house.calls.recent(None) == ()
    assert len(house.live) == 0


@every_carrier
async def test_nothing_that_comes_again_opens_a_second_stream(
    settings_for: Callable[..., Settings], name: str
) -> None:
    """The request, another of the same call, the address of the stream; also after a restart."""
    path = f"/carriers/{name}/voice"
    with carrier_server(settings_for()) as (house, url):
        carrier = FakeCarrier(name, url)
        body = carrier.script["webhook"]
        signed = carrier.signed(path, urlencode(body).encode())
        address = carrier.stream_in(await carrier.post("voice", body, signed))
        again = await carrier.post("voice", body, signed)
        if name == "twilio":  # it signs the same call alike, and asks again if it got no answer
            assert carrier.stream_in(again) == address
        else:
            assert again.status_code == 403
            assert "come before" in again.json()["detail"]
        with pytest.raises(InvalidStatus, match="403"):
            async with connect(address[:-1]):
                pass
        async with carrier.stream(address) as stream:
            await until(lambda: stream.heard())
            with pytest.raises(InvalidStatus, match="403"):
                async with connect(address):
                    pass
            assert (await carrier.post("voice")).status_code == 403
            assert (await carrier.post("voice", body, signed)).status_code == 403
            await stream.socket.close()
        await until(lambda: house.only_call().ended_at is not None and len(house.live) == 0)
    with carrier_server(settings_for()) as (house, carrier.url):
        assert (await carrier.post("voice", body, signed)).status_code == 403
        assert house.only_call().client == "essai"


@every_carrier
async def test_a_stream_must_be_of_the_call_that_was_told(
    served: tuple[Any, str], name: str
) -> None:
    """Another call's start, none, or what is no start: closed, and nothing is kept."""
    house, url = served
    carrier = FakeCarrier(name, url)
    start = json.dumps(carrier.script["opening"][-1])
    call = carrier.script["webhook"][carrier.script["call_field"]]
    for number, first in enumerate((start.replace(call, "CA2"), "{", "[]", '{"event":"media"}')):
        fields = {**carrier.script["webhook"], carrier.script["call_field"]: f"{call}{number}"}
        address = carrier.stream_in(await carrier.post("voice", fields))
        async with connect(address) as socket:
            await socket.send(first)
            with pytest.raises(ConnectionClosed) as closed:
                await asyncio.wait_for(socket.recv(), 5)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1008
    assert house.calls.recent(None) == ()


@every_carrier
async def test_who_is_not_set_up_or_called_is_told_so(
    settings_for: Callable[..., Settings], name: str
) -> None:
    """A number that is no client's is refused; a carrier without its secret is not there."""
    with carrier_server(settings_for()) as (house, url):
        carrier = FakeCarrier(name, url)
        for dialled in ("+33199001299", "", "sip:x@example.org"):
            answer = await carrier.post("voice", {**carrier.script["webhook"], "To": dialled})
            assert verbs(answer) == ["Hangup" if name == "plivo" else "Reject"]
        answer = await carrier.post("voice", {"To": "+33199001234"})
        assert answer.status_code == 400
        assert len(house.calls.recent(None)) == 0
    without = {key: "" for key in SETUP if key.startswith(name)}
    with carrier_server(settings_for(home=settings_for().home / "b", **without)) as (_, url):
        answer = await FakeCarrier(name, url).post("voice")
        assert answer.status_code == 404
        assert f"PERMANENCE_{name.upper()}_" in answer.json()["detail"]
        with pytest.raises(InvalidStatus, match="403"):
            async with connect(f"{url.replace('http', 'ws', 1)}/carriers/{name}/media/token"):
                pass


async def test_a_masked_caller_is_answered(served: tuple[Any, str]) -> None:
    """The record has no number, and the agent asks for one."""
    house, url = served
    carrier = FakeCarrier("twilio", url)
    carrier.script["webhook"]["From"] = "+266696687"
    async with carrier.stream(await carrier.call()) as stream:
        await until(lambda: stream.heard())
        await stream.send(carrier.script["stop"])
        await stream.closed.wait()
    await until(lambda: len(house.live) == 0)
    assert house.only_call().caller_number is None


@pytest.mark.parametrize("fallback", ["", FALLBACK])
async def test_where_all_lines_are_busy_the_caller_is_told(
    settings_for: Callable[..., Settings], fallback: str
) -> None:
    """And passed on where that is set up; also where the last line goes between call and stream."""
    with carrier_server(settings_for(fallback_number=fallback), lines=1) as (house, url):
        carrier = FakeCarrier("twilio", url)
        address = await carrier.call()
        with house.live.admit("another"):
            other = {**carrier.script["webhook"], "CallSid": "CA9"}
            answers = [await carrier.post("voice", other)]
            async with connect(address) as socket:
                await socket.send(json.dumps(carrier.script["opening"][-1]))
                with pytest.raises(ConnectionClosed):
                    await asyncio.wait_for(socket.recv(), 5)
            answers.append(await carrier.post("after"))
        for answer in answers:
            assert verbs(answer) == (["Say", "Dial", "Hangup"] if fallback else ["Say", "Hangup"])
            assert document(answer).findtext(".//Number") == (fallback or None)
            assert "Toutes nos lignes sont occupées" in answer.text
        assert house.calls.recent(None) == ()
        assert carrier.stream_in(await carrier.post("voice", other))


async def test_who_rings_too_often_is_passed_on_to_nobody(
    settings_for: Callable[..., Settings],
) -> None:
    """The second call within the time is not taken, nor is the fallback number rung for it."""
    with carrier_server(settings_for(fallback_number=FALLBACK)) as (house, url):
        house.admission = Admission(house.live, Guard(Limits(caller=Rate(1, 600))))
        carrier = FakeCarrier("twilio", url)
        async with carrier.stream(await carrier.call()) as stream:
            await until(lambda: stream.heard())
            await stream.send(carrier.script["stop"])
            await stream.closed.wait()
        again = {**carrier.script["webhook"], "CallSid": "CA9"}
        address = carrier.stream_in(await carrier.post("voice", again))
        start = json.dumps(carrier.script["opening"][-1])
        async with connect(address) as socket:
            await socket.send(start.replace(carrier.script["webhook"]["CallSid"], "CA9"))
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(socket.recv(), 5)
        assert verbs(await carrier.post("after", again)) == ["Say", "Hangup"]
        assert len(house.calls.recent(None)) == 1


# --- passing callers on ---------------------------------------------------------------------------


def with_api(settings_for: Callable[..., Settings], address: str) -> Settings:
    """Settings of carriers whose API is at that address."""
    keys = {"twilio_account_sid": "AC1", "telnyx_api_key": "key", "plivo_auth_id": "MA1"}
    urls = {f"{one}_api_url": address for one in NAMES}
    return settings_for(**keys, **urls, transfer_numbers=f"{ALLOWED}, {FALLBACK}")


async def test_twilio_passes_a_caller_on(settings_for: Callable[..., Settings]) -> None:
    """Other TwiML for the call in progress, with the account's own credentials."""
    with api() as (asked, _, address):
        control = controls_of(with_api(settings_for, address), lambda *_: "")["twilio"]
        await control.transfer("CA1/../x", "01 99 00 12 31")
        await control.close()
    ((method, path, headers, body),) = asked
    assert (method, path) == ("POST", "/2010-04-01/Accounts/AC1/Calls/CA1%2F..%2Fx.json")
    assert headers["authorization"] == "Basic QUMxOjEyMzQ1"
    document_sent = httpx.QueryParams(body)["Twiml"]
    dial = '<Dial timeout="40"><Number>+33199001231</Number></Dial>'
    assert document_sent.endswith(f"<Response>{dial}</Response>")


async def test_telnyx_passes_a_caller_on(settings_for: Callable[..., Settings]) -> None:
    """By the command of Call Control."""
    with api() as (asked, _, address):
        control = controls_of(with_api(settings_for, address), lambda *_: "")["telnyx"]
        await control.transfer("v3:abc", ALLOWED)
        await control.close()
    ((method, path, headers, body),) = asked
    assert (method, path) == ("POST", "/v2/calls/v3%3Aabc/actions/transfer")
    assert headers["authorization"] == "Bearer key"
    assert json.loads(body) == {"to": ALLOWED}


async def test_plivo_passes_a_caller_on(settings_for: Callable[..., Settings]) -> None:
    """It is sent to an address of ours, which answers with the number once, for that call only."""
    with (
        api() as (asked, _, address),
        carrier_server(with_api(settings_for, address)) as (house, url),
    ):
        carrier = FakeCarrier("plivo", url)
        call = carrier.script["webhook"]["CallUUID"]
        control = house.door.controls["plivo"]
        for _ in range(2):
            await control.transfer(call, ALLOWED)
        await control.close()
        bodies = [json.loads(body) for *_, body in asked]
        first, second = (body["aleg_url"].rpartition("/carriers/plivo/")[2] for body in bodies)
        answer = await carrier.post(first)
        assert verbs(answer) == ["Dial"]
        assert document(answer).findtext(".//Number") == ALLOWED
        assert (await carrier.post(first)).status_code == 403
        other = {**carrier.script["webhook"], "CallUUID": "another"}
        assert (await carrier.post(second, other)).status_code == 403
    method, path, headers, _ = asked[0]
    assert (method, path) == ("POST", f"/v1/Account/MA1/Call/{call}/")
    assert headers["authorization"] == "Basic TUExOjEyMzQ1"
    assert (bodies[0]["legs"], bodies[0]["aleg_method"]) == ("aleg", "POST")


@every_carrier
async def test_callers_reach_allowed_numbers_only(
    settings_for: Callable[..., Settings], name: str
) -> None:
    """For another, or what is none, the carrier is not even asked; its refusals are errors."""
    with api() as (asked, says, address):
        control = controls_of(with_api(settings_for, address), lambda *_: "")[name]
        for number in (OTHER, "0899700000", "3639", "500&PJSIP/x", "", f"{ALLOWED};phone"):
            with pytest.raises(TransferRefusedError):
                await control.transfer("CA1", number)
        assert asked == []
        for status in (401, 404, 500):
            says["*"] = status
            with pytest.raises(CarrierApiError, match=f"statut {status}"):
                await control.transfer("CA1", ALLOWED)
        says["*"] = 404
        await control.hang_up("CA1")  # it is over: no error
        says["*"] = 401
        with pytest.raises(CarrierApiError, match="statut 401"):
            await control.hang_up("CA1")
        await control.close()
