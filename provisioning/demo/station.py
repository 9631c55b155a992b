"""The demo's capture process: the product's own, with photographs that follow the session.

Run as a child by ``provisioning.demo``; writes into OUTPUT which views were kept.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kiosk import config
from kiosk.capture.hardware.simulated_camera import SimulatedCamera
from kiosk.capture.progress import Outcome
from kiosk.capture.start import Station, opened
from kiosk.capture.ui.model import ScreenModel
from kiosk.config import StationConfig
from kiosk.errors import KioskError
from kiosk.service import Service, StopSignals, configure_journal, guarded
from provisioning.demo.clinic import KEPT, SCREENS
from provisioning.demo.faults import Faults
from provisioning.demo.script import Manner, Script

PATIENT = "DEMO-4711"


class Follower:
    """Turns the photographed head as each view asks, and remembers which views were kept."""

    def __init__(self, camera: SimulatedCamera) -> None:
        self._camera = camera
        self._view = ""
        self._sessions: list[list[str]] = []
        self._in_session = False

    @property
    def kept(self) -> list[str]:
        return [view for session in self._sessions for view in session]

    def observe(self, model: ScreenModel) -> None:
        if model.view is not None and model.view.id != self._view:
            self._view = model.view.id
            self._camera.show(self._view)
        progress = model.progress
        if progress is None:
            self._in_session = False
            return
        if not self._in_session:
            self._in_session = True
            self._sessions.append([])
        views = zip(progress.protocol.views, progress.outcomes, strict=True)
        done = [view.id for view, outcome in views if outcome is Outcome.ACCEPTED]
        session = self._sessions[-1]
        session += [view for view in done if view not in session]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--script", action="store_true")
    arguments = parser.parse_args()
    configure_journal("kiosk-demo")
    settings = config.load(arguments.config)
    source = str(arguments.config)
    with (
        StopSignals() as stop,
        opened(settings, source, Service(), stop, swap_allowed=True) as station,
    ):
        follower = _run(station, settings, stop, arguments.output, scripted=arguments.script)
    (arguments.output / KEPT).write_text("\n".join(follower.kept), encoding="utf-8")
    return 0


def _run(
    station: Station, settings: StationConfig, stop: StopSignals, output: Path, *, scripted: bool
) -> Follower:
    if not isinstance(station.camera, SimulatedCamera):
        raise KioskError('The demo plays photographs; expected camera.kind = "simulated".')
    follower = Follower(station.camera)
    if not scripted:
        station.app.run(stop, follower.observe)
        return follower
    manner = Manner(output / SCREENS, faults=Faults(station, settings.camera.exposure.settings()))
    script = Script(station, PATIENT, stop.request, manner)

    def observe(model: ScreenModel) -> None:
        follower.observe(model)
        script.observe(model)

    station.app.run(stop, observe)
    script.require_finished()
    return follower


if __name__ == "__main__":
    sys.exit(guarded(main))
