"""Photographs of nobody for the simulated camera to play where no scene moves before it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import segno

from kiosk.errors import ConfigError
from kiosk.records.badge import Badge
from kiosk.records.protocols import View
from provisioning.demo.patient import data
from provisioning.demo.patient.head import Head
from provisioning.demo.patient.person import PERSONS
from provisioning.demo.patient.pose import Attitude
from provisioning.demo.patient.render import Renderer
from provisioning.demo.patient.scene import camera_of
from provisioning.demo.patient.seat import attitude_for

SIZE = (960, 1280)
PERSON = "anna"


def write_portraits(folder: Path, views: Sequence[View]) -> tuple[Path, ...]:
    """Write one portrait for each view as ``ID.png``, the head held as the view asks.

    Args:
        folder: made if it does not exist.
        views: whose pose is shown; those without one frontally.

    Returns:
        The files, in the order of ``views``.

    Raises:
        ConfigError: the folder cannot be written.
    """
    renderer = Renderer(Head.make(data.load(), PERSONS[PERSON]), camera_of(SIZE))
    written = []
    for view in views:
        path = folder / f"{view.id}.png"
        drawn = _png(renderer, attitude_for(view))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(drawn)
        except OSError as error:
            raise ConfigError(
                f"{path}: expected to write a portrait here, but: {error.strerror}."
            ) from error
        written.append(path)
    return tuple(written)


def write_badge_in_view(path: Path, badge: Badge) -> None:
    """Write a photograph of a badge, held up a little askew.

    Raises:
        ConfigError: it cannot be written.
    """
    code = np.array([[bool(m) for m in row] for row in segno.make_qr(badge.text()).matrix])
    printed = np.pad(np.where(code, 20, 235).astype(np.uint8), 4, constant_values=235)
    side = SIZE[0] // 2
    card = cv2.resize(printed, (side, side), interpolation=cv2.INTER_NEAREST)
    turn = np.array(cv2.getRotationMatrix2D((side / 2, side / 2), 8.0, 0.9), dtype=np.float64)
    turn[:, 2] += [(SIZE[0] - side) / 2, (SIZE[1] - side) / 2]
    grey = cv2.warpAffine(card, turn, SIZE, flags=cv2.INTER_AREA, borderValue=(110,))
    try:
        path.write_bytes(cv2.imencode(".png", cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR))[1].tobytes())
    except OSError as error:
        raise ConfigError(f"{path}: the badge cannot be written: {error.strerror}.") from error


def _png(renderer: Renderer, attitude: Attitude) -> bytes:
    return cv2.imencode(".png", renderer.picture(attitude))[1].tobytes()
