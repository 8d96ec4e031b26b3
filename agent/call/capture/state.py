"""Where the capture of a detail stands and what it does next: values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from typing import Literal

from agent.call.capture.reading import Field


class Stage(Enum):
    """What the caller was asked for last."""

    WHOLE = auto()
    SLOWLY = auto()
    KEYPAD = auto()
    READ_BACK = auto()
    ENDED = auto()


@dataclass(frozen=True)
class Ask:
    """Say this and keep listening."""

    text: str


@dataclass(frozen=True)
class Captured:
    """The caller has agreed to this value."""

    value: str


@dataclass(frozen=True)
class GivenUp:
    """The call goes on without the value.

    Attributes:
        text: To be said.
        reason: « refused » if the caller cannot or will not give it, « failed » otherwise.
    """

    text: str
    reason: Literal["refused", "failed"]


Move = Ask | Captured | GivenUp


@dataclass(frozen=True)
class Capture:
    """Where the capture of one field stands.

    Attributes:
        field: What is captured.
        stage: What the caller was asked for last.
        turns: Turns that the caller has had.
        tries: Ways that failed: whole, figure by figure, keys.
        partial: The caller's words for the beginning of a value that they go on with.
        so_far: What was understood of it.
        offered: Value that was read back and awaits a yes.
        doubtful: Whether that value was read with doubt.
        rejected: Values that the caller said no to.
        unclear: The read-back was answered with neither yes nor no, or the keys with mere words.
        keys: Keys pressed so far.
        said: What was asked last, for « répétez ».
        today: The day of the call.
        known: References of the client's appliances.
        dictated: The turns in which a reference was dictated, each with its other readings.
    """

    field: Field
    stage: Stage = Stage.WHOLE
    turns: int = 0
    tries: int = 0
    partial: str = ""
    so_far: str = ""
    offered: str = ""
    doubtful: bool = False
    rejected: tuple[str, ...] = ()
    unclear: bool = False
    keys: str = ""
    said: str = ""
    today: date | None = None
    known: tuple[str, ...] = ()
    dictated: tuple[tuple[str, ...], ...] = ()
