"""Whether a clock can be right at all: a Raspberry Pi without a battery may begin in 1970."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from kiosk.errors import EnrolmentClockWrong

WRITTEN: Final = datetime(2026, 11, 1, tzinfo=UTC)
"""No clock that is right shows a time before this program was written."""


def require_plausible(now: datetime, whose: str) -> None:
    """Refuse a clock that has certainly lost the time.

    Args:
        now: what it shows, with its offset.
        whose: as the sentence begins, such as "This station's clock".

    Raises:
        EnrolmentClockWrong: it shows a time before this program was written.
    """
    if now < WRITTEN:
        raise EnrolmentClockWrong(
            f"{whose} says {now:%Y-%m-%d %H:%M}, which has been; connect the network and wait for "
            "the time server (`timedatectl timesync-status`), or set it with `sudo date -s`, and "
            "try again."
        )
