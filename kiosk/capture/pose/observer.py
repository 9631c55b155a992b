"""Looks at one live picture after the other and says what there is to measure.

The detector is asked where a face is; then the mesh follows the face from picture to picture by
itself, and the detector is asked again now and then (another person may have come in) and
whenever the mesh has lost it. What one live picture has no time for is left to the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np

from kiosk.capture.guides.values import Sight
from kiosk.capture.pose.blendshapes import Blendshapes
from kiosk.capture.pose.cover import Cover, Covering, Readouts, load_readouts
from kiosk.capture.pose.detector import Face, FaceDetector
from kiosk.capture.pose.doubt import Doubt
from kiosk.capture.pose.edges import Plane
from kiosk.capture.pose.geometry import Array, Pinhole
from kiosk.capture.pose.glance import LIVE, WITHOUT_LIMIT, Glance
from kiosk.capture.pose.laying import far_aside, lay_first, lay_on, trusted
from kiosk.capture.pose.lighting import lit
from kiosk.capture.pose.mesh import FaceMesh, Mesh, Square, first_square, lean
from kiosk.capture.pose.outside import cut_off
from kiosk.capture.pose.parts import lacking, load_ways
from kiosk.capture.pose.shades import dark_glasses
from kiosk.capture.pose.sides import Side
from kiosk.capture.pose.stillness import Area, Stillness
from kiosk.model import Pixels

_SEARCH_NS: Final = 400_000_000
"""How often the detector is asked while the mesh follows a face; it waits for up to twice as long
while there is more to ask than one picture has time for."""

_EXPRESSION_NS: Final = 250_000_000
"""How often the expression is read, since it changes slowly; it waits for up to twice as long for a
picture that was not asked all it has time for."""

_ANOTHER: Final = 0.2
"""Share of the largest face's area from which a second face is another person in the room, not
a picture on the wall."""

_PLAIN: Final = 0.1
"""How much more of a part than must be explained has to be missing for that to be sign enough."""

_DOUBTFUL: Final = 0.7
"""Share of what a mesh may move from which the two signs together are enough."""

_BOWED_FAR: Final = -43.0
"""Degrees that the line from chin to forehead leans away; bowed farther, by some 40 degrees, bare
faces are like covered ones in every sign. They are guided, and do not turn green."""


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """What one picture shows.

    Attributes:
        at_ns: when it was exposed, monotonic nanoseconds.
        camera: its size and focal length.
        sight: what hinders measuring, or ``CLEAR``.
        grey: the picture, grey levels 0 to 255, shape (height, width).
        face: the largest face, from the last search; None where there is none.
        side: 1.0 where its nose points to the right of the picture, else -1.0; see ``sides``.
        mesh: its points; None where they cannot be trusted, as in profile.
        guess: the mesh that was laid where there is none to be trusted; on a nose that points to
            the left its mirror image, so that its points mean the other side of the face.
        covering: how likely it is that something lies over the face of the mesh, else over that of
            the guess; None without either.
        movements: blendshapes by name; None without a mesh or while they are not yet read.
        motion: fractions of the picture's height per second; None for the first picture, and
            until it is known whether something lies over the face: until then it is not still.
        perhaps_covered: whether something may lie over the face, too unlikely to be told as such.
    """

    at_ns: int
    camera: Pinhole
    sight: Sight
    grey: Plane
    face: Face | None = None
    side: float = 1.0
    mesh: Mesh | None = None
    guess: Mesh | None = None
    covering: Covering | None = None
    movements: Mapping[str, float] | None = None
    motion: float | None = None
    perhaps_covered: bool = False


class Observer:
    """Follows one person; not to be shared between threads.

    Args:
        ways: in which parts of faces look, see ``parts``; None: those that ship with the program.
        readouts: tell what lies over a face, see ``cover``; None: those that ship.
    """

    def __init__(self, ways: Array | None = None, readouts: Readouts | None = None) -> None:
        self._detector = FaceDetector()
        self._mesh = FaceMesh()
        self._readouts = load_readouts() if readouts is None else readouts
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
        self._doubt, self._cover = Doubt(), Cover()
        self._side = Side()

    def wipe(self) -> None:
        """Start anew, and overwrite the last picture, which a sighting may still share."""
        self._stillness.wipe()
        self.forget()

    def movements(self, mesh: Mesh) -> Mapping[str, float]:
        """Return what a face does whose mesh is known."""
        return self._blendshapes.measure(mesh)

    def look(self, picture: Pixels, camera: Pinhole, at_ns: int) -> Sighting:
        """Measure a live picture, in the time that it has; see ``glance``.

        Args:
            picture: BGR, shape (height, width, 3), upright.
            camera: that took it.
            at_ns: when it was exposed.
        """
        return self._seen(self._glance(picture, LIVE), _grey(picture), camera, at_ns)

    def study(self, picture: Pixels, camera: Pinhole) -> Sighting:
        """Measure a picture by itself, whatever was seen before it, for as long as it takes."""
        self.forget()
        glance = self._glance(picture, WITHOUT_LIMIT)
        seen = self._seen(glance, _grey(picture), camera, 0)
        self.forget()
        return seen

    def _glance(self, picture: Pixels, questions: float) -> Glance:
        return Glance(picture, self._detector, self._mesh, questions)

    def _seen(self, glance: Glance, grey: Plane, camera: Pinhole, at_ns: int) -> Sighting:
        sighting = Sighting(at_ns, camera, lit(grey), grey)
        if sighting.sight is not Sight.CLEAR:
            self.forget()
            return sighting
        laid, mirrored = self._laid(glance, at_ns)
        mesh = laid if laid is not None and trusted(laid) else None
        covering, covered = None, False
        if mesh is not None:
            covering = mesh.covering(self._readouts.ahead)
            covered = self._covered(grey, mesh, covering, glance, at_ns)
        far = bool(self._faces) and far_aside(self._faces[0])
        if far and self._doubt.odd:
            # So far aside the mesh moves by itself, sure of itself or not.
            mesh, covering, covered = None, None, False
        if mesh is not None and not far:
            self._side = Side()
        if self._faces:
            self._side.see(self._faces[0], at_ns)
        bowed = mesh is not None and lean(mesh) < _BOWED_FAR
        guess = self._guess(glance, laid, mirrored) if mesh is None else None
        if guess is not None:
            covering = guess.covering(self._readouts.aside)
        self._square = None if mesh is None else mesh.square()
        if mesh is None:
            self._doubt, self._cover = Doubt(), Cover()
        if glance.left and _due(self._searched_ns, at_ns, _SEARCH_NS):
            self._search(glance, at_ns)
        motion = self._stillness.motion(grey, at_ns, self._area(mesh))
        return replace(
            sighting,
            sight=self._sight(grey.shape, mesh, guess, covered=covered and not bowed),
            face=self._faces[0] if self._faces else None,
            side=self._side.points,
            mesh=mesh,
            guess=guess,
            covering=covering,
            movements=self._expression(mesh, glance, at_ns),
            motion=motion if mesh is None or self._doubt.settled else None,
            perhaps_covered=self._cover.possible or (covered and bowed),
        )

    def _laid(self, glance: Glance, at_ns: int) -> tuple[Mesh | None, Mesh | None]:
        """Lay the mesh on from where it was, else over a face that is found.

        Returns:
            The mesh, and the one that was laid in the mirror; None of what was not laid.
        """
        laid = None if self._square is None else lay_on(glance, self._square)
        mirrored: Mesh | None = None
        if laid is None or _due(self._searched_ns, at_ns, 2 * _SEARCH_NS):
            self._search(glance, at_ns)
            if laid is None and self._faces:
                mirrored = self._from_the_left(glance, self._faces[0])
                if mirrored is None or trusted(mirrored):
                    laid = lay_first(glance, self._faces[0])
        return laid, mirrored

    def _search(self, glance: Glance, at_ns: int) -> None:
        self._faces, self._searched_ns = glance.faces(), at_ns

    def _sight(
        self, shape: tuple[int, ...], mesh: Mesh | None, guess: Mesh | None, *, covered: bool
    ) -> Sight:
        faces = self._faces
        if not faces:
            return Sight.NO_PERSON if mesh is None else Sight.UNCLEAR
        if len(faces) > 1 and faces[1].area > _ANOTHER * faces[0].area:
            return Sight.SEVERAL_PEOPLE
        if cut_off(faces[0], mesh, shape):
            return Sight.CUT_OFF
        if mesh is None and guess is None:
            return Sight.UNCLEAR
        return Sight.COVERED if covered else Sight.CLEAR

    def _covered(
        self, grey: Plane, mesh: Mesh, covering: Covering, glance: Glance, at_ns: int
    ) -> bool:
        """Tell whether something lies over the face.

        Any of four signs, when it is plain: a part looks otherwise than such parts do, the mesh
        does not stay, the eyes lie in the dark, something else is seen on the face. Or the first
        two when they are less so: glasses and blur are like the first.
        """
        self._cover.see(covering.likely, at_ns)
        short = lacking(grey, mesh, self._ways)
        doubt = self._doubt.share(mesh, glance, at_ns, afresh=short > 0.0)
        plain = short > _PLAIN or self._doubt.odd or self._cover.sure
        return plain or (short > 0.0 and doubt > _DOUBTFUL) or dark_glasses(grey, mesh)

    def _from_the_left(self, glance: Glance, face: Face) -> Mesh | None:
        """Look in the mirror at once at a nose that pointed left; None at any other face.

        Where the mesh is not to be trusted there, nothing needs to be asked of the picture itself.
        """
        left = self._side.points < 0.0 and far_aside(face) and glance.left
        return glance.mirrored(first_square(face)) if left else None

    def _guess(self, glance: Glance, laid: Mesh | None, mirrored: Mesh | None) -> Mesh | None:
        """Return the mesh of a side: laid as if the nose pointed right, whichever side it is.

        What the network makes of a side that it is not sure of depends on which side that is; so
        a left one is looked at in a mirror. None where the picture has no time for that, and where
        a nose that pointed left until now points right: it was looked at in the mirror only.
        """
        if not self._faces or self._side.points > 0.0:
            return laid
        if mirrored is not None or not glance.left:
            return mirrored
        return glance.mirrored(first_square(self._faces[0]))

    def _area(self, mesh: Mesh | None) -> Area | None:
        if mesh is not None:
            low, high = mesh.points[:, :2].min(axis=0), mesh.points[:, :2].max(axis=0)
            return float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1])
        return self._faces[0].box if self._faces else None

    def _expression(
        self, mesh: Mesh | None, glance: Glance, at_ns: int
    ) -> Mapping[str, float] | None:
        if mesh is None:
            self._movements = self._read_ns = None
            return None
        if self._read_ns is None:
            # As if it had been read before: a new face's waits no longer than another.
            self._read_ns = at_ns - _EXPRESSION_NS
        if _due(self._read_ns, at_ns, (1 if glance.left else 2) * _EXPRESSION_NS):
            self._movements, self._read_ns = self._blendshapes.measure(mesh), at_ns
        return self._movements


def _grey(picture: Pixels) -> Plane:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.float32)


def _due(last_ns: int | None, at_ns: int, every_ns: int) -> bool:
    return last_ns is None or not 0 <= at_ns - last_ns < every_ns
