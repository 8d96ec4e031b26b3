"""A message that only tries whether those who are told can be reached; blocks."""

from __future__ import annotations

import ipaddress
import secrets
import socket
from datetime import UTC, datetime
from urllib.parse import urlsplit

from agent.handoff.delivery import DeliveryError
from agent.handoff.message import WEBHOOK_VERSION
from agent.handoff.webhook import Webhook
from agent.outbox import open_mailer
from agent.settings import Settings
from agent.store.targets import Targets


class NotPublicError(Exception):
    """A webhook's host is within the provider's own network: clients may not reach that."""


def require_public(url: str) -> None:
    """Refuse a webhook that leads into the provider's own network.

    Raises:
        NotPublicError: One of its host's addresses is no public one.
        DeliveryError: Its host is unknown.
    """
    parts = urlsplit(url)
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except OSError as error:
        raise DeliveryError(f"{parts.hostname} is unknown") from error
    for _, _, _, _, address in found:
        if not ipaddress.ip_address(str(address[0]).partition("%")[0]).is_global:
            raise NotPublicError(parts.hostname)


def try_webhook(targets: Targets, client: str, brand: str) -> None:
    """Post a trial to the client's webhook, signed as tickets are.

    Raises:
        DeliveryError: It was not taken.
    """
    body = {
        "version": WEBHOOK_VERSION,
        "event": "test",
        "client": client,
        "brand": brand,
        "sent_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    key = f"essai-{secrets.token_hex(8)}"
    Webhook().send(key, targets.webhook_url, body, targets.webhook_secret)


def try_email(settings: Settings, address: str, brand: str) -> None:
    """Send a trial to an address.

    Raises:
        DeliveryError: It was not taken, or no server is set.
    """
    mailer = open_mailer(settings)
    if mailer is None:
        raise DeliveryError("no server")
    text = (
        f"Ceci est un essai, demandé depuis les réglages de {brand}.\n\n"
        "Les demandes de rappel arriveront à cette adresse. Il n'y a rien à faire.\n"
    )
    body = {"subject": f"Essai — {brand}", "text": text, "urgent": False}
    mailer.send(f"essai-{secrets.token_hex(8)}", address, body)
