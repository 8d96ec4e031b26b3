"""What a call needs to know of the line that carries it."""

from __future__ import annotations

from dataclasses import dataclass

from pipecat.transports.base_transport import BaseTransport


@dataclass(frozen=True)
class Line:
    """A line on which a caller waits.

    Attributes:
        transport: pipecat transport; fires `on_client_disconnected`, with who ended the line if it
            was not the caller.
        kind: Name for the record: "media-socket", "browser".
        rate_in_hz: Rate of the caller's audio as the transport delivers it, 8000 or 16000 Hz.
        rate_out_hz: Rate of the agent's audio that the transport takes, Hz.
        caller_number: As the carrier gave it, None if masked.
        at_pace: It runs at the pace of the ear; a recorded call may run faster, and has no echo.
    """

    transport: BaseTransport
    kind: str
    rate_in_hz: int
    rate_out_hz: int
    caller_number: str | None = None
    at_pace: bool = True
