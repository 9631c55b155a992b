"""One instant by every clock of the station, and whether the wall clock can be believed."""

from __future__ import annotations

import ctypes
import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final

from kiosk.errors import ClockLost
from kiosk.model import ClockState, Moment

WRITTEN: Final = datetime(2026, 11, 1, tzinfo=UTC)
"""No clock that is right shows a time before this program was written."""

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_TIME_ERROR = 5
_TIMEX_SIZE = 256


def now() -> Moment:
    """Return the present moment; UTC, because a station may be moved or set to a wrong zone."""
    return Moment(
        wall=datetime.now(UTC).isoformat(timespec="milliseconds"),
        monotonic_ns=time.monotonic_ns(),
        boot_id=_boot_id(),
        clock=clock_state(),
    )


def wall_s(at: Moment) -> float:
    """Return a moment's wall clock as seconds since 1970."""
    return datetime.fromisoformat(at.wall).timestamp()


def clock_state() -> ClockState:
    """Ask the kernel whether something keeps its clock synchronised (adjtimex(2)).

    The kernel forgets a synchronisation by itself when nothing renews it, which a marker file of
    a time service does not.
    """
    # A zeroed struct timex asks without setting; its size is 208 bytes at most on Linux.
    state = _libc().adjtimex(ctypes.create_string_buffer(_TIMEX_SIZE))
    if state in (-1, _TIME_ERROR):
        return ClockState.UNSYNCHRONISED
    return ClockState.SYNCHRONISED


# The screen asks for every frame; both stay the same for as long as a process runs. To give other
# threads their turn for a call of a microsecond, as CDLL does, costs the frame milliseconds.
@cache
def _boot_id() -> str:
    return _BOOT_ID.read_text(encoding="ascii").strip()


@cache
def _libc() -> ctypes.PyDLL:
    return ctypes.PyDLL(None)


def require_plausible(now: datetime, whose: str = "This station's clock") -> None:
    """Refuse a clock that has certainly lost the time: without a battery it may begin in 1970.

    Args:
        now: what it shows, with its offset.
        whose: as the sentence begins.

    Raises:
        ClockLost: it shows a time before this program was written.
    """
    if now < WRITTEN:
        raise ClockLost(
            f"{whose} says {now:%Y-%m-%d %H:%M}, which has been; connect the network and wait for "
            "the time server (`timedatectl timesync-status`), or set it with `sudo date -s`, and "
            "try again."
        )
