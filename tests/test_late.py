"""Late interaction: a projection that never changes, and the best match of each token."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt
import pytest

from knowledge.late import (
    LONGEST,
    SCALE,
    STATE_DIMENSIONS,
    TOKEN_DIMENSIONS,
    _projection,
    best_matches,
    likeness,
    token_rows,
)

PROJECTION_SHA256 = "ca1d27a6326caa6b520b4f0605d5397cf2f7b81b654be51e2fb84f7dfbb7b197"
"""Of its float32 bytes, row by row: stored rows mean nothing under another one."""

HALF = LONGEST // 2
"""States a side: more than `LONGEST` in all would be cut."""

Rows = npt.NDArray[np.float32]


def _states(count: int, seed: int) -> Rows:
    return np.random.default_rng(seed).standard_normal((count, STATE_DIMENSIONS)).astype(np.float32)


def _cosines(states: Rows) -> Rows:
    units = states / np.linalg.norm(states, axis=1, keepdims=True)
    return np.asarray(units @ units.T, dtype=np.float32)


def _kept(states: Rows) -> Rows:
    rows = token_rows(states).astype(np.float32) / SCALE
    return np.asarray(rows @ rows.T, dtype=np.float32)


def _row(**values: float) -> npt.NDArray[np.int8]:
    """A row of 128 with a few places set: `_row(a=127)` is the first axis."""
    row = np.zeros(TOKEN_DIMENSIONS, dtype=np.int8)
    for name, value in values.items():
        row["abcdef".index(name)] = value
    return row


def test_projection_is_fixed() -> None:
    """The same bytes for ever, on every machine and with every numpy."""
    projection = _projection()
    assert projection.shape == (STATE_DIMENSIONS, TOKEN_DIMENSIONS)
    assert hashlib.sha256(projection.tobytes()).hexdigest() == PROJECTION_SHA256
    assert set(np.unique(projection)) == {
        np.float32(-1 / TOKEN_DIMENSIONS**0.5),
        np.float32(1 / TOKEN_DIMENSIONS**0.5),
    }
    assert abs(float(projection.mean())) < 1e-3  # as many +1 as -1


@pytest.mark.parametrize("alike", [0.0, 0.2, 0.5, 0.8])
def test_cosines_are_kept(alike: float) -> None:
    """Within 0.1 of the true one (root mean square), for states of any likeness.

    128 random signs keep a cosine c with a deviation of (1 - c²) / √128: 0.088 at most.
    """
    one, other = _states(HALF, 1), _states(HALF, 2)
    pairs = np.concatenate([one, alike * one + (1 - alike) * other])
    off = np.diagonal(_kept(pairs) - _cosines(pairs), offset=HALF)
    assert float(np.sqrt(np.mean(off**2))) < 0.1
    assert abs(float(off.mean())) < 0.02


def test_near_states_stay_near() -> None:
    """Where it matters, each single one is within 0.1: cosines of 0.85 and more."""
    one, other = _states(HALF, 3), _states(HALF, 4)
    pairs = np.concatenate([one, one + 0.5 * other])
    true = np.diagonal(_cosines(pairs), offset=HALF)
    kept = np.diagonal(_kept(pairs), offset=HALF)
    assert true.min() > 0.85
    assert np.abs(kept - true).max() < 0.1


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
    assert rows.tolist() == [[0] * TOKEN_DIMENSIONS] * count


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
