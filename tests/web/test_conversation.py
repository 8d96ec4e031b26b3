"""What was said on a call is shown line by line; what stands there stays."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from nicegui import Client, core, ui

from agent.call.record import Turn
from agent.web.console.conversation import Conversation


class _NoVerdicts:
    """Turns on which nobody has an opinion."""

    def bar(self, position: int, turn: Turn) -> None:
        """Show nothing."""


def lines(conversation: Conversation) -> list[Any]:
    """The elements that are shown."""
    return list(conversation._box.default_slot.children)


def words(conversation: Conversation) -> list[str]:
    """What they say."""
    return [line.default_slot.children[1].text for line in lines(conversation)]


async def test_only_what_is_new_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new turn is added, one that changed is made anew, one that was taken back goes."""
    monkeypatch.setattr(core, "loop", asyncio.get_running_loop())
    with Client(ui.page("/conversation")):
        conversation = Conversation(_NoVerdicts())  # type: ignore[arg-type]
        turns = [Turn("un", said="deux"), Turn("trois", said="quatre")]
        assert conversation.show(turns)
        assert not conversation.show(turns)
        before = lines(conversation)
        assert conversation.show([*turns, Turn("cinq")])
        assert lines(conversation)[:4] == before
        turns[1].said = "quatre, et demi"
        assert conversation.show(turns)
        assert lines(conversation)[:2] == before[:2]
        assert words(conversation) == ["un", "deux", "trois", "quatre, et demi"]
        assert conversation.show(turns[1:])
        assert words(conversation) == ["trois", "quatre, et demi"]
