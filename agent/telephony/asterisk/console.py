"""Asterisk's own command line, asked through its socket as `asterisk -rx` asks it.

Source: `ast_remotecontrol` and `netconsole` of Asterisk 22's `main/asterisk.c`.
"""

from __future__ import annotations

import re
import socket
from pathlib import Path

from agent.errors import PermanenceError

ASK_LIMIT_S = 10.0
_GREETING = re.compile(rb"[^\n]*\n")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_MARKS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
"""What Asterisk puts before lines of its log, for a console to tell their level."""


class NotRunningError(PermanenceError):
    """No Asterisk answers at its socket."""


def ask_console(run: Path, command: str, limit_s: float = ASK_LIMIT_S) -> str:
    """What Asterisk prints to a command of its command line (blocks).

    Args:
        run: Folder in which its socket `asterisk.ctl` stands.
        command: As one would type it.
        limit_s: Longest wait for each piece of the answer, seconds.

    Raises:
        NotRunningError: It does not answer.
    """
    try:
        with socket.socket(socket.AF_UNIX) as asking:
            asking.settimeout(limit_s)
            asking.connect(str(run / "asterisk.ctl"))
            greeting = asking.recv(1024)
            if not _GREETING.match(greeting):
                raise NotRunningError(f"What answers in {run} is not Asterisk.")
            asking.sendall(f"cli quit after {command}\0".encode())
            parts = []
            while part := asking.recv(65536):
                parts.append(part)
    except OSError as error:
        raise NotRunningError(
            f"Asterisk does not answer in {run} ({error}); is it running, and may you ask it?"
        ) from error
    return _MARKS.sub("", _COLOURS.sub("", b"".join(parts).decode(errors="replace")))
