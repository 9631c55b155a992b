"""What devices complain of on the screens: their sentences are English, here they are recognised.

A sentence that is not among these, such as one with the kernel's own words, stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from kiosk.capture.hardware.press_queue import STUCK
from kiosk.capture.hardware.simulated_pedal import UNPLUGGED
from kiosk.capture.hardware.voice import MUTE
from kiosk.capture.ui.recognised import recognised

_COMPLAINTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "pedal_stuck": STUCK,
        "pedal_unplugged": UNPLUGGED,
        "pedal_unplugged_usb": "The foot pedal (USB {usb}) is not plugged in: check its cable.",
        "reader_unplugged_usb": "The code reader (USB {usb}) is not plugged in: check its cable.",
        "pedal_unread": "The foot pedal is no longer read because of a fault in this program: "
        "restart the station.",
        "voice_mute": MUTE,
    }
)


@dataclass(frozen=True, slots=True)
class DeviceWording:
    """The complaints of devices in one language, by name; fields in braces are the sentence's."""

    complaints: Mapping[str, str] = field(default_factory=lambda: _COMPLAINTS)

    def said(self, complaint: str) -> str:
        """Return a complaint, empty or in English, in this language."""
        return recognised(complaint, _COMPLAINTS, self.complaints)
