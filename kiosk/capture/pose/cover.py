"""Whether something lies over a face where no part of it need be hidden: chin, forehead, cheeks.

On its way to the points the network of the mesh answers, for each of 16 by 16 places of its square,
what kind of thing is seen there. That costs nothing more, and tells a hand from a bare chin where
the points do not move and no part is missing. Readouts trained on rendered heads with hands before
them (provisioning/cover_model; docs/decisions/0085), one for faces seen from the side, say of each
place how likely it is that something lies over it. Only that is told; whose face it is cannot be.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.capture.guides.one_euro import OneEuro
from kiosk.capture.pose import model_file
from kiosk.capture.pose.geometry import Array

Maps = Sequence[npt.NDArray[np.float32]]
"""What layers answer, each of shape (channels, places, places)."""

LAYERS: Final = (121, 152, 183)
"""Of the network of the mesh, in its own order: the last ones of 16, 8 and 4 places a side."""

CHANNELS: Final = 128
"""Of each of those layers."""

SURE: Final = 1.0
"""Log odds from which something lies over a face; docs/decisions/0085 says of how many it is so."""

POSSIBLE: Final = -1.0
"""Log odds from which something may lie over it: it is measured, and does not turn green."""

_STAYS: Final = 0.4
"""Log odds, see ``Cover``. While somebody holds still they change by some 0.15 from picture to
picture."""

PLACES: Final = 16

_FINER: Final = 8
"""The face's outline is drawn so many times finer than places, then reduced."""

_AT_ONCE: Final = 32
"""Places in one product of matrices. OpenBLAS gives larger ones to all cores, and the threads that
wait for work cost up to 9 ms of a core; 32 by 128 by 64 it does by itself in 0.02 ms."""

_OVAL: Final = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)
"""Points of the mesh around the face."""

_INSIDE: Final = 0.5
"""Share of a place that must lie on the face for it to be asked."""

_NOTHING: Final = np.float32(-5.0)
"""Log odds of places beside the face."""

FLOOR: Final = np.float32(-2.5)
"""Log odds below which it makes no difference how bare a place looks. Hardly a place of a bare face
has more, so that hardly anything of the face itself is kept."""

_AROUND: Final = np.ones((3, 3), np.uint8)

Map: TypeAlias = npt.NDArray[np.float32]
"""Log odds of each place of a square, shape (PLACES, PLACES)."""


@dataclass(frozen=True, slots=True, eq=False)
class Readout:
    """A network of one hidden layer, the same for all places.

    Attributes:
        layers: weights from each of ``LAYERS`` to the hidden units, (3, CHANNELS, hidden).
        bias: of the hidden units, (hidden,).
        last: weights from the hidden units, (hidden,).
        last_bias: added to what comes of them, (1,).
    """

    layers: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]
    last: npt.NDArray[np.float32]
    last_bias: npt.NDArray[np.float32]

    def logits(self, maps: Maps) -> npt.NDArray[np.float32]:
        """Return how likely it is that something lies over each place, as log odds, (16, 16)."""
        hidden = np.zeros((PLACES, PLACES, len(self.bias)), np.float32) + self.bias
        for answered, weights in zip(maps, self.layers, strict=True):
            side = answered.shape[1]
            rows = answered.reshape(CHANNELS, -1, min(side * side, _AT_ONCE)).transpose(1, 2, 0)
            hidden += as_places((rows @ weights).reshape(side, side, -1))
        return np.asarray(np.maximum(hidden, 0.0) @ self.last + self.last_bias, np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Readouts:
    """One for each way of looking at a face.

    Attributes:
        ahead: for a mesh that is trusted.
        aside: for a face that is seen from the side and whose nose points to the right.
    """

    ahead: Readout
    aside: Readout


def as_places(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return what is known of fewer places, (n, n, d), for all of them, (16, 16, d)."""
    if len(values) == PLACES:
        return values
    between = cv2.resize(values, (PLACES, PLACES), interpolation=cv2.INTER_LINEAR)
    return np.asarray(between, np.float32)


def on_face(points: Array) -> npt.NDArray[np.float32]:
    """Return how much of each place lies on the face, (16, 16), 0 to 1.

    Args:
        points: of the mesh, in sides of the network's square from its upper left corner, (478, 2).
    """
    drawn = np.zeros((PLACES * _FINER, PLACES * _FINER), np.uint8)
    # Of points that make no sense OpenCV draws for seconds.
    sane = np.clip(np.nan_to_num(points[list(_OVAL)]), -1.0, 2.0)
    outline = np.rint(sane * len(drawn)).astype(np.int32)
    cv2.fillConvexPoly(drawn, cv2.convexHull(outline), 255)
    small = cv2.resize(drawn, (PLACES, PLACES), interpolation=cv2.INTER_AREA)
    return np.asarray(small / np.float32(255), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Covering:
    """What is read of one look at a face, for each of the network's answers.

    Attributes:
        logits: how likely it is that something lies over each place, log odds, (n, 16, 16).
        inside: which places lie on the face, (n, 16, 16).
    """

    logits: npt.NDArray[np.float32]
    inside: npt.NDArray[np.bool_]

    @classmethod
    def read(cls, readout: Readout, looks: Iterable[tuple[Maps, Array]]) -> Covering:
        """Read the answers of a network.

        Args:
            readout: for this way of looking.
            looks: of each answer what its layers say, and its points as ``on_face`` takes them.
        """
        return cls.of((readout.logits(maps), points) for maps, points in looks)

    @classmethod
    def of(cls, looks: Iterable[tuple[Map, Array]]) -> Covering:
        """Take what was read of each answer, and its points as ``on_face`` takes them."""
        logits, points = zip(*looks, strict=True)
        inside = [on_face(one) >= _INSIDE for one in points]
        return cls(np.stack(logits), np.stack(inside))

    @property
    def likely(self) -> float:
        """How likely it is that something lies over the face, as log odds."""
        return statistics.fmean(
            _most(np.where(inside, logits, _NOTHING))
            for logits, inside in zip(self.logits, self.inside, strict=True)
        )

    def bare(self) -> Map:
        """Return what later looks at the same face are compared with; see ``FLOOR``."""
        return np.asarray(np.maximum(self.logits.mean(axis=0), FLOOR), np.float32)

    def beyond(self, bare: Map) -> float:
        """Return how much likelier than in another look it is that something lies over it.

        A place of the other look stands for its neighbours, too: squares are laid on the detector's
        boxes, which differ by as much from picture to picture.

        Args:
            bare: of the other look, held the same way, see :meth:`bare`.

        Returns:
            difference of log odds where it is largest, 0.0 at least.
        """
        more = self.bare() - cv2.dilate(bare, _AROUND)
        inside = self.inside.mean(axis=0) >= _INSIDE
        return max(0.0, _most(np.where(inside, more, _NOTHING)))


def _most(asked: Map) -> float:
    """Return the mean of the four neighbouring places of which it is largest.

    One alone may be a mole, a shadow or a strand of hair.
    """
    four = (asked[:-1, :-1] + asked[1:, :-1] + asked[:-1, 1:] + asked[1:, 1:]) / 4
    return float(four.max())


class Cover:
    """Follows what is read of one face from picture to picture; noise does not change the answer.

    What is read may be log odds or a share, as long as all of it is the same.

    Args:
        sure: from where on something lies over it.
        possible: from where on something may.
        smoother: makes what smooths them.
        stays: by how much what was told must fall short before it is told no more.

    Attributes:
        sure: whether something lies over the face.
        possible: whether something may; true while ``sure``.
        smooth: what was read, smoothed; 0.0 before the first.
    """

    def __init__(
        self,
        sure: float = SURE,
        possible: float = POSSIBLE,
        smoother: Callable[[], OneEuro] = OneEuro,
        stays: float = _STAYS,
    ) -> None:
        self._sure, self._possible, self._smoother = sure, possible, smoother
        self._stays = stays
        self._filter, self._seen_ns = smoother(), 0
        self.sure = self.possible = False
        self.smooth = 0.0

    def see(self, likely: float, at_ns: int) -> None:
        """Take in what is read of one picture; one that is no later than the last begins anew."""
        if at_ns <= self._seen_ns:
            self._filter = self._smoother()
        self._seen_ns = at_ns
        self.smooth = self._filter.update(likely, at_ns)
        self.sure = self.smooth > self._sure - self._stays * self.sure
        self.possible = self.smooth > self._possible - self._stays * self.possible


def load_readouts() -> Readouts:
    """Read the readouts that ship with the program.

    Raises:
        ConfigError: see :func:`kiosk.capture.pose.model_file.read_arrays`.
    """
    return Readouts(_load(model_file.COVER_MODEL), _load(model_file.ASIDE_COVER_MODEL))


def _load(file: Path) -> Readout:
    names = ("layers", "bias", "last", "last_bias")
    read: Mapping[str, npt.NDArray[np.floating]] = model_file.read_arrays(names, file)
    return Readout(*(np.asarray(read[name], np.float32) for name in names))
