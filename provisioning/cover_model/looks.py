"""How a face is looked at, as the station does it (``kiosk.capture.pose.observer``).

From the front and at an angle the mesh is laid over it. From the side none can be trusted: the
network looks once where the detector found the face, at a nose that points left in a mirror.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.capture.pose.cover import PLACES
from kiosk.capture.pose.detector import FaceDetector
from kiosk.capture.pose.glance import WITHOUT_LIMIT, Glance
from kiosk.capture.pose.head import side_of
from kiosk.capture.pose.laying import trusted
from kiosk.capture.pose.mesh import SIDE, FaceMesh, Mesh, Square, first_square
from kiosk.model import Pixels
from provisioning.cover_model import scenes
from provisioning.head_model.variety import Scene

Cover = npt.NDArray[np.float64]
Halves = npt.NDArray[np.float16]

_PASSES_FIRST: Final = 4
_PASSES_NEXT: Final = 2


class Seen(NamedTuple):
    """What the network says of one picture; the attributes of ``samples.Sample``."""

    maps: tuple[Halves, ...]
    points: Halves
    cover: Halves


class Look(Protocol):
    """One way of looking."""

    def scenes(self, rng: np.random.Generator) -> Iterator[Scene]:
        """Yield what is shown of one head."""
        ...

    def lay(self, picture: Pixels) -> Mesh | None:
        """Return the mesh of a face that nothing lies over; None where it is not looked at so."""
        ...

    def seen(self, picture: Pixels, bare: Mesh, cover: Cover | None) -> Seen | None:
        """Look at a picture.

        Args:
            picture: BGR.
            bare: the mesh of the same face without anything.
            cover: how much of each pixel is covered, 0 to 1; None for nothing.
        """
        ...


class Ahead:
    """From the front and at an angle."""

    def __init__(self) -> None:
        self._detector, self._net = FaceDetector(), FaceMesh()

    def scenes(self, rng: np.random.Generator) -> Iterator[Scene]:
        return scenes.ahead(rng)

    def lay(self, picture: Pixels) -> Mesh | None:
        faces = self._detector.find(picture)
        return self._laid(picture, first_square(faces[0]), _PASSES_FIRST) if faces else None

    def seen(self, picture: Pixels, bare: Mesh, cover: Cover | None) -> Seen | None:
        mesh = self._laid(picture, bare.square(), _PASSES_NEXT)
        return None if mesh is None else _answers(self._net, picture, mesh.square(), cover)

    def _laid(self, picture: Pixels, square: Square, passes: int) -> Mesh | None:
        for _ in range(passes):
            mesh = self._net.measure(picture, square)
            if not trusted(mesh):
                return None
            square = mesh.square()
        return mesh


class Aside:
    """From the side."""

    def __init__(self) -> None:
        self._detector, self._net = FaceDetector(), FaceMesh()

    def scenes(self, rng: np.random.Generator) -> Iterator[Scene]:
        return scenes.aside(rng)

    def lay(self, picture: Pixels) -> Mesh | None:
        glance = Glance(picture, self._detector, self._net, WITHOUT_LIMIT)
        faces = glance.faces()
        if not faces:
            return None
        look = glance.mesh if side_of(faces[0]) > 0.0 else glance.mirrored
        mesh = look(first_square(faces[0]))
        return None if trusted(mesh) else mesh

    def seen(self, picture: Pixels, bare: Mesh, cover: Cover | None) -> Seen | None:
        del bare
        faces = self._detector.find(picture)
        if not faces:
            return None
        square = first_square(faces[0])
        if side_of(faces[0]) > 0.0:
            return _answers(self._net, picture, square, cover)
        mirrored = np.asarray(cv2.flip(picture, 1), np.uint8)
        over = None if cover is None else np.ascontiguousarray(cover[:, ::-1])
        return _answers(self._net, mirrored, square.in_mirror(picture.shape[1]), over)


def _answers(net: FaceMesh, picture: Pixels, square: Square, cover: Cover | None) -> Seen:
    found = net.answers(picture, square)
    whole = np.zeros(picture.shape[:2]) if cover is None else cover
    part = cv2.warpAffine(whole, square.matrix(), (SIDE, SIDE))
    over = cv2.resize(part, (PLACES, PLACES), interpolation=cv2.INTER_AREA)
    maps = tuple(one.astype(np.float16) for one in found.maps)
    points = (found.points[:, :2] / SIDE).astype(np.float16)
    return Seen(maps, points, np.asarray(over, np.float16))


LOOKS: Final[dict[str, type[Ahead | Aside]]] = {"ahead": Ahead, "aside": Aside}
"""By what the command calls them."""
