"""What carriers sign, post and are answered: their own published signatures, exact documents."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pipecat.frames.frames import EndFrame, InterruptionFrame

from agent.errors import SettingsError
from agent.settings import load_settings
from agent.telephony.carriers.configured import carriers_of, controls_of
from agent.telephony.carriers.passes import PASS_S, Passes, Remembered, call_id_of
from agent.telephony.carriers.plivo import Plivo
from agent.telephony.carriers.stream_protocol import check_sound, is_of_agent, read
from agent.telephony.carriers.telnyx import TOLERANCE_S, Telnyx
from agent.telephony.carriers.twilio import Twilio
from agent.telephony.carriers.webhook import (
    ForgedError,
    IncomingCall,
    MalformedError,
    Webhook,
    caller_number,
    is_over,
    was_ended,
)
from agent.telephony.media_protocol import GarbageError

DATA = Path(__file__).parents[1] / "data" / "carriers"
SIGNED = json.loads((DATA / "signatures.json").read_text("utf-8"))
URL = "https://sav.example/carriers/twilio/voice"
CALL = IncomingCall("CA1", "+33199001234", None, "ringing")


def form(fields: Any) -> bytes:
    """Fields as they are posted."""
    return urlencode([tuple(field) for field in fields]).encode()


# --- Twilio -----------------------------------------------------------------------------------


@pytest.mark.parametrize("case", SIGNED["twilio"]["signed"])
def test_twilios_own_signatures_are_taken(case: dict[str, str]) -> None:
    """With and without the port of http and https, and one that the address does not show."""
    known = SIGNED["twilio"]
    hook = Webhook(case["url"], {"x-twilio-signature": case["signature"]}, form(known["fields"]))
    assert Twilio(known["auth_token"]).verify(hook, 0) == ""


def test_twilio_signs_repeated_fields_in_order() -> None:
    """Sorted by value, each once."""
    known = SIGNED["twilio"]
    headers = {"x-twilio-signature": known["repeated_signature"]}
    for fields in (known["repeated_fields"], [*known["repeated_fields"], ["Digits", "1234"]]):
        hook = Webhook(known["url"], headers, form(fields))
        assert Twilio(known["auth_token"]).verify(hook, 0) == ""


def test_what_twilio_has_not_signed_is_forged() -> None:
    """Another field, value, address, key or signature; and none at all."""
    known = SIGNED["twilio"]
    fields, headers = known["fields"], {"x-twilio-signature": known["signed"][0]["signature"]}
    twilio, other = Twilio(known["auth_token"]), Twilio("12346")
    good = form(fields)
    for carrier, hook in (
        (twilio, Webhook(known["url"], headers, form([*fields, ["More", "1"]]))),
        (twilio, Webhook(known["url"], headers, good.replace(b"1234&", b"1235&"))),
        (twilio, Webhook(known["url"] + "&baz=3", headers, good)),
        (twilio, Webhook(known["url"], {"x-twilio-signature": "é"}, good)),
        (twilio, Webhook(known["url"], {"x-twilio-signature": ""}, good)),
        (twilio, Webhook(known["url"], {}, good)),
        (other, Webhook(known["url"], headers, good)),
    ):
        with pytest.raises(ForgedError):
            carrier.verify(hook, 0)


# --- Telnyx -----------------------------------------------------------------------------------


def telnyx() -> tuple[Telnyx, Ed25519PrivateKey]:
    """Telnyx with the keys of RFC 8032's first test, which belong together."""
    known = SIGNED["telnyx"]
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(known["secret_key_hex"]))
    public = bytes.fromhex(known["public_key_hex"])
    assert key.public_key().public_bytes_raw() == public
    return Telnyx(base64.b64encode(public).decode()), key


def sent(key: Ed25519PrivateKey, body: bytes, timestamp: str) -> Webhook:
    """A request that Telnyx signs: `timestamp|body`."""
    signature = base64.b64encode(key.sign(timestamp.encode() + b"|" + body)).decode()
    headers = {"telnyx-timestamp": timestamp, "telnyx-signature-ed25519": signature}
    return Webhook(URL, headers, body)


def test_telnyx_is_believed_for_five_minutes() -> None:
    """Before and after its time; and what it signed is recognised when it comes again."""
    carrier, key = telnyx()
    known = SIGNED["telnyx"]
    body, timestamp = known["body"].encode(), known["timestamp"]
    hook = sent(key, body, timestamp)
    once = {carrier.verify(hook, int(timestamp) + late) for late in (-TOLERANCE_S, 0, TOLERANCE_S)}
    assert once == {hook.headers["telnyx-signature-ed25519"]}
    assert carrier.verify(sent(key, body, str(int(timestamp) + 1)), int(timestamp)) not in once
    for late in (-TOLERANCE_S - 1, TOLERANCE_S + 1):
        with pytest.raises(ForgedError, match="301 s ago"):
            carrier.verify(hook, int(timestamp) + late)


def test_what_telnyx_has_not_signed_is_forged() -> None:
    """Another body, time, key or signature, in base64 or not."""
    carrier, key = telnyx()
    known = SIGNED["telnyx"]
    body, timestamp = known["body"].encode(), known["timestamp"]
    good = dict(sent(key, body, timestamp).headers)
    signature = good["telnyx-signature-ed25519"]
    hooks = [
        Webhook(URL, good, body + b"&More=1"),
        Webhook(URL, good, body.replace(b"%2B131", b"%2B132")),
        Webhook(URL, {**good, "telnyx-timestamp": str(int(timestamp) + 1)}, body),
        sent(Ed25519PrivateKey.generate(), body, timestamp),
        sent(key, body, "soon"),
        Webhook(URL, {**good, "telnyx-signature-ed25519": signature[:-4]}, body),
        Webhook(URL, {**good, "telnyx-signature-ed25519": f" {signature}"}, body),
        Webhook(URL, {"telnyx-timestamp": timestamp}, body),
        Webhook(URL, {"telnyx-signature-ed25519": signature}, body),
    ]
    for hook in hooks:
        with pytest.raises(ForgedError):
            carrier.verify(hook, int(timestamp))


@pytest.mark.parametrize("key", ["nonsense", "A" * 43, base64.b64encode(b"short").decode()])
def test_a_public_key_must_be_one(key: str) -> None:
    """It is said where to copy it."""
    with pytest.raises(ValueError, match="Telnyx portal"):
        Telnyx(key)


# --- Plivo ------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", SIGNED["plivo"]["signed"])
def test_plivos_own_signatures_are_taken(case: dict[str, str]) -> None:
    """With a query and without, by either account's token, among others; its nonce is told."""
    known = SIGNED["plivo"]
    nonce = {"x-plivo-signature-v3-nonce": known["nonce"]}
    for headers in (
        {"x-plivo-signature-v3": case["signature"]},
        {"x-plivo-signature-ma-v3": case["signature"], "x-plivo-signature-v3": "other"},
        {"x-plivo-signature-v3": f"other,{case['signature']}"},
    ):
        hook = Webhook(case["url"], {**nonce, **headers}, form(known["fields"]))
        assert Plivo(known["auth_token"]).verify(hook, 0) == known["nonce"]


def test_what_plivo_has_not_signed_is_forged() -> None:
    """Another field, address, nonce, key or signature; and none at all."""
    known = SIGNED["plivo"]
    url, signature = known["signed"][1].values()
    nonce, good = known["nonce"], form(known["fields"])
    headers = {"x-plivo-signature-v3-nonce": nonce, "x-plivo-signature-v3": signature}
    plivo, other = Plivo(known["auth_token"]), Plivo("another")
    for carrier, hook in (
        (plivo, Webhook(url, headers, good + b"&More=1")),
        (plivo, Webhook(url, headers, good.replace(b"19792014278", b"19792014279"))),
        (plivo, Webhook(url + "/", headers, good)),
        (plivo, Webhook(url + "?a=b", headers, good)),
        (plivo, Webhook(url, {**headers, "x-plivo-signature-v3-nonce": nonce + "1"}, good)),
        (plivo, Webhook(url, {**headers, "x-plivo-signature-v3": ","}, good)),
        (plivo, Webhook(url, {"x-plivo-signature-v3": signature}, good)),
        (plivo, Webhook(url, {"x-plivo-signature-v3-nonce": nonce}, good)),
        (other, Webhook(url, headers, good)),
    ):
        with pytest.raises(ForgedError):
            carrier.verify(hook, 0)


# --- forms, numbers, documents ------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"", b"To=1", b"CallSid=&To=1", b"CallSid=" + b"x" * 201])
def test_a_form_without_a_call_is_malformed(body: bytes) -> None:
    """No name, an empty one, one too long."""
    with pytest.raises(MalformedError, match="CallSid is missing"):
        Twilio("t").incoming(Webhook(URL, {}, body))


@pytest.mark.parametrize("body", [b"\xff\xfe", b"&".join([b"a=1"] * 201)])
def test_what_is_no_form_is_malformed(body: bytes) -> None:
    """No UTF-8, or more fields than a carrier has."""
    with pytest.raises(MalformedError, match="no form"):
        Twilio("t").incoming(Webhook(URL, {}, body))


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("+33639981234", "0639981234"),
        ("33639981234", "0639981234"),
        ("0639981234", "0639981234"),
        ("+15005550006", "+15005550006"),
        ("15005550006", "+15005550006"),
        ("", None),
        ("anonymous", None),
        ("Restricted", None),
        ("+266696687", None),
        ("266696687", None),
        ("+7378742833", None),
        ("sip:quelquun@example.org", None),
        ("+33639981234;x", None),
        ("+" + "1" * 16, None),
    ],
)
def test_a_callers_number_is_kept_or_masked(written: str, kept: str | None) -> None:
    """As the three carriers write it; words and keys that mean « masked » are none."""
    assert caller_number(written) == kept


def test_a_call_is_over_however_it_ended() -> None:
    """Answered, busy, failed, given up; in progress it is not."""
    known = ("queued", "ringing", "in-progress", "completed", "Busy", "failed", "no-answer", "")
    over = [one for one in known if is_over(IncomingCall("1", "", None, one))]
    assert over == ["completed", "Busy", "failed", "no-answer"]


XML = '<?xml version="1.0" encoding="UTF-8"?>'
DIAL = '<Dial timeout="40"><Number>+33199001230</Number></Dial>'


def test_documents_are_in_the_carriers_words() -> None:
    """A stream, then what to ask once it has ended; a sentence and a number; refusals."""
    public = base64.b64encode(bytes.fromhex(SIGNED["telnyx"]["public_key_hex"])).decode()
    after = '<Redirect method="POST">https://a/?b=1&amp;c=2</Redirect>'
    for carrier, stream, say, reject in (
        (
            Twilio("t"),
            '<Connect><Stream url="wss://a/b" /></Connect>',
            "Say",
            '<Reject reason="rejected" />',
        ),
        (
            Telnyx(public),
            '<Connect><Stream url="wss://a/b" track="inbound_track" codec="PCMA"'
            ' bidirectionalMode="rtp" bidirectionalCodec="PCMA" /></Connect>',
            "Say",
            '<Reject reason="rejected" />',
        ),
        (
            Plivo("t"),
            '<Stream bidirectional="true" keepCallAlive="true" audioTrack="inbound"'
            ' contentType="audio/x-mulaw;rate=8000">wss://a/b</Stream>',
            "Speak",
            '<Hangup reason="rejected" />',
        ),
    ):
        words = carrier.dialect
        streamed = words.streamed("wss://a/b", "https://a/?b=1&c=2")
        assert streamed == f"{XML}<Response>{stream}{after}</Response>"
        spoken = f'<{say} language="fr-FR">L\'été &lt;3</{say}>'
        assert words.said("L'été <3") == f"{XML}<Response>{spoken}<Hangup /></Response>"
        assert (
            words.said("L'été <3", "+33199001230")
            == f"{XML}<Response>{spoken}{DIAL}<Hangup /></Response>"
        )
        asked = words.asked("L'été <3", "https://a/k")
        gather = asked.removeprefix(f"{XML}<Response>").removesuffix("</Response>")
        keys = '<Redirect method="POST">https://a/k</Redirect>'
        if say == "Speak":
            assert gather == (
                '<GetInput action="https://a/k" method="POST" inputType="dtmf" numDigits="1"'
                f' executionTimeout="5">{spoken}</GetInput>{keys}'
            )
            room = '<Conference endConferenceOnExit="true" maxMembers="2">r1</Conference>'
        else:
            assert gather == (
                f'<Gather action="https://a/k" numDigits="1" timeout="5">{spoken}</Gather>{keys}'
            )
            room = (
                '<Dial><Conference beep="false" endConferenceOnExit="true" maxParticipants="2">r1'
                "</Conference></Dial>"
            )
        sent = words.joined("r1", "https://a/?b=1&c=2")
        assert sent == f"{XML}<Response>{room}{after}</Response>"
        joined = words.joined("r1", sentence="L'été <3")
        assert joined == f"{XML}<Response>{spoken}{room}<Hangup /></Response>"
        assert words.dialled("+33199001230") == f"{XML}<Response>{DIAL}</Response>"
        assert words.hung_up() == f"{XML}<Response><Hangup /></Response>"
        assert words.rejected() == f"{XML}<Response>{reject}</Response>"


# --- passes -----------------------------------------------------------------------------------


def test_a_pass_opens_one_stream_once_within_seconds() -> None:
    """For its carrier; while it waits it is the same; then the call has none any more."""
    passes = Passes()
    one = passes.issue("twilio", CALL, "essai", 100.0)
    assert one is not None
    assert one.call_id == call_id_of("twilio", "CA1") != call_id_of("telnyx", "CA1")
    assert passes.issue("twilio", CALL, "essai", 100.0 + PASS_S) is one
    assert passes.use("telnyx", one.token, 100.0) is None
    assert passes.use("twilio", one.token[:-1], 100.0) is None
    assert passes.use("twilio", one.token, 100.0 + PASS_S) is one
    assert passes.use("twilio", one.token, 100.0) is None
    assert passes.issue("twilio", CALL, "essai", 100.0) is None
    late = passes.issue("telnyx", CALL, "essai", 100.0)
    assert late is not None
    assert late.token != one.token
    assert passes.use("telnyx", late.token, 100.1 + PASS_S) is None
    assert passes.issue("telnyx", CALL, "essai", 200.0) is None


def test_who_comes_back_has_a_pass_of_their_own() -> None:
    """Another one, the same while it waits, for the same call; it too opens one stream."""
    passes = Passes()
    first = passes.issue("twilio", CALL, "essai", 100.0)
    assert first is not None
    assert passes.use("twilio", first.token, 100.0) is first
    again = passes.again(first, 200.0)
    assert (again.back, again.call_id, again.token != first.token) == (True, first.call_id, True)
    assert passes.again(first, 210.0) is again
    assert passes.use("twilio", again.token, 215.0) is again
    assert passes.use("twilio", again.token, 215.0) is None


@pytest.mark.parametrize(
    ("fields", "ended"),
    [
        (b"CallStatus=completed", True),
        (b"CallStatus=completed&HangupCause=normal_clearing", True),
        (b"CallStatus=completed&HangupCause=NORMAL_CLEARING&HangupCauseCode=4010", True),
        (b"CallStatus=completed&HangupCause=timeout", False),
        (b"CallStatus=completed&HangupCauseCode=0", False),
        (b"CallStatus=failed", False),
        (b"CallStatus=busy&HangupCause=user_busy", False),
    ],
)
def test_a_call_was_ended_or_lost(fields: bytes, ended: bool) -> None:
    """In the words of each carrier."""
    call = Twilio("t").incoming(Webhook(URL, {}, b"CallSid=CA1&" + fields))
    assert (is_over(call), was_ended(call)) == (True, ended)


def test_what_is_remembered_is_bounded() -> None:
    """The oldest is forgotten."""
    remembered = Remembered(2)
    assert [remembered.first(key) for key in "aabcb"] == [True, False, True, True, False]
    assert "a" not in remembered


# --- messages -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "1", '"start"', "{}", '{"event": 1}', '{"event": null}',
     "[" * 30_000, '{"event":"media","x":"' + "x" * 40_000 + '"}'],
)  # fmt: skip
def test_what_is_no_message_is_garbage(text: str) -> None:
    """No JSON, no object, no event, nested or long beyond reason."""
    with pytest.raises(GarbageError, match="message"):
        read(text)


@pytest.mark.parametrize(
    "media",
    [None, 1, {}, {"payload": ""}, {"payload": None}, {"payload": 5}, {"payload": "é"},
     {"payload": "AAA"}, {"payload": "A A="}, {"payload": "A" * 24_000}],
)  # fmt: skip
def test_media_without_sound_is_garbage(media: object) -> None:
    """None, empty, not base64, more than a second or two."""
    with pytest.raises(GarbageError):
        check_sound({"event": "media", "media": media})


def test_chunks_are_numbered_where_they_are() -> None:
    """As text or number; without one they are taken as they come. The agent's own are known."""
    for chunk, number in (("2", 2), (41, 41), (None, None), ("x", None), (-1, None), ("²", None)):
        media = {"payload": "/w==", "chunk": chunk, "track": "inbound"}
        assert check_sound({"media": media}) == number
        assert not is_of_agent({"media": media})
    for track in ("outbound", "outbound_track"):
        assert is_of_agent({"media": {"track": track}})


STARTS = [
    (name, json.loads((DATA / f"{name}.json").read_text("utf-8"))["opening"][-1])
    for name in ("twilio", "telnyx", "plivo")
]


@pytest.mark.parametrize(("name", "start"), STARTS)
def test_a_start_that_lacks_something_is_garbage(name: str, start: dict[str, Any]) -> None:
    """The call, the stream, the encoding; one that is not spoken here."""
    public = base64.b64encode(bytes.fromhex(SIGNED["telnyx"]["public_key_hex"])).decode()
    carrier = {"twilio": Twilio("t"), "telnyx": Telnyx(public), "plivo": Plivo("t")}[name]
    assert carrier.start_of(start).call_id
    format_name = "media_format" if name == "telnyx" else "mediaFormat"
    bad_formats = (None, {}, {"encoding": "G722", "sample_rate": 8000}, "PCMU")
    changed = [{**start, "start": {**start["start"], format_name: bad}} for bad in bad_formats]
    changed += [{**start, "start": None}, {"event": "start"}]
    ids = {"twilio": ("callSid", "streamSid"), "telnyx": ("call_control_id",),
           "plivo": ("callId", "streamId")}[name]  # fmt: skip
    changed += [
        {**start, "start": {**start["start"], field: bad}}
        for field in ids
        for bad in (None, "", 5, "x" * 201)
    ]
    for message in changed:
        with pytest.raises(GarbageError):
            carrier.start_of(message)


@pytest.mark.parametrize(("name", "start"), STARTS)
async def test_pipecats_serializer_speaks_as_documented(name: str, start: dict[str, Any]) -> None:
    """What it sends for an interruption, and the mark of ours; nothing is hung up by it."""
    public = base64.b64encode(bytes.fromhex(SIGNED["telnyx"]["public_key_hex"])).decode()
    carrier = {"twilio": Twilio("t"), "telnyx": Telnyx(public), "plivo": Plivo("t")}[name]
    script = json.loads((DATA / f"{name}.json").read_text("utf-8"))
    stream = carrier.start_of(start)
    serializer = carrier.serializer(stream)
    clear = await serializer.serialize(InterruptionFrame())
    assert isinstance(clear, str)
    assert json.loads(clear) == script["clear"]
    assert await serializer.serialize(EndFrame()) is None
    assert carrier.mark(stream, "last-words") == script["mark"]
    assert carrier.marked(script["marked"]) == "last-words"
    assert carrier.marked(script["dtmf"]) is None


# --- settings -----------------------------------------------------------------------------------


def test_carriers_are_those_that_are_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """By their secret and the public address; of those with more, something may be asked."""
    public = base64.b64encode(bytes.fromhex(SIGNED["telnyx"]["public_key_hex"])).decode()
    secrets = {"twilio_auth_token": "t", "telnyx_public_key": public, "plivo_auth_token": "p"}
    for key, value in secrets.items():
        monkeypatch.setenv(f"PERMANENCE_{key.upper()}", value)
    assert carriers_of(load_settings()) == {}
    settings = load_settings(public_url="https://sav.example")
    assert set(carriers_of(settings)) == {"twilio", "telnyx", "plivo"}
    assert controls_of(settings, lambda *_: "") == {}
    more = load_settings(twilio_account_sid="AC1", telnyx_api_key="k", plivo_auth_id="MA1")
    assert set(controls_of(more, lambda *_: "")) == {"twilio", "telnyx", "plivo"}
    assert not any(secret in repr(more) for secret in ("'t'", "'p'", "'k'"))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("public_url", "sav.example"),
        ("public_url", "https://sav.example/"),
        ("public_url", "https://user@sav.example"),
        ("telnyx_public_key", "short"),
        ("fallback_number", "0199001234"),
        ("transfer_numbers", "+33199001234;+33199001235"),
        ("twilio_account_sid", "../AC"),
    ],
)
def test_settings_that_cannot_be_are_refused(key: str, value: str) -> None:
    """Each in one sentence that names the key."""
    with pytest.raises(SettingsError, match=f"PERMANENCE_{key.upper()} cannot be"):
        load_settings(**{key: value})


def test_numbers_that_may_be_dialled() -> None:
    """Separated by commas, with or without spaces."""
    settings = load_settings(transfer_numbers="+33199001234, +33199001235,+15005550006")
    allowed = {"+33199001234", "+33199001235", "+15005550006"}
    assert settings.transfer_allowed == allowed
    assert load_settings().transfer_allowed == frozenset()
