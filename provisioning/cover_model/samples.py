"""Heads with and without something over their faces, as the network of the mesh sees them."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import cv2
import numpy as np

from kiosk.capture.pose.measure import Truth, load_truth
from kiosk.errors import UsageError
from kiosk.model import Pixels
from provisioning.cover_model import covers, hand, patches, worn
from provisioning.cover_model.hand import HandData
from provisioning.cover_model.looks import LOOKS, Cover, Halves, Look
from provisioning.cover_model.scenes import SHOWN
from provisioning.demo.patient import data
from provisioning.demo.patient.data import HeadData
from provisioning.demo.patient.head import Head
from provisioning.demo.patient.light import Lamps
from provisioning.demo.patient.person import somebody
from provisioning.demo.patient.pose import Pinhole
from provisioning.head_model.variety import picture

Block = TypeVar("Block")

_BLOCK: Final = 5
"""Heads that a process renders at a time."""

_FACES: Final = 25
"""Pictures of described faces that a process looks at at a time."""

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


def rendered(heads: range, seed: int, workers: int, look: str) -> Iterator[Sample]:
    """Render heads in some processes at once; the same seed gives the same samples in one order.

    Args:
        heads: numbers of heads.
        seed: the same seed and number give the same head and pictures of it.
        workers: how many processes.
        look: which of ``LOOKS``.
    """
    blocks = [heads[at : at + _BLOCK] for at in range(0, len(heads), _BLOCK)]
    yield from _in_processes(workers, partial(_of_heads, seed, look), blocks)


def described(truth: Path, seed: int, workers: int, look: str) -> Iterator[Sample]:
    """Lay the same over the faces of pictures of heads with known pose.

    Args:
        truth: describes them; see ``kiosk.capture.pose.measure``.
        seed: of chance.
        workers: how many processes.
        look: which of ``LOOKS``; faces that are held otherwise are left out.

    Raises:
        UsageError: the description or a picture cannot be read.
    """
    all_of_them = [one for one in load_truth(truth) if (abs(one.yaw) <= SHOWN) is (look == "ahead")]
    blocks = [all_of_them[at : at + _FACES] for at in range(0, len(all_of_them), _FACES)]
    yield from _in_processes(workers, partial(_of_pictures, seed, look, truth.parent), blocks)


def _in_processes(
    workers: int, work: Callable[[Block], list[Sample]], blocks: Iterable[Block]
) -> Iterator[Sample]:
    with multiprocessing.get_context("spawn").Pool(workers, _begin) as pool:
        for found in pool.imap(work, blocks):
            yield from found


def _begin() -> None:
    # One thread sums in one order: the same seed gives the same model.
    cv2.setNumThreads(1)


def _of_heads(seed: int, look: str, heads: range) -> list[Sample]:
    studio = _studio(look)
    return [one for number in heads for one in studio.samples(seed, number)]


def _of_pictures(seed: int, look: str, folder: Path, pictures: Sequence[Truth]) -> list[Sample]:
    studio = _studio(look)
    return [one for truth in pictures for one in studio.described(folder, truth, seed)]


def _studio(look: str) -> Studio:
    return Studio(data.load(), hand.load(), LOOKS[look]())


@dataclass(frozen=True, slots=True)
class Studio:
    """Renders heads, and asks the networks what they see."""

    patients: HeadData
    hands: HandData
    look: Look

    def samples(self, seed: int, number: int) -> list[Sample]:
        """Return the samples of one head."""
        rng = np.random.default_rng((seed, number))
        person = somebody(rng)
        head, hair = Head.make(self.patients, person), np.array(person.hair, np.float64)
        skin = np.median(head.paint[_FACE_ROWS, _FACE_COLUMNS].reshape(-1, 3), axis=0)
        found = []
        for wanted in self.look.scenes(rng):
            plain = picture(head, wanted)
            mesh = self.look.lay(plain)
            if mesh is not None:
                seen, held = wanted.camera, wanted.held
                camera = Pinhole(seen.width, seen.height, seen.focal_px)
                bare = covers.Bare(
                    plain, mesh, skin, self._skins(), camera, held.distance, wanted.lamps
                )
                found += self._of_one(f"rendered {number}", bare, hair, rng)
        return found

    def described(self, folder: Path, truth: Truth, seed: int) -> list[Sample]:
        """Return the samples of one picture of a head with known pose."""
        rng = np.random.default_rng((seed, *truth.file.encode()))
        plain = cv2.imread(str(folder / truth.file))
        if plain is None:
            raise UsageError(f"{folder / truth.file}: expected a picture here.")
        mesh = self.look.lay(np.asarray(plain, np.uint8))
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
        for kind, picture_of_it, cover in shown:
            seen = self.look.seen(picture_of_it, mesh, cover)
            if seen is not None:
                found.append(Sample(head, kind, *seen))
        return found


def _skin(patients: HeadData, rng: np.random.Generator) -> Pixels:
    """Return a piece of somebody's skin, BGR."""
    skins = list(patients.skins.values())
    skin = skins[int(rng.integers(len(skins)))]
    y, x = (int(rng.integers(side // 4, 3 * side // 4 - _DONOR)) for side in skin.shape[:2])
    return skin[y : y + _DONOR, x : x + _DONOR]
