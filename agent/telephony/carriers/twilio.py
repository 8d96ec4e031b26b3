"""Twilio: webhooks signed by HMAC-SHA1 of the address and the form, TwiML, Media Streams.

Sources: Twilio, « Security: validating requests » and « Media Streams: WebSocket messages »;
twilio-python's tests of its request validator; of conferences and keys, « TwiML: Conference » and
« TwiML: Gather ».
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from pipecat.serializers.base_serializer import FrameSerializer
from pipecat.serializers.twilio import TwilioFrameSerializer

from agent.telephony.carriers.carrier import CarrierName, StreamStart
from agent.telephony.carriers.documents import WEBSOCKET, Dialect
from agent.telephony.carriers.stream_protocol import identifier, part
from agent.telephony.carriers.webhook import ForgedError, IncomingCall, Webhook, incoming
from agent.telephony.media_protocol import GarbageError
from agent.telephony.operator_phones import KEY_S

_PORTS = {"https": 443, "http": 80}


class Twilio:
    """Twilio, as the account whose auth token this is.

    It signs no time and no nonce: the same request has the same signature for ever, so that what
    has come before is recognised by its call alone.
    """

    name: CarrierName = "twilio"
    dialect = Dialect(
        say="Say",
        stream=(("url", WEBSOCKET),),
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

    def __init__(self, auth_token: str) -> None:
        self._key = auth_token.encode()

    def verify(self, hook: Webhook, now_s: float) -> str:
        """Check the signature, over the address with and without its port."""
        given = hook.header("x-twilio-signature").encode(errors="replace")
        made = [self._signature(url, hook.fields) for url in _spellings(hook.url)]
        if not any(hmac.compare_digest(one, given) for one in made):
            raise ForgedError("the signature is not Twilio's")
        return ""

    def _signature(self, url: str, fields: Sequence[tuple[str, str]]) -> bytes:
        signed = url + "".join(name + value for name, value in sorted(set(fields)))
        return base64.b64encode(hmac.new(self._key, signed.encode(), hashlib.sha1).digest())

    def incoming(self, hook: Webhook) -> IncomingCall:
        """The call that a request tells of."""
        return incoming(hook, "CallSid")

    def start_of(self, message: Mapping[str, Any]) -> StreamStart:
        """The stream that a `start` message tells of."""
        start = part(message, "start")
        if part(start, "mediaFormat").get("encoding") != "audio/x-mulaw":
            raise GarbageError("mediaFormat: not audio/x-mulaw")
        return StreamStart(identifier(start, "streamSid"), identifier(start, "callSid"), "PCMU")

    def serializer(self, start: StreamStart) -> FrameSerializer:
        """pipecat's serializer of that stream."""
        params = TwilioFrameSerializer.InputParams(auto_hang_up=False)
        return TwilioFrameSerializer(start.stream_id, params=params)

    def mark(self, start: StreamStart, name: str) -> Mapping[str, Any]:
        """The message that is sent back once all audio before it has been played."""
        return {"event": "mark", "streamSid": start.stream_id, "mark": {"name": name}}

    def marked(self, message: Mapping[str, Any]) -> str | None:
        """The name of the mark that a message sends back."""
        if message["event"] != "mark":
            return None
        return identifier(part(message, "mark"), "name")


def _spellings(url: str) -> Iterator[str]:
    """The address as it may have been signed: Twilio adds or drops a port (its SDKs try both)."""
    yield url
    parts = urlsplit(url)
    bare = parts.hostname or ""
    if ":" in bare:
        bare = f"[{bare}]"
    if parts.port is None:
        yield parts._replace(netloc=f"{bare}:{_PORTS.get(parts.scheme, 443)}").geturl()
    else:
        yield parts._replace(netloc=bare).geturl()
