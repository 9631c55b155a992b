"""What ``heads.npz`` holds: the mesh of a head, how it may be shaped, and skins."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.errors import ConfigError
from kiosk.model import Pixels

FILE = "heads.npz"
UNIT_M = 1e-5
"""Vertices and shapes are stored in whole hundredths of a millimetre."""

Points = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]


class Material(enum.IntEnum):
    """What a triangle is made of."""

    SKIN = 0
    GOWN = 1
    EYE = 2
    TEETH = 3
    TONGUE = 4
    LASHES = 5
    COLLAR = 6


@dataclass(frozen=True, slots=True)
class Shape:
    """One way of changing the mesh: ``moves`` (n, 3) in metres, added to vertices ``where``."""

    where: Numbers
    moves: Points


@dataclass(frozen=True, slots=True)
class HeadData:
    """The mesh. X to the viewer's right, Y up, Z to the viewer; metres.

    Attributes:
        vertices: (v, 3), of nobody in particular.
        shapes: by name: ``people/…``, ``build/…``, features, and ``face/…`` for expressions.
        vertex_of_corner: (c,), the vertex of each corner; seams of the texture double vertices.
        atlas_of_corner: (c, 2), its place in the texture, pixels.
        triangles: (t, 3), corners, counter-clockwise from outside.
        materials: (t,), of ``Material``.
        rigid: (v,), 1 where a vertex turns with the head, 0 where with the shoulders.
        openness: (v,), share of the sky that a vertex sees, 0 to 1.
        eyes: the vertices of the eyeballs: the one on the viewer's left, then the other.
        skins: by name, the head's part of each, BGR.
        hairline: (height, width) of the head's part of the texture, 255 where hair grows.
        brows: the same of the brows.
        neckline: the same, 255 where the head's skin meets the torso's.
        hair: (v,), how much hair grows around a vertex, 0 to 1.
    """

    vertices: Points
    shapes: Mapping[str, Shape]
    vertex_of_corner: Numbers
    atlas_of_corner: Points
    triangles: Numbers
    materials: Numbers
    rigid: Points
    openness: Points
    eyes: tuple[Numbers, Numbers]
    skins: Mapping[str, Pixels]
    hairline: Pixels
    brows: Pixels
    neckline: Pixels
    hair: Points


def load(path: Path | None = None) -> HeadData:
    """Read the heads that ship with the demo, or those of another file.

    Raises:
        ConfigError: there is no such file, or it is none of ours.
    """
    path = Path(__file__).with_name(FILE) if path is None else path
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return _unpacked({name: archive[name] for name in archive.files})
    except (OSError, EOFError, BadZipFile, KeyError, ValueError, AttributeError) as error:
        raise ConfigError(f"{path}: expected the demo's heads, but: {error}.") from error


def _unpacked(a: Mapping[str, npt.NDArray[np.generic]]) -> HeadData:
    shapes = {}
    ends = np.cumsum(a["shape_counts"].astype(np.int64))
    begins = ends - a["shape_counts"].astype(np.int64)
    where, moves = a["shape_where"].astype(np.int64), a["shape_moves"].astype(np.float64) * UNIT_M
    for name, begin, end in zip(a["shape_names"], begins, ends, strict=True):
        shapes[str(name)] = Shape(where[begin:end], moves[begin:end])
    skins = {n[len("skin_") :]: _picture(a[n], cv2.IMREAD_COLOR) for n in a if n[:5] == "skin_"}
    return HeadData(
        vertices=a["vertices"].astype(np.float64) * UNIT_M,
        shapes=shapes,
        vertex_of_corner=a["vertex_of_corner"].astype(np.int64),
        atlas_of_corner=a["atlas_of_corner"].astype(np.float64),
        triangles=a["triangles"].astype(np.int64),
        materials=a["materials"].astype(np.int64),
        rigid=a["rigid"].astype(np.float64) / 255.0,
        openness=a["openness"].astype(np.float64) / 255.0,
        eyes=(a["right_eye"].astype(np.int64), a["left_eye"].astype(np.int64)),
        skins=skins,
        hairline=_picture(a["hairline"], cv2.IMREAD_GRAYSCALE),
        brows=_picture(a["brows"], cv2.IMREAD_GRAYSCALE),
        neckline=_picture(a["neckline"], cv2.IMREAD_GRAYSCALE),
        hair=a["hair"].astype(np.float64) / 255.0,
    )


def _picture(file: npt.NDArray[np.generic], kind: int) -> Pixels:
    picture = cv2.imdecode(file.view(np.uint8), kind)
    if picture is None:
        raise ValueError("one of its pictures cannot be read")
    return np.asarray(picture, dtype=np.uint8)
