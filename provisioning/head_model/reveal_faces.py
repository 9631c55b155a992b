"""What the points of a face can be turned back into, and how far they tell persons apart.

``python -m provisioning.head_model.reveal_faces -o FILE.png`` draws for some of the demo's patients
what the camera saw, the points that a descriptor keeps, and the surface through them, lit from the
front; then it prints how many persons by chance are recognised by the shape of their points.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from kiosk.capture.pose.describe import describe_face
from kiosk.capture.pose.descriptor import read, write
from kiosk.capture.pose.geometry import PICTURE_TO_HEAD, Array, fit_similarity
from kiosk.capture.pose.head import HeadModel, load_head_model
from kiosk.capture.pose.observer import Observer
from kiosk.model import Pixels
from provisioning.demo.patient import data
from provisioning.demo.patient.head import Head
from provisioning.demo.patient.person import PERSONS, somebody
from provisioning.demo.patient.pose import Attitude
from provisioning.demo.patient.render import Renderer
from provisioning.head_model.reveal import CAMERA, LENS, NAMES

_SIDE: Final = 240
_GAP: Final = 8
_WHITE: Final = 255
_ROOM: Final = 1030

_PERSONS: Final = 40
_FIRST: Final = 5000
_APART: Final = 2.0
"""Degrees by which a visit's pose differs from another's, by chance."""


class Studio:
    """Draws patients and returns what a descriptor keeps of them, through its written form."""

    def __init__(self, model: HeadModel) -> None:
        self._model, self._observer = model, Observer()

    def visit(self, head: Head, held: Attitude, seed: int = 0) -> tuple[Pixels, Array]:
        """Return the picture and the points kept of it, pixels, (478, 3)."""
        picture = Renderer(head, LENS).picture(held, seed=seed)
        kept = describe_face(self._observer.study(picture, CAMERA), self._model, None)
        if kept is None:
            raise AssertionError("a bare face from the front has a descriptor")
        return picture, read(write(kept)).points * CAMERA.height


def triangles(flat: Array) -> Array:
    """Return a net over points, by Delaunay, as indices (n, 3).

    Args:
        flat: points in a plane, (m, 2).
    """
    low, high = flat.min(axis=0), flat.max(axis=0)
    at = (flat - low) / float((high - low).max()) * (_ROOM - 30) + 10.0
    net = cv2.Subdiv2D((0, 0, _ROOM, _ROOM))
    for x, y in at:
        net.insert((float(x), float(y)))
    corners = np.asarray(net.getTriangleList(), np.float64).reshape(-1, 3, 2)
    # Some corners lie far outside: those of the triangle that it begins with.
    corners = corners[((corners >= 0.0) & (corners <= _ROOM)).all(axis=(1, 2))]
    away = np.linalg.norm(corners[:, :, None] - at, axis=3)
    return np.asarray(away.argmin(axis=2), np.intp)


def surface(points: Array, net: Array) -> Pixels:
    """Draw the surface through points, lit from the camera; a square picture.

    Args:
        points: in pixels, z away from the camera, (478, 3).
        net: as ``triangles`` returns it.
    """
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    scale = (_SIDE - 20) / float((high - low).max())
    at = (points - [*((low + high) / 2), 0.0]) * scale + [_SIDE / 2, _SIDE / 2, 0.0]
    shown = np.full((_SIDE, _SIDE), _WHITE, np.uint8)
    for one in sorted(net.tolist(), key=lambda corners: -at[corners, 2].mean()):
        a, b, c = at[one]
        across = np.cross(b - a, c - a)
        light = abs(across[2]) / max(float(np.linalg.norm(across)), 1e-9)
        ends = np.rint(at[one, :2] * 16).astype(np.int32)
        cv2.fillConvexPoly(shown, ends, 30 + 200 * light, cv2.LINE_AA, 4)
    return shown


def recognised(studio: Studio, persons: int) -> float:
    """Return the share of persons by chance who are recognised at another visit by their points."""
    heads, visits = data.load(), []
    for number in range(persons):
        rng = np.random.default_rng(_FIRST + number)
        head = Head.make(heads, somebody(rng))
        held = [Attitude(*rng.normal(0.0, _APART, 3)) for _ in range(2)]
        visits.append([studio.visit(head, one, number * 2 + n)[1] for n, one in enumerate(held)])
    known, later = zip(*visits, strict=True)
    return nearest_to_themselves(known, later)


def nearest_to_themselves(known: Sequence[Array], later: Sequence[Array]) -> float:
    """Return the share of persons whose other visit is nearer in shape than everybody else's.

    Shape is what is left when place, turn and size are taken out (S. Umeyama, 1991).

    Args:
        known: of each person the points of one visit, pixels, (n, 3).
        later: the same of another visit, in the same order.
    """
    apart = np.array([[_distance(was, now) for was in known] for now in later])
    return float((apart.argmin(axis=1) == np.arange(len(known))).mean())


def _distance(was: Array, now: Array) -> float:
    there, here = was * PICTURE_TO_HEAD, now * PICTURE_TO_HEAD
    laid = fit_similarity(there, here).apply(there)
    return float(np.linalg.norm(laid - here, axis=1).mean() / np.ptp(here[:, 1]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw the picture, print the share; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m provisioning.head_model.reveal_faces")
    parser.add_argument("-o", type=Path, required=True, metavar="FILE.png", help="what to write")
    parser.add_argument("--persons", type=int, default=_PERSONS, help="by chance, to recognise")
    chosen = parser.parse_args(arguments)
    model = load_head_model()
    studio, heads = Studio(model), data.load()
    net = triangles(model.mean[:, :2])
    rows = [_row(studio, Head.make(heads, PERSONS[name]), net) for name in NAMES]
    middle = len(rows) // 2
    halves = [np.vstack(rows[:middle]), np.vstack(rows[middle:])]
    cv2.imwrite(str(chosen.o), np.hstack([halves[0], halves[1]]))
    share = recognised(studio, chosen.persons)
    print(f"of {chosen.persons} persons {share:.0%} are recognised by the shape of their points")
    return 0


def _row(studio: Studio, head: Head, net: Array) -> Pixels:
    picture, points = studio.visit(head, Attitude())
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    half = int((high - low).max() * 0.6)
    x, y = np.rint((low + high) / 2).astype(int)
    seen = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)[
        max(y - half, 0) : y + half, max(x - half, 0) : x + half
    ]
    dots = np.full((_SIDE, _SIDE), _WHITE, np.uint8)
    for place in (points[:, :2] - [x - half, y - half]) * _SIDE / (2 * half):
        cv2.circle(dots, tuple(int(one) for one in place), 1, 0, -1)
    tiles = [cv2.resize(seen, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), dots]
    tiles.append(surface(points, net))
    framed = [
        cv2.copyMakeBorder(one, 0, _GAP, 0, _GAP, cv2.BORDER_CONSTANT, value=_WHITE)
        for one in tiles
    ]
    return np.asarray(np.hstack(framed), np.uint8)


if __name__ == "__main__":
    sys.exit(main())
