"""Least squares with a pull towards small weights (ridge regression)."""

from __future__ import annotations

import numpy as np

from kiosk.capture.pose.geometry import Array

_NO_SPREAD = 1e-9
_LEAST = 1e-3


def ridge(features: Array, targets: Array, counts: Array, pull: float) -> Array:
    """Return the weights that bring ``features @ weights`` near ``targets``.

    Args:
        features: shape (n, f); the first of them is 1 and its weight is not pulled.
        targets: shape (n, t).
        counts: how much each of them counts, shape (n,), >= 0.
        pull: towards 0, of features scaled to a standard deviation of 1.

    Returns:
        shape (f, t).

    Source: A. Hoerl, R. Kennard, "Ridge regression: biased estimation for nonorthogonal problems",
    1970.
    """
    spread = features.std(axis=0) + _NO_SPREAD
    spread[0] = 1.0
    scaled = features / spread
    penalty = np.eye(features.shape[1]) * pull * counts.sum()
    penalty[0, 0] = 0.0
    weighted = scaled * counts[:, None]
    solved = np.linalg.solve(weighted.T @ scaled + penalty, weighted.T @ targets)
    return np.asarray(solved / spread[:, None], np.float64)


def main_ways(rows: Array, number: int) -> Array:
    """Return the main ways in which rows of shape (n, d) differ from 0.

    Returns:
        shape (number, d), orthonormal, the largest first.

    Source: K. Pearson, "On lines and planes of closest fit to systems of points in space", 1901.
    """
    _, ways = np.linalg.eigh(rows.T @ rows)
    return np.asarray(ways[:, ::-1][:, :number].T, np.float64)


def scaled_ways(rows: Array, number: int) -> Array:
    """Return :func:`main_ways`, so that ``ways @ row`` is of size 1 on average in each of them."""
    ways = main_ways(rows, number)
    sizes = np.sqrt(np.square(rows @ ways.T).mean(axis=0))
    # A way in which nearly nothing differs, as with few rows, is not blown up.
    return np.asarray(ways / np.maximum(sizes, _LEAST * sizes.max())[:, None], np.float64)
