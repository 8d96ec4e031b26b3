"""Nothing that was acknowledged is lost when the process is killed, and nothing is doubled."""

from __future__ import annotations

from pathlib import Path

from evals.killed_tickets import kill_many

KILLS = 20
"""`python -m evals.killed_tickets` kills ten times as often."""


def test_tickets_survive_kill_9(tmp_path: Path) -> None:
    """At twenty instants, each time on what the last process left."""
    found = kill_many(tmp_path / "permanence.db", KILLS, seed=3)
    assert found.kills == KILLS
    assert found.acknowledged > 0
    assert found.lost == ()
    assert found.doubled == ()
    assert found.unacknowledged <= KILLS
