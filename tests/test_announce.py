"""What is queued with a ticket: for whom, when, once; and where a client wants to be told."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.errors import StoreError, UnknownClientError
from agent.store.announce import HOLD, URGENT_HOLD
from agent.store.schema import ClientRow
from agent.store.targets import MOST_TARGETS, OnCall, TargetRefusedError, Targets
from tests.ticket_homes import BRIEF, NIGHT, SECRET, TARGETS, Home, made_home

SAV, CHEF, HOOK, NIGHTLY = (
    ("email", "sav@essai.example"),
    ("email", "chef@essai.example"),
    ("webhook", "https://essai.example/permanence"),
    ("email", "nuit@essai.example"),
)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A home of the test's own."""
    made = made_home(tmp_path)
    yield made
    made.database.close()


def queued(home: Home, ticket_id: str) -> dict[tuple[str, str, str], datetime]:
    """When each message of a ticket is due, by event, kind and target."""
    return {
        (one.event, one.kind, one.target): one.due_at for one in home.outbox.of_ticket(ticket_id)
    }


def test_each_target_is_told_of_a_ticket(home: Home) -> None:
    """A while later; who is on call is not, nor is another client's anybody."""
    ticket_id = home.opened()
    assert queued(home, ticket_id) == {
        ("opened", *target): NIGHT + HOLD for target in (SAV, CHEF, HOOK)
    }
    assert queued(home, home.opened("c-2", "urgent", client="autre")) == {}


def test_who_is_on_call_now_is_told_of_an_urgent_one(home: Home) -> None:
    """In their hours only, and sooner."""
    assert queued(home, home.opened("c-1", "urgent")) == {
        ("opened", *target): NIGHT + URGENT_HOLD for target in (SAV, CHEF, HOOK, NIGHTLY)
    }
    home.clock.pass_(hours=60)  # Monday morning
    morning = {target for _, _, target in queued(home, home.opened("c-2", "urgent"))}
    assert "nuit@essai.example" not in morning
    assert "jour@essai.example" in morning


def test_somebody_named_twice_is_told_once(home: Home) -> None:
    """As an address of the client's and as who is on call."""
    home.targets.set("essai", Targets(("a@essai.example",), on_call=(OnCall("a@essai.example"),)))
    assert list(queued(home, home.opened("c-1", "urgent"))) == [
        ("opened", "email", "a@essai.example")
    ]


@pytest.mark.parametrize(
    "rules",
    [
        [{"email": "nuit@essai.example", "hours": "on verra"}],
        [{"email": "nuit@essai.example"}],
        [{"hours": ""}, {"email": "nuit@essai.example", "hours": "lundi 9h-12h"}],
    ],
)
def test_rules_that_cannot_be_read_keep_no_ticket_away(
    home: Home, rules: list[dict[str, str]]
) -> None:
    """As another version may have written them: the ticket is kept and they are told."""
    with home.database.transaction() as session:
        session.get_one(ClientRow, "essai").on_call = rules
    assert ("opened", *NIGHTLY) in queued(home, home.opened("c-1", "urgent"))


def test_holidays_are_nights_like_others(home: Home) -> None:
    """Christmas: « lundi-vendredi 18h-6h » is meant for it too, unlike a client's own hours."""
    home.clock.at = datetime(2026, 12, 25, 21, 0, tzinfo=UTC)
    assert ("opened", *NIGHTLY) in queued(home, home.opened("c-1", "urgent"))


def test_becoming_urgent_before_anybody_was_told(home: Home) -> None:
    """What waits says so itself and leaves sooner; who is on call is told too."""
    ticket_id = home.opened()
    home.clock.pass_(seconds=60)
    assert home.opened("c-1", "urgent") == ticket_id
    due_at = home.clock() + URGENT_HOLD
    expected = {("opened", *target): due_at for target in (SAV, CHEF, HOOK)}
    assert queued(home, ticket_id) == expected | {("urgent", *NIGHTLY): due_at}
    home.opened("c-1", "urgent")
    assert len(queued(home, ticket_id)) == 4


def test_becoming_urgent_after_they_were_told(home: Home) -> None:
    """Who was told, or is being told, is told again; once."""
    ticket_id = home.opened()
    home.outbox.release(ticket_id, home.clock())
    while (message := home.outbox.claim(home.clock(), ["email"])) is not None:
        home.outbox.sent(message.key, home.clock())
    for _ in range(2):
        home.opened("c-1", "urgent")
    events = {(event, target) for event, _, target in queued(home, ticket_id)}
    assert events == {
        *(("opened", target) for _, target in (SAV, CHEF, HOOK)),
        *(("urgent", target) for _, target in (SAV, CHEF, NIGHTLY)),
    }


def test_a_second_request_is_no_second_message(home: Home) -> None:
    """Twenty threads, one call."""
    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(lambda _: home.opened(), range(20)))
    (ticket_id,) = ids
    assert len(queued(home, ticket_id)) == 3


def test_a_ticket_that_is_not_kept_is_not_told(home: Home) -> None:
    """Another client's call: neither the one nor the other."""
    ticket_id = home.opened()
    before = queued(home, ticket_id)
    with pytest.raises(StoreError, match="another client's"):
        home.tickets.open_ticket("autre", "c-1", BRIEF, "urgent")
    assert queued(home, ticket_id) == before
    assert home.tickets.get(ticket_id).urgency == "normal"


def test_release_and_cancel_touch_that_ticket_only(home: Home) -> None:
    """What was sent, or is tried again later, is neither made due nor dropped, and counted so."""
    first, other = home.opened(), home.opened("c-2")
    assert home.outbox.release(first, home.clock()) == 3
    assert home.outbox.release(first, home.clock()) == 0
    assert set(queued(home, first).values()) == {NIGHT}
    assert set(queued(home, other).values()) == {NIGHT + HOLD}
    message = home.outbox.claim(home.clock(), ["webhook"])
    assert message is not None
    home.outbox.sent(message.key, home.clock())
    retried = home.outbox.claim(home.clock(), ["email"])
    assert retried is not None
    home.outbox.failed(retried.key, 1, "full", home.clock() + HOLD, home.clock())
    assert home.outbox.release(first, home.clock()) == 0
    assert home.outbox.backlog("email").waiting == 4
    assert home.outbox.backlog("email").error == "full"
    home.handed(first, "h-1", "requested", "ringing", "accepted", "connected", "finished")
    assert list(queued(home, first)) == [("opened", *HOOK)]
    assert len(queued(home, other)) == 3


def test_what_waits_follows_the_clients_wishes(home: Home) -> None:
    """An address that is gone gets nothing more; another webhook gets what the old one was to."""
    ticket_id = home.opened("c-1", "urgent")
    moved = replace(TARGETS, emails=("sav@essai.example",), webhook_url="https://neuf.example/")
    home.targets.set("essai", moved)
    left = {(kind, target) for _, kind, target in queued(home, ticket_id)}
    assert left == {SAV, NIGHTLY, ("webhook", "https://neuf.example/")}
    home.targets.set("essai", replace(moved, webhook_url="", webhook_secret="", on_call=()))
    assert list(queued(home, ticket_id)) == [("opened", *SAV)]


def test_targets_come_back_as_they_were_set(home: Home) -> None:
    """Of that client alone; the secret stands in no representation."""
    assert home.targets.get("essai") == TARGETS
    assert home.targets.get("autre") == Targets()
    assert SECRET not in repr(TARGETS)
    with pytest.raises(UnknownClientError):
        home.targets.set("inconnu", TARGETS)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (Targets(emails=("sav",)), "'sav' is no e-mail address"),
        (Targets(emails=("a@b.fr\nBcc: c@d.fr",)), "is no e-mail address"),
        (Targets(emails=("é@essai.example",)), "is no e-mail address"),
        (Targets(on_call=(OnCall("nuit"),)), "'nuit' is no e-mail address"),
        (Targets(emails=("a@b.fr",) * (MOST_TARGETS + 1)), "cannot have 21 e-mail addresses"),
        (Targets(webhook_url="ftp://h/", webhook_secret=SECRET), "'ftp://h/' cannot be a webhook"),
        (Targets(webhook_url="https:///x", webhook_secret=SECRET), "cannot be a webhook"),
        (Targets(webhook_url="https://h:0/", webhook_secret=SECRET), "cannot be a webhook"),
        (Targets(webhook_url="https://h:x/", webhook_secret=SECRET), "cannot be a webhook"),
        (Targets(webhook_url="https://[/", webhook_secret=SECRET), "cannot be a webhook"),
        (Targets(webhook_url="https://h/a b", webhook_secret=SECRET), "cannot be a webhook"),
        (Targets(webhook_url="https://u:pw@h/", webhook_secret=SECRET), "'https://…@h/' cannot"),
        (Targets(webhook_url="https://h/", webhook_secret="short"), "16 ASCII characters"),
    ],
)
def test_what_cannot_be_told_is_refused(home: Home, wrong: Targets, says: str) -> None:
    """One sentence; nothing changes."""
    with pytest.raises(TargetRefusedError) as refused:
        home.targets.set("essai", wrong)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value) and "pw" not in str(refused.value)
    assert home.targets.get("essai") == TARGETS
