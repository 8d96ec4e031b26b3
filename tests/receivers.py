"""Real receivers on loopback: an SMTP server and a webhook's, which may refuse at first."""

from __future__ import annotations

import email
import email.policy
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

USER, PASSWORD = "permanence", "p@ss word"


class Mailbox:
    """Takes e-mail, after having refused so many.

    Attributes:
        received: Recipients and message, in order.
    """

    def __init__(self, refusals: int = 0) -> None:
        self.received: list[tuple[list[str], EmailMessage]] = []
        self.refusals = refusals
        self.tries = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        """Take a message, or refuse it for now."""
        self.tries += 1
        if self.tries <= self.refusals:
            return "451 4.3.0 essayez plus tard"
        content = envelope.original_content or b""
        parsed = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        self.received.append((list(envelope.rcpt_tos), parsed))
        return "250 OK"

    def authenticate(self, server: Any, session: Any, envelope: Any, how: str, data: Any) -> Any:
        """Whether user and password are ours."""
        assert isinstance(data, LoginPassword)
        known = (data.login.decode(), data.password.decode()) == (USER, PASSWORD)
        return AuthResult(success=known, handled=False)


class _OnFreePort(Controller):
    """A server on a port that the system chooses, which its own start does not expect."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def smtp_server(
    mailbox: Mailbox, tls: ssl.SSLContext | None = None, **options: Any
) -> Iterator[int]:
    """An SMTP server; gives its port. With `tls` it offers STARTTLS and asks for a password."""
    if tls is not None:
        options |= {
            "tls_context": tls, "require_starttls": True, "auth_required": True,
            "authenticator": mailbox.authenticate,
        }  # fmt: skip
    controller = _OnFreePort(mailbox, hostname="127.0.0.1", port=0, **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


class Hook:
    """Takes webhooks, after having failed so often.

    Attributes:
        requests: Headers and body of each request, in order.
        taken: Bodies by idempotency key, of those answered with 2xx.
    """

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.taken: dict[str, list[bytes]] = {}
        self.paths: list[str] = []
        self.arrived = threading.Condition()

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> int:
        """The status for a request; 204 once the others are used up."""
        with self.arrived:
            self.paths.append(path)
            self.requests.append((headers, body))
            status = self.statuses.pop(0) if self.statuses else 204
            if 200 <= status < 300:
                self.taken.setdefault(headers["Idempotency-Key"], []).append(body)
            self.arrived.notify_all()
            return status

    def wait_for(self, count: int) -> None:
        """Until so many requests have come, ten seconds at most."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.requests) >= count, 10)


@contextmanager
def hook_server(hook: Hook) -> Iterator[str]:
    """A web server that gives all of its requests to the hook; gives its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = hook.answer(self.path, dict(self.headers.items()), body)
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def certificate(folder: Path, days: float = 1) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Contexts of a server on loopback and of a client that trusts it, for so many days."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=3))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(cert_file, key_file)
    return server, ssl.create_default_context(cafile=str(cert_file))
