"""The words of Asterisk's media WebSocket (chan_websocket, Asterisk 22): parses and builds. Pure.

Its events and commands are JSON objects in text messages; sound is binary, without a header, at
whatever length. A text of more than 128 bytes to Asterisk is dropped by it.
Source: `channels/chan_websocket.c` of Asterisk 22.10.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from agent.telephony.media_protocol import GarbageError

MAX_TEXT_BYTES = 16_000
"""Largest event that is read: MEDIA_START holds the channel's variables."""

MAX_COMMAND_BYTES = 127

Command = Literal["ANSWER", "HANGUP", "FLUSH_MEDIA", "MARK_MEDIA"]
Format = Literal["alaw", "slin16"]

RATES_HZ: dict[Format, int] = {"alaw": 8000, "slin16": 16000}


@dataclass(frozen=True)
class MediaStart:
    """The line is open.

    Attributes:
        channel_id: Of the WebSocket channel.
        format: Of the sound both ways.
    """

    channel_id: str
    format: Format


@dataclass(frozen=True)
class KeyPressed:
    """A key, once it is let go."""

    digit: str


@dataclass(frozen=True)
class Flow:
    """Whether Asterisk takes more sound (XON) or not (XOFF: its queue is nearly full)."""

    open: bool


@dataclass(frozen=True)
class MarkHeard:
    """Everything that was sent before a mark has been played to the caller."""

    mark: str


Event = MediaStart | KeyPressed | Flow | MarkHeard


def parse_event(text: str) -> Event | None:
    """An event; None for one that asks for nothing.

    Raises:
        GarbageError: It is too long, not JSON, or lacks what its kind holds.
    """
    if len(text.encode(errors="replace")) > MAX_TEXT_BYTES:
        raise GarbageError("event: too long")
    try:
        event = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise GarbageError("event: not JSON") from error
    if not isinstance(event, dict):
        raise GarbageError("event: not an object")
    match event.get("event"):
        case "MEDIA_START":
            return _start(event)
        case "DTMF_END":
            digit = event.get("digit")
            if not isinstance(digit, str) or len(digit) != 1 or digit not in "0123456789*#":
                raise GarbageError("event: no such key")
            return KeyPressed(digit)
        case "MEDIA_XOFF":
            return Flow(open=False)
        case "MEDIA_XON":
            return Flow(open=True)
        case "MEDIA_MARK_PROCESSED":
            return MarkHeard(str(event.get("correlation_id")))
        case "STATUS" | "MEDIA_BUFFERING_COMPLETED" | "QUEUE_DRAINED":
            return None
        case _:
            raise GarbageError("event: of no known kind")


def command(name: Command, mark: str | None = None) -> str:
    """A command as compact JSON."""
    values = {"command": name} if mark is None else {"command": name, "correlation_id": mark}
    text = json.dumps(values, separators=(",", ":"))
    assert len(text) <= MAX_COMMAND_BYTES, "Asterisk would drop it"
    return text


def _start(event: dict[str, object]) -> MediaStart:
    name, channel_id = event.get("format"), event.get("channel_id")
    for known in RATES_HZ:
        if name == known and isinstance(channel_id, str):
            return MediaStart(channel_id, known)
    raise GarbageError("MEDIA_START: of no known format")
