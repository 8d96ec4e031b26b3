"""Names of operators' telephone calls, and the files of what they are told in them."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from agent.audio import SAMPLE_BYTES, TELEPHONE_RATE_HZ

Speak = Callable[[str, Path], Awaitable[None]]
"""Speaks a French text into a WAV file."""

_HEADER_BYTES = 44
_LEG = re.compile(r"[0-9a-f]{12,}-\d+")
_STORY = re.compile(rf"{_LEG.pattern}(-late)?\.wav")


def is_leg(channel_id: str) -> bool:
    """Whether a channel is one by which we have rung an operator: handoff, hyphen, number."""
    return _LEG.fullmatch(channel_id) is not None


class Stories:
    """What operators hear who pick up, a file for each telephone, made while it rings: who picks up
    hears it at once."""

    def __init__(self, speak: Speak, folder: Path) -> None:
        """None so far.

        Args:
            speak: Makes it heard.
            folder: That the exchange can read, under the same name.
        """
        self._speak = speak
        self._folder = folder
        self._wanted: set[str] = set()

    def path(self, name: str) -> Path:
        """The file of one."""
        return self._folder / f"{name}.wav"

    def make(self, name: str, text: str) -> Awaitable[None]:
        """Make one; once that was awaited it is there, until it is dropped."""
        self._wanted.add(name)
        return self._make(name, text)

    async def _make(self, name: str, text: str) -> None:
        path = self.path(name)
        await self._speak(text, path)
        if name in self._wanted:
            path.chmod(0o644)
        else:  # it was dropped while it was being made
            path.unlink(missing_ok=True)

    def drop(self, name: str) -> None:
        """Remove one, now or once it is made."""
        self._wanted.discard(name)
        self.path(name).unlink(missing_ok=True)

    def remove_all(self) -> None:
        """Remove what a process that was killed has left (blocks)."""
        for file in self._folder.glob("*.wav"):
            if _STORY.fullmatch(file.name):
                file.unlink(missing_ok=True)


def seconds_of(path: Path) -> float:
    """Length of a WAV file of 8 kHz, mono, int16."""
    sound_bytes = path.stat().st_size - _HEADER_BYTES
    return max(0.0, sound_bytes / (SAMPLE_BYTES * TELEPHONE_RATE_HZ))
