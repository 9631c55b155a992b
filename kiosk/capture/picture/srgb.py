"""The sRGB transfer between stored values and light, IEC 61966-2-1."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

_LINEAR_STORED: Final = 0.04045
_LINEAR_LIGHT: Final = 0.0031308
"""Where its straight piece ends."""

Floats = npt.NDArray[np.float64]


def to_light(stored: Floats) -> Floats:
    """Return linear light, 0 to 1, for stored values of 0 to 1."""
    return np.where(stored <= _LINEAR_STORED, stored / 12.92, ((stored + 0.055) / 1.055) ** 2.4)


def to_stored(light: Floats) -> Floats:
    """Return stored values, 0 to 1, for linear light; more than 1 is cut off, as by a sensor."""
    light = np.clip(light, 0.0, 1.0)
    return np.where(light <= _LINEAR_LIGHT, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
