"""The words of the media WebSocket: its exact messages, and garbage of all kinds."""

from __future__ import annotations

import json
import random

import pytest

from agent.telephony.media_protocol import (
    CLOSE_CODES,
    MAX_AUDIO_BYTES,
    MAX_TEXT_BYTES,
    Dtmf,
    GarbageError,
    Hangup,
    Start,
    check_audio,
    message,
    parse_event,
    parse_start,
)

START = '{"event":"start","client":"orvane"}'


def start(**values: object) -> str:
    """A start message with other values."""
    return json.dumps({"event": "start", "client": "orvane", **values})


def test_start_with_defaults_and_with_everything() -> None:
    """The protocol page's example is understood as it stands; little is obligatory."""
    assert parse_start(START) == Start(event="start", client="orvane")
    assert parse_start(START).model_dump() == {
        "event": "start", "client": "orvane", "format": "alaw", "rate": 8000,
        "caller": None, "pacing": "realtime",
    }  # fmt: skip
    whole = start(format="pcm16", rate=8000, caller="+33 6 39 98 12-34", pacing="none")
    read = parse_start(whole)
    assert (read.format, read.caller, read.pacing) == ("pcm16", "+33 6 39 98 12-34", "none")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (start(client=""), "client"),
        (start(client="x" * 65), "client"),
        (start(client=7), "client"),
        (start(client=None), "client"),
        (start(format="opus"), "format"),
        (start(rate=16_000), "rate"),
        (start(rate="8000"), "rate"),
        (start(rate=True), "rate"),
        (start(caller="anonymous"), "caller"),
        (start(caller="06\n"), "caller"),
        (start(caller="٠٦"), "caller"),
        (start(caller="0" * 33), "caller"),
        (start(caller=612345678), "caller"),
        (start(pacing="fast"), "pacing"),
        (start(extra=1), "extra"),
        ('{"event":"start"}', "client"),
        ('{"event":"hangup"}', "event"),
        ('{"client":"orvane"}', "event"),
        (start(client="x" * 10_000_000), "too long"),
    ],
)
def test_wrong_start_is_named(text: str, names: str) -> None:
    """The refusal names the field, and is short whatever came."""
    with pytest.raises(GarbageError, match=names) as told:
        parse_start(text)
    assert len(str(told.value)) < 200


@pytest.mark.parametrize("digit", "0123456789*#")
def test_key(digit: str) -> None:
    """Each key of the telephone."""
    assert parse_event(json.dumps({"event": "dtmf", "digit": digit})) == Dtmf(
        event="dtmf", digit=digit
    )


def test_hangup() -> None:
    """The caller's last message."""
    assert parse_event('{"event":"hangup"}') == Hangup(event="hangup")
    assert parse_event(' { "event" : "hangup" } ') == Hangup(event="hangup")


GARBAGE = (
    "", " ", "null", "true", "0", "[]", "{}", '""', "hangup", "{", '{"event"', "\0", "\ud800",
    '{"event":null}', '{"event":[]}', '{"event":{"event":"hangup"}}', '["hangup"]',
    '{"event":"bye"}', '{"event":"HANGUP"}', '{"event":"hangup","now":true}', START,
    '{"event":"dtmf"}', '{"event":"dtmf","digit":""}', '{"event":"dtmf","digit":"12"}',
    '{"event":"dtmf","digit":5}', '{"event":"dtmf","digit":"5\\n"}', '{"event":"dtmf","digit":"A"}',
    '{"event":"dtmf","digit":"٥"}', '{"event":"dtmf","digit":null}', '{"event":NaN}', "9" * 4_000,
    "[" * 4_000, '{"a":' * 700, '{"event":"hangup"}{"event":"hangup"}', "é" * 3_000,
    '{"event":"hangup"}' + " " * MAX_TEXT_BYTES, "x" * 5_000_000,
)  # fmt: skip


@pytest.mark.parametrize("text", GARBAGE, ids=[repr(text[:24]) for text in GARBAGE])
def test_garbage_is_garbage(text: str) -> None:
    """Nothing but the protocol's messages passes, nothing but `GarbageError` is raised."""
    with pytest.raises(GarbageError) as told:
        parse_event(text)
    assert len(str(told.value)) < 200
    if text != START:
        with pytest.raises(GarbageError):
            parse_start(text)


def test_random_damage_raises_nothing_else() -> None:
    """2,000 messages with characters changed, lost and doubled."""
    chance = random.Random(3)
    for _ in range(2_000):
        text = list(chance.choice([START, '{"event":"dtmf","digit":"5"}', '{"event":"hangup"}']))
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(text))
            text[place] = chance.choice(['"', "{", "}", "\\", "\0", "é", "\udfff", "", ",", ":"])
        for parse in (parse_start, parse_event):
            try:
                assert isinstance(parse("".join(text)), Start | Dtmf | Hangup)
            except GarbageError:
                continue


@pytest.mark.parametrize("size", [1, 160, 8_000, MAX_AUDIO_BYTES])
def test_audio_of_whole_samples_is_taken(size: int) -> None:
    """A-law of any size up to a second; PCM of whole samples only."""
    check_audio(bytes(size), "alaw")
    check_audio(bytes(size + size % 2), "pcm16")


@pytest.mark.parametrize("size", [0, MAX_AUDIO_BYTES + 1, MAX_AUDIO_BYTES + 2, 10_000_000])
def test_audio_of_no_size_is_garbage(size: int) -> None:
    """Nothing, and more than a second."""
    with pytest.raises(GarbageError, match=f"audio of {size} bytes"):
        check_audio(bytes(size), "alaw")
    with pytest.raises(GarbageError):
        check_audio(bytes(size), "pcm16")


def test_half_a_sample_is_garbage() -> None:
    """319 bytes are good A-law and bad PCM."""
    check_audio(bytes(319), "alaw")
    with pytest.raises(GarbageError, match="319 bytes"):
        check_audio(bytes(319), "pcm16")


def test_messages_are_compact() -> None:
    """No space, accents as they are; Asterisk drops texts over 128 bytes."""
    assert message("clear") == '{"event":"clear"}'
    started = message("started", call_id="0123456789ab", format="alaw", rate=8000, ptime=20)
    assert started == (
        '{"event":"started","call_id":"0123456789ab","format":"alaw","rate":8000,"ptime":20}'
    )
    assert len(started.encode()) <= 128
    assert message("said", text="« Ça y est »") == '{"event":"said","text":"« Ça y est »"}'


def test_close_codes() -> None:
    """Try again later, policy violation, protocol error."""
    assert CLOSE_CODES == {"busy": 1013, "unknown_client": 1008, "bad_start": 1002}
