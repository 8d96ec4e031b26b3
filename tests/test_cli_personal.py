"""The commands about keys, one number and what is too old."""

from __future__ import annotations

import base64
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.sealing.keys import new_key, read_keys
from agent.sealing.vault import Vault
from tests.commands import Permanence, commands
from tests.personal_home import KEY, NATIONAL, PersonalHome, personal_home


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PersonalHome]:
    """Its key is in the environment."""
    written = base64.urlsafe_b64encode(KEY.secret).decode()
    monkeypatch.setenv("PERMANENCE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PERMANENCE_DATA_KEY", written)
    with personal_home(tmp_path / "home") as made:
        yield made


@pytest.fixture
def permanence(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Permanence:
    """Runs a command."""

    return commands(monkeypatch, capfd)


def test_a_number_is_searched_exported_and_erased(
    home: PersonalHome, permanence: Permanence, tmp_path: Path
) -> None:
    """Of the client that is named; what is no number is refused in a sentence."""
    listed = permanence("person", "search", NATIONAL, "--client", "acme").out.splitlines()
    assert [line.split("\t")[0] for line in listed] == ["call"] * 3 + ["ticket"] * 2
    out = tmp_path / "person.zip"
    said = permanence("person", "export", NATIONAL, "--client", "acme", "--out", str(out))
    assert said.out == f"3 calls, 2 tickets: {out}\n"
    assert zipfile.is_zipfile(out)
    assert out.stat().st_mode & 0o777 == 0o600
    again = permanence("person", "export", NATIONAL, "--client", "acme", "--out", str(out))
    assert (again.code, again.err) == (1, f"{out} cannot be written (File exists).\n")
    erased = permanence("person", "erase", "+33 6 39 98 12 34", "--client", "acme", "--yes")
    assert erased.out == "Erased: 3 calls, 2 tickets, 2 recordings.\n"
    left = permanence("person", "search", NATIONAL, "--client", "acme")
    assert left.out == "Nothing is kept of this number.\n"
    refused = permanence("person", "erase", "36 46", "--client", "acme", "--yes")
    assert refused.code == 1
    assert refused.err.startswith("Ce n'est pas un numéro de téléphone")


def test_retention_is_run_as_if_it_were_then(home: PersonalHome, permanence: Permanence) -> None:
    """By a date that is given."""
    said = permanence("retention", "run", "--now", "2027-06-01").out
    assert said == (
        "acme: 3 recordings, the words of 0 calls, 0 tickets, 0 verdicts deleted\n"
        "bora: 1 recordings, the words of 0 calls, 0 tickets, 0 verdicts deleted\n"
    )


def test_keys_are_made_and_rotated(
    home: PersonalHome, permanence: Permanence, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the old key behind the new one; then the new one alone opens everything."""
    fresh = permanence("key", "new").out.strip()
    old = os.environ["PERMANENCE_DATA_KEY"]
    monkeypatch.setenv("PERMANENCE_DATA_KEY", f"{fresh},{old}")
    home.persons.erase("bora", NATIONAL)  # the ledger's key is sealed too
    said = permanence("key", "rotate")
    assert (said.code, said.out) == (0, "4 files sealed, 0 were already.\n")
    vault = Vault(read_keys(fresh))
    for file in home.settings.data_dir.glob("recordings/*/*.wav"):
        assert vault.read(file).startswith(b"RIFF")
    assert len(vault.read(home.settings.erasures_file.with_suffix(".key"))) == 32
    assert permanence("key", "rotate").out == "0 files sealed, 4 were already.\n"


def test_rotation_says_what_it_could_not_open(
    home: PersonalHome, permanence: Permanence, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old key was thrown away too early; and without any key it says what to do."""
    monkeypatch.setenv("PERMANENCE_DATA_KEY", new_key())
    said = permanence("key", "rotate")
    assert said.code == 1
    assert "4 files could not be sealed, c1.wav among them: keep the older keys" in said.err
    monkeypatch.setenv("PERMANENCE_DATA_KEY", "")
    assert "put there what `permanence key new` prints" in permanence("key", "rotate").err


def test_a_backup_is_taken_and_restored(
    home: PersonalHome, permanence: Permanence, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In two commands; what was erased meanwhile is told, and is gone again."""
    out = tmp_path / "backup.tar.gz"
    said = permanence("backup", str(out))
    assert said.out.startswith(f"{out}: 5 files, ")
    permanence("person", "erase", NATIONAL, "--client", "acme", "--yes")
    ledger = str(home.settings.erasures_file)
    refused = permanence("restore", str(out))
    assert (refused.code, "is not empty" in refused.err) == (1, True)
    monkeypatch.setenv("PERMANENCE_HOME", str(tmp_path / "again"))
    said = permanence("restore", str(out), "--ledger", ledger)
    assert "5 files restored" in said.out
    assert "1 numbers that were erased since were erased again." in said.out
    left = permanence("person", "search", NATIONAL, "--client", "acme")
    assert left.out == "Nothing is kept of this number.\n"
