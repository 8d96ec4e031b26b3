"""The messages of a carrier's stream: checked before pipecat's serializer sees them. Pure."""

from __future__ import annotations

import binascii
import json
import re
from collections.abc import Mapping
from typing import Any

from agent.telephony.media_protocol import MAX_AUDIO_BYTES, GarbageError

MAX_MESSAGE_CHARACTERS = 32_768
"""Longest message; one with `MAX_AUDIO_BYTES` of sound in base64 is two thirds of it."""

LONGEST_ID = 200


def read(text: str) -> Mapping[str, Any]:
    """A message.

    Raises:
        GarbageError: It is too long, or no JSON object with an event.
    """
    if len(text) > MAX_MESSAGE_CHARACTERS:
        raise GarbageError("message: too long")
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise GarbageError("message: no JSON") from error
    if not isinstance(message, dict) or not isinstance(message.get("event"), str):
        raise GarbageError("message: no event")
    return message


def part(message: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object of that name in a message.

    Raises:
        GarbageError: There is none.
    """
    found = message.get(name)
    if not isinstance(found, dict):
        raise GarbageError(f"{name}: missing")
    return found


def identifier(of: Mapping[str, Any], name: str) -> str:
    """An identifier in an object.

    Raises:
        GarbageError: There is none, or it is no short text.
    """
    found = of.get(name)
    if not isinstance(found, str) or not 0 < len(found) <= LONGEST_ID:
        raise GarbageError(f"{name}: missing")
    return found


def check_sound(message: Mapping[str, Any]) -> int | None:
    """Check what a `media` message holds.

    Returns:
        The number of the chunk where it has one: chunks may arrive out of order.

    Raises:
        GarbageError: It holds no sound, or too much, or not as base64.
    """
    media = part(message, "media")
    payload = media.get("payload")
    try:
        size = len(binascii.a2b_base64(payload, strict_mode=True)) if payload else 0
    except (ValueError, TypeError) as error:
        raise GarbageError("media: no base64") from error
    if not 0 < size <= MAX_AUDIO_BYTES:
        raise GarbageError(f"audio of {size} bytes")
    chunk = str(media.get("chunk"))  # Twilio and Telnyx write it as text, Plivo as a number
    return int(chunk) if re.fullmatch(r"[0-9]{1,12}", chunk) else None


def is_of_agent(message: Mapping[str, Any]) -> bool:
    """Whether a `media` message holds what the agent said: it must not hear itself."""
    return str(part(message, "media").get("track", "")).startswith("outbound")
