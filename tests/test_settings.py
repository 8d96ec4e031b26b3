"""Settings: read from the environment, told in one sentence when they cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from agent.errors import SettingsError
from agent.settings import Settings, SmtpServer, load_settings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine that runs the tests."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"PERMANENCE_{name.upper()}", raising=False)


def test_defaults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without any setting: loopback only, the small models, all under the home folder."""
    monkeypatch.setenv("HOME", str(tmp_path))
    settings = load_settings()
    assert settings.home == tmp_path / ".permanence"
    assert (settings.host, settings.port, settings.max_calls) == ("127.0.0.1", 8080, 12)
    assert settings.whisper == "base-sav"
    assert settings.database == f"sqlite:///{tmp_path}/.permanence/data/permanence.db"


def test_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key is PERMANENCE_ and the name, in either case; what is given to the call wins."""
    monkeypatch.setenv("PERMANENCE_PORT", "9000")
    monkeypatch.setenv("PERMANENCE_MAX_CALL_S", "12.5")
    monkeypatch.setenv("permanence_whisper", "small")
    monkeypatch.setenv("PORT", "1")
    settings = load_settings()
    assert (settings.port, settings.max_call_s, settings.whisper) == (9000, 12.5, "small")
    assert load_settings(port=0).port == 0


def test_limits_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names and calls; what is no number is told with its key."""
    monkeypatch.setenv("PERMANENCE_MAX_CALLS_BY_LINE", "browser=2, trunk-a = 10,")
    assert load_settings().max_calls_by_line == {"browser": 2, "trunk-a": 10}
    monkeypatch.setenv("PERMANENCE_MAX_CALLS_BY_LINE", "browser=all")
    with pytest.raises(SettingsError, match="PERMANENCE_MAX_CALLS_BY_LINE cannot be 'all'"):
        load_settings()


def test_home_moves_everything(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Models, downloads, data and the database follow PERMANENCE_HOME."""
    monkeypatch.setenv("PERMANENCE_HOME", str(tmp_path))
    settings = load_settings()
    assert settings.models_dir == tmp_path / "models"
    assert settings.downloads_dir == tmp_path / "downloads"
    assert settings.data_dir == tmp_path / "data"
    assert settings.database == f"sqlite:///{tmp_path}/data/permanence.db"
    monkeypatch.setenv("PERMANENCE_DATABASE_URL", "postgresql+psycopg://localhost/p")
    assert load_settings().database == "postgresql+psycopg://localhost/p"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("PERMANENCE_PORT", "eighty"),
        ("PERMANENCE_PORT", "70000"),
        ("PERMANENCE_PORT", "-1"),
        ("PERMANENCE_PORT", ""),
        ("PERMANENCE_WHISPER", "huge"),
        ("PERMANENCE_MAX_CALLS", "0"),
        ("PERMANENCE_MAX_CALLS", "2.5"),
        ("PERMANENCE_MAX_CALL_S", "0"),
        ("PERMANENCE_MAX_CALL_S", "soon"),
        ("PERMANENCE_TRANSCRIBER_WORKERS", "65"),
        ("PERMANENCE_VOICE_WORKERS", "none"),
        ("PERMANENCE_MAX_CALLS_BY_LINE", "browser"),
        ("PERMANENCE_MAX_CALLS_BY_LINE", "=3"),
    ],
)
def test_bad_value_is_named(monkeypatch: pytest.MonkeyPatch, key: str, value: str) -> None:
    """One sentence with the key, the value and what to do."""
    monkeypatch.setenv(key, value)
    with pytest.raises(SettingsError) as told:
        load_settings()
    sentence = str(told.value)
    assert sentence.startswith(f"{key} cannot be {value!r}: ")
    assert sentence.endswith("; correct it and try again.")
    assert "\n" not in sentence


def test_bad_value_given_to_the_call_is_named_too() -> None:
    """The command line's options go the same way."""
    with pytest.raises(SettingsError, match="PERMANENCE_PORT cannot be 70000"):
        load_settings(port=70000)
    with pytest.raises(SettingsError, match="PERMANENCE_COLOUR cannot be 'red'"):
        load_settings(colour="red")


def test_settings_do_not_change() -> None:
    """They are read once and passed down."""
    with pytest.raises(ValidationError, match="frozen"):
        load_settings().port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://h", SmtpServer("h", 587, "starttls")),
        ("smtp://u%40b.fr:p%2Fw@h:25", SmtpServer("h", 25, "starttls", "u@b.fr", "p/w")),
        ("smtp://h?tls=none", SmtpServer("h", 25, "none")),
        ("smtps://u:p@h/", SmtpServer("h", 465, "ssl", "u", "p")),
    ],
)
def test_where_e_mail_is_handed_in(url: str, server: SmtpServer) -> None:
    """Encrypted unless it is said otherwise; no representation shows the password."""
    settings = load_settings(smtp_url=url, smtp_from="Essai <sav@essai.example>")
    assert settings.smtp == server
    assert "p/w" not in repr(settings) + repr(settings.smtp)
    assert load_settings().smtp is None


@pytest.mark.parametrize(
    "url",
    ["h", "http://u:geheim@h", "smtp://", "smtp://u:geheim@h:x", "smtp://u:geheim@h?tls=maybe",
     "smtp://u:geheim@h/path", "smtp://u:geheim@h?x=1", "smtp://u:geheim@h?tls=none"],
)  # fmt: skip
def test_a_bad_smtp_url_is_told_without_its_password(url: str) -> None:
    """The sentence names the key and what to write."""
    with pytest.raises(SettingsError) as told:
        load_settings(smtp_url=url, smtp_from="sav@essai.example")
    assert str(told.value).startswith("PERMANENCE_SMTP_URL cannot be what it is: ")
    assert "geheim" not in str(told.value) and told.value.__cause__ is None


@pytest.mark.parametrize("sender", ["", "sav", "Essai <sav>", "sav@essai", "a@b.fr\nBcc: c@d.fr"])
def test_e_mail_comes_from_an_address(sender: str) -> None:
    """Once there is a server for it."""
    with pytest.raises(SettingsError, match=r"^PERMANENCE_SMTP_FROM cannot be "):
        load_settings(smtp_url="smtp://h", smtp_from=sender)
