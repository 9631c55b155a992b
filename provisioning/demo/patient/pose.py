"""How a head is held and what a camera makes of it.

Places in a picture are pixels from its upper left corner: its middle is at (width / 2,
height / 2), the middle of the first pixel at (0.5, 0.5). The camera looks along -Z; X is to the
viewer's right, Y up, Z to the viewer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]

NECK_M: tuple[float, float, float] = (0.0, -0.105, -0.035)
"""Around which a head turns against its shoulders, in its own axes from its origin."""

_SHOULDERS_FOLLOW = 0.8
"""Share of a turn of the head that the patient makes with the whole body, on a swivel chair."""


@dataclass(frozen=True, slots=True)
class Attitude:
    """How a head is held.

    Attributes:
        yaw: degrees, > 0 turns the nose to the picture's right.
        pitch: degrees, > 0 lowers the chin.
        roll: degrees, > 0 tilts the head counter-clockwise in the picture.
        x, y: the head's origin to the right of and above the camera's axis, metres.
        distance: from the camera to the head's origin along its axis, metres.
        expression: strengths, 0 to 1, by the names of ``head.EXPRESSIONS``.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    x: float = 0.0
    y: float = 0.0
    distance: float = 1.0
    expression: Mapping[str, float] = field(default_factory=dict)

    @property
    def rotation(self) -> Points:
        """From the head's axes to the camera's, (3, 3): Ry(yaw) Rx(pitch) Rz(roll)."""
        return rotation(self.yaw, self.pitch, self.roll)

    @property
    def place(self) -> Points:
        """The head's origin in the camera's axes, (3,) metres."""
        return np.array([self.x, self.y, -self.distance])

    def placed(self, vertices: Points, rigid: Points) -> Points:
        """Return vertices of head and shoulders, (v, 3), in the camera's axes.

        Args:
            vertices: (v, 3), metres from the head's origin, in its axes.
            rigid: (v,), 1 where a vertex moves with the head, 0 where with the shoulders.
        """
        head = vertices @ self.rotation.T + self.place
        neck = np.array(NECK_M)
        turned = rotation(self.yaw * _SHOULDERS_FOLLOW, 0.0, 0.0)
        shoulders = (vertices - neck) @ turned.T + self.rotation @ neck + self.place
        return np.asarray(shoulders + (head - shoulders) * rigid[:, None])


@dataclass(frozen=True, slots=True)
class Pinhole:
    """A camera without distortion, its axis through the picture's middle.

    Attributes:
        width, height: pixels.
        focal: pixels.
    """

    width: int
    height: int
    focal: float

    def project(self, points: Points) -> Points:
        """Return where points in the camera's axes, (n, 3) metres before it, are seen, (n, 2)."""
        depth = -points[:, 2]
        x = self.width / 2 + self.focal * points[:, 0] / depth
        y = self.height / 2 - self.focal * points[:, 1] / depth
        return np.stack([x, y], axis=1)

    def origin(self, attitude: Attitude) -> tuple[float, float]:
        """Return where the head's origin is seen, pixels."""
        x, y = self.project(attitude.place[None])[0]
        return float(x), float(y)

    def px_per_m(self, attitude: Attitude) -> float:
        """Return the scale in the plane of the head's origin, pixels for each metre."""
        return self.focal / attitude.distance


def rotation(yaw: float, pitch: float, roll: float) -> Points:
    """Return Ry(yaw) Rx(pitch) Rz(roll) for degrees, (3, 3)."""
    y, p, r = np.radians([yaw, pitch, roll])
    about_y = [[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]]
    about_x = [[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]]
    about_z = [[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]]
    return np.asarray(np.array(about_y) @ np.array(about_x) @ np.array(about_z))
