"""Heads with and without something over their faces, as the network of the mesh sees them."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.capture.pose.cover import PLACES
from kiosk.capture.pose.detector import FaceDetector
from kiosk.capture.pose.measure import Truth, load_truth
from kiosk.capture.pose.mesh import SIDE, FaceMesh, Mesh, Square, first_square
from kiosk.capture.pose.observer import MESH_TRUSTED
from kiosk.errors import UsageError
from kiosk.model import Pixels
from provisioning.cover_model import covers, hand, patches, worn
from provisioning.cover_model.hand import HandData
from provisioning.demo.patient import data
from provisioning.demo.patient.data import HeadData
from provisioning.demo.patient.head import Head
from provisioning.demo.patient.light import Lamps
from provisioning.demo.patient.person import somebody
from provisioning.demo.patient.pose import Pinhole
from provisioning.head_model.variety import Scene, picture, scene

Cover = npt.NDArray[np.float64]
Halves = npt.NDArray[np.float16]
Block = TypeVar("Block")

_SCENES: Final = 5
"""Of each head; of each scene six pictures: bare, with something worn, with hands, with patches."""

_BOWED: Final = 4
"""Further scenes of each head, bowed; among the others hardly one is, see ``variety.KINDS``."""

_BOW: Final = ((0.0, 6.0), (20.0, 46.0), (0.0, 4.0))
"""Their yaw (mean, spread), pitch (from, to) and roll (mean, spread), degrees."""

_PURSED: Final = 2
"""Further scenes of each head with pursed lips; among the others one in twenty has."""

_LIPS: Final = (0.4, 1.0)
"""How much they are pursed."""

_SHOWN: Final = 60.0
"""Degrees of yaw up to which the mesh is laid."""

_BLOCK: Final = 5
"""Heads that a process renders at a time."""

_FACES: Final = 25
"""Pictures of described faces that a process looks at at a time."""

_PASSES_FIRST: Final = 4
_PASSES_NEXT: Final = 2
_FACE_ROWS, _FACE_COLUMNS = slice(200, 900), slice(250, 500)
"""Of a head's texture."""

_CHEEK: Final = 50
_BRIGHTER: Final = 1.1
"""A skin's colour in full light over that of a cheek."""

_DONOR: Final = 40
"""Pixels of a side of the skin that a patch is made of."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One picture.

    Attributes:
        head: whose; the same for all pictures of a head.
        kind: ``bare``, ``worn``, ``hand`` or ``patch``.
        maps: what the layers answer, see ``kiosk.capture.pose.cover``.
        points: of the mesh, see ``kiosk.capture.pose.cover.on_face``, (478, 2).
        cover: how much of each place is covered, (16, 16), 0 to 1.
    """

    head: str
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
    yield from _in_processes(workers, partial(_of_heads, seed), blocks)


def described(truth: Path, seed: int, workers: int) -> Iterator[Sample]:
    """Lay the same over the faces of pictures of heads with known pose.

    Args:
        truth: describes them; see ``kiosk.capture.pose.measure``.
        seed: of chance.
        workers: how many processes.

    Raises:
        UsageError: the description or a picture cannot be read.
    """
    all_of_them = load_truth(truth)
    blocks = [all_of_them[at : at + _FACES] for at in range(0, len(all_of_them), _FACES)]
    yield from _in_processes(workers, partial(_of_pictures, seed, truth.parent), blocks)


def _in_processes(
    workers: int, work: Callable[[Block], list[Sample]], blocks: Iterable[Block]
) -> Iterator[Sample]:
    with multiprocessing.get_context("spawn").Pool(workers, _begin) as pool:
        for found in pool.imap(work, blocks):
            yield from found


def _begin() -> None:
    # One thread sums in one order: the same seed gives the same model.
    cv2.setNumThreads(1)


def _of_heads(seed: int, heads: range) -> list[Sample]:
    studio = _studio()
    return [one for number in heads for one in studio.samples(seed, number)]


def _of_pictures(seed: int, folder: Path, pictures: Sequence[Truth]) -> list[Sample]:
    studio = _studio()
    return [one for truth in pictures for one in studio.described(folder, truth, seed)]


def _studio() -> Studio:
    return Studio(data.load(), hand.load(), FaceDetector(), FaceMesh())


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
        skin = np.median(head.paint[_FACE_ROWS, _FACE_COLUMNS].reshape(-1, 3), axis=0)
        found = []
        for wanted in _scenes(rng):
            plain = picture(head, wanted)
            mesh = self._first(plain)
            if mesh is not None:
                seen, held = wanted.camera, wanted.held
                camera = Pinhole(seen.width, seen.height, seen.focal_px)
                bare = covers.Bare(
                    plain, mesh, skin, self._skins(), camera, held.distance, wanted.lamps
                )
                found += self._of_one(f"rendered {number}", bare, hair, rng)
        return found

    def described(self, folder: Path, truth: Truth, seed: int) -> list[Sample]:
        """Return the samples of one picture of a head with known pose; none beyond ``_SHOWN``."""
        if abs(truth.yaw) > _SHOWN:
            return []
        rng = np.random.default_rng((seed, *truth.file.encode()))
        plain = cv2.imread(str(folder / truth.file))
        if plain is None:
            raise UsageError(f"{folder / truth.file}: expected a picture here.")
        mesh = self._first(np.asarray(plain, np.uint8))
        if mesh is None:
            return []
        height, width = plain.shape[:2]
        camera = Pinhole(width, height, truth.focal)
        x, y = np.rint(mesh.points[_CHEEK, :2]).astype(int).clip(0, (width - 1, height - 1))
        skin, distance = plain[y, x] * _BRIGHTER, truth.focal / truth.px_per_m
        bare = covers.Bare(
            np.asarray(plain, np.uint8), mesh, skin, self._skins(), camera, distance, Lamps()
        )
        hair = rng.uniform(15, 120) * np.array([0.8, 1.0, 1.2])
        return self._of_one(truth.head, bare, hair, rng)

    def _skins(self) -> list[Cover]:
        """Return the colour of each skin, BGR."""
        return [np.median(one.reshape(-1, 3), axis=0) for one in self.patients.skins.values()]

    def _of_one(
        self, head: str, bare: covers.Bare, hair: Cover, rng: np.random.Generator
    ) -> list[Sample]:
        """Return the samples of one picture: bare, with something worn, hands, patches."""
        plain, mesh = bare.picture, bare.mesh
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
            donor = _skin(self.patients, rng)
            shown.append(("patch", over, patches.over(over, mesh, donor, rng)))
        found = []
        for kind, seen, cover in shown:
            sample = self._sample(seen, mesh.square(), cover)
            if sample is not None:
                found.append(Sample(head, kind, *sample))
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


def _scenes(rng: np.random.Generator) -> Iterator[Scene]:
    """Yield what is shown of one head: as chance will have it, then what is rare among that."""
    for _ in range(_SCENES):
        yield _shown(rng)
    for _ in range(_PURSED):
        seen = _shown(rng)
        lips = {"pucker": rng.uniform(*_LIPS)}
        yield replace(seen, held=replace(seen.held, expression=lips))
    for _ in range(_BOWED):
        seen, (yaw, pitch, roll) = scene(rng), _BOW
        held = replace(
            seen.held, yaw=rng.normal(*yaw), pitch=rng.uniform(*pitch), roll=rng.normal(*roll)
        )
        yield replace(seen, held=held)


def _shown(rng: np.random.Generator) -> Scene:
    """Return a scene in which a mesh can be laid."""
    wanted = scene(rng)
    while abs(wanted.held.yaw) > _SHOWN:
        wanted = scene(rng)
    return wanted


def _skin(patients: HeadData, rng: np.random.Generator) -> Pixels:
    """Return a piece of somebody's skin, BGR."""
    skins = list(patients.skins.values())
    skin = skins[int(rng.integers(len(skins)))]
    y, x = (int(rng.integers(side // 4, 3 * side // 4 - _DONOR)) for side in skin.shape[:2])
    return skin[y : y + _DONOR, x : x + _DONOR]
