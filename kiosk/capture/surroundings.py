"""What the loop asks and tells, and what it is called."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from kiosk.capture.attention import Limits
from kiosk.capture.backlog import BacklogWatch
from kiosk.capture.codes import Codes
from kiosk.capture.guiding.guide import Guide
from kiosk.capture.hardware.interfaces import Pedal
from kiosk.capture.maintenance.desk import Maintenance
from kiosk.capture.people.showing import Known
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.widgets import Action
from kiosk.model import Frame

TOUCH_DWELL_NS: Final = 300_000_000
"""How long a screen is up before a touch acts on it: the second tap of a double tap comes within
that time and was meant for the screen before."""


class Stop(Protocol):
    """Asked by a loop once a frame."""

    def is_set(self) -> bool: ...


class StopRequest(Stop, Protocol):
    """The same, and set from inside when the window is closed."""

    def request(self) -> None: ...


def time_of_day() -> str:
    """Return the local time as screens show it, "14:05"."""
    return time.strftime("%H:%M")


@dataclass(frozen=True, slots=True)
class Touches:
    """What was touched: what the touches mean, in order, and whether there were any at all."""

    actions: Sequence[Action] = ()
    touched: bool = False


class Screen(Protocol):
    """What the loop needs of the display."""

    def poll(self, model: ScreenModel) -> Touches:
        """Return what was touched on the screen as shown for ``model``; never waits."""
        ...

    def let_go(self, model: ScreenModel) -> bool:
        """Forget every touch so far, and a finger that is still down; whether there were any."""
        ...

    def show(self, model: ScreenModel) -> None:
        """Bring the screen up to date; costs nothing when nothing changed."""
        ...

    def show_frame(self, frame: Frame, model: ScreenModel) -> None:
        """Draw a live picture into the screen of ``model``, shown before."""
        ...

    def forget(self) -> None:
        """Wipe what is kept of a patient: rendered texts, pictures, the screen's memory."""
        ...

    def tick(self) -> None:
        """Keep the pace of the display."""
        ...


class Feeder(Protocol):
    def feed(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Names:
    """What the screens are headed with."""

    clinic: str
    station: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the loop asks and tells: screen, pedal, codes, spool, guide, service manager, clocks.

    ``clock`` gives monotonic nanoseconds, ``time_of_day`` the text of the clock on screen;
    ``limits`` say after how long without an act the screen goes dark and the operator out.
    """

    screen: Screen
    pedal: Pedal
    codes: Codes
    watch: BacklogWatch
    guide: Guide
    maintenance: Maintenance
    service: Feeder
    clock: Callable[[], int]
    time_of_day: Callable[[], str]
    limits: Limits
    known: Known
    names: Names
