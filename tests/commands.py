"""Runs `permanence ARGUMENTS` in this process, as a user would."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from agent.cli import main


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The one line on standard error of a command that failed with status 1."""
        assert (self.code, self.out) == (1, "")
        assert "Traceback" not in self.err
        (line,) = self.err.splitlines()
        return line


Permanence = Callable[..., Ran]
"""Takes the arguments, and what is typed as `stdin`."""


def commands(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Permanence:
    """What runs commands, in whatever home the environment names."""

    def run(*arguments: object, stdin: str = "") -> Ran:
        monkeypatch.setenv("COLUMNS", "250")
        monkeypatch.setattr(sys, "argv", ["permanence", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        capfd.readouterr()
        try:
            main()
            code = 0
        except SystemExit as left:
            code = int(left.code or 0)
        captured = capfd.readouterr()
        return Ran(code, captured.out, captured.err)

    return run
