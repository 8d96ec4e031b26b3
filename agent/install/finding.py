"""What `permanence doctor` finds: a point, how it stands, and a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from agent.settings import Settings

Level = Literal["ok", "warning", "fault"]
MARKS: dict[Level, str] = {"ok": "✓", "warning": "!", "fault": "✗"}


@dataclass(frozen=True)
class Finding:
    """One point.

    Attributes:
        about: What was looked at, in a word or two.
        sentence: What was found; where it is not "ok", what to do.
    """

    level: Level
    about: str
    sentence: str


def ok(about: str, sentence: str) -> Finding:
    """All is well."""
    return Finding("ok", about, sentence)


def warning(about: str, sentence: str) -> Finding:
    """Calls are answered, but something is to be mended."""
    return Finding("warning", about, sentence)


def fault(about: str, sentence: str) -> Finding:
    """Calls are not answered, or something may be lost or read by others."""
    return Finding("fault", about, sentence)


def exit_code(findings: Sequence[Finding]) -> int:
    """0: all is well; 1: something is to be mended; 2: something is broken."""
    levels = {finding.level for finding in findings}
    return 2 if "fault" in levels else 1 if "warning" in levels else 0


@dataclass(frozen=True)
class Site:
    """What is looked at.

    Attributes:
        settings: As the environment has them.
        environment: The settings' file; it need not be there.
        backups: Folder of the nightly backups, None if there are none.
        exchange: The exchange's values, None if there are none.
        offline: Ask nothing of other machines.
        thorough: Also read every byte of the models.
        now: The time.
    """

    settings: Settings
    environment: Path | None = None
    backups: Path | None = None
    exchange: Path | None = None
    offline: bool = False
    thorough: bool = True
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
