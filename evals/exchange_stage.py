"""A real Asterisk on loopback, with the configuration that an installation would have.

Debian 12 has no Asterisk: one of Debian's next release stands in a folder of its own, made once.
Each stage runs in a mount and process namespace of its own, so that several run at once and nothing
is left behind, whatever kills the process that raised it.
"""

from __future__ import annotations

import fcntl
import os
import random
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from agent.errors import PermanenceError
from agent.settings import Settings
from agent.telephony.asterisk.config import render, write
from agent.telephony.asterisk.console import NotRunningError, ask_console
from agent.telephony.asterisk.values import Values

SUITE = "sid"
PACKAGES = "asterisk,asterisk-modules"
ROOT_VARIABLE = "PERMANENCE_ASTERISK_ROOT"
"""Names a folder with Asterisk in it that takes the cache's place."""

MAKE_LIMIT_S = 900
START_LIMIT_S = 30
STOP_LIMIT_S = 10

TRUNK, STRANGER, PHONES = "127.0.0.1", "127.0.0.2", "127.0.0.3"
"""Addresses: callers come from the trunk's; nobody knows the stranger's; operators register."""

PASSWORD = "mot-de-passe-de-l-essai"

_RUN = r"""
exec 3<&0
[ -e "$ROOT/etc/hosts" ] || : >"$ROOT/etc/hosts"
mount -t tmpfs none "$ROOT/tmp" && mkdir -p "$ROOT$FOLDER" \
  && mount --bind "$FOLDER" "$ROOT$FOLDER" \
  && mount -t proc proc "$ROOT/proc" && mount --bind /dev "$ROOT/dev" \
  && mount --bind "$FOLDER/hosts" "$ROOT/etc/hosts" || exit 97
chroot "$ROOT" /usr/sbin/asterisk -C "$FOLDER/etc/asterisk.conf" -f -U asterisk -G asterisk \
  </dev/null 3<&- >"$FOLDER/console.log" 2>&1 &
asterisk=$!
( read -r _ <&3; kill -KILL "$asterisk" ) &
exec 3<&-
wait "$asterisk"
"""
"""Ends with Asterisk, or with its own input: that is with whoever started it."""


@dataclass(frozen=True)
class ExchangeStage:
    """An exchange that is up.

    Attributes:
        folder: All that it writes, deleted in the end.
        values: What its configuration was written from.
        agent_port: TCP port, free when the stage was raised, at which it looks for the agent.
        carrier_port: UDP port of `TRUNK` to which it sends calls to outside numbers.
    """

    folder: Path
    values: Values
    agent_port: int
    carrier_port: int

    @property
    def sip_port(self) -> int:
        """UDP port of SIP; on every address of loopback."""
        return int(self.values.network.sip.rpartition(":")[2])

    @property
    def messages(self) -> Path:
        """Folder in which it leaves messages."""
        return Path(self.values.folders.messages)

    @property
    def sounds(self) -> Path:
        """Folder of what it says."""
        return Path(self.values.folders.sounds)

    def settings(self, settings: Settings, **changes: object) -> Settings:
        """An installation's settings, for the agent of this exchange."""
        ours: dict[str, object] = {
            "port": self.agent_port,
            "asterisk_messages": self.messages,
            "asterisk_sounds": self.sounds,
            "asterisk_url": f"http://127.0.0.1:{self.values.network.ari_port}",
            "asterisk_password": SecretStr(self.values.agent.password),
        }
        return settings.model_copy(update={**ours, **changes})

    def cli(self, command: str) -> str:
        """What it answers to a command of its command line."""
        return ask_console(Path(self.values.folders.run), command)

    def channels(self) -> list[str]:
        """Names of its channels."""
        lines = self.cli("core show channels concise").splitlines()
        return [line.partition("!")[0] for line in lines if "!" in line]

    def variable(self, name: str) -> str:
        """A global variable of the dialplan, "" if it is not set."""
        for line in self.cli("dialplan show globals").splitlines():
            key, equals, value = line.strip().partition("=")
            if equals and key == name:
                return value
        return ""

    def configure(self, values: Values, numbers: Mapping[str, str]) -> None:
        """Write other files; they are not read before it is told to."""
        write(render(values, numbers), Path(values.folders.etc))
        _give(Path(values.folders.etc), self.folder)

    def log(self) -> str:
        """What it has written of warnings and notices."""
        return (self.folder / "log" / "messages.log").read_text(errors="replace")


@contextmanager
def exchange_stage(
    settings: Settings,
    numbers: Mapping[str, str],
    *,
    phones: Mapping[str, str] | None = None,
    changes: Mapping[str, Mapping[str, Any]] | None = None,
    sounds: Path | None = None,
) -> Iterator[ExchangeStage]:
    """An exchange; stopped, and all of it deleted, when the block ends.

    Args:
        settings: Whose cache holds Asterisk.
        numbers: Clients' slugs by the numbers that reach them, E.164.
        phones: Passwords of operators' telephones by their extensions.
        changes: Other values by their sections.
        sounds: Folder whose files it says; None: silence.

    Raises:
        PermanenceError: Something is missing; says what to install or do.
    """
    root = asterisk_root(settings)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="asterisk-")))
        values, agent_port, carrier_port = _values(root, folder, phones or {}, changes or {})
        stage = ExchangeStage(folder, values, agent_port, carrier_port)
        _prepare(stage, sounds)
        stage.configure(values, numbers)
        _give(folder, root / "var/lib/asterisk")
        process = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "sh", "-c", _RUN],
            env={**os.environ, "ROOT": str(root), "FOLDER": str(folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        stack.callback(_stop, process)
        _wait_until_up(stage, process)
        yield stage


def asterisk_root(settings: Settings) -> Path:
    """The folder with Asterisk in it; made if it is not there (blocks; half a minute and more).

    Raises:
        PermanenceError: It cannot be had; says why.
    """
    if os.geteuid() != 0:
        raise PermanenceError("A real Asterisk is started in a folder of its own: that takes root.")
    given = os.environ.get(ROOT_VARIABLE)
    root = Path(given) if given else settings.home.resolve() / "cache" / "asterisk-root"
    if (root / "usr/sbin/asterisk").exists():
        return root
    if given:
        raise PermanenceError(f"{ROOT_VARIABLE}: there is no Asterisk in {root}.")
    if shutil.which("debootstrap") is None:
        raise PermanenceError("Asterisk cannot be fetched: apt-get install debootstrap.")
    root.parent.mkdir(parents=True, exist_ok=True)
    with (root.parent / "asterisk-root.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (root / "usr/sbin/asterisk").exists():
            _make_root(root)
    return root


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM, address: str = "127.0.0.1") -> int:
    """A port that is free now."""
    with socket.socket(socket.AF_INET, kind) as trying:
        trying.bind((address, 0))
        return int(trying.getsockname()[1])


def _make_root(root: Path) -> None:
    part = root.with_name(f"{root.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, str(part)]
    try:
        made = subprocess.run(command, capture_output=True, text=True, timeout=MAKE_LIMIT_S)
    except subprocess.TimeoutExpired as error:
        raise PermanenceError(
            f"Asterisk was not fetched within {MAKE_LIMIT_S} s; is the network slow? Try again."
        ) from error
    if made.returncode != 0 or not (part / "usr/sbin/asterisk").exists():
        lines = [line for line in (made.stdout + made.stderr).splitlines() if line.strip()]
        raise PermanenceError(
            "Asterisk cannot be fetched from Debian (debootstrap says: "
            f"{lines[-1] if lines else made.returncode}); is its archive reachable?"
        )
    for package in (part / "var/cache/apt/archives").glob("*.deb"):
        package.unlink()
    part.rename(root)


def _values(
    root: Path,
    folder: Path,
    phones: Mapping[str, str],
    changes: Mapping[str, Mapping[str, Any]],
) -> tuple[Values, int, int]:
    modules = next((root / "usr/lib").glob("*/asterisk/modules"))
    agent_port = free_port()
    carrier_port = free_port(socket.SOCK_DGRAM)
    first = _free_block(200)
    ours = ("etc", "lib", "spool", "run", "log", "sounds", "messages")
    given: dict[str, Any] = {
        "trunk": {"host": f"{TRUNK}:{carrier_port}", "match": [f"{TRUNK}/32"]},
        "agent": {"url": f"ws://127.0.0.1:{agent_port}/asterisk/media", "password": PASSWORD},
        "network": {
            "sip": f"0.0.0.0:{free_port(socket.SOCK_DGRAM, '0.0.0.0')}",
            "rtp": [first, first + 200],
            "ari_port": free_port(),
        },
        "phones": {extension: {"password": one} for extension, one in phones.items()},
        "folders": {
            **{name: str(folder / name) for name in ours},
            "modules": "/" + str(modules.relative_to(root)),
        },
    }
    for section, those in changes.items():
        if isinstance(those, Mapping):
            given[section] = {**given.get(section, {}), **those}
        else:
            given[section] = those
    return Values.model_validate(given), agent_port, carrier_port


def _free_block(count: int) -> int:
    """The first of so many UDP ports that are free, outside those that the system hands out."""
    for _ in range(50):
        first = random.randrange(10_000, 32_000, 2)
        held = []
        try:
            for port in range(first, first + count, 2):
                held.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                held[-1].bind(("0.0.0.0", port))
            return first
        except OSError:
            continue
        finally:
            for one in held:
                one.close()
    raise PermanenceError(f"No {count} free UDP ports in a row were found here.")


def _prepare(stage: ExchangeStage, sounds: Path | None) -> None:
    folders = stage.values.folders
    for path in (folders.etc, folders.lib, folders.run, folders.log, folders.messages):
        Path(path).mkdir(parents=True, exist_ok=True)
    Path(folders.spool, "tmp").mkdir(parents=True, exist_ok=True)
    # Asterisk looks its machine's name up at each call: without this, at a name server.
    (stage.folder / "hosts").write_text(f"127.0.0.1 localhost {socket.gethostname()}\n")
    if sounds is not None:
        shutil.copytree(sounds, folders.sounds)
    else:
        Path(folders.sounds, "music").mkdir(parents=True, exist_ok=True)


def _give(folder: Path, like: Path) -> None:
    """Give a folder and all that is in it to whom another belongs."""
    owner = like.stat()
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid)


def _wait_until_up(stage: ExchangeStage, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_LIMIT_S
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            stage.cli("core waitfullybooted")
            return
        except NotRunningError:
            time.sleep(0.1)
    log = stage.folder / "console.log"
    said = log.read_text(errors="replace").strip().splitlines()[-5:] if log.exists() else []
    raise PermanenceError(
        f"Asterisk did not start (status {process.poll()}): {' / '.join(said) or 'it says nothing'}"
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End Asterisk and what it runs in: its input ends, and with it all of its namespace."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(STOP_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
