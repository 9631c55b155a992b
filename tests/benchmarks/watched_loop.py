"""Plays a session and prints how long the turns of the loop worked; a child of ``bench_loop``."""

from __future__ import annotations

import os
import statistics
import sys
import time
from pathlib import Path

from kiosk.capture.hardware.simulated_camera import SimulatedCamera
from kiosk.capture.start import Station, opened
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.workflow import State
from kiosk.config_reading import load
from kiosk.records.badge import parse_badge
from kiosk.service import Service, StopSignals
from provisioning.demo.clinic import DEMO, Member
from provisioning.demo.script import Manner, Script, Visitor

_BUSY = (State.CAPTURED, State.SAVING)


class Watch:
    """Times each turn from the end of the wait before it to the beginning of the next wait."""

    def __init__(self, station: Station) -> None:
        self._tick = station.window.tick
        self._began = time.perf_counter()
        self._worked = 0.0
        self._state: State | None = None
        self.turns: dict[str, list[float]] = {
            "aiming": [],
            "taking": [],
            "changing": [],
            "rest": [],
        }
        station.window.tick = self.tick  # type: ignore[method-assign]

    def tick(self) -> None:
        self._worked = (time.perf_counter() - self._began) * 1000
        self._tick()
        self._began = time.perf_counter()

    def observe(self, model: ScreenModel) -> None:
        if model.state is not self._state:
            kind = "changing"
        elif model.state in _BUSY:
            kind = "taking"
        else:
            kind = "aiming" if model.state is State.AIM else "rest"
        self._state = model.state
        self.turns[kind].append(self._worked)


def main() -> None:
    os.environ.update(SDL_VIDEODRIVER="dummy", PYGAME_HIDE_SUPPORT_PROMPT="1")
    path = sys.argv[1]
    with (
        StopSignals() as stop,
        opened(load(Path(path)), path, Service(), stop, swap_allowed=True) as station,
    ):
        watch = Watch(station)
        badge, pin = Path(sys.argv[2]).read_text(encoding="ascii").split()
        visitor = Visitor(Member(parse_badge(badge), pin), DEMO.patient)
        camera = station.camera
        assert isinstance(camera, SimulatedCamera)
        manner = Manner(look_s=0.5, restore=lambda: camera.show(None))
        script = Script(station, visitor, stop.request, manner)

        def observe(model: ScreenModel) -> None:
            watch.observe(model)
            script.observe(model)

        station.app.run(stop, observe)
    turns = watch.turns
    print("median", statistics.median(time for kind in turns.values() for time in kind))
    for kind in ("aiming", "taking", "changing"):
        print(kind, max(turns[kind]))


if __name__ == "__main__":
    main()
