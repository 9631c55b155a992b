"""Where in a head's texture what lies: the skin of the head, and patches of one colour.

The head's part of MakeHuman's 512-pixel skins is four times enlarged, so that brows, hairline and
pores can be painted finer than the skin is. Below it lie the patches.
"""

from __future__ import annotations

import enum

SKIN_SIZE = 512
CROP = (324, 92, 188, 348)
"""The head in a skin: left, top, width, height in pixels."""

ENLARGED = 4
HEAD_SIZE = (CROP[2] * ENLARGED, CROP[3] * ENLARGED)
PATCH = 160
SIZE = (HEAD_SIZE[0], HEAD_SIZE[1] + PATCH)
"""Width and height of the whole texture, pixels."""

EYE_RADIUS = 76.0
"""Pixels in the patch of an eye that stand for ``EYE_REACH`` from the middle of the pupil."""

EYE_REACH = 2.0
"""Radians."""


COLLAR_REACH = 0.5
"""Decimetres outside (below) and inside the gown's hem that its patch shows."""


class Patch(enum.Enum):
    """A column of the strip below the head: its number and its width in ``PATCH`` / 4."""

    EYE = (0, 4)
    MOUTH = (4, 1)
    SOCKET = (5, 1)
    TORSO = (6, 1)
    GOWN = (7, 1)
    TEETH = (8, 1)
    TONGUE = (9, 1)
    LASHES = (10, 4)
    COLLAR = (14, 1)

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, width and height, pixels."""
        unit = PATCH // 4
        return self.value[0] * unit, HEAD_SIZE[1], self.value[1] * unit, PATCH

    @property
    def middle(self) -> tuple[float, float]:
        left, top, width, height = self.box
        return left + width / 2, top + height / 2


def of_uv(u: float, v: float) -> tuple[float, float]:
    """Tell where in the texture a place of a skin lies.

    Args:
        u: 0 to 1, from the left of the skin.
        v: 0 to 1, from its bottom.

    Returns:
        Column and row, pixels from the upper left corner.
    """
    x = (u * SKIN_SIZE - CROP[0]) * ENLARGED
    y = ((1.0 - v) * SKIN_SIZE - CROP[1]) * ENLARGED
    return x, y
