"""What is said of a real exchange: what is well, and what to do about the rest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent.cli import app
from agent.opening import open_database
from agent.settings import Settings, load_settings
from agent.store.clients import ClientStore
from agent.store.numbers import NumberStore
from agent.telephony.asterisk.checking import Finding, check
from agent.telephony.asterisk.console import NotRunningError, ask_console
from evals.exchange_sounds import exchange_sounds
from evals.exchange_stage import PHONES, ExchangeStage, exchange_stage
from evals.softphone import softphone

NUMBERS = {"+33199001234": "orvane"}


@pytest.fixture(scope="module")
def stage(exchange_settings: Settings) -> Iterator[ExchangeStage]:
    """An exchange with two telephones, of which nobody has switched one on."""
    with exchange_stage(
        exchange_settings, NUMBERS, phones={"101": "mot-de-passe-101", "102": "mot-de-passe-102"},
        sounds=exchange_sounds(exchange_settings),
    ) as raised:  # fmt: skip
        yield raised


def sentences(findings: list[Finding], *, ok: bool) -> str:
    """Those that are well, or those that are not, in one text."""
    return "\n".join(finding.sentence for finding in findings if finding.ok is ok)


def test_exchange_without_agent(stage: ExchangeStage) -> None:
    """Modules, dialplan, files, commands and sounds are well; the agent is missing, and a phone."""
    with softphone(stage.sip_port, "101", password="mot-de-passe-101", address=PHONES):
        found = list(check(stage.values, NUMBERS))
    well, wrong = sentences(found, ok=True), sentences(found, ok=False)
    for said in ("Asterisk 22 is running", "modules are running", "dialplan uses is known",
                 "1 numbers lead", "telephone 101 is signed on", "is what would be written",
                 "(ARI) answer", "sounds are there", "No message waits"):  # fmt: skip
        assert said in well
    for said in ("telephone 102 is not signed on", "agent is not there", "Nothing listens",
                 "answers no OPTIONS"):  # fmt: skip
        assert said in wrong


def test_what_was_changed_since_is_told(stage: ExchangeStage) -> None:
    """Numbers that are not in force, sounds that are missing, files that are others."""
    more = {**NUMBERS, "+33199005678": "bora"}
    wrong = sentences(list(check(stage.values, more)), ok=False)
    assert "+33199005678" in wrong
    assert "extensions.conf is not what would be written" in wrong
    assert "bora/message.wav" in wrong


def test_several_stand_side_by_side_and_leave_nothing(exchange_settings: Settings) -> None:
    """Two exchanges at once; afterwards no process answers and no folder is left."""
    with ExitStack() as stack:
        stages = [stack.enter_context(exchange_stage(exchange_settings, NUMBERS)) for _ in range(2)]
        assert len({one.sip_port for one in stages}) == 2
        assert all("System uptime" in one.cli("core show uptime") for one in stages)
    for one in stages:
        assert not one.folder.exists()
        with pytest.raises(NotRunningError):
            ask_console(Path(one.values.folders.run), "core show uptime")


def test_commands_from_example_to_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example is written, nothing is written twice, and the check fails with status 1."""
    monkeypatch.setenv("PERMANENCE_HOME", str(tmp_path / "home"))
    database = open_database(load_settings())
    ClientStore(database).add("orvane", "Orvane")
    NumberStore(database).add("orvane", "+33199001234")
    database.close()
    command = CliRunner()
    values = tmp_path / "values.toml"
    values.write_text(command.invoke(app, ["asterisk", "example"]).stdout, "utf-8")
    wanted = ["asterisk", "config", str(values), "--output", str(tmp_path / "etc")]
    first = command.invoke(app, wanted)
    assert "core restart when convenient" in first.stdout
    assert "Set(CLIENT=orvane)" in (tmp_path / "etc" / "extensions.conf").read_text("utf-8")
    assert "nothing has changed" in command.invoke(app, wanted).stdout
    database = open_database(load_settings())
    NumberStore(database).add("orvane", "+33199005678")
    database.close()
    again = command.invoke(app, wanted)
    assert 'asterisk -rx "dialplan reload"' in again.stdout
    assert "restart" not in again.stdout
    checked = command.invoke(app, ["asterisk", "check", str(values)])
    assert checked.exit_code == 1
    assert "systemctl start asterisk" in checked.stdout
