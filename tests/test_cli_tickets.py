"""`permanence tickets` and `permanence client notify` as a user meets them; no model is loaded."""

from __future__ import annotations

import codecs
import csv
import io
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.csv_tables import harmless
from agent.opening import open_database
from agent.outbox import open_outbox
from agent.settings import load_settings
from agent.store.targets import TargetStore
from agent.ticket_csv import COLUMNS, tickets_as_csv
from tests.commands import Ran
from tests.receivers import Hook, Mailbox, hook_server, smtp_server
from tests.test_cli_clients import Permanence, home, permanence  # noqa: F401  # fixtures
from tests.ticket_homes import BRIEF, NIGHT, TARGETS, Clock, Home

URL = "https://essai.example/permanence"


@pytest.fixture
def kept(home: Path) -> Iterator[Home]:  # noqa: F811
    """The stores of that home."""
    database = open_database(load_settings())
    yield Home(database)
    database.close()


@pytest.fixture(autouse=True)
def no_smtp(monkeypatch: pytest.MonkeyPatch) -> None:
    """No server of the machine that runs the tests."""
    for name in ("PERMANENCE_SMTP_URL", "PERMANENCE_SMTP_FROM"):
        monkeypatch.delenv(name, raising=False)


def test_nobody_is_told_until_it_is_said(permanence: Permanence) -> None:  # noqa: F811
    """Shown without options; each kind is set, kept while others change, and taken back."""
    nobody = "essai: nobody is told; tickets are listed by `permanence tickets` alone.\n"
    waits = "No e-mail is sent: set PERMANENCE_SMTP_URL and PERMANENCE_SMTP_FROM.\n"
    assert permanence("client", "notify", "essai") == Ran(0, nobody, "")
    set_ = permanence("client", "notify", "essai", "--email", "a@b.fr", "--email", "c@d.fr")
    assert set_ == Ran(0, f"email\ta@b.fr\nemail\tc@d.fr\n{waits}", "")
    hours = "nuit@b.fr; lundi-vendredi 18h-22h; samedi 9h-12h"
    permanence("client", "notify", "essai", "--email", "a@b.fr", "--on-call", hours)
    shown = permanence("client", "notify", "essai", "--on-call", hours, "--on-call", "x@b.fr")
    assert shown.out == (
        "email\ta@b.fr\non call\tnuit@b.fr\tlundi-vendredi 18h-22h; samedi 9h-12h\n"
        f"on call\tx@b.fr\talways\n{waits}"
    )
    assert permanence("client", "notify", "essai", "--no-on-call").out == f"email\ta@b.fr\n{waits}"
    assert permanence("client", "notify", "essai", "--no-email") == Ran(0, nobody, "")


def test_a_secret_is_made_and_shown_once(permanence: Permanence, kept: Home) -> None:  # noqa: F811
    """Unless one is given; another on request; gone with the webhook."""
    made = permanence("client", "notify", "essai", "--webhook", URL).out
    first = kept.targets.get("essai").webhook_secret
    assert made == f"webhook\t{URL}\nwebhook secret, shown this once: {first}\n"
    assert len(first) >= 40
    assert permanence("client", "notify", "essai").out == f"webhook\t{URL}\n"
    permanence("client", "notify", "essai", "--webhook", f"{URL}/2")
    assert kept.targets.get("essai").webhook_secret == first
    given = permanence("client", "notify", "essai", "--secret", "a secret of ours")
    assert given.out == f"webhook\t{URL}/2\n"
    assert kept.targets.get("essai").webhook_secret == "a secret of ours"
    again = permanence("client", "notify", "essai", "--new-secret").out
    assert kept.targets.get("essai").webhook_secret in again
    permanence("client", "notify", "essai", "--no-webhook")
    assert (kept.targets.get("essai").webhook_url, kept.targets.get("essai").webhook_secret) == (
        "", "",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--email", "sav"), "'sav' is no e-mail address; write it as NAME@DOMAIN"),
        (("--webhook", "essai.example"), "'essai.example' cannot be a webhook; write https://"),
        (("--webhook", URL, "--secret", "court"), "16 ASCII characters or more"),
        (("--secret", "a secret of ours"), "give --webhook too"),
        (("--on-call", "nuit@b.fr; lundii 9h-12h"), "« lundii 9h-12h » n'est pas compris"),
        (("--on-call", "; lundi 9h-12h"), "'' is no e-mail address"),
        (("--email", "a@b.fr", "--no-email"), "--email and --no-email exclude each other"),
        (("--webhook", URL, "--no-webhook"), "--webhook and --no-webhook exclude each other"),
        (("--secret", "x", "--new-secret"), "--secret and --new-secret exclude each other"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_one_sentence(
    permanence: Permanence,  # noqa: F811
    kept: Home,
    options: tuple[str, ...],
    sentence: str,
) -> None:
    """Nothing changes."""
    assert sentence in permanence("client", "notify", "essai", *options).sentence
    assert kept.targets.get("essai") == TargetStore(kept.database).get("essai")
    assert "nobody is told" in permanence("client", "notify", "essai").out
    assert "There is no client 'x'" in permanence("client", "notify", "x", *options[:0]).sentence


def test_waiting_e_mails_are_told(permanence: Permanence, kept: Home) -> None:  # noqa: F811
    """By the list of tickets, on standard error, and by the targets."""
    kept.targets.set("essai", replace(TARGETS, webhook_url=""))
    kept.opened()
    listed = permanence("tickets", "--json")
    assert json.loads(listed.out)["status"] == "new"
    assert listed.err.startswith("2 e-mails wait, as no server is set to send them: set PERMANENCE")
    assert "2 e-mails wait" in permanence("client", "notify", "essai").out


def test_the_list_shows_how_far_each_is(permanence: Permanence, kept: Home) -> None:  # noqa: F811
    """In French."""
    kept.work.take(kept.opened(), "u1")
    kept.work.close(kept.opened("c-2"), "u1", NIGHT)
    kept.opened("c-3")
    listed = permanence("tickets").out
    assert [word in listed for word in ("prise", "close", "nouvelle")] == [True] * 3


def test_a_table_for_a_french_excel(
    permanence: Permanence,  # noqa: F811
    kept: Home,
    tmp_path: Path,
) -> None:
    """Its mark, semicolons, times of the client's zone; what looks like a formula is text."""
    kept.clients.set_hours("essai", "fuseau Indian/Reunion")
    ticket_id = kept.tickets.open_ticket(
        "essai", "c-1", replace(BRIEF, question='=HYPERLINK("x";"y")'), "urgent", None
    )
    kept.tickets.set_number(ticket_id, "+3225550123")
    kept.tickets.set_detail(ticket_id, "name", "@Durand; fils")
    kept.work.attempt(ticket_id, "u1", "no_answer", "messagerie", NIGHT)
    kept.work.note(ticket_id, "u2", "rappeler\nle soir", NIGHT)
    kept.work.close(ticket_id, "u1", NIGHT)
    file = tmp_path / "nouveau" / "demandes.csv"
    assert permanence("tickets", "--csv", str(file)) == Ran(0, f"{file}: 1\n", "")
    content = file.read_bytes()
    assert content.startswith(codecs.BOM_UTF8)
    assert content.endswith(b"\r\n")
    heading, line = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";")
    assert tuple(heading) == COLUMNS
    cells = dict(zip(heading, line, strict=True))
    assert cells["Demande"] == ticket_id
    assert cells["Reçue le"] == "28/11/2026 01:30"
    assert (cells["Urgence"], cells["État"]) == ("urgente", "close")
    assert (cells["Nom"], cells["Numéro"]) == ("'@Durand; fils", "+32 2 555 01 23")
    assert cells["Problème"] == '\'=HYPERLINK("x";"y")'
    assert cells["Rappels"] == "28/11/2026 01:30 pas de réponse : messagerie"
    assert cells["Notes"] == "28/11/2026 01:30 rappeler\nle soir"
    assert (cells["Prise par"], cells["Close le"]) == ("u1", "28/11/2026 01:30")
    (named,) = list(csv.reader(io.StringIO(
        tickets_as_csv(kept.tickets.list(), {}, {"u1": "Poste 1"}).decode("utf-8-sig"), newline=""
    ), delimiter=";"))[1:]  # fmt: skip
    assert (named[2], named[15]) == ("27/11/2026 22:30", "Poste 1")
    refused = permanence("tickets", "--csv", str(tmp_path)).sentence
    assert refused == f"{tmp_path} cannot be written (Is a directory); give another file."


@pytest.mark.parametrize(
    ("cell", "shown"),
    [("=1+1", "'=1+1"), ("+1+1", "'+1+1"), ("-1", "'-1"), ("@a", "'@a"), ("\ta", "'\ta"),
     ("＝1", "'＝1"), ("+32 2 555 01 23", "+32 2 555 01 23"), ("+32|calc", "'+32|calc"),
     ("06 39 98 12 34", "06 39 98 12 34"), ("", ""), ("a=1", "a=1")],
)  # fmt: skip
def test_a_cell_that_could_be_a_formula(cell: str, shown: str) -> None:
    """Is none; a telephone number is left as it is."""
    assert harmless(cell) == shown


def test_the_outbox_of_a_server_sends_by_the_settings(
    home: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Webhooks always, e-mails once a server is set; without one they wait and that is logged."""
    hook, mailbox = Hook(), Mailbox()
    with hook_server(hook) as url, smtp_server(mailbox) as port:
        database = open_database(load_settings())
        stores = Home(database, Clock(datetime.now(UTC)))
        stores.targets.set("essai", replace(TARGETS, webhook_url=url, on_call=()))
        ticket_id = stores.opened()
        stores.outbox.release(ticket_id, stores.clock())
        open_outbox(load_settings(), database).close()
        assert "2 e-mails wait" in caplog.text
        monkeypatch.setenv("PERMANENCE_SMTP_URL", f"smtp://127.0.0.1:{port}?tls=none")
        monkeypatch.setenv("PERMANENCE_SMTP_FROM", "sav@essai.example")
        outbox = open_outbox(load_settings(), database)
        hook.wait_for(1)
        until = time.monotonic() + 10
        while stores.outbox.backlog("email").waiting and time.monotonic() < until:
            time.sleep(0.01)
        outbox.close()
        database.close()
    assert len(hook.taken) == 1
    assert len(mailbox.received) == 2
