"""Messages of tickets, to a real SMTP server and a real webhook, by a clock that the test moves."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from agent.handoff import webhook
from agent.handoff.delivery import (
    FIRST_DELAY,
    LONGEST_DELAY,
    PATIENCE,
    Delivery,
    DeliveryError,
    delay_after,
)
from agent.handoff.mail import Mailer
from agent.handoff.notify import Outbox
from agent.handoff.webhook import Webhook, as_bytes, signature
from agent.store.announce import HOLD, URGENT_HOLD
from agent.store.outbox import LEASE
from agent.store.schema import OutboxRow
from agent.store.targets import Targets
from tests.receivers import PASSWORD, USER, Hook, Mailbox, certificate, hook_server, smtp_server
from tests.ticket_homes import SECRET, TARGETS, Home, made_home

FROM = "Permanence Essai <sav@essai.example>"
BODY = {"subject": "À rappeler : 06 39 98 12 34", "text": "Problème : « fuit »\n", "urgent": True}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A client whose webhook the test sets."""
    made = made_home(tmp_path, replace(TARGETS, webhook_url="", webhook_secret=""))
    yield made
    made.database.close()


def hooked(home: Home, url: str) -> None:
    """Have the client told by webhook only."""
    home.targets.set("essai", replace(TARGETS, emails=(), on_call=(), webhook_url=url))


def rows(home: Home) -> list[OutboxRow]:
    """What was queued, by target."""
    with home.database.reading() as session:
        found = list(session.scalars(select(OutboxRow).order_by(OutboxRow.target)))
        session.expunge_all()
    return found


def test_a_webhook_that_fails_twice_gets_it_once(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    """The same key and the same bytes each time, later each time, then never again."""
    hook = Hook(500, 302)
    with hook_server(hook) as url:
        hooked(home, url)
        ticket_id = home.opened()
        sender = Webhook(clock=lambda: home.clock().timestamp())
        delivery = Delivery(home.outbox, {"webhook": sender}, home.clock)
        assert delivery.send_one("webhook") is False
        assert delivery.due_in_s("webhook") == HOLD.total_seconds()
        home.tickets.set_number(ticket_id, "0639981234")
        home.clock.pass_(seconds=HOLD.total_seconds())
        for wait in (10, 20):
            assert delivery.send_one("webhook") is True
            home.tickets.set_detail(ticket_id, "name", f"after {wait}")  # changes the body no more
            home.clock.pass_(seconds=wait - 1)
            assert delivery.send_one("webhook") is False
            assert delivery.due_in_s("webhook") == 1
            home.clock.pass_(seconds=1)
        assert delivery.send_one("webhook") is True
        home.clock.pass_(days=30)
        assert delivery.send_one("webhook") is False
        assert delivery.due_in_s("webhook") is None
    (row,) = rows(home)
    assert "again in 0:00:20: answered 302" in caplog.text
    assert "/hook" not in caplog.text  # a path may be a secret
    assert hook.paths == ["/hook"] * 3  # the redirect was not followed
    assert list(hook.taken) == [row.id]
    assert (row.attempts, row.error) == (3, None)
    assert len({body for _, body in hook.requests}) == 1
    told = json.loads(hook.requests[0][1])
    assert (told["version"], told["event"], told["client"]) == (1, "opened", "essai")
    assert told["ticket"]["id"] == ticket_id
    assert (told["ticket"]["caller_number"], told["ticket"]["name"]) == ("0639981234", None)
    stamps = []
    for headers, body in hook.requests:
        assert headers["Idempotency-Key"] == row.id
        assert headers["Content-Type"].startswith("application/json")
        stamps.append(headers["X-Permanence-Timestamp"])
        signed = hmac.new(SECRET.encode(), f"{stamps[-1]}.".encode() + body, hashlib.sha256)
        assert headers["X-Permanence-Signature"] == f"sha256={signed.hexdigest()}"
    assert [int(later) - int(stamps[0]) for later in stamps] == [0, 10, 30]


def test_an_e_mail_that_is_refused_twice_arrives_once(home: Home) -> None:
    """At each address, with one Message-ID each."""
    mailbox = Mailbox(refusals=4)
    ticket_id = home.opened()
    home.outbox.release(ticket_id, home.clock())
    with smtp_server(mailbox) as port:
        mailer = Mailer("127.0.0.1", port, FROM, security="none")
        delivery = Delivery(home.outbox, {"email": mailer}, home.clock)
        for wait in (10, 20, 40):
            while delivery.send_one("email"):
                pass
            home.clock.pass_(seconds=wait)
    assert sorted(to for to, _ in mailbox.received) == [[e] for e in sorted(TARGETS.emails)]
    ids = [str(message["Message-ID"]) for _, message in mailbox.received]
    assert sorted(ids) == sorted(f"<{row.id}@essai.example>" for row in rows(home))
    assert mailbox.tries == 6
    message = mailbox.received[0][1]
    assert message["From"] == FROM
    assert ticket_id in message.get_content()
    assert all(row.sent_at is not None for row in rows(home))


def test_a_message_is_given_up_after_three_days(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody answers; the delays double up to an hour; at the end an error is logged."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        home.targets.set("essai", Targets(emails=("sav@essai.example",)))
        ticket_id = home.opened()
        home.outbox.release(ticket_id, home.clock())
        mailer = Mailer("127.0.0.1", nobody.getsockname()[1], FROM)
        delivery = Delivery(home.outbox, {"email": mailer}, home.clock)
        waits = []
        while (due_in_s := delivery.due_in_s("email")) is not None:
            waits.append(due_in_s)
            home.clock.pass_(seconds=due_in_s)
            with caplog.at_level(logging.WARNING):
                assert delivery.send_one("email") is True
    assert waits[:11] == [0, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600]
    assert set(waits[10:]) == {3600}
    assert PATIENCE - LONGEST_DELAY <= timedelta(seconds=sum(waits)) <= PATIENCE
    (row,) = rows(home)
    assert (row.given_up_at, row.sent_at) == (home.clock(), None)
    assert "Connection refused" in str(row.error)
    errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert [record.getMessage().partition(":")[0] for record in errors] == [
        f"email of {ticket_id} to sav@essai.example given up after {len(waits)} attempts"
    ]
    assert home.outbox.backlog("email").given_up == 1


def test_delays() -> None:
    """From ten seconds, doubled, to an hour; none after three days of them."""
    assert [delay_after(n) for n in (1, 2, 9, 10, 50)] == [
        FIRST_DELAY, FIRST_DELAY * 2, FIRST_DELAY * 256, LONGEST_DELAY, LONGEST_DELAY
    ]  # fmt: skip
    delays = [delay_after(number) for number in range(1, 200)]
    known = [delay for delay in delays if delay is not None]
    assert delays == known + [None] * (199 - len(known))
    assert PATIENCE - LONGEST_DELAY < sum(known, timedelta()) <= PATIENCE


def test_a_message_is_claimed_by_one_sender(home: Home) -> None:
    """Of eight that look at once one has it; when it dies another may, after the lease."""
    home.targets.set("essai", replace(TARGETS, emails=("sav@essai.example",), on_call=(),
                                      webhook_url=""))  # fmt: skip
    home.outbox.release(home.opened(), home.clock())
    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda _: home.outbox.claim(home.clock(), ["email"]), range(8)))
    (first,) = (claim for claim in claims if claim is not None)
    assert home.outbox.claim(home.clock.pass_(seconds=LEASE.total_seconds() - 1), ["email"]) is None
    second = home.outbox.claim(home.clock.pass_(seconds=1), ["email"])
    assert second is not None
    assert (second.key, second.attempt, first.attempt) == (first.key, 2, 1)
    home.outbox.failed(first.key, first.attempt, "late", None, home.clock())
    assert rows(home)[0].given_up_at is None  # the first one's word counts no more
    home.outbox.sent(second.key, home.clock())
    home.outbox.failed(second.key, second.attempt, "late", None, home.clock())
    assert (rows(home)[0].given_up_at, rows(home)[0].error) == (None, None)


def test_what_cannot_be_written_waits_like_what_cannot_be_sent(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    """A sender that breaks otherwise than it may is no reason to stop, or to try at once."""

    class Broken:
        def send(self, *_: object) -> None:
            raise RuntimeError("broken")

    home.outbox.release(home.opened(), home.clock())
    delivery = Delivery(home.outbox, {"email": Broken()}, home.clock)
    assert [delivery.send_one("email") for _ in range(3)] == [True, True, False]
    assert rows(home)[0].error == "RuntimeError: broken"
    assert "Traceback" in caplog.text


def test_threads_send_when_a_call_has_ended(home: Home) -> None:
    """What waits leaves at its release, once, and not before; closing takes no time."""
    others = set(threading.enumerate())
    hook, mailbox = Hook(), Mailbox()
    with hook_server(hook) as url, smtp_server(mailbox) as port:
        home.targets.set("essai", replace(TARGETS, webhook_url=url))
        mailer = Mailer("127.0.0.1", port, FROM, security="none")
        senders = {"email": mailer, "webhook": Webhook()}
        outboxes = [Outbox(Delivery(home.outbox, senders, home.clock)) for _ in range(2)]
        released = [home.opened(f"c-{number}") for number in range(5)]
        held = home.opened("held")
        for ticket_id in released:
            outboxes[0].release(ticket_id)
        hook.wait_for(5)
        until = time.monotonic() + 10
        while len(mailbox.received) < 10 and time.monotonic() < until:
            time.sleep(0.01)
        began = time.monotonic()
        for outbox in outboxes:
            outbox.close()
        assert time.monotonic() - began < 2
    left = set(threading.enumerate()) - others
    assert not [thread for thread in left if thread.name.startswith("outbox")]
    assert [len(bodies) for bodies in hook.taken.values()] == [1] * 5
    told = {json.loads(body)["ticket"]["id"] for _, body in hook.requests}
    assert told == set(released)
    assert len(mailbox.received) == 10
    assert {row.ticket_id for row in rows(home) if row.sent_at is None} == {held}


def test_a_cancelled_ticket_is_not_told(home: Home) -> None:
    """Its caller has talked to somebody; if they ask for somebody again, that is told."""
    ticket_id = home.opened()
    keys = {row.id for row in rows(home)}
    home.handed(ticket_id, "h-1", "requested", "ringing", "accepted", "connected", "finished")
    assert rows(home) == []
    assert home.tickets.get(ticket_id).status == "done"
    home.opened()
    assert {row.event for row in rows(home)} == {"reopened"}
    assert not keys & {row.id for row in rows(home)}


def test_nothing_is_sent_while_the_caller_is_handed_over(home: Home) -> None:
    """Afterwards it is, if it is a callback again; due longest first, urgent before all."""
    live = home.opened()
    home.handed(live, "h-1", "requested", "ringing")
    urgent = home.opened("c-2", "urgent")
    home.clock.pass_(hours=1)
    seen = []
    while (claim := home.outbox.claim(home.clock(), ["email"])) is not None:
        seen.append(claim.ticket.ticket_id)
    assert seen == [urgent] * 3
    home.handed(live, "h-1", "requested", "ringing", "no_answer")
    claim = home.outbox.claim(home.clock(), ["email"])
    assert claim is not None and claim.ticket.ticket_id == live
    assert URGENT_HOLD < HOLD


@pytest.mark.parametrize("way", ["starttls", "ssl"])
def test_e_mail_is_encrypted_with_a_password(tmp_path: Path, way: str) -> None:
    """The certificate is checked; a wrong password and an unknown authority are told."""
    server_tls, trusting = certificate(tmp_path)
    mailbox = Mailbox()
    options = {"tls": server_tls} if way == "starttls" else {"ssl_context": server_tls}
    with smtp_server(mailbox, **options) as port:

        def mailer(password: str, tls: ssl.SSLContext | None) -> Mailer:
            user = USER if way == "starttls" else ""
            return Mailer("127.0.0.1", port, FROM, security="starttls" if way == "starttls"
                          else "ssl", user=user, password=password, tls=tls)  # fmt: skip

        mailer(PASSWORD, trusting).send("key", "sav@essai.example", BODY)
        with pytest.raises(DeliveryError, match="certificate verify failed"):
            mailer(PASSWORD, None).send("key", "sav@essai.example", BODY)
        if way == "starttls":
            with pytest.raises(DeliveryError, match=r"^refused \(535 .*\)$") as refused:
                mailer("wrong", trusting).send("key", "sav@essai.example", BODY)
            assert "wrong" not in str(refused.value)
    ((to, message),) = mailbox.received
    assert to == ["sav@essai.example"]
    assert message["Subject"] == BODY["subject"]
    assert message["Importance"] == "high"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().splitlines() == [str(BODY["text"]).rstrip()]


def test_a_server_that_cannot_encrypt_gets_nothing(tmp_path: Path) -> None:
    """The password is not sent in the clear."""
    mailbox = Mailbox()
    with smtp_server(mailbox) as port:
        mailer = Mailer("127.0.0.1", port, FROM, user=USER, password=PASSWORD)
        with pytest.raises(DeliveryError, match="STARTTLS"):
            mailer.send("key", "sav@essai.example", BODY)
    assert mailbox.received == []


def test_a_webhook_that_does_not_answer_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then does not keep it waiting: the time is that of the whole attempt."""
    monkeypatch.setattr(webhook, "TIMEOUT_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            taken, _ = server.accept()
            with taken:
                for sign in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 1000:
                    try:
                        taken.send(bytes([sign]))
                    except OSError:
                        return
                    time.sleep(0.02)

        thread = threading.Thread(target=drip)
        thread.start()
        began = time.monotonic()
        with pytest.raises(DeliveryError, match=r"no answer within 0\.3 s"):
            Webhook().send("key", f"http://127.0.0.1:{server.getsockname()[1]}/", {}, SECRET)
        assert time.monotonic() - began < 2
        thread.join()


@pytest.mark.parametrize(
    ("target", "secret", "says"),
    [("ftp://essai.example/", SECRET, "neither http nor https"),
     ("https://essai.example/", "", "no secret any more")],
)  # fmt: skip
def test_a_webhook_that_cannot_be(target: str, secret: str, says: str) -> None:
    """Nothing is sent in another way, or unsigned."""
    with pytest.raises(DeliveryError, match=says):
        Webhook().send("key", target, {}, secret)


def test_a_signature_that_a_receiver_can_check() -> None:
    """As `printf '1764194400.{"a":"é"}' | openssl dgst -sha256 -hmac SECRET` computes it."""
    body = as_bytes({"a": "é"})
    assert body == '{"a":"é"}'.encode()
    assert (
        signature(SECRET, "1764194400", body)
        == "sha256=44308e072af2e53878b8a3757cb86c97b1688977c71f5f0b80f13d58a4970402"
    )
