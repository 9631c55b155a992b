"""Whether something lies over a face seen from the side: where a patch's edges are gone.

A hand leaves a patch as a whole likely enough, and is nothing like it where it lies. What an
operation, glasses or an expression change is smaller than that. Figures: docs/decisions/0085.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from kiosk.capture.pose.edges import SIDE, Plane

_FIELD: Final = 16
"""Side of the fields in which a patch is compared, pixels; they overlap."""

_EVERY: Final = 4
_BARE: Final = 0.9
"""What counts as much as this is bare and moves with the head; of a field, a half must."""

_EDGES: Final = 30.0
"""Sum of the squares of its edges from which a field has enough of them to be compared."""

_UNLIKE: Final = 0.3
"""Likeness below which a field shows something else."""

HIDDEN: Final = 0.09
"""Share of the fields from which something hides a part. With another nose it was at most 0.06,
with another expression 0.07, with glasses 0.09."""


def hidden_share(seen: Plane, wanted: Plane, counts: Plane) -> float:
    """Return how much of what has edges shows something else.

    Args:
        seen: edges of the picture where the patch lies, shape (SIDE, SIDE).
        wanted: edges of the patch.
        counts: how much each place counts, 0 to 1.

    Returns:
        share of the fields, 0 to 1.
    """
    edges = _fields(counts * wanted**2)
    bare = _fields((counts > _BARE).astype(np.float32))
    asked = (bare >= _FIELD * _FIELD / 2) & (edges >= _EDGES)
    if not asked.any():
        return 0.0
    size = np.sqrt(_fields(counts * seen**2) * edges + np.float32(1e-6))
    likeness = _fields(counts * seen * wanted) / size
    return float((likeness[asked] < _UNLIKE).mean())


def _fields(values: Plane) -> Plane:
    """Return the sums over fields, shape (n, n)."""
    sums = cv2.boxFilter(
        values, -1, (_FIELD, _FIELD), normalize=False, borderType=cv2.BORDER_CONSTANT
    )
    middles = slice(_FIELD // 2, SIDE - _FIELD // 2 + 1, _EVERY)
    return np.asarray(sums[middles, middles], np.float32)
