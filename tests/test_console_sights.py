"""What counts as seen in a console, how late, and what was missed."""

from __future__ import annotations

import pytest

from evals.console_load import Load
from evals.console_sights import Seen, Sight, seen, together


def sights(*pairs: tuple[float, str], what: str = "c") -> list[Sight]:
    """Values with their times."""
    return [Sight(at, what, value) for at, value in pairs]


@pytest.mark.parametrize(
    ("changes", "page", "found"),
    [
        # each after its time
        ([(1, "a"), (5, "b")], [(0, "z"), (1.2, "a"), (5.3, "b")], Seen((0.2, 0.3), 0, 0)),
        # never
        ([(1, "a")], [(0, "z")], Seen((), 0, 1)),
        # too late, but seen
        ([(1, "a")], [(3.5, "a")], Seen((2.5,), 0, 0)),
        # only what came at once after it
        ([(1, "a"), (1.1, "b")], [(1.3, "b")], Seen((0.3, 0.2), 0, 0)),
        # there and back before the page looked
        ([(1, "a"), (1.1, "z")], [(0, "z")], Seen((), 2, 0)),
        # it lasted, and the page showed the next one alone
        ([(1, "a"), (4, "b")], [(4.1, "b")], Seen((3.1, 0.1), 0, 0)),
        # what was shown before does not count
        ([(2, "a")], [(1, "a"), (1.5, "z")], Seen((), 0, 1)),
        # nor what is shown of another call
        ([(1, "a")], [], Seen((), 0, 1)),
        # too short before the end to be missed
        ([(9.5, "a")], [(0, "z")], Seen((), 1, 0)),
    ],
)
def test_seen(changes: list[tuple[float, str]], page: list[tuple[float, str]], found: Seen) -> None:
    """Late, never, passed over."""
    got = seen(sights(*changes), [*sights(*page), Sight(1.0, "other", "a")], until=10.0)
    assert got.after_s == pytest.approx(found.after_s)
    assert (got.passed_over, got.missed) == (found.passed_over, found.missed)


def test_goals_are_missed_where_nothing_was_seen() -> None:
    """A dead page, a missed change and a late loop each miss them."""
    fine = Load("", 1, 1, lags_s=[0.001], doing=Seen((0.2,), 0, 0))
    assert fine.met
    assert not Load("", 1, 1, lags_s=[0.001]).met
    assert not Load("", 1, 1, lags_s=[0.001], doing=Seen((0.2,), 0, 1)).met
    assert not Load("", 1, 1, lags_s=[0.001], doing=Seen((1.2,), 0, 0)).met
    assert not Load("", 1, 1, lags_s=[0.1], doing=Seen((0.2,), 0, 0)).met
    assert not Load("", 1, 0).met
    assert Load("", 1, 0, lags_s=[0.001]).met
    assert together([Seen((0.1,), 1, 2), Seen((), 1, 0)]) == Seen((0.1,), 2, 2)
