"""Quarter turns and mirroring of pictures, rectangles and touches."""

from __future__ import annotations

from dataclasses import dataclass

import cv2

from kiosk.capture.ui.layout import Rect
from kiosk.model import Pixels

_TURNS = {
    1: cv2.ROTATE_90_CLOCKWISE,
    2: cv2.ROTATE_180,
    3: cv2.ROTATE_90_COUNTERCLOCKWISE,
}


@dataclass(frozen=True, slots=True)
class Orientation:
    """Turn clockwise by ``turns`` quarters, then swap left and right if ``mirror``.

    ``turns`` is 0 to 3. The eight values form the symmetry group of the square, so that the
    camera's mounting, the mirror and the panel's mounting become one operation.
    """

    turns: int = 0
    mirror: bool = False

    @classmethod
    def of(cls, degrees: int, *, mirror: bool = False) -> Orientation:
        """Make one from a configuration's 0, 90, 180 or 270 degrees clockwise."""
        return cls(degrees // 90 % 4, mirror)

    def then(self, other: Orientation) -> Orientation:
        """Return the one operation that does this and afterwards ``other``."""
        turned = self.turns - other.turns if self.mirror else self.turns + other.turns
        return Orientation(turned % 4, self.mirror != other.mirror)

    @property
    def identity(self) -> bool:
        return self.turns == 0 and not self.mirror

    @property
    def swaps_sides(self) -> bool:
        """Whether width and height change places."""
        return self.turns % 2 == 1

    def size(self, size: tuple[int, int]) -> tuple[int, int]:
        return (size[1], size[0]) if self.swaps_sides else size

    def apply(self, source: Pixels, out: Pixels) -> None:
        """Write the turned ``source`` into ``out``, which has the shape for it."""
        if not self.mirror:
            if self.turns:
                cv2.rotate(source, _TURNS[self.turns], dst=out)
            else:
                out[:] = source
        elif self.turns == 0:
            cv2.flip(source, 1, dst=out)
        elif self.turns == 1:
            cv2.transpose(source, dst=out)
        elif self.turns == 2:  # noqa: PLR2004 - a number of quarters
            cv2.flip(source, 0, dst=out)
        else:
            cv2.transpose(source, dst=out)
            cv2.flip(out, -1, dst=out)

    def rect(self, rect: Rect, size: tuple[int, int]) -> Rect:
        """Return where ``rect`` of a picture of ``size`` (before turning) comes to lie."""
        x, y, w, h = rect
        width, height = size
        for _ in range(self.turns):
            x, y, w, h = height - y - h, x, h, w
            width, height = height, width
        return Rect(width - x - w, y, w, h) if self.mirror else Rect(x, y, w, h)

    def back(self, x: float, y: float, size: tuple[int, int]) -> tuple[float, float]:
        """Return the point of a picture of ``size`` that turning brought to (x, y)."""
        width, height = self.size(size)
        if self.mirror:
            x = width - x
        for _ in range(self.turns):
            x, y = y, width - x
            width, height = height, width
        return x, y
