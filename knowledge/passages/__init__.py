"""A document's blocks become passages: the units that are found, judged and spoken."""

from knowledge.passages.builder import passages_of
from knowledge.passages.passage import (
    Passage,
    PassageKind,
    passage_as_json,
    passage_from_json,
)
from knowledge.passages.regular import COVER_WORDS

__all__ = [
    "COVER_WORDS",
    "Passage",
    "PassageKind",
    "passage_as_json",
    "passage_from_json",
    "passages_of",
]
