"""Late interaction: rows in the learned projection, and the best match of each token."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt
import pytest

from knowledge.late import (
    LONGEST,
    SCALE,
    TOKEN_DIMENSIONS,
    _projection,
    best_matches,
    likeness,
    projection_id,
    token_rows,
)

STATE_DIMENSIONS = 768

HALF = LONGEST // 2
"""States a side: more than `LONGEST` in all would be cut."""

Rows = npt.NDArray[np.float32]


def _states(count: int, seed: int) -> Rows:
    return np.random.default_rng(seed).standard_normal((count, STATE_DIMENSIONS)).astype(np.float32)


def _row(**values: float) -> npt.NDArray[np.int8]:
    """A row of 128 with a few places set: `_row(a=127)` is the first axis."""
    row = np.zeros(TOKEN_DIMENSIONS, dtype=np.int8)
    for name, value in values.items():
        row["abcdef".index(name)] = value
    return row


def test_projection_is_named_by_its_bytes() -> None:
    """An index keeps the name: rows of another projection mean nothing beside these."""
    weight, bias = _projection()
    assert (weight.shape, bias.shape) == ((STATE_DIMENSIONS, TOKEN_DIMENSIONS), (TOKEN_DIMENSIONS,))
    told = hashlib.sha256(weight.tobytes() + bias.tobytes()).hexdigest()
    assert told.startswith(projection_id())


def test_near_states_stay_near() -> None:
    """A state is nearer to itself blurred than to another one, whatever the projection."""
    one, other = _states(HALF, 3), _states(HALF, 4)
    rows = token_rows(one).astype(np.float32) / SCALE
    blurred = token_rows(one + np.float32(0.3) * other).astype(np.float32) / SCALE
    cosines = rows @ blurred.T
    assert np.argmax(cosines, axis=1).tolist() == list(range(HALF))


def test_rows_are_of_unit_length_in_int8() -> None:
    """Whatever the length of the states; rounding costs one percent at most."""
    rows = token_rows(_states(50, 5) * np.float32(1000.0))
    assert (rows.dtype, rows.shape) == (np.int8, (50, TOKEN_DIMENSIONS))
    lengths = np.linalg.norm(rows.astype(np.float32), axis=1) / SCALE
    assert lengths == pytest.approx(np.ones(50), abs=0.01)


def test_rows_of_a_state_do_not_depend_on_its_neighbours() -> None:
    """Token by token."""
    states = _states(8, 6)
    assert token_rows(states)[5].tolist() == token_rows(states[5:6])[0].tolist()


def test_long_prose_is_cut() -> None:
    """The first tokens stay."""
    states = _states(LONGEST + 9, 7)
    assert token_rows(states).tolist() == token_rows(states[:LONGEST]).tolist()
    assert len(token_rows(states)) == LONGEST


@pytest.mark.parametrize("count", [0, 1])
def test_no_state_and_a_state_of_zeros(count: int) -> None:
    """No division by nothing."""
    rows = token_rows(np.zeros((count, STATE_DIMENSIONS), dtype=np.float32))
    assert (rows.dtype, rows.shape) == (np.int8, (count, TOKEN_DIMENSIONS))


def test_best_matches_of_known_rows() -> None:
    """The best cosine of each of the question's tokens, in their order."""
    question = np.stack([_row(a=127), _row(b=127), _row(c=127), _row(a=-127)])
    passage = np.stack([_row(a=127), _row(b=64), _row(b=32, d=120), _row(c=-127)])
    found = best_matches(question, passage)
    assert found.dtype == np.float32
    assert found.tolist() == pytest.approx([1.0, 64 / 127, 0.0, 0.0])
    assert likeness(question, passage) == pytest.approx((1.0 + 64 / 127) / 4)


def test_worst_of_all_is_minus_one() -> None:
    """One token against its contrary: no int8 overflows on the way."""
    row = np.full((1, TOKEN_DIMENSIONS), 11, dtype=np.int8)
    assert float(best_matches(row, -row)[0]) == pytest.approx(-(11 * 11 * 128) / 127**2)


def test_a_text_matches_itself() -> None:
    """Each token finds itself, whatever stands around it."""
    rows = token_rows(_states(12, 8))
    assert best_matches(rows, rows) == pytest.approx(np.ones(12), abs=0.02)
    assert best_matches(rows[:4], rows[::-1]) == pytest.approx(np.ones(4), abs=0.02)


@pytest.mark.parametrize(("asked", "held"), [(0, 0), (0, 3), (3, 0)])
def test_a_model_without_token_vectors_gives_nothing(asked: int, held: int) -> None:
    """e5-small: zero likeness, no match, no error."""
    question = np.ones((asked, TOKEN_DIMENSIONS), dtype=np.int8)
    passage = np.ones((held, TOKEN_DIMENSIONS), dtype=np.int8)
    assert best_matches(question, passage).tolist() == [0.0] * asked
    assert likeness(question, passage) == 0.0
