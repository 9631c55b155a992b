"""Looks at one live picture after the other and says what there is to measure.

The detector is asked where a face is; then the mesh follows the face from picture to picture by
itself, and the detector is asked again now and then (another person may have come in) and
whenever the mesh has lost it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import cv2
import numpy as np

from kiosk.capture.guides.values import Sight
from kiosk.capture.pose.blendshapes import Blendshapes
from kiosk.capture.pose.detector import Face, FaceDetector
from kiosk.capture.pose.doubt import Doubt
from kiosk.capture.pose.doubt import Measure as Look
from kiosk.capture.pose.edges import Plane
from kiosk.capture.pose.geometry import Array, Pinhole
from kiosk.capture.pose.head import side_of
from kiosk.capture.pose.lighting import lit
from kiosk.capture.pose.mesh import FaceMesh, Mesh, Square, first_square
from kiosk.capture.pose.parts import lacking, load_ways
from kiosk.capture.pose.shades import dark_glasses
from kiosk.capture.pose.stillness import Area, Stillness
from kiosk.model import Pixels

MESH_TRUSTED: Final = 0.5
"""The mesh's score above which it is a face's: all faces up to 52° of yaw, 2 % beyond 82°."""

_SEARCH_NS: Final = 400_000_000
"""How often the detector is asked while the mesh follows a face."""

_EXPRESSION_NS: Final = 250_000_000
"""How often the expression is read: it costs as much as the mesh and changes slowly."""

_PASSES_FIRST: Final = 4
_PASSES_NEXT: Final = 2
"""How often the mesh is laid anew over one picture: until its square stays, or following on."""

_ANOTHER: Final = 0.2
"""Share of the largest face's area from which a second face is another person in the room, not
a picture on the wall."""

_OUTSIDE: Final = 0.04
"""Share of a face's box, or of its mesh, that may lie outside the picture: neither is exact, and
the detector draws its boxes in at some edges."""


_PLAIN: Final = 0.1
"""How much more of a part than must be explained has to be missing for that to be sign enough."""

_DOUBTFUL: Final = 0.7
"""Share of what a mesh may move from which the two signs together are enough."""


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """What one picture shows.

    Attributes:
        at_ns: when it was exposed, monotonic nanoseconds.
        camera: its size and focal length.
        sight: what hinders measuring, or ``CLEAR``.
        grey: the picture, grey levels 0 to 255, shape (height, width).
        face: the largest face, from the last search; None where there is none.
        mesh: its points; None where they cannot be trusted, as in profile.
        guess: the mesh that was laid where there is none to be trusted; on a nose that points to
            the left its mirror image, so that its points mean the other side of the face.
        movements: blendshapes by name; None without a mesh or while they are not yet read.
        motion: fractions of the picture's height per second; None for the first picture.
    """

    at_ns: int
    camera: Pinhole
    sight: Sight
    grey: Plane
    face: Face | None = None
    mesh: Mesh | None = None
    guess: Mesh | None = None
    movements: Mapping[str, float] | None = None
    motion: float | None = None


class Observer:
    """Follows one person; not to be shared between threads.

    Args:
        ways: in which parts of faces look, see ``parts``; None: those that ship with the program.
    """

    def __init__(self, ways: Array | None = None) -> None:
        self._detector = FaceDetector()
        self._mesh = FaceMesh()
        self._blendshapes = Blendshapes()
        self._ways = load_ways() if ways is None else ways
        self.forget()

    def forget(self) -> None:
        """Start anew: another person, another view."""
        self._faces: tuple[Face, ...] = ()
        self._searched_ns: int | None = None
        self._square: Square | None = None
        self._movements: Mapping[str, float] | None = None
        self._read_ns: int | None = None
        self._stillness = Stillness()
        self._doubt = Doubt()

    def wipe(self) -> None:
        """Start anew, and overwrite the last picture, which a sighting may still share."""
        self._stillness.wipe()
        self.forget()

    def movements(self, mesh: Mesh) -> Mapping[str, float]:
        """Return what a face does whose mesh is known."""
        return self._blendshapes.measure(mesh)

    def look(self, picture: Pixels, camera: Pinhole, at_ns: int) -> Sighting:
        """Measure a BGR picture, shape (height, width, 3), upright, taken by ``camera``."""
        grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.float32)
        sighting = Sighting(at_ns, camera, lit(grey), grey)
        if sighting.sight is not Sight.CLEAR:
            self.forget()
            return sighting
        laid = self._follow(picture)
        if laid is None or _due(self._searched_ns, at_ns, _SEARCH_NS):
            self._faces, self._searched_ns = self._detector.find(picture), at_ns
            if laid is None and self._faces:
                laid = self._lay(picture, first_square(self._faces[0]), _PASSES_FIRST)
        mesh = laid if laid is not None and laid.score >= MESH_TRUSTED else None
        guess = self._guess(picture, laid) if mesh is None else None
        self._square = None if mesh is None else mesh.square()
        if mesh is None:
            self._doubt = Doubt()
        return replace(
            sighting,
            sight=self._sight(grey, mesh, partial(self._mesh.measure, picture), at_ns),
            face=self._faces[0] if self._faces else None,
            mesh=mesh,
            guess=guess,
            movements=self._expression(mesh, at_ns),
            motion=self._stillness.motion(grey, at_ns, self._area(mesh)),
        )

    def _sight(self, grey: Plane, mesh: Mesh | None, look: Look, at_ns: int) -> Sight:
        faces = self._faces
        if not faces:
            return Sight.NO_PERSON if mesh is None else Sight.UNCLEAR
        if len(faces) > 1 and faces[1].area > _ANOTHER * faces[0].area:
            return Sight.SEVERAL_PEOPLE
        if max(_box_outside(faces[0], grey.shape), _mesh_outside(mesh, grey.shape)) > _OUTSIDE:
            return Sight.CUT_OFF
        if mesh is not None and self._covered(grey, mesh, look, at_ns):
            return Sight.COVERED
        return Sight.CLEAR

    def _covered(self, grey: Plane, mesh: Mesh, look: Look, at_ns: int) -> bool:
        """Tell whether something lies over the face.

        Any of three signs, when it is plain: a part looks otherwise than such parts do, the mesh
        does not stay, the eyes lie in the dark. Or the first two when they are less so: glasses
        and blur are like the first.
        """
        short = lacking(grey, mesh, self._ways)
        doubt = self._doubt.share(mesh, look, at_ns, afresh=short > 0.0)
        plain = short > _PLAIN or doubt > 1.0 or dark_glasses(grey, mesh)
        return plain or (short > 0.0 and doubt > _DOUBTFUL)

    def _guess(self, picture: Pixels, laid: Mesh | None) -> Mesh | None:
        """Return the mesh of a side: laid as if the nose pointed right, whichever side it is.

        What the network makes of a side that it is not sure of depends on which side that is; so
        a left one is looked at in a mirror.
        """
        if laid is None or not self._faces or side_of(self._faces[0]) > 0.0:
            return laid
        width = picture.shape[1]
        square = first_square(self._faces[0])
        mirrored = replace(square, x=width - square.x, turn=-square.turn)
        found = self._mesh.measure(np.asarray(cv2.flip(picture, 1), np.uint8), mirrored)
        back = np.array([-1.0, 1.0, 1.0])
        return Mesh(found.points * back + np.array([width, 0.0, 0.0]), laid.score)

    def _follow(self, picture: Pixels) -> Mesh | None:
        """Lay the mesh on from where it was; None if it was nowhere or has lost the face."""
        if self._square is None:
            return None
        laid = self._lay(picture, self._square, _PASSES_NEXT)
        return laid if laid.score >= MESH_TRUSTED else None

    def _lay(self, picture: Pixels, square: Square, passes: int) -> Mesh:
        """Return the mean of the last two of ``passes`` meshes; the first that is not trusted."""
        before = mesh = self._mesh.measure(picture, square)
        for _ in range(passes - 1):
            if mesh.score < MESH_TRUSTED:
                return mesh
            before, mesh = mesh, self._mesh.measure(picture, mesh.square())
        return Mesh((before.points + mesh.points) / 2, min(before.score, mesh.score))

    def _area(self, mesh: Mesh | None) -> Area | None:
        if mesh is not None:
            low, high = mesh.points[:, :2].min(axis=0), mesh.points[:, :2].max(axis=0)
            return float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1])
        return self._faces[0].box if self._faces else None

    def _expression(self, mesh: Mesh | None, at_ns: int) -> Mapping[str, float] | None:
        if mesh is None:
            self._movements = None
        elif self._movements is None or _due(self._read_ns, at_ns, _EXPRESSION_NS):
            self._movements, self._read_ns = self._blendshapes.measure(mesh), at_ns
        return self._movements


def _due(last_ns: int | None, at_ns: int, every_ns: int) -> bool:
    return last_ns is None or not 0 <= at_ns - last_ns < every_ns


def _box_outside(face: Face, shape: tuple[int, ...]) -> float:
    """Return the share of a face's box that lies outside the picture."""
    height, width = shape
    x, y, w, h = face.box
    return (max(-x, x + w - width, 0.0) * h + max(-y, y + h - height, 0.0) * w) / face.area


def _mesh_outside(laid: Mesh | None, shape: tuple[int, ...]) -> float:
    """Return the share of a mesh's points that lies outside the picture."""
    if laid is None:
        return 0.0
    x, y = laid.points[:, 0], laid.points[:, 1]
    return float(((x < 0) | (x > shape[1]) | (y < 0) | (y > shape[0])).mean())
