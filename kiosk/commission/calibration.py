"""The check of the white balance that a technician measured at the station."""

from __future__ import annotations

from datetime import datetime

from kiosk.commission.checks import Finding, ok, unchecked, wrong
from kiosk.commission.place import Place
from kiosk.config import StationConfig
from kiosk.errors import ContainerError
from kiosk.records.calibration import read_calibration

_DO = "hold a grey card to the camera on the service screen White balance"


def calibration(config: StationConfig, place: Place, now: datetime) -> Finding:
    """Say whether this station's colours were measured, and when; ``now`` has a time zone.

    What was not measured, or not for a year, is not proven, and not wrong either: it is no reason
    to take a new system back, as a fault of the machine is. That the calibration is of another
    camera is found by the check of the camera, which sees it.

    Raises:
        StorageError: it cannot be read.
    """
    try:
        kept = read_calibration(place.at(config.station.calibration))
    except ContainerError as error:
        return wrong(f"{error.sentence} It is not used: {_DO}.")
    if kept is None:
        exposure = config.camera.exposure
        return unchecked(
            "The white balance was never calibrated, so that colours differ from other stations' "
            f"(red_gain {exposure.red_gain:.2f}, blue_gain {exposure.blue_gain:.2f} of "
            f"station.toml are used): {_DO}."
        )
    red, blue = kept.colour_gains
    said = (
        f"The white balance was calibrated on {kept.at.wall[:10]} with the camera {kept.model}: "
        f"red {red:.2f}, blue {blue:.2f}"
    )
    if kept.is_old(now):
        return unchecked(f"{said}. That is more than a year ago: {_DO}.")
    return ok(f"{said}.")
