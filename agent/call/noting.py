"""What a conversation tells about its call, put on the record: appliance, codes, the mark."""

from __future__ import annotations

from agent.call.moves import State
from agent.call.record import CallRecord
from knowledge.spoken import codes

MOST_CODES = 10
"""Codes of a call; what is told after them is left out."""


def note_state(record: CallRecord, state: State) -> None:
    """Put on the record what is known now; a mark that is taken back goes."""
    record.product = state.product or record.product
    record.satisfaction_asked = state.rating_asks > 0
    record.satisfaction = state.rating


def note_codes(record: CallRecord, question: str) -> None:
    """Put the error codes of a question on the record; figures without a letter are none."""
    told = (code for code in codes(question) if code[0].isalpha())
    record.codes = tuple(dict.fromkeys((*record.codes, *told)))[:MOST_CODES]
