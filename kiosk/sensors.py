"""The camera modules that a station may have, by their sensors.

Standard library alone: the installer and the bench choose from the same table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Sensor: TypeAlias = Literal["imx477", "imx708"]
"""As the kernel and libcamera name it; others' modules hang (picamera2 #470, #581)."""

Size: TypeAlias = tuple[int, int]
"""Width and height in pixels."""


@dataclass(frozen=True, slots=True)
class Module:
    """What a sensor gives.

    Attributes:
        sizes: of its pictures, all of the sensor and every second pixel; the first is the usual.
        preview: a live picture of the same shape.
        lens_position: dioptres that a lens with a motor begins with, for a face at 0.9 m; None
            for one that is turned by hand.
    """

    sizes: tuple[Size, Size]
    preview: Size
    lens_position: float | None = None


MODULES: Final[Mapping[Sensor, Module]] = {
    # HQ Camera
    "imx477": Module(((4056, 3040), (2028, 1520)), (1280, 960)),
    # Camera Module 3
    "imx708": Module(((4608, 2592), (2304, 1296)), (1280, 720), 1.1),
}

SENSORS: Final = tuple(MODULES)
