"""What the three carriers have in common, as the door and the line see one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, get_args

from pipecat.serializers.base_serializer import FrameSerializer

from agent.telephony.carriers.documents import Dialect
from agent.telephony.carriers.webhook import IncomingCall, Webhook

CarrierName = Literal["twilio", "telnyx", "plivo"]
CARRIER_NAMES: tuple[CarrierName, ...] = get_args(CarrierName)


@dataclass(frozen=True)
class StreamStart:
    """A stream as its first message tells of it.

    Attributes:
        stream_id: The carrier's name of the stream.
        call_id: The carrier's name of the call.
        encoding: G.711 of the audio, both ways: PCMU or PCMA.
    """

    stream_id: str
    call_id: str
    encoding: str


class Carrier(Protocol):
    """A carrier: what it signs, says and streams."""

    name: CarrierName
    dialect: Dialect

    def verify(self, hook: Webhook, now_s: float) -> str:
        """Check that a request is the carrier's, and of now.

        Args:
            hook: The request.
            now_s: Unix time.

        Returns:
            What another request of the carrier's never has again; "" where it promises nothing.

        Raises:
            ForgedError: It is not.
            MalformedError: It is no form.
        """

    def incoming(self, hook: Webhook) -> IncomingCall:
        """The call that a request tells of.

        Raises:
            MalformedError: It names no call.
        """

    def start_of(self, message: Mapping[str, Any]) -> StreamStart:
        """The stream that a `start` message tells of.

        Raises:
            GarbageError: It lacks what a stream needs, or is of an encoding that is not spoken.
        """

    def serializer(self, start: StreamStart) -> FrameSerializer:
        """pipecat's serializer of that stream; it hangs up nothing."""

    def mark(self, start: StreamStart, name: str) -> Mapping[str, Any]:
        """The message that is sent back once all audio before it has been played."""

    def marked(self, message: Mapping[str, Any]) -> str | None:
        """The name of the mark that a message sends back; None if it is another message."""
