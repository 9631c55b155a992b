"""Which words are for which error, and after which of them the same code may be tried again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kiosk.capture.ui.enrolling import Refusal
from kiosk.errors import (
    ClockLost,
    EnrolmentCodeExpired,
    EnrolmentCodeUnknown,
    EnrolmentCodeUsed,
    EnrolmentInterrupted,
    ServerIdentityChanged,
    ServerUnreachable,
)

_BY_CODE: Final[Mapping[str, Refusal]] = {
    EnrolmentCodeUnknown.code: Refusal.UNKNOWN,
    EnrolmentCodeExpired.code: Refusal.EXPIRED,
    EnrolmentCodeUsed.code: Refusal.USED,
    ServerIdentityChanged.code: Refusal.IDENTITY,
    ServerUnreachable.code: Refusal.UNREACHABLE,
    ClockLost.code: Refusal.CLOCK,
    EnrolmentInterrupted.code: Refusal.INTERRUPTED,
}

AGAIN: Final = frozenset(Refusal) - {Refusal.EXPIRED, Refusal.USED, Refusal.IDENTITY}
"""The server may be told of the code, be reached, or be right the next time."""


def refusal_of(code: str) -> Refusal:
    """Return what an error's code means for whoever is at the screen."""
    return _BY_CODE.get(code, Refusal.OTHER)
