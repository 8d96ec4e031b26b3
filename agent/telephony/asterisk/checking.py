"""Whether a running exchange does what it should: each point a sentence that says what to do."""

from __future__ import annotations

import os
import re
import socket
import time
import wave
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from agent.telephony.asterisk.config import render
from agent.telephony.asterisk.console import NotRunningError, ask_console
from agent.telephony.asterisk.sounds import MUSIC, TONE, sentence_names
from agent.telephony.asterisk.values import Values

FIRST_VERSION = 22
"""The first whose media WebSocket speaks JSON."""

ASK_LIMIT_S = 3.0
BEAT_WAIT_S = 1.6
WAITING_S = 120.0
"""A message that has lain for so long is picked up by nobody."""

RELOADS = {
    "extensions.conf": "dialplan reload",
    "pjsip.conf": "module reload res_pjsip.so",
    "websocket_client.conf": "module reload res_websocket_client.so",
    "musiconhold.conf": "moh reload",
    "logger.conf": "logger reload",
    "acl.conf": "acl reload",
}
"""What has Asterisk read a file again; of any other it takes a restart."""

RESTART = "core restart when convenient"
"""Calls in progress go on, and new ones come: it restarts once there is none."""

NOT_ITS_OWN = "fail2ban/"
"""Begins the names of files that are written beside Asterisk's, and that it does not read."""


@dataclass(frozen=True)
class Finding:
    """One point.

    Attributes:
        ok: Whether all is well.
        sentence: What was found; if it is not well, what to do.
    """

    ok: bool
    sentence: str


def reload_commands(changed: list[str]) -> list[str]:
    """What to tell a running Asterisk after these files were changed."""
    its_own = [name for name in changed if not name.startswith(NOT_ITS_OWN)]
    if any(name not in RELOADS for name in its_own):
        return [RESTART]
    return [RELOADS[name] for name in its_own]


def check(values: Values, numbers: Mapping[str, str]) -> Iterator[Finding]:
    """Look at everything; where it does not run, at what can be seen all the same.

    Args:
        values: Of the installation.
        numbers: Clients' slugs by the numbers that reach them.
    """
    files = render(values, numbers)
    run = Path(values.folders.run)
    try:
        version = ask_console(run, "core show version")
    except NotRunningError as error:
        yield Finding(False, f"{error} Start it: systemctl start asterisk.")
    else:
        yield _version(version)
        yield from _modules(run, files["modules.conf"])
        yield from _dialplan(run, files["extensions.conf"])
        yield from _numbers(run, numbers)
        yield from _phones(run, values)
        yield from _pulse(run)
    yield _written(values, files)
    yield _ari(values)
    yield from _trunk(run, values)
    yield _agent(values)
    yield from _sounds(values, numbers)
    yield from _messages(values)
    yield _name()


def _version(said: str) -> Finding:
    found = re.search(r"Asterisk (\d+)", said)
    number = int(found[1]) if found else 0
    if number < FIRST_VERSION:
        return Finding(
            False, f"Asterisk {number} is too old: install Asterisk {FIRST_VERSION} or newer."
        )
    return Finding(True, f"Asterisk {number} is running.")


def _modules(run: Path, modules: str) -> Iterator[Finding]:
    wanted = re.findall(r"^(?:load|require) = (\S+)$", modules, re.MULTILINE)
    running = set(re.findall(r"^(\S+\.so) .*\bRunning\b", ask_console(run, "module show"), re.M))
    missing = [name for name in wanted if name not in running]
    for name in missing:
        yield Finding(
            False,
            f"The module {name} is not running: is the package asterisk-modules installed? "
            f'Then: asterisk -rx "module load {name}".',
        )
    if not missing:
        yield Finding(True, f"All {len(wanted)} modules are running.")


def _dialplan(run: Path, extensions: str) -> Iterator[Finding]:
    used = set(
        re.findall(r"^(?:exten =>[^,]+,1|[ ]same => n(?:\(\w+\))?),(\w+)\(", extensions, re.M)
    )
    known = set(re.findall(r"^\s*(\w+): ", ask_console(run, "core show applications"), re.M))
    functions = set(re.findall(r"\$\{([A-Z_]+)\(", extensions))
    known_functions = set(re.findall(r"^(\w+) ", ask_console(run, "core show functions"), re.M))
    missing = sorted(used - known) + sorted(functions - known_functions)
    for name in missing:
        yield Finding(
            False, f"The dialplan needs {name}, which this Asterisk does not know: look for its "
            "module in modules.conf and restart Asterisk.",
        )  # fmt: skip
    if not missing:
        yield Finding(True, "Everything that the dialplan uses is known.")


def _numbers(run: Path, numbers: Mapping[str, str]) -> Iterator[Finding]:
    in_force = ask_console(run, "dialplan show numbers")
    led = dict(re.findall(r"'(\+\d+)' =>\s+1\. Set\(CLIENT=([^)]+)\)", in_force))
    wrong = [number for number, slug in numbers.items() if led.get(number) != slug]
    wrong += [number for number in led if number not in numbers]
    if wrong:
        yield Finding(
            False,
            f"The numbers in force are not those of the clients ({', '.join(sorted(wrong))}): run "
            'permanence asterisk config, then asterisk -rx "dialplan reload".',
        )
    elif numbers:
        yield Finding(True, f"{len(numbers)} numbers lead to their clients.")
    else:
        yield Finding(
            False, "No number leads to a client: permanence client number SLUG add NUMBER."
        )


def _phones(run: Path, values: Values) -> Iterator[Finding]:
    contacts = ask_console(run, "pjsip show contacts")
    there = dict(re.findall(r"Contact:\s+(\d+)/\S+\s+\S+\s+(\w+)", contacts))
    for extension in values.phones:
        state = there.get(extension)
        if state is None:
            yield Finding(
                False,
                f"The telephone {extension} is not signed on: give it this machine's address, the "
                f"user name {extension} and its password.",
            )
        elif state.startswith("Unavail"):
            yield Finding(False, f"The telephone {extension} does not answer: is it switched on?")
        else:
            yield Finding(True, f"The telephone {extension} is signed on.")


def _pulse(run: Path) -> Iterator[Finding]:
    first = _beat(run)
    time.sleep(BEAT_WAIT_S)
    second = _beat(run)
    if second in ("", "0"):
        yield Finding(
            False, "The agent is not there: start it (permanence serve) with "
            "PERMANENCE_ASTERISK_URL and PERMANENCE_ASTERISK_PASSWORD.",
        )  # fmt: skip
    elif first == second:
        yield Finding(
            False, "The agent has stopped or hangs: its pulse does not arrive. Restart it; callers "
            "reach the fallback meanwhile.",
        )  # fmt: skip
    else:
        yield Finding(True, "The agent's pulse arrives.")


def _beat(run: Path) -> str:
    found = re.search(r"PERMANENCE_BEAT=(\S*)", ask_console(run, "dialplan show globals"))
    return found[1] if found else ""


def _written(values: Values, files: Mapping[str, str]) -> Finding:
    folder = Path(values.folders.etc)
    try:
        other = [n for n in files if _text_of(folder / n) != files[n]]
    except PermissionError as error:
        return Finding(False, f"{error.filename} may not be read by you: run this as root.")
    if other:
        return Finding(
            False, f"In {folder} {', '.join(other)} is not what would be written: run permanence "
            "asterisk config, which says what to do then.",
        )  # fmt: skip
    return Finding(True, f"What stands in {folder} is what would be written.")


def _text_of(file: Path) -> str | None:
    try:
        return file.read_text("utf-8")
    except FileNotFoundError:
        return None


def _ari(values: Values) -> Finding:
    url = f"http://127.0.0.1:{values.network.ari_port}/ari/asterisk/info"
    try:
        with httpx.Client(timeout=ASK_LIMIT_S, trust_env=False) as client:
            answer = client.get(url, auth=("permanence", values.agent.password))
    except httpx.HTTPError:
        return Finding(
            False, f"Its commands (ARI) do not answer on port {values.network.ari_port}: is "
            f'http.conf the one that was written? Then: asterisk -rx "{RESTART}".',
        )  # fmt: skip
    if answer.status_code in (401, 403):
        return Finding(
            False, "Its commands (ARI) refuse the password of the values: write the configuration "
            f'again, then: asterisk -rx "{RESTART}".',
        )  # fmt: skip
    if answer.is_error:
        return Finding(False, f"Its commands (ARI) answer {answer.status_code}: read its log.")
    return Finding(True, "Its commands (ARI) answer.")


def _trunk(run: Path, values: Values) -> Iterator[Finding]:
    host = values.trunk.host
    if values.trunk.register_there:
        with suppress(NotRunningError):
            said = ask_console(run, "pjsip show registrations")
            if re.search(r"trunk\S*\s.*\bRegistered\b", said):
                yield Finding(True, f"The trunk {host} has taken the registration.")
            else:
                yield Finding(
                    False, f"The trunk {host} does not take the registration: are its address, "
                    "user name and password right?",
                )  # fmt: skip
        return
    name, _, port = host.partition(":")
    try:
        answered = _answers_options(name, int(port or 5060))
    except OSError as error:
        yield Finding(False, f"The trunk {host} cannot be reached ({error}): check its name.")
        return
    if answered:
        yield Finding(True, f"The trunk {host} answers.")
    else:
        yield Finding(
            False, f"The trunk {host} answers no OPTIONS: some never do; if calls do not come "
            "either, check the firewall and which address your operator sends them to.",
        )  # fmt: skip


def _answers_options(host: str, port: int) -> bool:
    """Whether a SIP server answers OPTIONS with anything. Source: RFC 3261, 11."""
    address = socket.getaddrinfo(host, port, socket.AF_INET, socket.SOCK_DGRAM)[0][4]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(ASK_LIMIT_S)
        asking.connect(address)
        own, own_port = asking.getsockname()
        mark = f"{time.time_ns():x}"
        asking.send(
            f"OPTIONS sip:{host}:{port} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {own}:{own_port};rport;branch=z9hG4bK{mark}\r\n"
            f"Max-Forwards: 5\r\nFrom: <sip:check@{own}>;tag={mark}\r\nTo: <sip:{host}:{port}>\r\n"
            f"Call-ID: {mark}@{own}\r\nCSeq: 1 OPTIONS\r\nContact: <sip:check@{own}:{own_port}>\r\n"
            "Content-Length: 0\r\n\r\n".encode()
        )
        try:
            return asking.recv(4096).startswith(b"SIP/2.0")
        except (TimeoutError, ConnectionRefusedError):
            return False


def _agent(values: Values) -> Finding:
    parts = urlsplit(values.agent.url)
    where = parts.hostname or "", parts.port or 80
    try:
        socket.create_connection(where, ASK_LIMIT_S).close()
    except OSError:
        return Finding(
            False, f"Nothing listens at {values.agent.url}: start the agent (permanence serve), or "
            "correct agent.url.",
        )  # fmt: skip
    return Finding(True, f"The agent listens at {values.agent.url}.")


def _sounds(values: Values, numbers: Mapping[str, str]) -> Iterator[Finding]:
    folder = Path(values.folders.sounds)
    names = [f"{slug}/{name}.wav" for slug in sorted(set(numbers.values()))
             for name in sentence_names()]  # fmt: skip
    wrong = [name for name in (*names, MUSIC, TONE) if not _can_be_played(folder / name)]
    if wrong:
        yield Finding(
            False, f"In {folder} {', '.join(wrong)} is missing or cannot be played: run permanence "
            "asterisk sounds.",
        )  # fmt: skip
    else:
        yield Finding(True, f"All {len(names) + 2} sounds are there.")


def _can_be_played(file: Path) -> bool:
    try:
        with wave.open(str(file), "rb") as sound:
            fits = (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (
                8000,
                1,
                2,
            )
        return fits and bool(file.stat().st_mode & 0o004)
    except (OSError, wave.Error, EOFError):
        return False


def _messages(values: Values) -> Iterator[Finding]:
    folder = Path(values.folders.messages)
    if not folder.is_dir():
        yield Finding(
            False, f"There is no folder {folder} for messages: make it, and let Asterisk and the "
            "agent write in it.",
        )  # fmt: skip
        return
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield Finding(False, f"You may not read and write in {folder}: run this as the agent does.")
    if not _may_write(folder, Path(values.folders.run) / "asterisk.ctl"):
        yield Finding(
            False, f"Asterisk may not write in {folder}, so messages would be lost: chown it to "
            "its user, with the agent's group and mode 2770.",
        )  # fmt: skip
    old = [f for f in folder.glob("*.wav") if time.time() - f.stat().st_mtime > WAITING_S]
    if old:
        yield Finding(
            False, f"{len(old)} messages wait in {folder}: start the agent with "
            f"PERMANENCE_ASTERISK_MESSAGES={folder}.",
        )  # fmt: skip
    else:
        yield Finding(True, f"No message waits in {folder}.")


def _may_write(folder: Path, belonging: Path) -> bool:
    """Whether the owner of something may write in a folder; True if that is not known."""
    try:
        owner = belonging.stat()
    except OSError:
        return True
    own = folder.stat()
    if owner.st_uid in (0, own.st_uid):
        return owner.st_uid == 0 or bool(own.st_mode & 0o200)
    if owner.st_gid == own.st_gid and own.st_mode & 0o020:
        return True
    return bool(own.st_mode & 0o002)


def _name() -> Finding:
    name = socket.gethostname()
    try:
        with Path("/etc/hosts").open() as hosts:
            known = any(name in line.partition("#")[0].split()[1:] for line in hosts)
    except OSError:
        known = True
    if not known:
        return Finding(
            False, f"/etc/hosts does not name this machine: add « 127.0.1.1 {name} », for Asterisk "
            "looks the name up at each call, and callers wait while no name server answers.",
        )  # fmt: skip
    return Finding(True, "This machine's own name is known to itself.")
