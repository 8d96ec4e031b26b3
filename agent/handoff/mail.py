"""E-mail through the provider's SMTP server.

SMTP cannot promise that a message arrives once: where the line breaks, or the process dies, after
the server took it and before we know, it is sent again. Its Message-ID stays the same (as long as
the sender's domain does), by which many servers and mail programs drop the second one.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from contextlib import suppress
from email.message import EmailMessage
from email.utils import formataddr, localtime, parseaddr
from typing import Any, Literal

from agent.handoff.delivery import DeliveryError

Security = Literal["none", "starttls", "ssl"]

TIMEOUT_S = 10.0
"""For each answer of the server; a message takes a dozen, so the claim of a message outlasts it."""


class Mailer:
    """Sends e-mail; a connection a message.

    Args:
        host: SMTP server.
        port: Its port.
        sender: Address, or « Name <address> ».
        security: `starttls` and `ssl` check the server's certificate.
        user: Empty: the server asks for none.
        password: Of the user.
        tls: Whom to trust; the system's authorities by default.
    """

    def __init__(
        self,
        host: str,
        port: int,
        sender: str,
        *,
        security: Security = "starttls",
        user: str = "",
        password: str = "",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._host, self._port, self._security = host, port, security
        self._name, self._address = parseaddr(sender)
        self._user, self._password = user, password
        self._tls = tls

    def send(self, key: str, target: str, body: Mapping[str, Any], secret: str = "") -> None:
        """Send a message; returns once the server has taken it.

        Raises:
            DeliveryError: It has not, or the connection broke before it told.
        """
        message = self._message(key, target, body)
        try:
            server = self._connected()
            try:
                server.send_message(message, self._address, [target])
            except BaseException:
                server.close()
                raise
        except smtplib.SMTPRecipientsRefused as error:
            code, why = error.recipients[target]
            raise DeliveryError(f"the address was refused ({code} {_text(why)})") from error
        except smtplib.SMTPResponseException as error:
            raise DeliveryError(f"refused ({error.smtp_code} {_text(error.smtp_error)})") from error
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryError(f"{self._host}:{self._port} cannot be used ({error})") from error
        with suppress(smtplib.SMTPException, OSError):
            server.quit()  # the message was taken, whatever comes of this

    def check(self) -> None:
        """Connect and sign in as for a message; none is sent.

        Raises:
            DeliveryError: A message could not be handed in.
        """
        try:
            server = self._connected()
            try:
                server.ehlo_or_helo_if_needed()
            finally:
                server.close()
        except smtplib.SMTPResponseException as error:
            raise DeliveryError(f"refused ({error.smtp_code} {_text(error.smtp_error)})") from error
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryError(f"{self._host}:{self._port} cannot be used ({error})") from error

    def _connected(self) -> smtplib.SMTP:
        server: smtplib.SMTP
        if self._security == "ssl":
            server = smtplib.SMTP_SSL(
                self._host, self._port, timeout=TIMEOUT_S, context=self._context()
            )
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_S)
        try:
            if self._security == "starttls":
                server.starttls(context=self._context())
            if self._user:
                server.login(self._user, self._password)
        except BaseException:
            server.close()
            raise
        return server

    def _context(self) -> ssl.SSLContext:
        return self._tls or ssl.create_default_context()

    def _message(self, key: str, target: str, body: Mapping[str, Any]) -> EmailMessage:
        message = EmailMessage()
        message["From"] = formataddr((self._name, self._address))
        message["To"] = target
        message["Subject"] = body["subject"]
        message["Message-ID"] = f"<{key}@{self._address.rpartition('@')[2]}>"
        message["Date"] = localtime()
        message["Auto-Submitted"] = "auto-generated"
        if body["urgent"]:
            message["Importance"] = "high"
            message["X-Priority"] = "1"
        message.set_content(body["text"], cte="quoted-printable")
        return message


def _text(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split())
