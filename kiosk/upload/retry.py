"""When to try again; pure arithmetic, the clock and the dice are the caller's."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.errors import KioskError


@dataclass(frozen=True, slots=True)
class BackOff:
    """Waiting times that double from one failure to the next, up to a cap.

    Attributes:
        first: seconds after the first failure, > 0.
        cap: seconds at most, >= ``first``.
        spread: part of the time that chance may take away, 0 to 1, so that ten stations that lost
            the same server do not come back in the same moment.
    """

    first: float
    cap: float
    spread: float = 0.5

    def delay(self, failures: int, chance: float) -> float:
        """Seconds to wait after so many failures in a row.

        Args:
            failures: how many there have been since the last success, >= 1.
            chance: a number drawn evenly from 0 (inclusive) to 1 (exclusive).
        """
        # Beyond 2**62 a float's exponent would run out long after the cap was reached.
        whole = min(self.cap, self.first * 2.0 ** min(failures - 1, 62))
        return whole * (1.0 - self.spread * chance)


PASSING = BackOff(first=1.0, cap=60.0)
"""For what may be over in a moment: a cable, a restart, a full disk on the server."""

LASTING = BackOff(first=300.0, cap=300.0)
"""For what a person must put right (a changed host key, a revoked key).

Not quicker, because sshd locks out addresses after some bad logins; but not never, because the
person who puts it right sits at the server and cannot reach the station.
"""


def back_off(error: KioskError) -> BackOff:
    return PASSING if error.retryable else LASTING
