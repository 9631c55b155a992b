"""Heads with and without something over their faces, as the network of the mesh sees them."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.capture.pose.cover import PLACES
from kiosk.capture.pose.detector import FaceDetector
from kiosk.capture.pose.mesh import SIDE, FaceMesh, Mesh, Square, first_square
from kiosk.capture.pose.observer import MESH_TRUSTED
from kiosk.model import Pixels
from provisioning.cover_model import covers, hand, patches, worn
from provisioning.cover_model.hand import HandData
from provisioning.demo.patient import data
from provisioning.demo.patient.data import HeadData
from provisioning.demo.patient.head import Head
from provisioning.demo.patient.person import somebody
from provisioning.head_model.variety import picture, scene

Cover = npt.NDArray[np.float64]
Halves = npt.NDArray[np.float16]

_SCENES: Final = 5
"""Of each head; of each scene six pictures: bare, with something worn, with hands, with patches."""

_SHOWN: Final = 60.0
"""Degrees of yaw up to which the mesh is laid."""

_BLOCK: Final = 5
"""Heads that a process renders at a time."""

_PASSES_FIRST: Final = 4
_PASSES_NEXT: Final = 2
_DONOR: Final = 40
"""Pixels of a side of the skin that a patch is made of."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One picture.

    Attributes:
        head: whose.
        kind: ``bare``, ``worn``, ``hand`` or ``patch``.
        maps: what the layers answer, see ``kiosk.capture.pose.cover``.
        points: of the mesh, see ``kiosk.capture.pose.cover.on_face``, (478, 2).
        cover: how much of each place is covered, (16, 16), 0 to 1.
    """

    head: int
    kind: str
    maps: tuple[Halves, ...]
    points: Halves
    cover: Halves


def rendered(heads: range, seed: int, workers: int) -> Iterator[Sample]:
    """Render heads in some processes at once; the same seed gives the same samples in one order.

    Args:
        heads: numbers of heads.
        seed: the same seed and number give the same head and pictures of it.
        workers: how many processes.
    """
    blocks = [heads[at : at + _BLOCK] for at in range(0, len(heads), _BLOCK)]
    with multiprocessing.get_context("spawn").Pool(workers, _begin) as pool:
        for found in pool.imap(partial(_of_block, seed), blocks):
            yield from found


def _begin() -> None:
    # One thread sums in one order: the same seed gives the same model.
    cv2.setNumThreads(1)


def _of_block(seed: int, heads: range) -> list[Sample]:
    studio = Studio(data.load(), hand.load(), FaceDetector(), FaceMesh())
    return [one for number in heads for one in studio.samples(seed, number)]


@dataclass(frozen=True, slots=True)
class Studio:
    """Renders heads, and asks the networks what they see."""

    patients: HeadData
    hands: HandData
    detector: FaceDetector
    net: FaceMesh

    def samples(self, seed: int, number: int) -> list[Sample]:
        """Return the samples of one head."""
        rng = np.random.default_rng((seed, number))
        person = somebody(rng)
        head, hair = Head.make(self.patients, person), np.array(person.hair, np.float64)
        found = []
        for _ in range(_SCENES):
            wanted = scene(rng)
            while abs(wanted.held.yaw) > _SHOWN:
                wanted = scene(rng)
            plain = picture(head, wanted)
            mesh = self._first(plain)
            if mesh is None:
                continue
            bare = covers.Bare(plain, mesh, head, wanted)
            wearing = worn.something(plain, mesh, hair, rng)
            shown: list[tuple[str, Pixels, Cover | None]] = [
                ("bare", plain, None),
                ("worn", wearing, None),
            ]
            for below in (plain, wearing):
                over = below.copy()
                shown.append(("hand", over, covers.over(over, bare, self.hands, rng)))
            for _ in range(2):
                over = plain.copy()
                shown.append(
                    ("patch", over, patches.over(over, mesh, _skin(self.patients, rng), rng))
                )
            for kind, seen, cover in shown:
                sample = self._sample(seen, mesh.square(), cover)
                if sample is not None:
                    found.append(Sample(number, kind, *sample))
        return found

    def _first(self, picture: Pixels) -> Mesh | None:
        """Return the mesh of a face that was not seen before; None where none is trusted."""
        faces = self.detector.find(picture)
        return self._laid(picture, first_square(faces[0]), _PASSES_FIRST) if faces else None

    def _sample(
        self, picture: Pixels, square: Square, cover: Cover | None
    ) -> tuple[tuple[Halves, ...], Halves, Halves] | None:
        """Return maps, points and cover; see ``Sample``."""
        mesh = self._laid(picture, square, _PASSES_NEXT)
        if mesh is None:
            return None
        square = mesh.square()
        found = self.net.answers(picture, square)
        whole = np.zeros(picture.shape[:2]) if cover is None else cover
        part = cv2.warpAffine(whole, square.matrix(), (SIDE, SIDE))
        over = cv2.resize(part, (PLACES, PLACES), interpolation=cv2.INTER_AREA)
        maps = tuple(one.astype(np.float16) for one in found.maps)
        points = (found.points[:, :2] / SIDE).astype(np.float16)
        return maps, points, np.asarray(over, np.float16)

    def _laid(self, picture: Pixels, square: Square, passes: int) -> Mesh | None:
        for _ in range(passes):
            mesh = self.net.measure(picture, square)
            if mesh.score < MESH_TRUSTED:
                return None
            square = mesh.square()
        return mesh


def _skin(patients: HeadData, rng: np.random.Generator) -> Pixels:
    """Return a piece of somebody's skin, BGR."""
    skins = list(patients.skins.values())
    skin = skins[int(rng.integers(len(skins)))]
    y, x = (int(rng.integers(side // 4, 3 * side // 4 - _DONOR)) for side in skin.shape[:2])
    return skin[y : y + _DONOR, x : x + _DONOR]
