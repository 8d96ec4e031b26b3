"""Plivo: webhooks signed by HMAC-SHA256 with a nonce (V3), Plivo XML, audio streaming.

Sources: Plivo, « Signature validation » and « Audio streaming: reference »; plivo-python's
`signature_v3` and plivo-go's tests of it, which the prose does not tell all of; of conferences and
keys, « The Conference element » and « The GetInput element ».
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pipecat.serializers.base_serializer import FrameSerializer
from pipecat.serializers.plivo import PlivoFrameSerializer

from agent.telephony.carriers.carrier import CarrierName, StreamStart
from agent.telephony.carriers.documents import Dialect
from agent.telephony.carriers.stream_protocol import identifier, part
from agent.telephony.carriers.webhook import ForgedError, IncomingCall, Webhook, incoming
from agent.telephony.media_protocol import GarbageError
from agent.telephony.operator_phones import KEY_S

SIGNATURES = ("x-plivo-signature-v3", "x-plivo-signature-ma-v3")
"""By the token of the account that owns the number, and by the main account's."""


class Plivo:
    """Plivo, as the account whose auth token this is."""

    name: CarrierName = "plivo"
    dialect = Dialect(
        say="Speak",
        stream=(
            ("bidirectional", "true"),
            ("keepCallAlive", "true"),  # what follows is done once the stream has ended
            ("audioTrack", "inbound"),
            ("contentType", "audio/x-mulaw;rate=8000"),
        ),
        connect=False,
        reject=("Hangup", (("reason", "rejected"),)),
        gather=(
            "GetInput",
            (
                ("method", "POST"),
                ("inputType", "dtmf"),
                ("numDigits", "1"),
                ("executionTimeout", f"{KEY_S:.0f}"),  # once the nested words have ended
            ),
        ),
        dial=False,
        conference=(("endConferenceOnExit", "true"), ("maxMembers", "2")),
    )

    def __init__(self, auth_token: str) -> None:
        self._key = auth_token.encode()

    def verify(self, hook: Webhook, now_s: float) -> str:
        """Check the signature: one of those given, as tokens may be in change."""
        nonce = hook.header("x-plivo-signature-v3-nonce")
        given = [
            one.strip().encode(errors="replace")
            for name in SIGNATURES
            for one in hook.headers.get(name, "").split(",")
        ]
        signed = f"{_signed_text(hook)}.{nonce}".encode()
        made = base64.b64encode(hmac.new(self._key, signed, hashlib.sha256).digest())
        if not any(hmac.compare_digest(made, one) for one in given):
            raise ForgedError("the signature is not Plivo's")
        return nonce

    def incoming(self, hook: Webhook) -> IncomingCall:
        """The call that a request tells of."""
        return incoming(hook, "CallUUID")

    def start_of(self, message: Mapping[str, Any]) -> StreamStart:
        """The stream that a `start` message tells of."""
        start = part(message, "start")
        media = part(start, "mediaFormat")
        if (media.get("encoding"), media.get("sampleRate")) != ("audio/x-mulaw", 8000):
            raise GarbageError("mediaFormat: not audio/x-mulaw at 8000 Hz")
        return StreamStart(identifier(start, "streamId"), identifier(start, "callId"), "PCMU")

    def serializer(self, start: StreamStart) -> FrameSerializer:
        """pipecat's serializer of that stream."""
        params = PlivoFrameSerializer.InputParams(auto_hang_up=False)
        return PlivoFrameSerializer(start.stream_id, params=params)

    def mark(self, start: StreamStart, name: str) -> Mapping[str, Any]:
        """The message that is sent back once all audio before it has been played."""
        return {"event": "checkpoint", "streamId": start.stream_id, "name": name}

    def marked(self, message: Mapping[str, Any]) -> str | None:
        """The name of the mark that a message sends back."""
        return identifier(message, "name") if message["event"] == "playedStream" else None


def _signed_text(hook: Webhook) -> str:
    """A POST's address and form as they are signed: `URL?query.form`, each sorted.

    The « ? » stands there without a query too, and neither it nor the dot where there is no form.
    """
    parts = urlsplit(hook.url)
    address = parts._replace(query="", fragment="").geturl()
    query = "&".join(
        f"{name}={value}" for name, value in sorted(parse_qsl(parts.query, keep_blank_values=True))
    )
    form = "".join(name + value for name, value in sorted(hook.fields))
    if not form:
        return f"{address}?{query}" if query else address
    return f"{address}?{query}.{form}" if query else f"{address}?{form}"
