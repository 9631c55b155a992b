"""What the capture process alone knows, as figures for a collector; nothing of a person."""

from __future__ import annotations

from kiosk.capture.maintenance.machine import Machine
from kiosk.capture.maintenance.staff import Staff
from kiosk.errors import KioskError
from kiosk.metrics import Metric, gauge
from kiosk.model import Moment
from kiosk.moment import wall_s


def capture_figures(found: Staff | KioskError, machine: Machine, now: Moment) -> tuple[Metric, ...]:
    """Return the figures; what is not known has none."""
    figures = [
        gauge("kiosk_capture_told_timestamp_seconds", "When this was written.", round(wall_s(now)))
    ]
    if isinstance(found, Staff):
        figures += (
            gauge("kiosk_people_enrolled", "Badges that may sign in.", found.enrolled),
            gauge("kiosk_people_list_number", "Number of the desk's list of them.", found.roster),
        )
    if machine.temperature is not None:
        about = "Of the processor."
        figures.append(gauge("kiosk_temperature_celsius", about, machine.temperature))
    if machine.weak_supply is not None:
        about = "Whether the supply is too weak at present."
        figures.append(gauge("kiosk_supply_weak", about, machine.weak_supply))
    return tuple(figures)
