"""Average-linkage clustering of a few thousand things, by the nearest-neighbour chain. Pure.

Every operation is on one row, so that other threads run between them: a call's event loop waits for
none of it. 5,000 things take some 300 MB for a moment and a few seconds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

_FAR = np.float32(np.inf)


def groups(distances: Floats, widest: float) -> list[list[int]]:
    """The groups within which the mean distance of whatever was joined is at most `widest`.

    The nearest-neighbour chain (Murtagh 1983) gives the same groups as joining the nearest pair
    again and again, in quadratic time: average linkage never brings a group nearer to a third one
    by joining it to a nearer one.

    Args:
        distances: Shape (n, n), symmetric; it is used up.
        widest: Mean distance up to which two groups are joined.

    Returns:
        Places of each group, in order; groups in the order of their first place.
    """
    count = len(distances)
    members: list[list[int]] = [[place] for place in range(count)]
    alive = np.ones(count, dtype=bool)
    for place in range(count):
        distances[place, place] = _FAR
    left = count
    chain: list[int] = []
    while left:
        if not chain:
            chain.append(int(np.argmax(alive)))
        last = chain[-1]
        nearest = int(np.argmin(distances[last]))
        before = chain[-2] if len(chain) > 1 else -1
        if before >= 0 and distances[last, before] <= distances[last, nearest]:
            nearest = before  # of equally near ones: else the chain might go round
        if distances[last, nearest] > widest or not np.isfinite(distances[last, nearest]):
            chain.clear()  # nothing will ever be near enough to this one
            _retire(distances, alive, last)
            left -= 1
        elif nearest == before:
            del chain[-2:]
            _join(distances, alive, members, sorted((last, nearest)))
            left -= 1
        else:
            chain.append(nearest)
    return sorted((sorted(one) for one in members if one), key=lambda one: one[0])


def _retire(distances: Floats, alive: npt.NDArray[np.bool_], place: int) -> None:
    """What stays as it is: no other group can come near it, as means only grow together."""
    distances[place, :] = _FAR
    distances[:, place] = _FAR
    alive[place] = False


def _join(
    distances: Floats, alive: npt.NDArray[np.bool_], members: list[list[int]], pair: Sequence[int]
) -> None:
    """Put the second of a pair into the first, whose distances become the mean of both."""
    kept, gone = pair
    mine, theirs = len(members[kept]), len(members[gone])
    row = (mine * distances[kept] + theirs * distances[gone]) / np.float32(mine + theirs)
    row[kept] = _FAR
    distances[kept, :] = row
    distances[:, kept] = row
    distances[gone, :] = _FAR
    distances[:, gone] = _FAR
    alive[gone] = False
    members[kept] += members[gone]
    members[gone] = []
