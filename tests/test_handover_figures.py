"""The figures of handovers: nothing that was not looked at counts as good."""

from __future__ import annotations

import pytest

from evals.handover_checks import HISTORY, WANTED
from evals.handover_figures import KEPT, SILENT, Run, Share, as_json, sections, wrong
from evals.handovers import CASES

FINE = dict.fromkeys(WANTED["caller gone"], True)


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(50, 50, 0.929, 1.0), (0, 50, 0.0, 0.071), (25, 50, 0.366, 0.634), (1, 1, 0.207, 1.0)],
)
def test_bounds(count: int, of: int, low: float, high: float) -> None:
    """Wilson's interval; all of fifty is not certainty."""
    assert Share(count, of).bounds == (
        pytest.approx(low, abs=0.001), pytest.approx(high, abs=0.001)
    )  # fmt: skip


def test_of_nothing_nothing_is_known() -> None:
    """The interval is everything."""
    assert Share(0, 0).bounds == (0.0, 1.0)


def test_a_run_that_broke_off_has_not_passed() -> None:
    """Neither by what was not looked at, nor with a fault, nor with one check failed."""
    names = WANTED["caller gone"]
    assert Run("caller gone", checks=FINE).passed(names)
    assert not Run("caller gone").passed(names)
    assert not Run("caller gone", checks=FINE, fault="the line broke").passed(names)
    for name in names:
        assert not Run("caller gone", checks=FINE | {name: False}).passed(names)
        assert name in wrong(Run("caller gone", checks=FINE | {name: False}), names)
    assert wrong(Run("caller gone", checks=FINE), names) == ""


def test_told() -> None:
    """Every case that was played has its table; what went wrong is named, with its numbers."""
    runs = [
        Run("caller gone", checks=FINE, times_s={"hung up to silent": 0.2}),
        Run("caller gone", checks=FINE | {KEPT: False}, numbers={"likeness": 0.5}),
    ]
    told = dict(sections(runs, WANTED))
    assert set(told) == {"caller gone", "Times", "What went wrong"}
    assert "1/2" in told["caller gone"]
    assert f"not: {KEPT}" in told["What went wrong"]
    assert "likeness 0.5" in told["What went wrong"]
    cases = as_json(runs, WANTED)["cases"]
    assert cases["caller gone"][KEPT]["count"] == 1
    assert cases["caller gone"][SILENT]["count"] == 2
    assert cases["accepted"]["all of it"]["of"] == 0


def test_every_case_is_looked_at() -> None:
    """Each has its checks and its history; in each the caller is kept and nothing rings on."""
    assert CASES.keys() == WANTED.keys() == HISTORY.keys()
    assert all({KEPT, SILENT, "history", "ticket"} <= set(names) for names in WANTED.values())
