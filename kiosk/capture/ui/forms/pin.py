"""A PIN while it is being entered; never shown, here or anywhere."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from kiosk.capture.people.pins import LONGEST, may_be_pin
from kiosk.capture.ui.entry import Character, Edit, Key


@dataclass(frozen=True, slots=True)
class PinEntry:
    """What has been typed so far; kept out of ``repr``."""

    digits: str = field(default="", repr=False)

    @property
    def complete(self) -> bool:
        """Whether it can be a PIN at all."""
        return may_be_pin(self.digits)

    def pressed(self, key: Key) -> PinEntry:
        """Return the entry after one key; what is no digit changes nothing."""
        match key:
            case Edit.BACKSPACE:
                return replace(self, digits=self.digits[:-1])
            case Edit.CLEAR:
                return PinEntry()
            case Character(text) if text in "0123456789" and len(self.digits) < LONGEST:
                return replace(self, digits=self.digits + text)
            case _:
                return self
