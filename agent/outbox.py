"""Puts the outbox together: where its messages wait, and who sends them."""

from __future__ import annotations

import logging

from agent.handoff.delivery import Delivery, Sender
from agent.handoff.mail import Mailer
from agent.handoff.notify import Outbox
from agent.handoff.webhook import Webhook
from agent.settings import Settings
from agent.store.database import Database
from agent.store.outbox import OutboxStore

logger = logging.getLogger(__name__)


def open_outbox(settings: Settings, database: Database) -> Outbox:
    """The outbox, sending; without an SMTP server e-mails wait, which is logged."""
    messages = OutboxStore(database)
    senders: dict[str, Sender] = {"webhook": Webhook()}
    mailer = open_mailer(settings)
    if mailer is not None:
        senders["email"] = mailer
    else:
        notice = unsent_notice(settings, messages)
        if notice:
            logger.warning("%s", notice)
    return Outbox(Delivery(messages, senders))


def open_mailer(settings: Settings) -> Mailer | None:
    """Who sends e-mail; None if no server is set."""
    server = settings.smtp
    if server is None:
        return None
    return Mailer(
        server.host,
        server.port,
        settings.smtp_from,
        security=server.security,
        user=server.user,
        password=server.password,
    )


def unsent_notice(settings: Settings, messages: OutboxStore) -> str:
    """What to know of messages that did not leave, in a sentence or two; "" for nothing."""
    told = []
    waiting = messages.backlog("email").waiting
    if settings.smtp is None and waiting:
        told.append(
            f"{waiting} e-mails wait, as no server is set to send them:"
            " set PERMANENCE_SMTP_URL and PERMANENCE_SMTP_FROM and start the server again."
        )
    for kind, name in (("email", "e-mails"), ("webhook", "webhook messages")):
        backlog = messages.backlog(kind)
        if backlog.given_up:
            told.append(f"{backlog.given_up} {name} were given up (last error: {backlog.error}).")
    return " ".join(told)
