"""What devices complain of on the screens: their sentences are English, here they are recognised.

A sentence that is not among these, such as one with the kernel's own words, stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from kiosk.capture.hardware.press_queue import STUCK
from kiosk.capture.hardware.simulated_pedal import UNPLUGGED

_COMPLAINTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "pedal_stuck": STUCK,
        "pedal_unplugged": UNPLUGGED,
        "pedal_unplugged_usb": "The foot pedal (USB {usb}) is not plugged in: check its cable.",
        "pedal_unread": "The foot pedal is no longer read because of a fault in this program: "
        "restart the station.",
    }
)
_FIELD: Final = re.compile(r"\\\{(\w+)\\\}")
"""A field in braces, of a template that was escaped."""


@dataclass(frozen=True, slots=True)
class DeviceWording:
    """The complaints of devices in one language, by name; fields in braces are the sentence's."""

    complaints: Mapping[str, str] = field(default_factory=lambda: _COMPLAINTS)

    def said(self, complaint: str) -> str:
        """Return a complaint, empty or in English, in this language."""
        for name, template in _COMPLAINTS.items():
            found = re.fullmatch(_FIELD.sub(r"(?P<\1>.*)", re.escape(template)), complaint)
            if found:
                return self.complaints[name].format(**found.groupdict())
        return complaint
