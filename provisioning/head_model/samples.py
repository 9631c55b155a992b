"""Pictures of heads whose pose is known, measured as the station measures them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from kiosk.capture.pose.detector import Face
from kiosk.capture.pose.geometry import Angles, Array, Pinhole
from kiosk.capture.pose.head import HeadPose
from kiosk.capture.pose.measure import load_truth, sight
from kiosk.capture.pose.mesh import Mesh
from kiosk.capture.pose.observer import Observer, Sighting
from kiosk.capture.pose.parts import PARTS, SIDE, squares
from provisioning.demo.patient.data import HeadData
from provisioning.demo.patient.head import Head
from provisioning.demo.patient.person import somebody
from provisioning.head_model.variety import Scene, picture, scene

_NO_WAYS: Final = np.zeros((len(PARTS), 1, SIDE * SIDE))
"""Whether a face is covered is not asked here, and what tells it may not exist yet."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One picture: what is true and what was measured.

    Attributes:
        head: whose; the same for all pictures of a head.
        camera: that took it.
        pose: how the head is held in truth.
        face: as detected.
        mesh: as laid.
        trusted: whether the station would take that mesh for a face's.
        parts: of the face as the mesh shows them; see ``kiosk.capture.pose.parts.squares``.
        weight: how much it counts.
    """

    head: str
    camera: Pinhole
    pose: HeadPose
    face: Face
    mesh: Mesh
    trusted: bool
    parts: Array
    weight: float = 1.0

    @property
    def seen(self) -> Angles:
        """How the head is held, seen along the line of sight to its middle."""
        ray = self.camera.ray(self.pose.x, self.pose.y)
        return Angles.of(ray.T @ self.pose.angles.matrix())


def rendered(data: HeadData, heads: range, each: int, seed: int) -> Iterator[Sample]:
    """Render heads and measure them; a picture on which no face is found gives no sample.

    Args:
        data: of the demo's patient.
        heads: numbers of heads.
        each: pictures of each.
        seed: the same seed and number give the same head and pictures of it.
    """
    observer = Observer(_NO_WAYS)
    for number in heads:
        rng = np.random.default_rng((seed, number))
        head = Head.make(data, somebody(rng))
        for _ in range(each):
            wanted = scene(rng)
            seen = observer.study(picture(head, wanted), wanted.camera)
            sample = _sample(f"rendered {number}", _true(wanted), seen)
            if sample is not None:
                yield sample


def described(truth: Path, counts: float) -> tuple[Sample, ...]:
    """Measure pictures of heads with known pose.

    Args:
        truth: describes them; see ``kiosk.capture.pose.measure``.
        counts: what all pictures of one head together weigh.

    Raises:
        UsageError: the description or a picture cannot be read.
    """
    observer = Observer(_NO_WAYS)
    found = []
    for one in load_truth(truth):
        pose = HeadPose(Angles(one.yaw, one.pitch, one.roll), *one.origin_px, one.px_per_m / 1000)
        sample = _sample(one.head, pose, sight(observer, truth.parent, one))
        if sample is not None:
            found.append(sample)
    of_head = {head: sum(s.head == head for s in found) for head in {s.head for s in found}}
    return tuple(replace(one, weight=counts / of_head[one.head]) for one in found)


def _true(wanted: Scene) -> HeadPose:
    held, camera = wanted.held, wanted.camera
    size = camera.focal_px / held.distance
    x, y = camera.width / 2 + size * held.x, camera.height / 2 - size * held.y
    return HeadPose(Angles(held.yaw, held.pitch, held.roll), x, y, size / 1000)


def _sample(head: str, pose: HeadPose, seen: Sighting) -> Sample | None:
    mesh = seen.mesh if seen.mesh is not None else seen.guess
    if seen.face is None or mesh is None:
        return None
    return Sample(
        head=head,
        camera=seen.camera,
        pose=pose,
        face=seen.face,
        mesh=mesh,
        trusted=seen.mesh is not None,
        parts=squares(seen.grey, mesh),
    )
