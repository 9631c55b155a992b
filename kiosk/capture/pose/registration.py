"""Laying a baseline's picture over a shot: moved, turned and scaled as a whole, never warped.

Anatomy stays what it is; what a similarity cannot bring together, because the head was held
otherwise, is reported as the residual.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from kiosk.capture.pose.geometry import Array, fit_similarity

WIDTH: Final = 640.0
"""Residuals are given for pictures of this width, pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Registration:
    """How a baseline's picture lies over a shot.

    Attributes:
        matrix: shape (2, 3), from the baseline's picture to the shot's, both in pixels of
            the shot's size; a similarity.
        residual_px: how far landmarks miss on average after it, pixels of a picture 640 wide.
    """

    matrix: Array
    residual_px: float


def register(before: Array, after: Array, width: int) -> Registration:
    """Fit a similarity to landmarks, shape (n, 2) each, pixels of pictures of ``width``."""
    moved = fit_similarity(before, after)
    miss = np.linalg.norm(moved.apply(before) - after, axis=1)
    matrix = np.hstack([moved.scale * moved.rotation, moved.shift[:, None]])
    return Registration(matrix, float(miss.mean()) * WIDTH / width)
