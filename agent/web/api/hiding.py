"""What tells who called, hidden from those who may not see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from agent.call.record import Turn
from agent.privacy.masking import masked, masked_number, masked_turns

NAME = "name"
"""Of the detail that is the caller's own."""


def shown(whole: bool, details: Mapping[str, str]) -> Callable[[str], str]:
    """How a text is shown.

    Args:
        whole: As it is; else what is somebody's own is hidden.
        details: What the caller gave, their name among it.
    """
    names = _names(details)
    return str if whole else lambda text: masked(text, names)


def shown_turns(
    turns: Sequence[Turn], whole: bool, details: Mapping[str, str]
) -> list[tuple[str, str]]:
    """What was heard and said, turn by turn, as it is shown."""
    told = [(turn.heard, turn.said) for turn in turns]
    return told if whole else masked_turns(told, _names(details))


def shown_number(number: str | None, whole: bool) -> str | None:
    """A telephone number as it is shown."""
    return number if whole or number is None else masked_number(number)


def shown_details(details: Mapping[str, str], whole: bool) -> dict[str, str]:
    """What the caller gave, as it is shown: no name where they are not to be known."""
    if whole:
        return dict(details)
    show = shown(whole, details)
    return {name: show(value) for name, value in details.items() if name != NAME}


def _names(details: Mapping[str, str]) -> tuple[str, ...]:
    return (details[NAME],) if NAME in details else ()
