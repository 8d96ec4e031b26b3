"""A reference dictated more than once: the candidate that is nearest to every dictation."""

from __future__ import annotations

import pytest

from agent.call.capture.agreement import Dictation, likeliest
from agent.call.capture.nearness import aligned, misheard

CASES: list[tuple[list[Dictation], str, str]] = [
    # Each dictation lacks something, or adds something.
    ([("E, HRB720",), ("H comme Henri, R comme Raoul, B comme Berthe, 7 20",)], "", "HRB720"),
    ([("T45 17",), ("M comme Marcel, T comme Théo, 17",)], "T4517 MT17", "MT4517"),
    # What was said no to is not offered again: the recogniser's other reading is.
    ([("F B 310", "S B 310")], "FB310", "SB310"),
    ([("D W 52 9",), ("D comme Denise, W comme William, 5 29", "T W 5 2 9")], "DW529", "TW529"),
    # Nothing else was heard: a letter that sounds like one of them.
    ([("M 6 7 2 0",), ("M 6 7 2 0",)], "M6720", "N6720"),
    # Nothing was heard that looks like a reference.
    ([("il est blanc",)], "", ""),
    ([], "", ""),
]


@pytest.mark.parametrize(("dictations", "rejected", "value"), CASES)
def test_likeliest(dictations: list[Dictation], rejected: str, value: str) -> None:
    """What all dictations together say, without what the caller said no to."""
    assert likeliest(dictations, (), rejected.split()).value == value


@pytest.mark.parametrize(
    ("dictations", "rejected", "value"),
    [
        ([("T X 4 1 0",)], "", "PX410"),
        ([("T X 4 1 0",)], "PX410", "TX410"),
        ([("P X 4 0",), ("P comme Pierre, X comme Xavier, 4, 1, 0",)], "", "PX410"),
        ([("Z Z 9 9 9",)], "", "ZZ999"),
    ],
)
def test_likeliest_with_a_list(dictations: list[Dictation], rejected: str, value: str) -> None:
    """A listed one that is near is preferred, until the caller says no to it."""
    assert likeliest(dictations, ("PX410", "RC-77"), rejected.split()).value == value


def test_places_of_two_strings() -> None:
    """Letters stand by letters and figures by figures; what only one has stands alone."""
    pairs = [("", "M"), ("K", "K"), ("1", ""), ("2", ""), ("N", "M"), ("8", "8")]
    assert aligned("K12N8", "MKM8") == pairs


@pytest.mark.parametrize(
    ("heard", "meant", "cost"),
    [("LV45", "LV450", 0.6), ("LV450", "LV45", 1.4), ("LP", "LV", 0.4), ("A", "1", 0.6)],
)
def test_more_is_lost_than_invented(heard: str, meant: str, cost: float) -> None:
    """A character that was not heard costs less than one that was not said."""
    assert misheard(heard, meant) == pytest.approx(cost)
