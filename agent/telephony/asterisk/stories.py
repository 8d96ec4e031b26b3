"""Names of operators' telephone calls, and the files of what they are told in them."""

from __future__ import annotations

import re
from pathlib import Path

from agent.audio import SAMPLE_BYTES, TELEPHONE_RATE_HZ

_HEADER_BYTES = 44
_LEG = re.compile(r"[0-9a-f]{12,}-\d+")
_STORY = re.compile(rf"{_LEG.pattern}(-late)?\.wav")


def is_leg(channel_id: str) -> bool:
    """Whether a channel is one by which we have rung an operator: handoff, hyphen, number."""
    return _LEG.fullmatch(channel_id) is not None


def remove_stories(sounds: Path) -> None:
    """Remove what a process that was killed had made to be told (blocks)."""
    for file in sounds.glob("*.wav"):
        if _STORY.fullmatch(file.name):
            file.unlink(missing_ok=True)


def seconds_of(path: Path) -> float:
    """Length of a WAV file of 8 kHz, mono, int16."""
    sound_bytes = path.stat().st_size - _HEADER_BYTES
    return max(0.0, sound_bytes / (SAMPLE_BYTES * TELEPHONE_RATE_HZ))
