"""`permanence doctor`: each point well, and each broken for good in every way that it tells."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI, WebSocket

from agent.install import doctor, machine, reach, service, stored
from agent.install.finding import Finding, Site, exit_code
from agent.models import path as model_path
from agent.opening import open_database
from agent.sealing.keys import new_key, read_keys
from agent.sealing.vault import Vault, seal_files
from agent.settings import Settings, load_settings
from agent.store.clients import ClientStore, Manual
from agent.store.second_factor import SecondFactorStore
from agent.store.users import UserStore
from tests.receivers import PASSWORD, USER, Hook, Mailbox, certificate, hook_server, smtp_server
from tests.test_cli_clients import Permanence, home, permanence
from tests.test_second_factor import turn_on
from tests.ticket_homes import made_home

__all__ = ["home", "permanence"]

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


@pytest.fixture
def site(tmp_path: Path, models_home: Path) -> Site:
    """A home with the client `essai` and nothing else, closed to others."""
    (tmp_path / "models").symlink_to(models_home / "models")
    settings = load_settings(home=tmp_path, port=free_port())
    database = open_database(settings)
    ClientStore(database).add("essai", "Essai")
    database.close()
    settings.data_dir.chmod(0o700)
    return Site(settings, thorough=False)


def free_port() -> int:
    """One that nobody has at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def told(look: Callable[[Site], Iterator[Finding]], site: Site, **settings: Any) -> list[str]:
    """What a look finds with other settings, a line each."""
    if settings:
        changed = {**site.settings.model_dump(exclude_unset=True), **settings}
        site = replace(site, settings=load_settings(**changed))
    return [f"{one.level} {one.sentence}" for one in look(site)]


def only(found: list[str]) -> str:
    """The one line."""
    [line] = found
    return line


def test_a_setting_that_nothing_reads(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A letter too few is told with what was meant."""
    assert only(told(machine.names, site)) == "ok All can be used."
    monkeypatch.setenv("PERMANENCE_SMTP_ULR", "smtp://x")
    assert only(told(machine.names, site)) == (
        "warning PERMANENCE_SMTP_ULR is no setting of permanence; did you mean PERMANENCE_SMTP_URL?"
    )


def test_packages(site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One that is too old, found first on the path, is named with what is wanted."""
    assert only(told(machine.python, site)).startswith("ok Python 3.")
    folder = tmp_path / "old" / "typer-0.1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: typer\nVersion: 0.1.0\n")
    monkeypatch.syspath_prepend(str(folder.parent))
    found = only(told(machine.python, site))
    assert found.startswith("fault typer is 0.1.0, not <1,>=0.20: run pip install 'permanence'")
    postgresql = told(machine.python, site, database_url="postgresql://a@b/c")
    assert "run pip install 'permanence[postgresql]' again" in only(postgresql)


def test_models(site: Site, models_home: Path) -> None:
    """Whole; one byte is another; cut short; missing."""
    settings = site.settings
    assert only(told(machine.models, site)).endswith(": there (not verified).")
    (settings.home / "models").unlink()
    voice = settings.home / "models" / settings.voice
    shutil.copytree(model_path(load_settings(home=models_home), settings.voice), voice)
    only_voice = replace(site, thorough=True)
    [weights] = voice.glob("*.onnx")
    with weights.open("r+b") as file:
        file.seek(1000)
        byte = file.read(1)
        file.seek(1000)
        file.write(bytes([byte[0] ^ 1]))
    lines = told(machine.models, only_voice)
    assert (
        f"fault {settings.voice} is damaged: run permanence models pull {settings.voice}." in lines
    )
    missing = f"whisper-{settings.whisper}"
    assert f"fault {missing} is missing: run permanence models pull {missing}." in lines
    os.truncate(weights, 1000)
    assert any(f"{settings.voice} is damaged" in line for line in told(machine.models, site))


def test_disk_memory_and_cores(site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """More is asked for than there is: each has its sentence."""
    free_mb = shutil.disk_usage(site.settings.home).free // 1_000_000
    lacking = told(machine.disk, site, min_free_mb=free_mb + 1_000_000)
    assert only(lacking).startswith("fault ") and "recordings purge" in only(lacking)
    monkeypatch.setattr(machine, "DISK_MB", free_mb + 1_000_000)
    assert "make room before it is full" in only(told(machine.disk, site))
    monkeypatch.undo()
    for whole, left, level in ((2_000_000, 900_000, "4 GB are wanted"), (8_000_000, 9_000, "left")):
        file = tmp_path / "meminfo"
        file.write_text(f"MemTotal:  {whole} kB\nMemFree: 1 kB\nMemAvailable: {left} kB\n")
        monkeypatch.setattr(machine, "MEMINFO", file)
        found = only(told(machine.memory, site))
        assert found.startswith("warning ") and level in found
    monkeypatch.undo()
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        assert "PERMANENCE_MAX_CALLS=2" in only(told(machine.memory, site))
    finally:
        os.sched_setaffinity(0, cores)
    if len(cores) > 1:
        assert only(told(machine.memory, site)).startswith("ok ")


def test_the_kernel_tells_whether_the_clock_is_kept(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever it says here; both have their sentence."""
    assert only(told(machine.clock, site)).split()[0] in ("ok", "warning")
    for kept, level in ((True, "ok"), (False, "warning")):
        monkeypatch.setattr(machine, "_clock_is_kept", lambda kept=kept: kept)
        assert only(told(machine.clock, site)).startswith(level)


def test_tesseract_without_french_or_away(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A program of that name that lists other languages; then none on the path."""
    program = tmp_path / "bin" / "tesseract"
    program.parent.mkdir()
    monkeypatch.setenv("PATH", str(program.parent))
    for languages, level in (("eng\\nfra", "ok"), ("eng\\nfrak", "warning")):
        program.write_text(f"#!/bin/sh\nprintf 'List:\\n{languages}\\n'\n")
        program.chmod(0o755)
        assert only(told(machine.scans, site)).startswith(level)
    program.unlink()
    assert "apt-get install tesseract-ocr tesseract-ocr-fra" in only(told(machine.scans, site))


def test_the_database_is_away_old_new_or_damaged(site: Site) -> None:
    """Each has its own way back."""
    file = site.settings.data_dir / "permanence.db"
    assert only(told(stored.database, site)).startswith("ok Whole, at revision 0")

    def change(statement: str) -> None:
        with sqlite3.connect(file) as connection:
            connection.execute("PRAGMA foreign_keys=OFF")
            connection.execute(statement)
        connection.close()

    change("UPDATE alembic_version SET version_num = '0001'")
    assert "restart the service, which brings it up to date" in only(told(stored.database, site))
    change("UPDATE alembic_version SET version_num = '9999'")
    assert "of a newer version (9999" in only(told(stored.database, site))
    change("DELETE FROM alembic_version")
    assert only(told(stored.database, site)).startswith("fault It is empty")
    change("INSERT INTO client_numbers VALUES ('+33199001234', 'nobody', '2026-01-01')")
    assert any(
        "damaged (a row of client_numbers belongs to nothing): restore a backup" in line
        for line in told(stored.database, site)
    )
    file.write_bytes(b"not a database, " * 1000)
    [finding] = doctor.look(replace(site, offline=True), only={"database"})
    assert (finding.level, "file is not a database" in finding.sentence) == ("fault", True)
    for beside in file.parent.glob("permanence.db*"):
        beside.unlink()
    assert "run permanence setup" in only(told(stored.database, site))
    assert not file.exists()


def test_pages_of_the_database_are_damaged(site: Site) -> None:
    """Bytes of a table are others, while the file can be opened."""
    file = site.settings.data_dir / "permanence.db"
    database = open_database(site.settings)
    clients = ClientStore(database)
    for number in range(400):
        clients.add(f"client-{number}", "x" * 200)
    database.close()
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'clients'"
        ).fetchone()[0]
    connection.close()
    with file.open("r+b") as raw:
        raw.seek((page - 1) * 4096 + 8)
        raw.write(b"\xff" * 64)
    [finding] = doctor.look(replace(site, offline=True), only={"database"})
    assert finding.level == "fault"
    assert "restore a backup" in finding.sentence or "malformed" in finding.sentence


def test_an_index_is_gone_or_cannot_be_read(site: Site, settings: Settings) -> None:
    """The client is named, and the command that mends it."""
    assert "permanence ingest essai FILE" in only(told(stored.indexes, site))
    demo = Site(settings)
    assert only(told(stored.indexes, demo)) == "ok The indexes of 1 clients can be read."
    other = told(stored.indexes, demo, embedding="e5-small")
    assert only(other).startswith("fault The index of orvane was made by an earlier version")
    own = site.settings.data_dir / "clients" / "essai"
    shutil.copytree(settings.data_dir / "clients" / "orvane", own, symlinks=True)
    assert "no manual yet" in only(told(stored.indexes, site))
    database = open_database(site.settings)
    manual = Manual("a.pdf", "ab" * 32, 1, "", "", "four", "fr", 1, NOW)
    ClientStore(database).put_manual("essai", manual)
    database.close()
    assert only(told(stored.indexes, site)).startswith("ok ")
    for meta in own.rglob("meta.json"):
        meta.write_text("nothing of use")
    assert "run permanence reindex essai" in only(told(stored.indexes, site))
    shutil.rmtree(own)
    gone = only(told(stored.indexes, site))
    assert gone == "fault The index of essai is gone: run permanence reindex essai."


def test_others_may_read(site: Site) -> None:
    """The settings' file, the data; where a folder above is closed nobody comes so far."""
    environment = site.settings.home / "permanence.env"
    environment.write_text("PERMANENCE_PORT='1'\n")
    environment.chmod(0o600)
    with_file = replace(site, environment=environment)
    assert only(told(stored.rights, with_file)).startswith("ok ")
    environment.chmod(0o640)
    assert f"run chmod 600 {environment}" in only(told(stored.rights, with_file))
    environment.chmod(0o600)
    site.settings.data_dir.chmod(0o755)
    assert only(told(stored.rights, with_file)).startswith("ok ")  # pytest's own folder is closed
    opened = [one for one in site.settings.data_dir.parents if not one.stat().st_mode & 0o001]
    for one in opened:
        one.chmod(one.stat().st_mode | 0o001)
    try:
        found = only(told(stored.rights, with_file))
        assert found == (
            f"fault Others may enter {site.settings.data_dir}: run chmod o-rwx "
            f"{site.settings.data_dir}."
        )
    finally:
        for one in opened:
            one.chmod(one.stat().st_mode & ~0o001)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
def test_data_of_another_user(site: Site) -> None:
    """Whose they are is told: what root writes there the service could not read."""
    shutil.chown(site.settings.data_dir, "nobody")
    assert "nobody's: run this, and the service, as nobody" in only(told(stored.rights, site))
    os.chown(site.settings.data_dir, 54321, -1)
    assert "is user 54321's" in only(told(stored.rights, site))


def test_files_are_sealed_or_not(site: Site) -> None:
    """No key; a file of before there was one; sealed anew all is well."""
    assert "set PERMANENCE_DATA_KEY" in only(told(stored.sealing, site))
    key = new_key()
    assert only(told(stored.sealing, site, data_key=key)) == "ok 0 files are sealed."
    file = site.settings.data_dir / "recordings" / "essai" / "c1.wav"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"RIFF" * 100)
    assert "1 files are not sealed" in only(told(stored.sealing, site, data_key=key))
    assert seal_files(Vault(read_keys(key)), [file]) == 1
    assert only(told(stored.sealing, site, data_key=key)) == "ok 1 files are sealed."
    newer = f"{new_key()},{key}"
    assert "run permanence key rotate" in only(told(stored.sealing, site, data_key=newer))


def test_nobody_administers_or_with_a_password_alone(site: Site) -> None:
    """Until somebody does, and has a second factor."""
    assert "There is no administrator" in only(told(stored.people, site))
    database = open_database(site.settings)
    user = UserStore(database).add("a@example.org", "A", "admin", "lave-linge à hublot")
    assert "a@example.org: a password alone" in only(told(stored.people, site))
    turn_on(SecondFactorStore(database), user)
    database.close()
    found = only(told(stored.people, site))
    assert found == "ok 1 administrators, each with a second factor."


def test_messages_do_not_leave(tmp_path: Path) -> None:
    """Due for long: the service is down; without a mail server they wait."""
    (tmp_path / "data").mkdir()
    home = made_home(tmp_path / "data")
    ticket_id = home.opened()
    home.outbox.release(ticket_id, home.clock.at)
    home.database.close()
    site = Site(load_settings(home=tmp_path), now=home.clock.at)
    late = replace(site, now=home.clock.at + timedelta(hours=1))
    assert only(told(stored.outbox, late)).startswith("fault One should have left at 2026-11-2")
    assert "e-mails wait, as no server is set" in only(told(stored.outbox, site))


def test_backups_are_missing_or_old(site: Site, tmp_path: Path) -> None:
    """No folder, an empty one, one of the day before yesterday."""
    assert "No folder of backups" in only(told(stored.backups, site))
    folder = tmp_path / "backups"
    site = replace(site, backups=folder)
    assert f"{folder} is not there" in only(told(stored.backups, site))
    folder.mkdir()
    assert "systemctl start permanence-nightly.service" in only(told(stored.backups, site))
    (folder / "2026-11-27.tar").write_bytes(b"x")
    assert only(told(stored.backups, site)) == "ok The newest is 0 hours old."
    old = site.now - timedelta(hours=40)
    os.utime(folder / "2026-11-27.tar", (old.timestamp(), old.timestamp()))
    assert "The newest is 40 hours old: see journalctl" in only(told(stored.backups, site))


def test_the_service_answers_or_another_does(site: Site, settings: Settings) -> None:
    """Nobody; somebody else."""
    assert "systemctl start permanence" in only(told(service.service, site))
    with hook_server(Hook()) as other:
        port = int(other.split(":")[2].split("/")[0])
        assert only(told(service.service, site, port=port)).startswith("fault Something else")


@contextmanager
def answering(port: int, app: FastAPI, folder: Path | None = None) -> Iterator[None]:
    """A server on loopback, over TLS with the certificate of a folder."""
    files = (
        {"ssl_certfile": folder / "cert.pem", "ssl_keyfile": folder / "key.pem"} if folder else {}
    )
    listener = socket.create_server(("127.0.0.1", port))
    server = uvicorn.Server(
        uvicorn.Config(app, log_config=None, ws="websockets-sansio", **files)  # type: ignore[arg-type]
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def ours(
    *, status: str = "ready", checks: dict[str, Any] | None = None, live: bool = True
) -> FastAPI:
    """What of the service the doctor asks."""
    app = FastAPI()

    @app.get("/healthz")
    def healthz() -> dict[str, object]:
        return {"status": "ok", "calls": 0, "limit": 12}

    @app.get("/readyz")
    def readyz() -> dict[str, object]:
        return {"status": status, **({} if checks is None else {"checks": checks})}

    if live:

        @app.websocket("/_nicegui_ws/socket.io/")
        async def pages(websocket: WebSocket) -> None:
            await websocket.accept()

    return app


def test_the_service_says_how_its_parts_are(site: Site) -> None:
    """What fails is repeated in its own words; another's token is told apart."""
    well = {"ok": True, "sentence": "En ordre.", "detail": ""}
    ill = {"ok": False, "sentence": "La voix de synthèse ne répond pas.", "detail": ""}
    for app, lines in (
        (ours(checks={"voice": well}), ["ok It takes calls; 1 parts were tried."]),
        (
            ours(status="failing", checks={"voice": ill, "disk": well}),
            ["fault La voix de synthèse ne répond pas."],
        ),
    ):
        with answering(site.settings.port, app):
            assert told(service.service, site) == lines
    with answering(site.settings.port, ours(status="failing")):
        assert "PERMANENCE_METRICS_TOKEN" in only(told(service.service, site))


def test_the_public_address(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Empty, not https, nobody there, a certificate that ends, has ended or is a stranger's."""
    port = free_port()
    url = f"https://127.0.0.1:{port}"

    def look() -> list[str]:
        return told(reach.certificate, replace(site, now=datetime.now(UTC)), public_url=url)

    assert "PERMANENCE_PUBLIC_URL is empty" in only(told(reach.certificate, site))
    assert "is the web server running" in only(look())
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    for days, app, lines in (
        (90.0, ours(), ["ok Valid until", "ok Pages and WebSockets come through."]),
        (5.0, ours(), ["warning It ends on", "ok Pages and WebSockets come through."]),
        (90.0, ours(live=False), ["ok Valid until", "fault WebSockets do not come through"]),
        (90.0, FastAPI(), ["ok Valid until", "fault https://127.0.0.1"]),
        (-0.5, ours(), ["fault Browsers refuse the certificate of 127.0.0.1 (certificate has exp"]),
    ):
        certificate(tmp_path, days)
        with answering(port, app, tmp_path):
            found = look()
            assert [line.startswith(so) for line, so in zip(found, lines, strict=True)] == [
                True
            ] * len(lines), found
    certificate(tmp_path, 90)
    monkeypatch.delenv("SSL_CERT_FILE")
    with answering(port, ours(), tmp_path):
        assert "Browsers refuse the certificate" in only(look())
    plain = free_port()
    with answering(plain, ours()):
        found = told(reach.certificate, site, public_url=f"http://127.0.0.1:{plain}")
    assert found[0].startswith("warning http://127.0.0.1") and found[1].startswith("ok Pages")


def test_mail_would_be_taken_or_not(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signed in as for a message, of which none is sent; refused; nobody there; not set."""
    server_tls, _ = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    mailbox, sender = Mailbox(), {"smtp_from": "a@example.org"}
    assert "e-mails wait" in only(told(reach.mail, site))
    with smtp_server(mailbox, server_tls) as port:
        right = f"smtp://{USER}:{PASSWORD.replace('@', '%40').replace(' ', '%20')}@127.0.0.1:{port}"
        assert only(told(reach.mail, site, smtp_url=right, **sender)).startswith("ok ")
        wrong = f"smtp://{USER}:geheim@127.0.0.1:{port}"
        refused = only(told(reach.mail, site, smtp_url=wrong, **sender))
        assert refused.startswith("fault ") and "535" in refused and "geheim" not in refused
    away = only(told(reach.mail, site, smtp_url=f"smtp://127.0.0.1:{port}?tls=none", **sender))
    assert away.startswith("fault ") and "cannot be used" in away
    assert mailbox.tries == 0


def test_the_exchange(site: Site, tmp_path: Path) -> None:
    """None; away; it refuses our password; it answers; values that cannot be read."""
    assert told(reach.exchange, site) == []
    port = free_port()
    settings = {"asterisk_url": f"http://127.0.0.1:{port}", "asterisk_password": "geheim-77"}
    assert "systemctl start asterisk" in only(told(reach.exchange, site, **settings))
    app = FastAPI()
    app.get("/ari/asterisk/info")(lambda: {"system": {}})
    with answering(port, app):
        assert only(told(reach.exchange, site, **settings)).startswith("ok Asterisk answers")
    with answering(port, FastAPI()):
        assert "PERMANENCE_ASTERISK_PASSWORD" in only(told(reach.exchange, site, **settings))
    values = tmp_path / "exchange.toml"
    values.write_text("trunk = 1\n")
    found = told(reach.exchange, replace(site, exchange=values))
    assert only(found).startswith("fault ")


def test_what_cannot_be_looked_at_hides_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look that breaks is a finding; the others go on."""
    monkeypatch.setattr(machine, "MEMINFO", Path("/nowhere/meminfo"))
    found = {one.about: one for one in doctor.look(replace(site, offline=True))}
    assert found["memory"].level == "fault"
    assert "could not be looked at" in found["memory"].sentence
    assert found["database"].level == "ok"
    assert exit_code(list(found.values())) == 2
    assert exit_code([found["database"]]) == 0


def test_as_a_command(
    permanence: Permanence, home: Path, models_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Marks and a sentence a line, or JSON; the status tells the worst; a bad setting is told."""
    (home / "models").symlink_to(models_home / "models")
    (home / "data").chmod(0o700)
    monkeypatch.setenv("PERMANENCE_PORT", str(free_port()))
    ran = permanence("doctor", "--offline", "--quick", "--root", str(home))
    assert ran.code == 1, ran.out
    assert "✓ database: Whole, at revision" in ran.out
    assert "! people: There is no administrator" in ran.out
    assert "mail" not in ran.out
    told_as = json.loads(
        permanence("doctor", "--offline", "--quick", "--json", "--root", str(home)).out
    )
    assert told_as["status"] == "to mend"
    assert {"level", "about", "sentence"} == set(told_as["findings"][0])
    monkeypatch.setenv("PERMANENCE_PORT", "many")
    ran = permanence("doctor")
    assert (ran.code, ran.out.startswith("✗ settings: PERMANENCE_PORT cannot be 'many'")) == (
        2,
        True,
    )
