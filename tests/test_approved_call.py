"""An approved answer in a real call: who asks before it is handed over, who asks after hears it."""

from __future__ import annotations

import asyncio

import pytest

from agent.store.faq import NewFaq
from agent.web.server import RunningServer
from knowledge.answer import APPROVED
from tests.test_call_path import place

ANSWER = "Non, ce lave-linge ne se connecte pas au wifi. Tout se règle sur le bandeau."
WIFI = NewFaq(
    "Mon lave-linge peut-il se connecter au wifi ?", ANSWER,
    ("la machine à laver elle a le wifi ou pas", "je ne trouve pas le wifi sur mon lave-linge"),
    "lave-linge",
)  # fmt: skip


@pytest.mark.timeout(300)
async def test_the_next_caller_hears_what_was_approved(server: RunningServer) -> None:
    """In other words than those it was written for, by a real voice through a real line."""
    before = await place(server, "demo-3-wifi")
    assert before.turns[1]["decision"] == "handoff"
    approving = server.house.approving
    made = await asyncio.to_thread(approving.add, "orvane", WIFI, "u1")
    try:
        after = await place(server, "demo-3-wifi")
    finally:
        await asyncio.to_thread(approving.remove, "orvane", made.faq_id)
    turn = after.turns[1]
    assert turn["decision"] == "answer"
    assert ANSWER.split(".")[0] in turn["said"]
    assert (turn["evidence"][0]["manual"], turn["evidence"][0]["page"]) == (APPROVED, made.number)
