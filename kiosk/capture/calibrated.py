"""What the camera is asked for: ``station.toml``'s exposure, with the calibration's colour gains.

The one place that decides it: docs/decisions/0120-calibration.md.
"""

from __future__ import annotations

import enum
import logging
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from kiosk.capture.hardware.interfaces import CameraIdentity
from kiosk.config import StationConfig
from kiosk.errors import KioskError
from kiosk.model import CameraSettings
from kiosk.records.calibration import Calibration, keep_calibration, read_calibration

_log: Final = logging.getLogger(__name__)


class Standing(enum.Enum):
    """How far the colours of this station's pictures were measured."""

    NEVER = enum.auto()
    DAMAGED = enum.auto()  # what is kept cannot be used
    OTHER_CAMERA = enum.auto()
    OLD = enum.auto()
    FRESH = enum.auto()


class Calibrated:
    """The settings of every picture; written by the worker's thread, read by any.

    A calibration of another camera than the one that is there counts for nothing: gains of one
    sensor mean nothing for another.

    Args:
        plain: what ``station.toml`` asks for.
        path: where the calibration is kept.

    Attributes:
        kept: the calibration; None where there is none that can be used.
        fault: why what is kept cannot be used, else empty.
    """

    def __init__(self, plain: CameraSettings, path: Path) -> None:
        self._plain, self._path = plain, path
        self.kept: Calibration | None = None
        self.fault = ""
        try:
            self.kept = read_calibration(path)
        except KioskError as error:
            # Pictures are taken all the same, by station.toml's gains; the state's screen says so.
            self.fault = error.sentence
            _log.warning("the calibration is not used: %s", error)

    @classmethod
    def of(cls, config: StationConfig) -> Calibrated:
        """Return what a station's files say."""
        return cls(config.camera.exposure.settings(), config.station.calibration)

    def settings(self, camera: CameraIdentity) -> CameraSettings:
        """Return what pictures of this camera are asked for."""
        kept = self.kept
        if kept is None or not _fits(kept, camera):
            return self._plain
        return replace(self._plain, colour_gains=kept.colour_gains)

    def standing(self, camera: CameraIdentity, now: datetime) -> Standing:
        """Return how far the colours are measured; ``now`` has a time zone."""
        kept = self.kept
        if kept is None:
            return Standing.DAMAGED if self.fault else Standing.NEVER
        if not _fits(kept, camera):
            return Standing.OTHER_CAMERA
        return Standing.OLD if kept.is_old(now) else Standing.FRESH

    def keep(self, calibration: Calibration) -> None:
        """Keep a calibration, from now on in force.

        Raises:
            KioskError: it could not be kept; the one before is still in force.
        """
        keep_calibration(self._path, calibration)
        self.kept, self.fault = calibration, ""


def _fits(kept: Calibration, camera: CameraIdentity) -> bool:
    return (kept.model, kept.serial) == (camera.model, camera.serial)
