"""Real faults for the demo: what the station is told by its devices and its disk when they fail."""

from __future__ import annotations

import resource
from dataclasses import replace

from kiosk.capture.hardware.lights import SimulatedLights
from kiosk.capture.start import Station
from kiosk.capture.ui.model import ScreenModel
from kiosk.errors import ServiceError
from kiosk.model import CameraSettings

_SMALL = 300_000
"""Bytes: less than a sealed picture of the demo has, more than anything else that is written."""


class Faults:
    """Acts of the script that break something, and those that mend it.

    Args:
        station: the running capture process.
        asked: the settings that its configuration asks of the camera.
    """

    def __init__(self, station: Station, asked: CameraSettings) -> None:
        self._station = station
        self._asked = asked

    def lose_camera(self, _model: ScreenModel) -> None:
        """As if its cable was pulled: no picture comes any more."""
        self._station.camera.close()

    def change_exposure(self, _model: ScreenModel) -> None:
        """As if the camera did not do what it was asked."""
        half = self._asked.exposure_us // 2
        self._station.camera.apply(replace(self._asked, exposure_us=half))

    def restore_exposure(self, _model: ScreenModel) -> None:
        self._station.camera.apply(self._asked)

    def fill_disk(self, _model: ScreenModel) -> None:
        """Let the kernel refuse files as large as a picture."""
        resource.setrlimit(resource.RLIMIT_FSIZE, (_SMALL, self._hard_limit()))

    def empty_disk(self, _model: ScreenModel) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (self._hard_limit(), self._hard_limit()))

    def lose_lamps(self, _model: ScreenModel) -> None:
        """As if their cable was pulled."""
        self._lamps().unplug()

    def mend_lamps(self, _model: ScreenModel) -> None:
        self._lamps().plug_in()

    def _lamps(self) -> SimulatedLights:
        if not isinstance(self._station.lights, SimulatedLights):
            raise ServiceError('Losing the lamps needs lights.kind = "simulated".')
        return self._station.lights

    def _hard_limit(self) -> int:
        return resource.getrlimit(resource.RLIMIT_FSIZE)[1]
