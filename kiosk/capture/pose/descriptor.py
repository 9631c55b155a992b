"""Pose descriptors: what is kept of an accepted shot so that the same pose can be found again.

A descriptor holds places of landmarks, the camera's geometry, lines to draw, how bare the face
looks and, for a profile, an edge patch. It holds no picture: nothing of the skin can be rebuilt
from it. Written as JSON of at most 16 kB, so that a clinic can read it with any tool;
arrays are little-endian 16-bit numbers in base64. Places are fractions of the picture's height, y
downwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, Literal

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from kiosk.capture.pose.cover import PLACES, Map
from kiosk.capture.pose.geometry import Angles, Array
from kiosk.errors import FormatError

LARGEST: Final = 16_384
"""Bytes of a written descriptor at most."""

_UNIT: Final = 1 / 16_384
"""What one step of a stored place stands for: 0.03 pixels of a picture 480 pixels high."""

_ODDS: Final = 1 / 16
"""What one step of kept log odds stands for."""

_LINES_AT_MOST: Final = 64

Finite = Annotated[float, Meta(ge=-1000.0, le=1000.0)]
Positive = Annotated[float, Meta(gt=0.0, le=1000.0)]
Method = Literal["face", "profile", "body"]


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """An edge patch as it is kept, and the window it was taken from."""

    content: bytes
    x: float
    y: float
    half: float


@dataclass(frozen=True, slots=True, eq=False)
class PoseDescriptor:
    """How a head or a body was held in one shot.

    Attributes:
        method: how it was measured.
        aspect: the picture's width over its height.
        focal: focal length, in heights of the picture.
        pose: as it was judged; for a profile the view's own.
        coarse: the same as judged from the detector's points alone, for a head of which nothing
            better is seen.
        origin: x, y of the head's own middle, and how far behind the landmarks' own zero it is.
        size: heights of the picture for a millimetre, of a head of mean size.
        points: landmarks, shape (n, 3) or (n, 2) as the method has them; may be empty.
        lines: what is drawn over a later preview, each of shape (m, 2).
        patch: for a profile.
        bare: of a face, how likely it looks that something lies over it, place by place, see
            ``cover.Covering.bare``; None where that was not asked.
    """

    method: Method
    aspect: float
    focal: float
    pose: Angles
    coarse: Angles
    origin: tuple[float, float, float]
    size: float
    points: Array
    lines: tuple[Array, ...] = ()
    patch: Patch | None = None
    bare: Map | None = None


class _Packed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An array: ``axes`` numbers for each point."""

    axes: Literal[2, 3]
    data: Annotated[bytes, Meta(max_length=LARGEST)]


class _Angles(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    yaw: Finite
    pitch: Finite
    roll: Finite

    @classmethod
    def of(cls, angles: Angles) -> _Angles:
        return cls(
            yaw=round(angles.yaw, 3), pitch=round(angles.pitch, 3), roll=round(angles.roll, 3)
        )

    def angles(self) -> Angles:
        return Angles(self.yaw, self.pitch, self.roll)


class _Patch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    x: Finite
    y: Finite
    half: Positive
    data: Annotated[bytes, Meta(max_length=LARGEST)]


class _Written(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: Literal[1] = 1
    method: Method
    aspect: Positive
    focal: Positive
    pose: _Angles
    coarse: _Angles
    origin: tuple[Finite, Finite, Finite]
    size: Positive
    points: _Packed
    lines: Annotated[tuple[_Packed, ...], Meta(max_length=_LINES_AT_MOST)] = ()
    patch: _Patch | None = None
    bare: Annotated[bytes, Meta(min_length=PLACES**2, max_length=PLACES**2)] | None = None


def write(descriptor: PoseDescriptor) -> bytes:
    """Return the descriptor as JSON.

    Raises:
        FormatError: it would be larger than ``LARGEST``.
    """
    patch, (x, y, z) = descriptor.patch, descriptor.origin
    content = msgspec.json.encode(
        _Written(
            method=descriptor.method,
            aspect=round(descriptor.aspect, 6),
            focal=round(descriptor.focal, 6),
            pose=_Angles.of(descriptor.pose),
            coarse=_Angles.of(descriptor.coarse),
            size=round(descriptor.size, 9),
            origin=(round(x, 6), round(y, 6), round(z, 6)),
            points=_pack(descriptor.points),
            lines=tuple(_pack(line) for line in descriptor.lines),
            patch=None
            if patch is None
            else _Patch(x=patch.x, y=patch.y, half=patch.half, data=patch.content),
            bare=None if descriptor.bare is None else _steps(descriptor.bare / _ODDS, "i1"),
        )
    )
    if len(content) > LARGEST:
        raise FormatError(
            f"The pose descriptor has {len(content)} bytes; expected at most {LARGEST}."
        )
    return content


def read(content: bytes) -> PoseDescriptor:
    """Read what :func:`write` wrote.

    Raises:
        FormatError: it is damaged; says where.
    """
    if len(content) > LARGEST:
        raise FormatError(
            f"This pose descriptor has {len(content)} bytes; expected at most {LARGEST}."
        )
    try:
        written = msgspec.json.decode(content, type=_Written)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise FormatError(f"This pose descriptor is damaged: {error}.") from error
    patch = written.patch
    return PoseDescriptor(
        method=written.method,
        aspect=written.aspect,
        focal=written.focal,
        pose=written.pose.angles(),
        coarse=written.coarse.angles(),
        origin=written.origin,
        size=written.size,
        points=_unpack(written.points),
        lines=tuple(_unpack(line) for line in written.lines),
        patch=None if patch is None else Patch(patch.data, patch.x, patch.y, patch.half),
        bare=None if written.bare is None else _odds(written.bare),
    )


def _pack(points: Array) -> _Packed:
    axes: Literal[2, 3] = 3 if points.shape[1] == 3 else 2  # noqa: PLR2004 - x, y and z
    return _Packed(axes=axes, data=_steps(points / _UNIT, "<i2"))


def _steps(values: npt.NDArray[np.floating], kind: str) -> bytes:
    """Return whole numbers, as near as their kind has them."""
    limits = np.iinfo(kind)
    steps = np.clip(np.rint(values), limits.min, limits.max).astype(kind)
    return bytes(steps.tobytes())


def _odds(data: bytes) -> Map:
    steps = np.frombuffer(data, "i1").reshape(PLACES, PLACES)
    return np.asarray(steps * _ODDS, np.float32)


def _unpack(packed: _Packed) -> Array:
    if len(packed.data) % (2 * packed.axes):
        raise FormatError(
            f"This pose descriptor is damaged: {len(packed.data)} bytes are no whole number of "
            f"points of {packed.axes} axes."
        )
    steps = np.frombuffer(packed.data, "<i2").reshape(-1, packed.axes)
    return np.asarray(steps * _UNIT, np.float64)
