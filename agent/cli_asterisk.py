"""The commands about the telephone exchange: its configuration, its sounds, what is wrong."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from contextlib import suppress
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.audio import TELEPHONE_RATE_HZ, Samples
from agent.errors import PermanenceError
from agent.settings import load_settings

if TYPE_CHECKING:
    from agent.telephony.asterisk.values import Values

asterisk_app = typer.Typer(no_args_is_help=True, help="The telephone exchange (Asterisk).")

ValuesFile = Annotated[Path, typer.Argument(help="TOML; `permanence asterisk example` shows one.")]


@asterisk_app.command("example")
def example() -> None:
    """Print what an exchange is told, to be filled in."""
    folder = resources.files("agent.telephony.asterisk")
    print((folder / "example.toml").read_text("utf-8"), end="")


@asterisk_app.command("config")
def config(
    file: ValuesFile,
    output: Annotated[
        Path | None, typer.Option(help="Folder to write; default: folders.etc of the values.")
    ] = None,
) -> None:
    """Write Asterisk's configuration for these values and the clients' numbers."""
    from agent.telephony.asterisk.checking import NOT_ITS_OWN, reload_commands
    from agent.telephony.asterisk.config import render, write
    from agent.telephony.asterisk.values import read_values

    values = read_values(file)
    numbers = _numbers()
    folder = output or Path(values.folders.etc)
    files = render(values, numbers)
    try:
        changed = [name for name, text in files.items() if _text_of(folder / name) != text]
        write({name: files[name] for name in changed}, folder)
        _give_to_its_group(folder, changed)
    except OSError as error:
        raise PermanenceError(
            f"{error.filename} cannot be written ({error.strerror}); run this as root, or choose "
            "another folder with --output."
        ) from error
    if not numbers:
        print("No number leads to a client yet: permanence client number SLUG add NUMBER.")
    if not changed:
        print(f"{folder}: nothing has changed.")
        return
    print(f"{folder}: {', '.join(changed)}")
    if commands := reload_commands(changed):
        print("Then, if Asterisk runs (calls in progress go on):")
        for command in commands:
            print(f'  asterisk -rx "{command}"')
    if any(name.startswith(NOT_ITS_OWN) for name in changed):
        print("Where fail2ban keeps strangers out, have it read its files:")
        print(f"  cp -r {folder}/{NOT_ITS_OWN}. /etc/fail2ban/ && systemctl reload fail2ban")
    print(f"and look whether all is well: permanence asterisk check {file}")


@asterisk_app.command("sounds")
def sounds(
    file: ValuesFile,
    output: Annotated[
        Path | None, typer.Option(help="Folder to write; default: folders.sounds of the values.")
    ] = None,
) -> None:
    """Make what the exchange says without the agent, for each client, and music for who waits."""
    from agent.telephony.asterisk.sounds import write_common, write_sounds
    from agent.telephony.asterisk.values import read_values

    folder = output or Path(read_values(file).folders.sounds)
    try:
        write_common(folder)
        said = _spoken()
        for slug, sentences in said.items():
            write_sounds(folder, slug, sentences)
    except OSError as error:
        raise PermanenceError(
            f"{error.filename} cannot be written ({error.strerror}); run this as root, or choose "
            "another folder with --output."
        ) from error
    for slug, sentences in said.items():
        seconds = sum(part.size for part in sentences.values()) / TELEPHONE_RATE_HZ
        print(f"{folder / slug}: {len(sentences)} sentences, {seconds:.0f} s")
    if not said:
        print("There is no client yet: permanence client add SLUG --name NAME, then this again.")


@asterisk_app.command("check")
def check(file: ValuesFile) -> None:
    """Look at a running exchange, and say of each point whether it is well or what to do."""
    from agent.telephony.asterisk.checking import check as look
    from agent.telephony.asterisk.values import read_values

    values, wrong = read_values(file), 0
    for finding in look(values, _numbers()):
        print(f"{'ok ' if finding.ok else 'NO '} {finding.sentence}")
        wrong += not finding.ok
    wrong += _settings_disagree(values)
    if wrong:
        raise typer.Exit(1)


def _settings_disagree(values: Values) -> int:
    """Tell where the agent's own settings, as this shell has them, are others; returns how many."""
    settings = load_settings()
    told = {
        "PERMANENCE_ASTERISK_URL": settings.asterisk_url.rstrip("/"),
        "PERMANENCE_ASTERISK_PASSWORD": settings.asterisk_password.get_secret_value(),
        "PERMANENCE_ASTERISK_MESSAGES": str(settings.asterisk_messages or ""),
    }
    wanted = {
        "PERMANENCE_ASTERISK_URL": f"http://127.0.0.1:{values.network.ari_port}",
        "PERMANENCE_ASTERISK_PASSWORD": values.agent.password,
        "PERMANENCE_ASTERISK_MESSAGES": values.folders.messages,
    }
    wrong = [name for name, value in told.items() if value and value != wanted[name]]
    for name in wrong:
        print(f"NO  {name} is not what the values say: set it to theirs and restart the agent.")
    return len(wrong)


def _numbers() -> dict[str, str]:
    from agent.opening import open_database
    from agent.store.numbers import NumberStore

    database = open_database(load_settings())
    try:
        return NumberStore(database).all()
    finally:
        database.close()


def _spoken() -> Mapping[str, dict[str, Samples]]:
    """What the exchange says for each client, by its slug."""
    from agent.opening import open_database, open_voice
    from agent.store.clients import ClientStore
    from agent.telephony.asterisk.sounds import spoken
    from voices.french import speakable
    from voices.pronunciations import pronouncer

    settings = load_settings()
    database = open_database(settings)
    try:
        clients = ClientStore(database).list()
    finally:
        database.close()
    voice = open_voice(settings)

    async def speak(sentence: str) -> Samples:
        return await voice.speak(speakable(sentence), TELEPHONE_RATE_HZ)

    try:
        return {
            client.slug: asyncio.run(spoken(client.name, pronouncer(client.said), speak))
            for client in clients
        }
    finally:
        voice.close()


def _text_of(file: Path) -> str | None:
    try:
        return file.read_text("utf-8")
    except FileNotFoundError:
        return None


def _give_to_its_group(folder: Path, names: list[str]) -> None:
    """Let the folder's group, which is Asterisk's, read what was written."""
    group = folder.stat().st_gid
    for name in names:
        with suppress(PermissionError):
            os.chown(folder / name, -1, group)
