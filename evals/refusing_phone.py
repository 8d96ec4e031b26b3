"""An operator's telephone that refuses every call with a status of SIP: « do not disturb ».

It signs on like any other; a softphone can only say that it is busy.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from agent.errors import PermanenceError
from evals.exchange_stage import PHONES, TRUNK

SIGN_ON_LIMIT_S = 5.0
LOOK_S = 0.1
PHRASES = {480: "Temporarily Unavailable", 486: "Busy Here", 603: "Decline"}

_CHALLENGE = re.compile(rb"\r\nWWW-Authenticate: *Digest ([^\r]+)", re.IGNORECASE)
_PART = re.compile(r'(\w+)="?([^",]+)"?')
_COPIED = re.compile(rb"^(?:Via|v|From|f|To|t|Call-ID|i|CSeq) *:[^\r]*\r\n", re.I | re.M)
_CALL_ID = re.compile(rb"\r\n(?:Call-ID|i) *: *([^\r]+)", re.IGNORECASE)


class RefusingPhone:
    """One telephone.

    Attributes:
        refused: SIP's names of the calls that came, the first one first.
    """

    def __init__(self, exchange_port: int, extension: str, status: int) -> None:
        """Not signed on yet; see `refusing_phone`."""
        self.refused: list[bytes] = []
        self._exchange = (TRUNK, exchange_port)
        self._extension = extension
        self._status = f"{status} {PHRASES[status]}"
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((PHONES, 0))
        self._socket.settimeout(LOOK_S)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="refusing phone", daemon=True)

    def sign_on(self, password: str) -> None:
        """Register (blocks).

        Raises:
            PermanenceError: The exchange does not take it.
        """
        call_id, tag = secrets.token_hex(8), secrets.token_hex(4)
        self._send(self._register(call_id, tag, 1))
        challenge = _CHALLENGE.search(self._answer(b"401"))
        if challenge is None:
            raise PermanenceError("A telephone was refused without a challenge.")
        given = dict(_PART.findall(challenge[1].decode()))
        self._send(self._register(call_id, tag, 2, self._proof(given, password)))
        self._answer(b"200")
        self._thread.start()

    def close(self) -> None:
        """Answer no more."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()
        self._socket.close()

    @property
    def _uri(self) -> str:
        return f"sip:{TRUNK}:{self._exchange[1]}"

    def _register(self, call_id: str, tag: str, number: int, proof: str = "") -> bytes:
        address, port = self._socket.getsockname()
        own = f"sip:{self._extension}@{TRUNK}"
        text = (
            f"REGISTER {self._uri} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {address}:{port};branch=z9hG4bK{secrets.token_hex(6)};rport\r\n"
            f"Max-Forwards: 70\r\nFrom: <{own}>;tag={tag}\r\nTo: <{own}>\r\n"
            f"Call-ID: {call_id}\r\nCSeq: {number} REGISTER\r\n"
            f"Contact: <sip:{self._extension}@{address}:{port}>\r\nExpires: 120\r\n"
            f"{proof}Content-Length: 0\r\n\r\n"
        )
        return text.encode()

    def _proof(self, given: dict[str, str], password: str) -> str:
        """That the password is known. Source: RFC 7616, 3.4, with MD5 and `auth`."""
        realm, nonce = given["realm"], given["nonce"]
        own, asked = f"{self._extension}:{realm}:{password}", f"REGISTER:{self._uri}"
        cnonce = secrets.token_hex(4)
        text = f"{_md5(own)}:{nonce}:00000001:{cnonce}:auth:{_md5(asked)}"
        opaque = f', opaque="{given["opaque"]}"' if "opaque" in given else ""
        return (
            f'Authorization: Digest username="{self._extension}", realm="{realm}", '
            f'nonce="{nonce}", uri="{self._uri}", response="{_md5(text)}", algorithm=MD5, '
            f'cnonce="{cnonce}", qop=auth, nc=00000001{opaque}\r\n'
        )

    def _answer(self, status: bytes) -> bytes:
        """The next answer of that status; whatever else comes first is left."""
        until = time.monotonic() + SIGN_ON_LIMIT_S
        while time.monotonic() < until:
            message = self._receive()
            if message.startswith(b"SIP/2.0 " + status):
                return message
        raise PermanenceError(f"A telephone that signs on hears no {status.decode()}.")

    def _serve(self) -> None:
        while not self._over.is_set():
            message = self._receive()
            if message.startswith(b"OPTIONS "):
                self._reply(message, "200 OK")
            elif message.startswith(b"INVITE "):
                named = _CALL_ID.search(message)
                if named is not None and named[1] not in self.refused:
                    self.refused.append(named[1])
                self._reply(message, self._status)

    def _reply(self, message: bytes, status: str) -> None:
        """Answer a message, in a dialog of its own."""
        head = message.partition(b"\r\n\r\n")[0] + b"\r\n"
        lines = [
            line[:-2] + b";tag=refuses\r\n" if line[:2].lower() in (b"to", b"t:") else line
            for line in _COPIED.findall(head)
        ]
        self._send(
            b"SIP/2.0 %s\r\n%sContent-Length: 0\r\n\r\n" % (status.encode(), b"".join(lines))
        )

    def _send(self, message: bytes) -> None:
        self._socket.sendto(message, self._exchange)

    def _receive(self) -> bytes:
        try:
            return self._socket.recv(65536)
        except TimeoutError:
            return b""


@contextmanager
def refusing_phone(
    exchange_port: int, extension: str, password: str, status: int
) -> Iterator[RefusingPhone]:
    """A telephone that is signed on and refuses; gone at the end.

    Args:
        exchange_port: UDP port of the exchange.
        extension: The operator's.
        password: That goes with it.
        status: Of `PHRASES`.

    Raises:
        PermanenceError: The exchange does not take it.
    """
    phone = RefusingPhone(exchange_port, extension, status)
    try:
        phone.sign_on(password)
        yield phone
    finally:
        phone.close()


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
