"""Telnyx: webhooks signed by Ed25519 with the time of sending, TeXML, media streaming.

Sources: Telnyx, « Receiving webhooks », the references of TeXML's callbacks, « Stream » and
« Stream call media over WebSocket »; telnyx-python's `webhook_verification`; of conferences and
keys, « TeXML: Conference » and « TeXML: Gather » (which asks by the application's method: POST).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pipecat.serializers.base_serializer import FrameSerializer
from pipecat.serializers.telnyx import TelnyxFrameSerializer

from agent.telephony.carriers.carrier import CarrierName, StreamStart
from agent.telephony.carriers.documents import WEBSOCKET, Dialect
from agent.telephony.carriers.stream_protocol import identifier, part
from agent.telephony.carriers.webhook import ForgedError, IncomingCall, Webhook, incoming
from agent.telephony.media_protocol import GarbageError
from agent.telephony.operator_phones import KEY_S

TOLERANCE_S = 300
"""How far the time of sending may be from ours: the five minutes of Telnyx's own libraries."""

CODEC = "PCMA"
"""What is asked for, both ways: the law of European telephones."""


class Telnyx:
    """Telnyx, as the account whose public key this is.

    Raises:
        ValueError: It is no Ed25519 key in base64.
    """

    name: CarrierName = "telnyx"
    dialect = Dialect(
        say="Say",
        stream=(
            ("url", WEBSOCKET),
            ("track", "inbound_track"),
            ("codec", CODEC),
            ("bidirectionalMode", "rtp"),
            ("bidirectionalCodec", CODEC),
        ),
        connect=True,
        reject=("Reject", (("reason", "rejected"),)),
        gather=("Gather", (("numDigits", "1"), ("timeout", f"{KEY_S:.0f}"))),
        dial=True,
        conference=(
            ("beep", "false"),
            ("endConferenceOnExit", "true"),
            ("maxParticipants", "2"),
        ),
    )

    def __init__(self, public_key: str) -> None:
        self._key = public_key_of(public_key)

    def verify(self, hook: Webhook, now_s: float) -> str:
        """Check the signature of time and body, and the time."""
        sent, given = hook.header("telnyx-timestamp"), hook.header("telnyx-signature-ed25519")
        try:
            signature = base64.b64decode(given, validate=True)
            self._key.verify(signature, sent.encode() + b"|" + hook.body)
            late_s = abs(now_s - int(sent))
        except (InvalidSignature, ValueError) as error:
            raise ForgedError("the signature is not Telnyx's") from error
        if late_s > TOLERANCE_S:
            raise ForgedError(f"it was sent {late_s:.0f} s ago")
        return base64.b64encode(signature).decode()

    def incoming(self, hook: Webhook) -> IncomingCall:
        """The call that a request tells of."""
        return incoming(hook, "CallSid")

    def start_of(self, message: Mapping[str, Any]) -> StreamStart:
        """The stream that a `start` message tells of."""
        start = part(message, "start")
        media = part(start, "media_format")
        encoding = media.get("encoding")
        if encoding not in ("PCMU", "PCMA") or media.get("sample_rate") != 8000:
            raise GarbageError("media_format: neither PCMU nor PCMA at 8000 Hz")
        return StreamStart(
            identifier(message, "stream_id"), identifier(start, "call_control_id"), encoding
        )

    def serializer(self, start: StreamStart) -> FrameSerializer:
        """pipecat's serializer of that stream."""
        return TelnyxFrameSerializer(
            start.stream_id,
            outbound_encoding=start.encoding,
            inbound_encoding=CODEC,
            params=TelnyxFrameSerializer.InputParams(auto_hang_up=False),
        )

    def mark(self, start: StreamStart, name: str) -> Mapping[str, Any]:
        """The message that is sent back once all audio before it has been played."""
        return {"event": "mark", "mark": {"name": name}}

    def marked(self, message: Mapping[str, Any]) -> str | None:
        """The name of the mark that a message sends back."""
        if message["event"] != "mark":
            return None
        return identifier(part(message, "mark"), "name")


def public_key_of(written: str) -> Ed25519PublicKey:
    """A public key as Telnyx's portal shows it: 32 bytes in base64.

    Raises:
        ValueError: It is none.
    """
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(written, validate=True))
    except (binascii.Error, ValueError) as error:
        raise ValueError("copy the public key of the Telnyx portal: 44 characters") from error
