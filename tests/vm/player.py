"""Plays on the real screen: waits until a screen is shown, and touches what it means."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Final

from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.widgets import Action
from kiosk.capture.workflow import State
from provisioning.demo.clinic import STATION
from tests.vm.clinic import SIZES
from tests.vm.hands import Hands
from tests.vm.machine import Machine, MachineError
from tests.vm.screens import Sheet, read, sheet

PATIENCE_S: Final = 600.0
"""The longest that an emulated machine may take to the next screen, seconds."""

LOOK_S: Final = 0.4

TRIES: Final = 5
"""Times that a label is held up before a person would type the code."""

TRY_S: Final = 60.0
"""The longest that an answer may take, before it is held up again."""

SETTLE_S: Final = 1.0
"""A screen takes no touch in its first moment, so that none is meant for the one before."""

OUT: Final = ScreenModel(State.SIGNED_OUT, clinic="", station=STATION, clock="")
"""The door's screen; all others begin with it."""


class Player:
    """Sees and touches one station's screen.

    Args:
        machine: which shows it.
        hands: of who uses it.
        pictures: folder for a picture of each screen as it was found.
    """

    def __init__(self, machine: Machine, hands: Hands, pictures: Path) -> None:
        pictures.mkdir(parents=True, exist_ok=True)
        self._machine, self._hands, self._pictures = machine, hands, pictures

    def wait(self, model: ScreenModel) -> Sheet:
        """Wait until this screen is shown.

        Raises:
            MachineError: it is not in time; a picture of what is shown instead stays.
        """
        wanted = sheet(model, SIZES.display)
        if not self._appears(wanted, PATIENCE_S):
            path = self._now
            raise MachineError(
                f"the screen {model.state.name} did not come within {PATIENCE_S:.0f} s "
                f"({wanted.difference(read(path)):.1%} off); {path} is what is shown"
            )
        time.sleep(SETTLE_S)
        return wanted

    def appears(self, model: ScreenModel, seconds: float) -> bool:
        """Say whether this screen is shown within so many seconds."""
        return self._appears(sheet(model, SIZES.display), seconds)

    def scan(self, text: str, model: ScreenModel) -> None:
        """Hold a code to the reader, again as a person does, until this screen is shown."""
        for _ in range(TRIES):
            self._hands.scan(text)
            if self.appears(model, TRY_S):
                return

    @property
    def _now(self) -> Path:
        return self._pictures / "now.png"

    def _appears(self, wanted: Sheet, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while not wanted.is_shown(read(self._machine.screenshot(self._now))):
            if time.monotonic() > deadline:
                return False
            time.sleep(LOOK_S)
        self._now.replace(self._pictures / f"{wanted.model.state.name.lower()}.png")
        return True

    def touch(self, model: ScreenModel, action: Action) -> None:
        """Wait for a screen and touch its button that means this."""
        shown = self.wait(model)
        self._hands.tap(shown.button(action))


def at(state: State, **changes: object) -> ScreenModel:
    """Return a screen's model with what it shows beside the door's."""
    return replace(OUT, state=state, **changes)  # type: ignore[arg-type] # of any field
