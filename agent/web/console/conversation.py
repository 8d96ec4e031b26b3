"""What was said on a call as a list that is never made anew: lines are added as they come.

All calls go through one event loop. Made anew at each line, a conversation of forty turns kept it
from them for 38 ms, for every console that showed it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nicegui import ui

from agent.call.record import Turn
from agent.web.console.telling import SPEAKERS, lines_of
from agent.web.console.verdict_bar import Verdicts


class Conversation:
    """That of the call that a page shows; made where it stands."""

    def __init__(self, verdicts: Verdicts) -> None:
        """Args:
        verdicts: On its turns.
        """
        self._verdicts = verdicts
        self._box = ui.element("div").classes("lines")
        self._shown: list[tuple[Any, list[ui.element]]] = []

    def show(self, turns: Sequence[Turn]) -> bool:
        """Show these turns, of which the first ones are mostly shown; returns if any was not."""
        told = [_told(turn) for turn in turns]
        same = 0
        while same < min(len(told), len(self._shown)) and self._shown[same][0] == told[same]:
            same += 1
        if same == len(told) == len(self._shown):
            return False
        for _, elements in self._shown[same:]:
            for element in elements:
                element.delete()
        del self._shown[same:]
        with self._box:
            for position in range(same, len(turns)):
                before = len(self._box.default_slot.children)
                self._tell(position, turns[position])
                made = self._box.default_slot.children[before:]
                self._shown.append((told[position], made))
        return True

    def _tell(self, position: int, turn: Turn) -> None:
        for speaker, words in lines_of(turn):
            with ui.element("p").classes(speaker):
                ui.label(SPEAKERS[speaker]).classes("speaker")
                ui.label(words)
        if source := _source(turn):
            ui.label(source).classes("source")
        self._verdicts.bar(position, turn)


def _source(turn: Turn) -> str:
    if not turn.evidence or turn.decision not in ("answer", "confirm"):
        return ""
    return turn.evidence[0].place


def _told(turn: Turn) -> Any:
    """All that is shown of a turn."""
    return lines_of(turn), _source(turn), turn.by, turn.decision
