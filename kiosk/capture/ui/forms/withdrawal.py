"""What is to be withdrawn, chosen by one touch and confirmed by another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kiosk.capture.ui.forms.actions import Turn, Withdraw
from kiosk.records.consent import Decision


@dataclass(frozen=True, slots=True)
class WithdrawalForm:
    """What was touched.

    Attributes:
        chosen: a purpose, or ``purpose/channel``; empty until one was touched.
        page: of what can be withdrawn, from 0.
    """

    chosen: str = ""
    page: int = 0

    def pressed(self, action: Withdraw | Turn) -> WithdrawalForm:
        """Return the form after a touch; whoever draws it keeps the page within what there is."""
        if isinstance(action, Turn):
            return replace(self, page=max(0, self.page + action.pages))
        return replace(self, chosen=action.use)

    def decisions(self, allowed: Sequence[str]) -> tuple[Decision, ...]:
        """Return what is withdrawn, for the record.

        Args:
            allowed: every use that is allowed now, so that the last channel takes its purpose too.
        """
        purpose, _, channel = self.chosen.partition("/")
        others = [use for use in allowed if use.partition("/")[0] == purpose and use != self.chosen]
        channels = (channel,) if channel and others else ()
        return (Decision(purpose=purpose, allowed=False, channels=channels),)  # type: ignore[arg-type]
