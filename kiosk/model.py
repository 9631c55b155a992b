"""Frozen values that travel between the rooms of the program."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    # At run time these values are used where there is no numpy: at the clinic's desk.
    import numpy as np
    import numpy.typing as npt

Pixels: TypeAlias = "npt.NDArray[np.uint8]"


class PixelLayout(enum.Enum):
    """How the bytes of a frame are arranged.

    I420: an array of shape (height * 3 / 2, width): the Y plane, then U and V at half width and
    half height, full range (JPEG levels, BT.601). NV12: the same shape, U and V interleaved.
    BGR: (height, width, 3).
    """

    I420 = "I420"
    NV12 = "NV12"
    BGR = "BGR"


@dataclass(frozen=True, slots=True)
class CameraSettings:
    """What the camera is asked for; nothing is left to an automatic.

    Attributes:
        exposure_us: exposure time of each row, microseconds, > 0.
        analogue_gain: sensor gain, >= 1.0.
        colour_gains: gains of red and blue against green, each > 0.
        lens_position: focus in dioptres, or None for a lens set by hand.
    """

    exposure_us: int
    analogue_gain: float
    colour_gains: tuple[float, float]
    lens_position: float | None = None


@dataclass(frozen=True, slots=True)
class FrameMetadata:
    """What the camera says of one frame.

    Attributes:
        exposed_from_ns: start of exposure of the first row on the monotonic clock, nanoseconds.
        settings: what was really applied to this frame; None where the device cannot tell
            (webcams), which the shot's record then says.
    """

    exposed_from_ns: int
    settings: CameraSettings | None


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture in memory, in the layout in which the camera gave it.

    ``width`` and ``height`` are of the picture, in pixels; ``pixels`` has the shape that
    ``layout`` states and belongs to whoever holds the frame: it is not reused by the camera.
    """

    pixels: Pixels
    layout: PixelLayout
    width: int
    height: int
    metadata: FrameMetadata

    def wipe(self) -> None:
        """Overwrite the picture, so that nothing of it stays in memory after use."""
        self.pixels.fill(0)


class ClockState(enum.Enum):
    """Whether the wall clock could be trusted when a time was written down."""

    SYNCHRONISED = "synchronised"
    UNSYNCHRONISED = "unsynchronised"


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant, told by every clock that the station has.

    Attributes:
        wall: ISO 8601 with offset, as the system clock had it.
        monotonic_ns: nanoseconds since ``boot_id``'s boot.
        boot_id: the kernel's random id of this boot (a UUID).
        clock: whether ``wall`` was synchronised.
    """

    wall: str
    monotonic_ns: int
    boot_id: str
    clock: ClockState


class Role(enum.Enum):
    """What an operator is there for: a practitioner sees patients, a technician the machine."""

    PRACTITIONER = "practitioner"
    TECHNICIAN = "technician"


@dataclass(frozen=True, slots=True)
class Operator:
    """One person of the clinic, signed in by name.

    Attributes:
        id: of the clinic's register, never used again for anybody else.
        name: as records and screens show it.
        role: what the station lets them do.
        supervisor: whether their badge releases a locked one.
    """

    id: str
    name: str
    role: Role
    supervisor: bool = False
