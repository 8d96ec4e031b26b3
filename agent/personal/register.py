"""What an installation really does, for the record of processing (RGPD, article 30)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from agent.settings import Settings


@dataclass(frozen=True)
class Facts:
    """Of an installation, read off its settings.

    Attributes:
        sealed: Recordings and uploads are sealed at rest.
        https: The public address is one of https.
        carriers: Telephone carriers that are set up, besides an exchange of one's own.
        exchange: Calls come through an exchange (SIP).
        mail_host: Host that e-mails are handed to; "" for none.
        chat_host: Host of a chat model elsewhere, to which questions are sent; "" for none.
        database_server: The database is a server's.
    """

    sealed: bool
    https: bool
    carriers: tuple[str, ...]
    exchange: bool
    mail_host: str
    chat_host: str
    database_server: bool


def facts_of(settings: Settings) -> Facts:
    """Of an installation."""
    carriers = {
        "Twilio": settings.twilio_auth_token.get_secret_value(),
        "Telnyx": settings.telnyx_public_key,
        "Plivo": settings.plivo_auth_token.get_secret_value(),
    }
    return Facts(
        sealed=bool(settings.data_keys),
        https=settings.public_url.startswith("https://"),
        carriers=tuple(name for name, key in carriers.items() if key),
        exchange=bool(settings.asterisk_url),
        mail_host="" if settings.smtp is None else settings.smtp.host,
        chat_host=_elsewhere(settings),
        database_server=not settings.database.startswith("sqlite"),
    )


def _elsewhere(settings: Settings) -> str:
    """The host of the chat model, "" if there is none or if it is this machine."""
    if not settings.chat_model:
        return ""
    provider = settings.chat_model.partition(":")[0]
    host = urlsplit(settings.chat_base_url).hostname or ""
    if not host:
        return "" if provider == "ollama" else provider
    try:
        local = ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    return "" if local else host
