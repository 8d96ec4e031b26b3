"""Callers of Twilio, Telnyx, Plivo handed over to an operator's telephone, by these carriers."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest

from agent.call.handover import NoOperator, RingRequest
from agent.call.record import Brief
from agent.handoff.desks import Operator
from agent.handoff.switchboard import Switchboard
from agent.settings import Settings, load_settings
from agent.telephony.carriers import control as api_control
from agent.telephony.carriers import meeting, phones
from agent.telephony.carriers.control import Ringing
from agent.telephony.carriers.meeting import CarriedCall, CarrierLeg
from agent.telephony.carriers.passes import Pass, call_id_of
from agent.telephony.carriers.phones import CarrierPhones
from agent.telephony.carriers.twilio import Twilio
from agent.telephony.carriers.webhook import IncomingCall
from agent.telephony.operator_phones import TOO_LATE, PhoneUser
from tests.telephony.carrier_house import SETUP, FakeCarrier, carrier_server, document
from tests.telephony.carrier_operators import (
    ALLOWED,
    Asked,
    FakePhone,
    Scene,
    handing_over,
    room_of,
    tags,
    until,
)

NAMES = ("twilio", "telnyx", "plivo")
every_carrier = pytest.mark.parametrize("name", NAMES)
NOBODY_CAME = "Aucun conseiller n'a pu répondre"
RINGING = ["requested", "ringing"]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has a telephone is looked at all the time, and a talk may be short."""
    monkeypatch.setattr(phones, "LOOK_S", 0.05)
    monkeypatch.setattr(meeting, "MEETING_S", 0.0)


@pytest.fixture
def settings_for(tmp_path: Path) -> Callable[..., Settings]:
    """Settings of a new home in which all three carriers are set up."""
    return lambda **given: load_settings(**{"home": tmp_path, **SETUP, **given})


def conference(name: str) -> str:
    """The element by which a carrier joins people."""
    return "Conference" if name == "plivo" else "Dial"


def says(name: str) -> str:
    """The element with which a carrier speaks."""
    return "Speak" if name == "plivo" else "Say"


def ended(name: str, number: int = 1, *, answered: bool = True) -> tuple[str, str]:
    """What a carrier's API is asked so that an operator's call ends."""
    script = FakeCarrier(name, "").script["operator"]
    call = quote(f"{script['call']}{number}", safe="")
    if name == "twilio":
        return "POST", f"/2010-04-01/Accounts/AC1/Calls/{call}.json"
    if name == "telnyx":
        return "POST", f"/v2/calls/{call}/actions/hangup"
    if answered:
        return "DELETE", f"/v1/Account/MA1/Call/{call}/"
    return "DELETE", f"/v1/Account/MA1/Request/{script['made']['request_uuid']}{number}/"


def asked(one: Asked) -> tuple[str, str]:
    """A request to the API, in short."""
    return one.method, one.path


async def accepted(scene: Scene) -> tuple[FakePhone, str]:
    """An operator takes the call with a key; the caller is sent to them; their next address."""
    phone = await scene.rung()
    joined = await phone.press(await phone.pick_up(), "1")
    sent = await scene.asks()
    assert room_of(sent) == room_of(joined)
    return phone, sent[-1].text or ""


# --- taken --------------------------------------------------------------------------------------


@every_carrier
async def test_an_operator_takes_the_call_and_the_carrier_joins_the_two(
    settings_for: Callable[..., Settings], name: str
) -> None:
    """The story, a key, a conference of both; our stream ends, the call does not; then it ends."""
    async with handing_over(settings_for, name) as scene:
        phone = await scene.rung()
        assert (phone.number, phone.shown) == (ALLOWED[0], "+33199001234")
        story = await phone.pick_up()
        assert tags(story) == ["GetInput" if name == "plivo" else "Gather", "Redirect"]
        assert tags(story[0]) == [says(name)]
        words = story[0][0].text or ""
        assert words.startswith("Un appel de l'assistance Essai. ")
        keys = "Pour le prendre, appuyez sur la touche un. Sinon, sur la touche deux."
        assert words.endswith(keys)
        joined = await phone.press(story, "1")
        assert tags(joined) == [says(name), conference(name), "Hangup"]
        assert len(room_of(joined)) == 32
        sent = await scene.asks()
        assert tags(sent) == [conference(name), "Redirect"]
        assert room_of(sent) == room_of(joined)
        record = scene.house.only_call()
        assert (record.ended_at, record.ended_by, len(scene.house.live)) == (None, None, 1)
        assert (await phone.tell("ended")).status_code == 204
        over = document(await scene.carrier.post(sent[-1].text or ""))
        assert tags(over) == ["Hangup"]
        await scene.hang_up()  # as the carrier does then
        assert scene.house.only_call().ended_by == "operator"
        assert tags(document(await scene.carrier.post(sent[-1].text or ""))) == ["Hangup"]
        states = [*RINGING, "accepted", "connected", "finished"]
        await until(lambda: scene.house.states() == [states])
        assert len(scene.api.made()) == 1
        assert ended(name) not in [asked(one) for one in scene.api.asked]


async def test_carriers_are_asked_as_they_document(settings_for: Callable[..., Settings]) -> None:
    """Each in its own words, by POST, with its own account and application."""
    for name in NAMES:
        at_home = functools.partial(settings_for, home=settings_for().home / name)
        async with handing_over(at_home, name) as s:
            await s.rung()
            made = s.api.made()[0]
        fields = made.fields
        if name == "twilio":
            assert made.path == "/2010-04-01/Accounts/AC1/Calls.json"
            assert made.headers["authorization"] == "Basic QUMxOjEyMzQ1"
            assert (fields["Method"], fields["StatusCallbackMethod"]) == ("POST", "POST")
            assert fields["Timeout"] == "60"
        elif name == "telnyx":
            account = s.carrier.script["webhook"]["AccountSid"]
            assert made.path == f"/v2/texml/Accounts/{account}/Calls"
            assert made.headers["authorization"] == "Bearer key"
            assert fields["ApplicationSid"] == s.carrier.script["webhook"]["ConnectionId"]
            assert (fields["UrlMethod"], fields["StatusCallbackMethod"]) == ("POST", "POST")
            assert fields["StatusCallbackEvent"] == "initiated ringing answered completed"
        else:
            assert made.path == "/v1/Account/MA1/Call/"
            assert (fields["from"], fields["to"]) == ("33199001234", ALLOWED[0][1:])
            assert fields["ring_url"] == fields["hangup_url"] != fields["answer_url"]
            assert fields["ring_timeout"] == 60
        urls = [value for key, value in fields.items() if str(value).startswith("https://")]
        assert all(url.startswith(f"https://sav.example/carriers/{name}/operator/") for url in urls)


@every_carrier
async def test_a_caller_who_loses_the_operator_comes_back_to_the_same_call(
    settings_for: Callable[..., Settings], name: str
) -> None:
    """They are told, another operator is rung for them, and the record is one."""
    async with handing_over(settings_for, name) as scene:
        phone, after = await accepted(scene)
        assert (await phone.tell("lost")).status_code == 204
        answer = await scene.carrier.post(after)
        address = scene.carrier.stream_in(answer)
        async with scene.carrier.stream(address, stream_id="another-stream") as back:
            await until(lambda: back.heard())
            if name != "telnyx":
                streams = {one.get("streamSid") or one.get("streamId") for _, one in back.received}
                assert streams == {"another-stream"}
            await scene.told("J'appelle un autre conseiller")
            assert "la ligne du conseiller a été coupée" in scene.said()
            await scene.rung(1)
            await scene.hang_up(back)
        record = scene.house.only_call()
        assert (record.call_id, record.ended_by, record.anomalies) == (
            call_id_of(name, scene.carrier.script["webhook"][scene.carrier.script["call_field"]]),
            "caller",
            {},
        )
        assert scene.house.states() == [
            [*RINGING, "accepted", "connected", "failed"],
            [*RINGING, "abandoned"],
        ]
        again = ended(name, 2, answered=False)
        await until(lambda: again in [asked(one) for one in scene.api.others()])


@every_carrier
async def test_the_caller_hangs_up_while_they_talk(
    settings_for: Callable[..., Settings], name: str
) -> None:
    """The talk is over: finished, and the operator's call is not left over."""
    async with handing_over(settings_for, name) as scene:
        await accepted(scene)
        await scene.hang_up()
        assert scene.house.only_call().ended_by == "caller"
        assert scene.house.states() == [[*RINGING, "accepted", "connected", "finished"]]
        await until(lambda: ended(name) in [asked(one) for one in scene.api.others()])


# --- not taken ----------------------------------------------------------------------------------


@every_carrier
@pytest.mark.parametrize("how", ["declined", "voicemail", "wrong keys", "hung up"])
async def test_nothing_but_the_key_takes_the_call(
    settings_for: Callable[..., Settings], name: str, how: str
) -> None:
    """The story is told twice at most; the caller is called back."""
    async with handing_over(settings_for, name) as scene:
        phone = await scene.rung()
        story = await phone.pick_up()
        if how == "declined":
            assert tags(await phone.press(story, "2")) == ["Hangup"]
        elif how == "hung up":
            await phone.tell("ended")
        elif how == "voicemail":
            again = await phone.stay_silent(story)
            assert again[0][0].text == story[0][0].text
            assert tags(await phone.stay_silent(again)) == ["Hangup"]
        else:
            assert tags(await phone.press(await phone.press(story, "5"), "#")) == ["Hangup"]
        await scene.told(NOBODY_CAME)
        assert scene.house.states() == [[*RINGING, "ringing", "declined"]]
        assert not scene.stream.closed.is_set()
        assert scene.house.only_call().handoff is not None
        await phone.tell("ended")
        assert len(scene.api.made()) == 1


@every_carrier
@pytest.mark.parametrize("status", ["busy", "no-answer"])
async def test_a_telephone_that_is_not_answered_is_not_waited_for(
    settings_for: Callable[..., Settings], name: str, status: str
) -> None:
    """The carrier tells so; why is kept with the handoff."""
    async with handing_over(settings_for, name) as scene:
        phone = await scene.rung()
        if name != "twilio":
            assert (await phone.tell("ringing")).status_code == 204
        await phone.tell(status)
        await scene.told(NOBODY_CAME)
        (handoff,) = scene.house.handoffs.values()
        assert handoff.state == "declined"
        assert [one.why for one in handoff.history] == ["", "", status, "declined"]


@every_carrier
async def test_nothing_rings_on_for_a_caller_who_has_gone(
    settings_for: Callable[..., Settings], name: str
) -> None:
    """They hang up while it rings: so is the operator's call."""
    async with handing_over(settings_for, name) as scene:
        phone = await scene.rung()
        await until(lambda: "J'appelle un conseiller" in scene.said())
        await scene.hang_up()
        await until(lambda: scene.api.others())
        assert [asked(one) for one in scene.api.others()] == [ended(name, answered=False)]
        assert scene.house.states() == [[*RINGING, "abandoned"]]
        assert tags(await phone.pick_up()) == ["Hangup"]


@every_carrier
async def test_an_api_that_refuses_leaves_a_ticket(
    settings_for: Callable[..., Settings], name: str
) -> None:
    """The caller is told that nobody came, and what was noted."""
    async with handing_over(settings_for, name, refuses=401) as scene:
        await scene.told(NOBODY_CAME)
        assert len(scene.api.made()) == 1
        record = scene.house.only_call()
        assert scene.house.tickets.get(record.handoff.ticket_id).caller_number == "0639981234"


async def test_an_api_that_does_not_answer_leaves_a_ticket(
    settings_for: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not waited for; a call that was made all the same is ended as soon as it is told of."""
    monkeypatch.setattr(api_control, "ANSWER_LIMIT_S", 0.2)
    async with handing_over(settings_for, "telnyx", delay_s=1.0) as scene:
        phone = await scene.rung()
        await scene.told(NOBODY_CAME)
        await phone.tell("ringing")
        await until(lambda: scene.api.others())
        assert [asked(one) for one in scene.api.others()] == [ended("telnyx")]
        assert tags(await phone.pick_up()) == ["Hangup"]


@every_carrier
async def test_a_number_that_is_not_allowed_is_never_dialled(
    settings_for: Callable[..., Settings], name: str
) -> None:
    """Its operator is not there for such a caller: the request is kept at once."""
    async with handing_over(settings_for, name, phones=("+33199001299",)) as scene:
        await until(lambda: scene.house.only_call().handoff is not None)
        await scene.told("un conseiller vous rappelle")
        assert not scene.house.switchboard.reachable("essai", name)
        assert (scene.api.asked, scene.house.states()) == ([], [])


# --- several ------------------------------------------------------------------------------------


@every_carrier
async def test_of_two_who_are_rung_one_takes_the_call(
    settings_for: Callable[..., Settings], name: str
) -> None:
    """The other is hung up, and what they press then takes nothing."""
    async with handing_over(settings_for, name, phones=ALLOWED[:2]) as scene:
        first, second = await scene.rung(0), await scene.rung(1)
        assert {first.number, second.number} == set(ALLOWED[:2])
        story = await second.pick_up()
        joined = await first.press(await first.pick_up(), "1")
        assert room_of(joined)
        await until(lambda: ended(name, 2) in [asked(one) for one in scene.api.others()])
        assert tags(await second.press(story, "1")) == ["Hangup"]
        await second.tell("ended")
        assert room_of(await scene.asks()) == room_of(joined)
        assert scene.house.states() == [[*RINGING, "accepted", "connected"]]


async def test_no_more_than_so_many_are_rung_together(
    settings_for: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next one is once another has declined."""
    monkeypatch.setattr(phones, "MOST_TOGETHER", 2)
    async with handing_over(settings_for, "plivo", phones=ALLOWED) as scene:
        first, second = await scene.rung(0), await scene.rung(1)
        story = await first.pick_up()
        assert len(scene.api.made()) == 2
        await first.press(story, "2")
        third = await scene.rung(2)
        assert {first.number, second.number, third.number} == set(ALLOWED)


async def test_a_colleague_was_faster(settings_for: Callable[..., Settings]) -> None:
    """Who presses 1 for a call that rings no more is told so, and hung up."""
    async with handing_over(settings_for, "twilio") as scene:
        phone = await scene.rung()
        story = await phone.pick_up()
        (transfer,) = scene.house.switchboard.transfers()
        transfer.rung.clear()
        late = await phone.press(story, "1")
        assert (tags(late), late[0].text) == (["Say", "Hangup"], TOO_LATE)


# --- who may say what ---------------------------------------------------------------------------


@every_carrier
async def test_each_address_serves_one_purpose_of_one_call_once(
    settings_for: Callable[..., Settings], name: str
) -> None:
    """Replayed, of another call or carrier, guessed: it changes nothing, and is hung up."""
    async with handing_over(settings_for, name) as scene:
        phone = await scene.rung()
        story = await phone.pick_up()
        url = phone.answer_url
        other = FakeCarrier("plivo" if name == "twilio" else "twilio", scene.carrier.url)
        swapped = story[0].attrib["action"].replace(f"/{name}/", f"/{other.name}/")
        true = phone.call
        refused = [
            await phone.post(url),
            await scene.carrier.post(f"{url[:-1]}_"),
            await other.post(swapped, {"CallSid": true, "CallUUID": true, "Digits": "1"}),
        ]
        phone.call = "another"
        refused += [await phone.pressed(story, "1"), await phone.tell("busy")]
        phone.call = true
        assert (await scene.carrier.post(phone.status_url, {}, {})).status_code == 403
        joined = await phone.press(story, "1")
        assert room_of(joined)
        refused.append(await phone.pressed(story, "1"))
        assert [tags(document(one)) for one in refused] == [["Hangup"]] * 6
        sent = await scene.asks()
        again = document(await scene.carrier.post("after"))
        assert room_of(again) == room_of(sent)  # our answer was lost on its way: the same
        assert scene.house.states() == [[*RINGING, "accepted", "connected"]]


# --- what carriers do not do by themselves ------------------------------------------------------


@every_carrier
async def test_a_caller_who_is_alone_in_a_conference_is_fetched(
    settings_for: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The operator hung up as the caller came: they are not said goodbye to, but brought back."""
    monkeypatch.setattr(meeting, "MEETING_S", 60.0)
    monkeypatch.setattr(meeting, "BACK_S", 3.0)
    async with handing_over(settings_for, name) as scene:
        phone, _ = await accepted(scene)
        await phone.tell("ended")
        await until(lambda: scene.api.others())
        (fetched,) = scene.api.others()
        call = quote(scene.carrier.script["webhook"][scene.carrier.script["call_field"]], safe="")
        after = f"https://sav.example/carriers/{name}/after"
        if name == "twilio":
            assert asked(fetched) == ("POST", f"/2010-04-01/Accounts/AC1/Calls/{call}.json")
        elif name == "telnyx":
            account = scene.carrier.script["webhook"]["AccountSid"]
            assert asked(fetched) == ("POST", f"/v2/texml/Accounts/{account}/Calls/{call}")
        else:
            assert asked(fetched) == ("POST", f"/v1/Account/MA1/Call/{call}/")
        assert fetched.fields.get("Url", fetched.fields.get("aleg_url")) == after
        address = scene.carrier.stream_in(await scene.carrier.post("after"))
        async with scene.carrier.stream(address) as back:
            await scene.told("J'appelle un autre conseiller")
            await scene.hang_up(back)
        assert scene.house.states()[0] == [*RINGING, "accepted", "connected", "failed"]


async def test_a_carrier_need_not_tell_that_a_caller_is_hung_up(
    settings_for: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number may have no status address: after a while the call is over all the same."""
    monkeypatch.setattr(meeting, "GONE_S", 0.3)
    async with handing_over(settings_for, "plivo") as scene:
        phone, after = await accepted(scene)
        await phone.tell("ended")
        assert tags(document(await scene.carrier.post(after))) == ["Hangup"]
        await until(lambda: len(scene.house.live) == 0)
        assert scene.house.only_call().ended_by == "operator"


async def test_an_end_that_is_not_told_is_a_loss(
    settings_for: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The caller has left the conference and nothing is heard of the operator: hung up, back."""
    monkeypatch.setattr(meeting, "ENDED_S", 0.1)
    async with handing_over(settings_for, "plivo") as scene:
        _, after = await accepted(scene)
        address = scene.carrier.stream_in(await scene.carrier.post(after))
        async with scene.carrier.stream(address) as back:
            await scene.told("J'appelle un autre conseiller")
            await scene.hang_up(back)
        assert ended("plivo") in [asked(one) for one in scene.api.others()]


async def test_an_operator_waits_for_no_caller_for_ever(
    settings_for: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The carrier never asks what follows for the caller: both calls end, the record is kept."""
    monkeypatch.setattr(meeting, "JOIN_S", 0.2)
    monkeypatch.setattr(meeting, "BACK_S", 0.2)
    async with handing_over(settings_for, "telnyx") as scene:
        phone = await scene.rung()
        await phone.press(await phone.pick_up(), "1")
        await until(lambda: len(scene.house.live) == 0)
        assert scene.house.states() == [[*RINGING, "accepted", "connected", "abandoned"]]
        cut, fetched = [asked(one) for one in scene.api.others()]
        assert (cut, fetched[1].startswith("/v2/texml/")) == (ended("telnyx"), True)


async def test_a_call_without_a_name_is_ended_once_it_has_one(
    settings_for: Callable[..., Settings],
) -> None:
    """Telnyx may not say in its answer which call it has made: its first webhook does."""
    async with handing_over(settings_for, "telnyx", names=False) as scene:
        phone = await scene.rung()
        await scene.hang_up()
        assert scene.api.others() == []
        await phone.tell("ringing")
        await until(lambda: scene.api.others())
        assert [asked(one) for one in scene.api.others()] == [ended("telnyx")]


async def test_a_restart_cuts_nobody(settings_for: Callable[..., Settings]) -> None:
    """A new process knows nothing of the two: it asks the carrier for nothing, and is no dead end
    for a caller who is alone then."""
    async with handing_over(settings_for, "twilio") as scene:
        phone, after = await accepted(scene)
        with carrier_server(settings_for()) as (_, url):
            anew = FakeCarrier("twilio", url)
            for what in ("after", after):
                assert tags(document(await anew.post(what))) == ["Say", "Hangup"]
            assert tags(document(await anew.post(phone.status_url))) == ["Hangup"]
        assert scene.api.others() == []


class NotingControl:
    """Rings what it is told to, and says so."""

    def __init__(self) -> None:
        self.rung: list[Ringing] = []

    async def ring(self, ringing: Ringing) -> str:
        """Note it."""
        self.rung.append(ringing)
        return "CA1"


@pytest.mark.parametrize(("pages", "rings_on"), [(0, False), (1, True)])
async def test_a_page_rings_on_while_the_telephone_is_busy(pages: int, rings_on: bool) -> None:
    """Their telephone is not all that an operator has."""
    board, told, lea = Switchboard(lambda _: None), [], Operator("lea", "Léa")
    ringing: Any = CarrierPhones(
        board, frozenset({"twilio"}), lambda: [PhoneUser(lea, ALLOWED[0])], {}, ALLOWED,
        lambda path: path, lambda _: "",
    )  # fmt: skip
    control: Any = NotingControl()
    granted = Pass("t", "twilio", "CA9", "c-1", "essai", None, "+33199001234", 0.0)
    line: Any = SimpleNamespace()
    ringing.meetings.calls["c-1"] = CarriedCall(line, granted, Twilio.dialect, control)
    running = asyncio.create_task(ringing.run())
    await until(lambda: board.reachable("essai", "twilio"))
    for _ in range(pages):
        board.sign_on(lea)
    brief = Brief("Une panne.", None, None, "Une panne.", "human", (), ())
    transfer = board.ring(RingRequest("essai", "c-1", "T-1", brief, line="twilio"), told.append)
    assert transfer is not None
    await until(lambda: control.rung)
    token = control.rung[0].status_url.rpartition("/")[2]
    assert ringing.told("twilio", token, IncomingCall("CA1", "", None, "busy")) == ""
    assert (transfer.rung == {"lea"}) is rings_on
    assert (told == [NoOperator("declined")]) is not rings_on
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert board.reachable("essai", "twilio") is rings_on  # by the page alone


@pytest.mark.parametrize(("sent", "cut"), [(True, 0), (False, 1)])
async def test_a_stop_of_the_process_does_not_cut_two_who_talk(sent: bool, cut: int) -> None:
    """Whoever still waits is hung up."""
    hung_up: list[CarrierLeg] = []
    call: Any = CarriedCall(*[SimpleNamespace()] * 4)  # type: ignore[arg-type]
    leg = CarrierLeg(SimpleNamespace(), "lea", call, SimpleNamespace(), hung_up.append, _never)  # type: ignore[arg-type]
    if sent:
        leg.sent.set()

    class Session:
        """A call that gives its operator up when it is torn down."""

        async def run(self) -> None:
            try:
                await asyncio.Event().wait()
            finally:
                leg.close("caller")

    running = asyncio.create_task(call.run(Session()))
    await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert len(hung_up) == cut


async def _never(_: CarrierLeg) -> bool:
    return False
