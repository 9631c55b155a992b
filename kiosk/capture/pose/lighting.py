"""Whether a picture has light enough to be measured, and not too much."""

from __future__ import annotations

from typing import Final

from kiosk.capture.guides.values import Sight
from kiosk.capture.pose.edges import Plane

_DARK: Final = 30.0
_LIT_SHARE: Final = 0.005
_BRIGHT_SHARE: Final = 0.5
_BRIGHT: Final = 250.0
"""Grey levels, 0 to 255: it is too dark where less than ``_LIT_SHARE`` of the picture is at least
``_DARK``, and too bright where more than half of it is at least ``_BRIGHT``. Of the single lightest
pixel the noise of the sensor decides, another way in each picture."""


def lit(grey: Plane) -> Sight:
    """Return ``TOO_DARK``, ``TOO_BRIGHT`` or ``CLEAR`` for grey levels, shape (height, width)."""
    if float((grey >= _DARK).mean()) < _LIT_SHARE:
        return Sight.TOO_DARK
    if float((grey >= _BRIGHT).mean()) > _BRIGHT_SHARE:
        return Sight.TOO_BRIGHT
    return Sight.CLEAR
