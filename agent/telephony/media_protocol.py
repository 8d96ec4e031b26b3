"""The words of the media WebSocket: parses and builds its messages. Pure; see MEDIA_SOCKET.md."""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from agent.audio import Encoding

MAX_AUDIO_BYTES = 16_000
"""Largest audio message, bytes: one second of PCM. A larger one is garbage."""

MAX_TEXT_BYTES = 4_096
"""Largest JSON message, bytes."""

RefusalReason = Literal["busy", "unknown_client", "bad_start"]
CLOSE_CODES: dict[RefusalReason, int] = {"busy": 1013, "unknown_client": 1008, "bad_start": 1002}
"""WebSocket close codes (RFC 6455 and the IANA registry): try again later, policy, protocol."""


class Start(BaseModel):
    """First message of a caller's side: whom to reach, and in which format audio travels."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    event: Literal["start"]
    client: str = Field(min_length=1, max_length=64)
    format: Encoding = "alaw"
    rate: Literal[8000] = 8000
    caller: str | None = Field(default=None, max_length=32, pattern=r"^\+?[0-9 .-]*$")
    pacing: Literal["realtime", "none"] = "realtime"


class Dtmf(BaseModel):
    """A key was pressed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    event: Literal["dtmf"]
    digit: str = Field(pattern=r"^[0-9*#]$")


class Hangup(BaseModel):
    """The caller has hung up."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    event: Literal["hangup"]


_START: TypeAdapter[Start] = TypeAdapter(Start)
_LATER: TypeAdapter[Dtmf | Hangup] = TypeAdapter(Dtmf | Hangup)


class GarbageError(Exception):
    """A message that the protocol does not know; it is counted and skipped."""


def parse_start(text: str) -> Start:
    """The first message.

    Raises:
        GarbageError: It is not a start message; says what is wrong with it.
    """
    _check_length(text)
    try:
        return _START.validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "message"
        raise GarbageError(f"{where}: {first['msg']}") from error


def parse_event(text: str) -> Dtmf | Hangup:
    """A later message.

    Raises:
        GarbageError: It is too long, not JSON or not of the protocol.
    """
    _check_length(text)
    try:
        return _LATER.validate_json(text)
    except ValidationError as error:
        raise GarbageError(str(error.errors()[0]["msg"])) from error


def _check_length(text: str) -> None:
    if len(text) > MAX_TEXT_BYTES or len(text.encode(errors="replace")) > MAX_TEXT_BYTES:
        raise GarbageError("message: too long")


def check_audio(data: bytes, encoding: Encoding) -> None:
    """Check an audio message's size.

    Raises:
        GarbageError: It is empty, too long, or ends within a sample.
    """
    if not data or len(data) > MAX_AUDIO_BYTES or (encoding == "pcm16" and len(data) % 2):
        raise GarbageError(f"audio of {len(data)} bytes")


def message(event: str, **values: Any) -> str:
    """A message as compact JSON (Asterisk drops texts over 128 bytes: keep them short)."""
    return json.dumps({"event": event, **values}, ensure_ascii=False, separators=(",", ":"))
