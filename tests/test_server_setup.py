"""`permanence setup --server`: what it asks, what it writes, and that others can read it."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import socket
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from agent.install import trying
from agent.install.answers import checked
from agent.install.environment import parsed, quoted
from agent.install.questions import BY_KEY
from agent.sealing.keys import read_keys
from tests.receivers import (
    PASSWORD,
    USER,
    Hook,
    Mailbox,
    certificate,
    hook_server,
    smtp_server,
)  # fmt: skip
from tests.test_cli_clients import Permanence, home, permanence
from tests.test_cli_users import in_terminal

__all__ = ["home", "permanence"]

ANSWERS = """\
public_url = "https://sav.example.fr"
admin_email = "chef@example.fr"
"""
UNITS = "etc/systemd/system"
ENVIRONMENT = "etc/permanence/permanence.env"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Where a server's files are written."""
    return tmp_path / "server"


@pytest.fixture
def set_up(permanence: Permanence, root: Path, tmp_path: Path):  # type: ignore[no-untyped-def]
    """Runs the set-up with answers."""

    def run(answers: str, *options: str):  # type: ignore[no-untyped-def]
        file = tmp_path / "answers.toml"
        file.write_text(answers, "utf-8")
        arguments = ("--answers", str(file), "--root", str(root), "--offline")
        return permanence("setup", *arguments, *options)

    return run


def listing(root: Path) -> dict[str, int]:
    """Every file, with its mode."""
    return {
        str(file.relative_to(root)): stat.S_IMODE(file.stat().st_mode)
        for file in sorted(root.rglob("*"))
        if file.is_file()
    }


def test_everything_has_a_default_but_who_and_where(set_up, root: Path) -> None:  # type: ignore[no-untyped-def]
    """Two answers are enough; the settings' file is closed to others."""
    ran = set_up(ANSWERS)
    assert ran.code == 0, ran.err
    assert listing(root) == {
        "etc/permanence/Caddyfile": 0o644,
        "etc/permanence/answers.toml": 0o644,
        ENVIRONMENT: 0o600,
        f"{UNITS}/permanence-nightly.service": 0o644,
        f"{UNITS}/permanence-nightly.timer": 0o644,
        f"{UNITS}/permanence.service": 0o644,
        "usr/local/sbin/permanence": 0o755,
    }
    settings = parsed((root / ENVIRONMENT).read_text("utf-8"))
    assert settings["PERMANENCE_PUBLIC_URL"] == "https://sav.example.fr"
    assert settings["PERMANENCE_HOST"] == "127.0.0.1"
    assert len(read_keys(settings["PERMANENCE_DATA_KEY"])) == 1
    with pytest.raises(KeyError):  # what is empty by default is left out
        settings["PERMANENCE_SMTP_URL"]
    steps = re.findall(r"(?m)^\d+\. (.+)$", ran.out)
    assert [step.split(" (")[0] for step in steps] == [
        "The user and the folders", "Models, and the demo line « orvane »",
        "Start it, now and after each boot", "The web server", "The first administrator",
        "Look whether all is well",
    ]  # fmt: skip
    assert "chef@example.fr" in ran.out


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ('public_url = "http://sav.example.fr"', "browsers give the microphone to secure pages"),
        ('public_url = "https://sav.example.fr/x"', "without port or path"),
        ('public_url = "https://localhost"', "https://NAME.DOMAIN"),
        ('home = "/home/permanence"', "neither /home nor /tmp"),
        ('home = "data"', "absolute path"),
        ('home = "/srv/../etc"', "without .."),
        ('user = "Permanence"', "a-z"),
        ("port = 80808", "1024 to 65535"),
        ("port = 80", "1024 to 65535"),
        ('proxy = "apache"', "caddy, nginx or none"),
        ('database_url = "mysql://a/b"', "leave it empty for SQLite"),
        ('smtp_url = "mail.example.fr"', "smtp://USER:PASSWORD@HOST:587"),
        ('smtp_url = "smtp://m.example"\nsmtp_from = "sav"', "NAME@DOMAIN"),
        ('admin_email = "chef"', "e-mail address"),
        ('asterisk = "perhaps"', "yes or no"),
        ('admin_email = "a@b.c\\nX=1"', "one line"),
        ('redis_url = "redis://localhost"', "which is not asked; there is: user, home"),
        ("public_url =", "correct the file"),
    ],
)
def test_an_answer_that_cannot_be_used_is_one_sentence(
    set_up, root: Path, answer: str, sentence: str
) -> None:  # type: ignore[no-untyped-def]
    """It names the answer; nothing is written."""
    key = answer.split(" =")[0].split("\n")[-1]
    kept = [line for line in ANSWERS.splitlines() if not answer.startswith(line.split(" =")[0])]
    ran = set_up("\n".join([*kept, answer]))
    assert (ran.code, ran.sentence.count("\n")) == (1, 0)
    assert sentence.lower() in ran.sentence.lower(), ran.sentence
    if "correct the file" not in sentence:
        assert key in ran.sentence or "smtp_from" in ran.sentence
    assert not root.exists()


def test_what_an_answer_names_is_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mail server with its password, the port, the name, the program, the database."""
    server_tls, _ = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    mailbox = Mailbox()
    with smtp_server(mailbox, server_tls) as port, hook_server(Hook()) as other:
        taken = str(urlsplit(other).port)
        for key, answer, sentence in (
            ("smtp_url", f"smtp://{USER}:geheim@127.0.0.1:{port}", "refused (535"),
            ("smtp_url", f"smtp://127.0.0.1:{free_port()}?tls=none", "cannot be used"),
            ("port", taken, "Something else answers"),
            ("program", "/nowhere/permanence", "There is no program"),
            ("database_url", "postgresql://a:geheim@127.0.0.1:1/x", "cannot be used"),
            ("public_url", "https://nothing.invalid", "leads nowhere yet"),
        ):
            with pytest.raises(ValueError, match=re.escape(sentence)) as caught:
                checked(BY_KEY[key], answer, offline=False)
            assert "geheim" not in str(caught.value)
            assert checked(BY_KEY[key], answer, offline=True) == answer
        ours = tmp_path / "permanence"
        monkeypatch.setattr(trying, "PRIVATE", (f"{tmp_path}/private/",))
        (tmp_path / "private").mkdir()
        (tmp_path / "private" / "python").write_text("")
        for line, trouble in (("#!/bin/sh", ""), (f"#!{tmp_path}/private/python -s", "under /opt")):
            ours.write_text(f"{line}\n")
            ours.chmod(0o755)
            if trouble:
                with pytest.raises(ValueError, match=trouble):
                    checked(BY_KEY["program"], str(ours), offline=False)
            else:
                assert checked(BY_KEY["program"], str(ours), offline=False) == str(ours)
        right = f"smtp://{USER}:{quote(PASSWORD)}@127.0.0.1:{port}"
        assert checked(BY_KEY["smtp_url"], right, offline=False) == right
    assert mailbox.tries == 0


def test_questions_are_asked_in_a_terminal_until_the_answer_can_be_used(root: Path) -> None:
    """Each has a default, and says at once what is wrong."""
    typed = (
        "Nobody Else", "agent", "", "", "ftp://x", "https://sav.example.fr", "nginx", "", "", "",
        "", "chef", "chef@example.fr", "",
    )  # fmt: skip
    code, shown = in_terminal("setup", "--server", "--offline", "--root", str(root), typed=typed)
    assert code == 0, shown
    assert "Write a system user's name" in shown
    assert "browsers give the microphone to secure pages only" in shown
    assert "Write an e-mail address" in shown
    unit = (root / UNITS / "permanence.service").read_text("utf-8")
    assert "User=agent\n" in unit
    assert (root / "etc/nginx/sites-available/permanence").is_file()


def test_without_a_terminal_a_file_of_answers_is_asked_for(permanence: Permanence) -> None:
    """Nothing waits for somebody who is not there."""
    assert "--answers FILE" in permanence("setup", "--server").sentence


def test_nothing_is_overwritten_unseen(set_up, root: Path) -> None:  # type: ignore[no-untyped-def]
    """What would change is shown without secrets and stands beside; or replaces, what was kept."""
    set_up(ANSWERS + 'smtp_url = "smtp://u:geheim-1@mail.example.fr"\n')
    settings = root / ENVIRONMENT
    settings.write_text(settings.read_text("utf-8") + "PERMANENCE_TWILIO_AUTH_TOKEN='drawn'\n")
    before = {name: (root / name).read_text("utf-8") for name in listing(root)}
    again = set_up(ANSWERS)
    assert all("as it was" in line for line in again.out.split("\n\n")[0].splitlines())
    assert {name: (root / name).read_text("utf-8") for name in listing(root)} == before
    ran = set_up(ANSWERS + 'smtp_url = "smtp://u:geheim-2@mail.example.fr"\nport = 9000\n')
    assert "-PERMANENCE_PORT=8080\n+PERMANENCE_PORT=9000" in ran.out
    assert "+PERMANENCE_SMTP_URL=(secret" in ran.out
    assert "geheim" not in ran.out and "drawn" not in ran.out
    assert settings.read_text("utf-8") == before[ENVIRONMENT]
    beside = settings.with_name("permanence.env.new")
    assert stat.S_IMODE(beside.stat().st_mode) == 0o600
    assert parsed(beside.read_text("utf-8"))["PERMANENCE_TWILIO_AUTH_TOKEN"] == "drawn"
    set_up(ANSWERS + "port = 9000\n", "--replace")
    old = settings.with_name("permanence.env.old")
    assert old.read_text("utf-8") == before[ENVIRONMENT]
    assert stat.S_IMODE(old.stat().st_mode) == 0o600
    now = parsed(settings.read_text("utf-8"))
    assert (now["PERMANENCE_PORT"], now["PERMANENCE_TWILIO_AUTH_TOKEN"]) == ("9000", "drawn")
    assert now["PERMANENCE_SMTP_URL"] == "smtp://u:geheim-1@mail.example.fr"


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_one_sentence(set_up, root: Path) -> None:  # type: ignore[no-untyped-def]
    """It says to be root, or to write elsewhere."""
    root.mkdir(mode=0o500)
    assert "run this as root, or write elsewhere with --root" in set_up(ANSWERS).sentence


@pytest.mark.parametrize(
    "value",
    ["plain", "a b", "it's", 'say "no"', "$HOME `id` \\n \\", "é « ça » %d #no", "'\"$`\\"],
)
def test_a_shell_and_we_read_a_value_alike(tmp_path: Path, value: str) -> None:
    """systemd takes the same two kinds of quotation."""
    file = tmp_path / "one.env"
    file.write_text(f"PERMANENCE_X={quoted(value)}\n", "utf-8")
    assert parsed(file.read_text("utf-8")) == {"PERMANENCE_X": value}
    script = f'. {file}; printf %s "$PERMANENCE_X"'
    told = subprocess.run(["sh", "-c", script], capture_output=True, check=True)
    assert told.stdout.decode() == value


def unit(file: Path) -> dict[str, dict[str, str]]:
    """A unit's sections; of a key that stands several times the last value."""
    parser = configparser.RawConfigParser(strict=False, delimiters="=", comment_prefixes="#")
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(file, "utf-8")
    return {name: dict(parser[name]) for name in parser.sections()}


def test_units_are_hardened_and_leave_calls_their_time(set_up, root: Path) -> None:  # type: ignore[no-untyped-def]
    """They write where the data stand and nowhere else; each gets its settings."""
    set_up(ANSWERS + "asterisk = true\n")
    for name in ("permanence.service", "permanence-nightly.service"):
        service = unit(root / UNITS / name)["Service"]
        assert service["NoNewPrivileges"] == service["ProtectHome"] == "yes"
        assert (service["ProtectSystem"], service["CapabilityBoundingSet"]) == ("strict", "")
        assert service["EnvironmentFile"] == f"/{ENVIRONMENT}"
        assert "@" not in (root / UNITS / name).read_text("utf-8").replace("@system-service", "")
    serve = unit(root / UNITS / "permanence.service")["Service"]
    assert (serve["Restart"], serve["TimeoutStopSec"]) == ("on-failure", "60")
    assert serve["ExecStart"].endswith(" serve")
    assert serve["ReadWritePaths"].split() == [
        "/var/lib/permanence", "-/var/lib/permanence/sounds", "-/var/spool/permanence/messages",
    ]  # fmt: skip
    night = (root / UNITS / "permanence-nightly.service").read_text("utf-8")
    assert ' backup "/var/backups/permanence/permanence-$$(date' in night
    assert "pg_dump" not in night
    set_up(ANSWERS + 'database_url = "postgresql://u@h/n"\n', "--replace")
    dumped = (root / UNITS / "permanence-nightly.service").read_text("utf-8")
    assert dumped.index("pg_dump") < dumped.index(" backup ")  # its files are there, then
    assert "pg_dump" in dumped and "@" not in dumped.replace("@system-service", "")
    nightly = unit(root / UNITS / "permanence-nightly.service")["Service"]
    assert nightly["ReadWritePaths"] == "/var/lib/permanence -/var/backups/permanence"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_takes_the_units(set_up, root: Path) -> None:  # type: ignore[no-untyped-def]
    """`systemd-analyze verify` has nothing to say."""
    program = root / "permanence"
    root.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    set_up(ANSWERS + f'program = "{program}"\n')
    units = sorted(str(file) for file in (root / UNITS).iterdir())
    verify = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True
    )
    ours = [line for line in verify.stderr.splitlines() if "permanence" in line]
    assert (verify.returncode, ours) == (0, [])


def free_port() -> int:
    """One that nobody has at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


@pytest.fixture
def nginx(set_up, root: Path, tmp_path: Path) -> Iterator[Path]:  # type: ignore[no-untyped-def]
    """A whole configuration of nginx around the example, with a certificate of the test's."""
    set_up(ANSWERS + 'proxy = "nginx"\n')
    certificate(tmp_path)
    site = (root / "etc/nginx/sites-available/permanence").read_text("utf-8")
    site = re.sub(r"/etc/letsencrypt/live/\S+/fullchain.pem", str(tmp_path / "cert.pem"), site)
    site = re.sub(r"/etc/letsencrypt/live/\S+/privkey.pem", str(tmp_path / "key.pem"), site)
    site = re.sub(r"(?m)^\s+listen \[::\].*\n", "", site)
    site = site.replace("listen 80;", f"listen 127.0.0.1:{free_port()};")
    site = site.replace("listen 443 ", f"listen 127.0.0.1:{free_port()} ")
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n{site}\n}}\n")
    yield whole


@pytest.mark.skipif(shutil.which("nginx") is None, reason="no nginx here")
def test_nginx_takes_the_example(nginx: Path) -> None:
    """`nginx -t` is content; uploads and WebSockets are let through."""
    text = nginx.read_text("utf-8")
    told = subprocess.run(["nginx", "-t", "-c", str(nginx)], capture_output=True, text=True)
    assert "test is successful" in told.stderr, told.stderr
    assert "client_max_body_size 200m;" in text
    assert "proxy_set_header Upgrade $http_upgrade;" in text


@pytest.mark.skipif(shutil.which("caddy") is None, reason="no Caddy here")
def test_caddy_takes_the_example(set_up, root: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """`caddy validate` is content, and `caddy fmt` would change nothing."""
    set_up(ANSWERS)
    file = root / "etc/permanence/Caddyfile"
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    command = ["caddy", "validate", "--adapter", "caddyfile", "--config", str(file)]
    told = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert told.returncode == 0, told.stderr
    formed = subprocess.run(["caddy", "fmt", str(file)], capture_output=True, text=True)
    assert formed.stdout == file.read_text("utf-8")
