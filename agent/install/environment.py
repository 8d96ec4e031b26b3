"""The settings' file: `KEY='value'` a line, read alike by systemd and by a shell."""

from __future__ import annotations

import re
from collections.abc import Mapping

from agent.install.questions import Given
from agent.sealing.keys import new_key

PREFIX = "PERMANENCE_"
SECRET = re.compile(r"(PASSWORD|TOKEN|KEY|SMTP_URL|DATABASE_URL)$")
"""Names of settings whose value is not shown."""

_LINE = re.compile(r"^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$")
_HEAD = """\
# Settings of permanence, read by systemd and by /usr/local/sbin/permanence.
# Keep a copy of PERMANENCE_DATA_KEY away from this machine: without it no backup can be read.
"""


def quoted(value: str) -> str:
    """A value as both read it."""
    if "'" not in value:
        return f"'{value}'"
    return '"' + re.sub(r'(["\\$`])', r"\\\1", value) + '"'


def parsed(text: str) -> dict[str, str]:
    """The settings that a file holds; lines that are none are left out."""
    matches = (_LINE.match(line.strip()) for line in text.splitlines())
    return {match[1]: _unquoted(match[2].strip()) for match in matches if match}


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] == "'":
        return value[1:-1]
    if len(value) >= 2 and value[0] == value[-1] == '"':
        return re.sub(r'\\(["\\$`])', r"\1", value[1:-1])
    return value


def settings_of(given: Given, before: Mapping[str, str]) -> dict[str, str]:
    """Environment of the service: what was answered, over what an earlier file held.

    A key that was drawn stays what it is: what it has sealed could not be read any more.
    """
    made = dict(before)
    values = {
        "HOME": given["home"],
        "HOST": "127.0.0.1" if given["proxy"] != "none" else "0.0.0.0",
        "PORT": given["port"],
        "PUBLIC_URL": given["public_url"],
        "DATABASE_URL": given["database_url"],
        "SMTP_URL": given["smtp_url"],
        "SMTP_FROM": given.get("smtp_from", ""),
    }
    for name, value in values.items():
        if value or PREFIX + name in made:
            made[PREFIX + name] = value
    if not made.get(f"{PREFIX}DATA_KEY"):
        made[f"{PREFIX}DATA_KEY"] = new_key()
    return made


def written(settings: Mapping[str, str]) -> str:
    """The text of the file."""
    return _HEAD + "".join(f"{name}={quoted(value)}\n" for name, value in settings.items())


def answers_in(settings: Mapping[str, str]) -> dict[str, str]:
    """What an earlier file says to the questions that may hold a password."""
    return {
        key: settings[PREFIX + key.upper()]
        for key in ("database_url", "smtp_url", "smtp_from")
        if settings.get(PREFIX + key.upper())
    }


def hidden(text: str) -> str:
    """A file's text to be shown: what is secret is not."""
    return re.sub(
        r"(?m)^([ +-]?)(\w+)=.+$",
        lambda line: f"{line[1]}{line[2]}=(secret)" if SECRET.search(line[2]) else line[0],
        text,
    )
