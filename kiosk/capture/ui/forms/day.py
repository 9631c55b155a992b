"""The day's list while it is looked at: its page, and who was touched."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from kiosk.capture.ui.forms.actions import Chosen, Turn


@dataclass(frozen=True, slots=True)
class DayForm:
    """``page`` counts from 0; ``chosen`` is a number, empty until somebody is touched."""

    page: int = 0
    chosen: str = field(default="", repr=False)

    def pressed(self, action: Turn | Chosen) -> DayForm:
        """Return the form after a touch; whoever draws the list keeps the page within it."""
        if isinstance(action, Chosen):
            return replace(self, chosen=action.number)
        return replace(self, page=max(0, self.page + action.pages))
