"""What an edge patch can be turned back into: ``python -m provisioning.head_model.reveal``.

Draws for some of the demo's patients the window that a patch is taken from, what is kept of it,
and the picture whose edges come nearest to what is kept: the band-pass is inverted where it lets
anything through (N. Wiener's deconvolution, 1949).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from kiosk.capture.pose.edges import SIDE, Plane, cut, edges_of, grid, packed, patch_of
from kiosk.capture.pose.geometry import Pinhole
from kiosk.capture.pose.observer import Observer
from kiosk.capture.pose.profile import window_of
from kiosk.model import Pixels
from provisioning.demo.patient import data, pose
from provisioning.demo.patient.head import Head
from provisioning.demo.patient.person import PERSONS
from provisioning.demo.patient.pose import Attitude
from provisioning.demo.patient.render import Renderer

NAMES: Final = ("anna", "bola", "dirk", "emeka")
CAMERA: Final = Pinhole(640, 480, 1250.0)
LENS: Final = pose.Pinhole(CAMERA.width, CAMERA.height, CAMERA.focal_px)
_HELD: Final = Attitude(yaw=90.0)
_LARGER: Final = 2
_GAP: Final = 8

_FAINT: Final = 0.01
"""Gain of the band-pass below which what was lost is not made up: lower gives only more noise."""


def rebuilt(edges: Plane) -> Plane:
    """Return the picture that comes nearest to ``edges``, shape (SIDE, SIDE), 0 to 255."""
    point = np.zeros((SIDE, SIDE), np.float32)
    point[SIDE // 2, SIDE // 2] = 1.0
    # The same two widths as in ``edges``: what its band-pass does to one point of light.
    answer = cv2.GaussianBlur(point, (0, 0), 1.0) - cv2.GaussianBlur(point, (0, 0), 3.0)
    gain = np.fft.fft2(np.fft.ifftshift(answer)).real
    picture = np.fft.ifft2(np.fft.fft2(edges) * gain / (gain**2 + _FAINT)).real
    low, high = np.percentile(picture, (1, 99))
    return np.asarray(np.clip((picture - low) / (high - low), 0.0, 1.0) * 255, np.float32)


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw the picture; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m provisioning.head_model.reveal")
    parser.add_argument("-o", type=Path, required=True, metavar="FILE.png", help="what to write")
    to = parser.parse_args(arguments).o
    heads, observer = data.load(), Observer()
    rows = [_row(Head.make(heads, PERSONS[name]), observer, name) for name in NAMES]
    middle = len(rows) // 2
    halves = [np.vstack(rows[:middle]), np.vstack(rows[middle:])]
    cv2.imwrite(str(to), np.hstack([halves[0], _gap(len(halves[0])), halves[1]]))
    return 0


def _row(head: Head, observer: Observer, name: str) -> Pixels:
    seen = observer.study(Renderer(head, LENS).picture(_HELD), CAMERA)
    if seen.face is None:
        raise AssertionError(f"{name} has a face")
    window = window_of(seen.face, _HELD.yaw)
    steps = patch_of(seen.grey, window)
    edges = edges_of(steps)
    print(f"{name}: {len(packed(steps))} bytes, {(steps != 0).mean():.0%} of the places not zero")
    shown = [cut(seen.grey, window, *grid()), 128 + edges * 80, rebuilt(edges)]
    tiles = np.hstack([_tile(one) for one in shown])
    return np.asarray(np.vstack([tiles, _gap(_GAP, tiles.shape[1])]), np.uint8)


def _tile(values: Plane) -> Pixels:
    grey = np.asarray(np.clip(values, 0, 255), np.uint8)
    return np.asarray(np.kron(grey, np.ones((_LARGER, _LARGER), np.uint8)), np.uint8)


def _gap(height: int, width: int = _GAP) -> Pixels:
    return np.full((height, width), 255, np.uint8)


if __name__ == "__main__":
    sys.exit(main())
