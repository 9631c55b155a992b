"""What keeps a station from starting, on its own screen: nobody in the room reads a journal."""

from __future__ import annotations

import platform
from typing import Final, Protocol

import pygame
from msgspec import structs

from kiosk.capture.surroundings import Feeder, StopRequest
from kiosk.capture.ui.display import Display, Setup
from kiosk.capture.ui.model import Backlog, ScreenModel
from kiosk.capture.workflow import Event, State
from kiosk.config import Display as DisplaySection
from kiosk.config import StationConfig
from kiosk.errors import DisplayError, KioskError, StorageError
from kiosk.spool import Spool

RETRY_S: Final = 60.0
"""The screen is black for a moment at each try."""

_TICK_S: Final = 0.1
_PRODUCT: Final = "Capture Station"


class Stop(StopRequest, Protocol):
    """The loops' own, which can be waited for as well."""

    def wait(self, seconds: float) -> bool: ...


class Unstarted:
    """The screen of a station that cannot start; for one thread.

    Args:
        config: the station's; None where it cannot be read. Then the words are English, and name
            the machine.
        fault: what keeps it from starting.
        clock: the time of day as it is to be shown, "14:05".

    Raises:
        DisplayError: there is no screen either.
    """

    def __init__(self, config: StationConfig | None, fault: KioskError, clock: str) -> None:
        self.display = _display(config)
        self._model = ScreenModel(
            state=State.OUT_OF_ORDER,
            clinic=_PRODUCT if config is None else config.station.clinic,
            station=platform.node() if config is None else config.station.name,
            clock=clock,
            backlog=_backlog(config),
            fault=fault.sentence,
        )

    def wait(self, service: Feeder, stop: Stop, seconds: float = RETRY_S) -> None:
        """Show it until somebody wants to try again, the time is over, or a stop was asked for."""
        self.display.show(self._model)
        for _ in range(round(seconds / _TICK_S)):
            if stop.wait(_TICK_S):
                return
            service.feed()
            inputs = self.display.poll(self._model)
            self.display.show(self._model)  # a button that is held looks so
            if inputs.quit:
                stop.request()
            if Event.TRY_AGAIN in inputs.actions:
                return

    def close(self) -> None:
        self.display.close()


def _display(config: StationConfig | None) -> Display:
    if config is None:
        return Display(Setup(DisplaySection(size=_panel())))
    try:
        return Display(Setup(config.display))
    except DisplayError:
        # It may be what is wrong.
        pygame.display.quit()
        return Display(Setup(structs.replace(config.display, size=_panel())))


def _panel() -> tuple[int, int]:
    try:
        pygame.display.init()
        return pygame.display.get_desktop_sizes()[0]
    except (pygame.error, IndexError) as error:
        raise DisplayError(f"there is no screen to show a fault on: {error}") from error


def _backlog(config: StationConfig | None) -> Backlog:
    if config is None:
        return Backlog(unreadable=True)
    try:
        waiting = Spool(config.spool.path, 0).backlog()
    except StorageError:
        return Backlog(unreadable=True)
    return Backlog(waiting.count, sent=waiting.sent)
