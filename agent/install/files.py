"""What is written for a server, and that nothing is overwritten unseen."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from urllib.parse import urlsplit

from agent.errors import PermanenceError
from agent.install.environment import hidden, parsed, settings_of, written
from agent.install.questions import BY_KEY, Given

ENVIRONMENT = "/etc/permanence/permanence.env"
ANSWERS = "/etc/permanence/answers.toml"
CADDYFILE = "/etc/permanence/Caddyfile"
NGINX = "/etc/nginx/sites-available/permanence"
UNITS = "/etc/systemd/system"
COMMAND = "/usr/local/sbin/permanence"

SOUNDS, MESSAGES = "/var/lib/permanence/sounds", "/var/spool/permanence/messages"
"""The exchange's folders, as `permanence asterisk example` has them."""

PG_DUMP = (
    "ExecStart=/bin/sh -c 'exec pg_dump --format=custom"
    ' --file="@BACKUPS@/permanence-$$(date +%%F-%%H%%M).dump"'
    """ "$$(echo "$$PERMANENCE_DATABASE_URL" | sed s/+psycopg//)"'"""
)
"""`permanence backup` leaves a server's database to it; before it, so that what the database speaks
of is among the files."""


@dataclass(frozen=True)
class Written:
    """A file that is to be written.

    Attributes:
        path: Where, on the server.
        text: What stands in it.
        mode: Who may read it.
    """

    path: str
    text: str
    mode: int = 0o644


def rendered(given: Given, before: Mapping[str, str]) -> list[Written]:
    """Every file of a server.

    Args:
        given: The answers.
        before: Environment that an earlier settings' file held.
    """
    settings = settings_of(given, before)
    writes = [given["home"]]
    if given["asterisk"] == "yes":
        writes += [f"-{SOUNDS}", f"-{MESSAGES}"]
    values = {
        "ENV": ENVIRONMENT,
        "CADDYFILE": CADDYFILE,
        "DOMAIN": urlsplit(given["public_url"]).hostname or "",
        "USER": given["user"],
        "HOME": given["home"],
        "PROGRAM": given["program"],
        "PORT": given["port"],
    }
    once_a_night = {
        "NIGHTLY": PG_DUMP if given["database_url"] else "",
        "BACKUPS": given["backups"],
        "WRITES": " ".join([given["home"], f"-{given['backups']}"]),
    }
    files = [
        Written(ENVIRONMENT, written(settings), 0o600),
        Written(ANSWERS, _answers(given)),
        Written(COMMAND, _filled("permanence.sh", values), 0o755),
        Written(
            f"{UNITS}/permanence.service",
            _filled("permanence.service", {**values, "WRITES": " ".join(writes)}),
        ),
        Written(
            f"{UNITS}/permanence-nightly.service",
            _filled("permanence-nightly.service", {**values, **once_a_night}),
        ),
        Written(f"{UNITS}/permanence-nightly.timer", _filled("permanence-nightly.timer", values)),
    ]
    if given["proxy"] == "caddy":
        files.append(Written(CADDYFILE, _filled("Caddyfile", values)))
    elif given["proxy"] == "nginx":
        files.append(Written(NGINX, _filled("nginx.conf", values)))
    return files


def _filled(template: str, values: Mapping[str, str]) -> str:
    text = (resources.files("agent.install") / "templates" / template).read_text("utf-8")
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def _answers(given: Given) -> str:
    """What was answered, for a next time; what may hold a password stands in the settings."""
    lines = ["# What `permanence setup --server` was answered; settings stand in permanence.env."]
    for key, value in given.items():
        if not BY_KEY[key].secret:
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            lines.append(f'{key} = "{escaped}"')
    return "\n".join(lines) + "\n"


Decide = Callable[[str, str], str]
"""Path and difference → "replace", "beside" (as .new) or "leave"."""


def put(files: list[Written], root: Path, decide: Decide) -> list[str]:
    """Write files under a root; returns a line for each.

    Raises:
        PermanenceError: One cannot be written; says which. Those before it are.
    """
    told = []
    for file in files:
        place = root / file.path.lstrip("/")
        try:
            told.append(f"{place}: {_put_one(file, place, decide)}")
        except OSError as error:
            raise PermanenceError(
                f"{place} cannot be written ({error.strerror}); run this as root, or write"
                " elsewhere with --root FOLDER."
            ) from error
    return told


def _put_one(file: Written, place: Path, decide: Decide) -> str:
    if not place.exists():
        _write(place, file)
        return "written"
    there = place.read_text("utf-8", "replace")
    if there == file.text:
        place.chmod(file.mode)
        return "as it was"
    choice = decide(str(place), _difference(there, file, place))
    if choice == "replace":
        _write(place.with_name(f"{place.name}.old"), Written(file.path, there, file.mode))
        _write(place, file)
        return f"replaced; what it was stands in {place.name}.old"
    if choice == "beside":
        _write(place.with_name(f"{place.name}.new"), file)
        return f"left as it is; what it would be stands in {place.name}.new"
    return "left as it is"


def _difference(there: str, file: Written, place: Path) -> str:
    if file.path == ENVIRONMENT:
        there, mine = (_shown(text) for text in (there, file.text))
    else:
        mine = file.text
    lines = difflib.unified_diff(
        there.splitlines(), mine.splitlines(), str(place), f"{place.name}, new", lineterm="", n=1
    )
    return "\n".join(lines)


def _shown(text: str) -> str:
    """Settings without secrets; that one changes is seen all the same."""
    from hashlib import sha256

    marked = []
    for name, value in parsed(text).items():
        digest = sha256(value.encode()).hexdigest()[:6]
        shown = hidden(f"{name}={value}")
        marked.append(shown if shown == f"{name}={value}" else f"{name}=(secret {digest})")
    return "\n".join(marked)


def _write(place: Path, file: Written) -> None:
    """Whole or not at all; never readable by more than it may, not for a moment."""
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_name(f".{place.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(file.text)
        out.flush()
        os.fsync(out.fileno())
    part.chmod(file.mode)
    part.replace(place)
