"""The demo's capture process: the product's own, with a patient who follows the session.

Run as a child by ``provisioning.demo``; writes into OUTPUT which views were kept.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from kiosk import config_reading
from kiosk.capture.guides.values import Guidance
from kiosk.capture.hardware.simulated_camera import SimulatedCamera
from kiosk.capture.hardware.simulated_reader import SimulatedReader
from kiosk.capture.progress import Outcome
from kiosk.capture.start import Station, opened
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.workflow import State
from kiosk.config import StationConfig
from kiosk.errors import KioskError
from kiosk.records.badge import parse_badge
from kiosk.records.protocols import View
from kiosk.service import Service, StopSignals, configure_journal, guarded
from kiosk.spool.recall import RecallBox
from provisioning.demo.clinic import DEMO, KEPT, SCREENS, Member
from provisioning.demo.faults import Faults
from provisioning.demo.pace import Paced
from provisioning.demo.patient import data
from provisioning.demo.patient.behaviour import PatientMind, Spread, start_near
from provisioning.demo.patient.person import PERSONS, Person
from provisioning.demo.patient.scene import PatientScene
from provisioning.demo.patient.seat import attitude_for
from provisioning.demo.script import Manner, Script, Visitor

_HAND_S = 1.5
"""Until a hand has found the badge."""

SEED = 3
"""Of all chance in the patients, so that a demo can be repeated."""


class Follower:
    """Seats a patient for each view, tells them what the guide says, and remembers what was kept.

    Each number has another patient; each view finds the head somewhere near its pose, by chance.
    """

    def __init__(self, scene: PatientScene, clock: Callable[[], int]) -> None:
        """Begin with nobody there.

        Args:
            scene: what the camera plays.
            clock: the scene's own, nanoseconds.
        """
        self._scene = scene
        self._clock = clock
        self._rng = np.random.default_rng(SEED)
        self._newcomers = itertools.cycle(PERSONS.values())
        self._persons: dict[str, Person] = {}
        self._person: Person | None = None
        self._view = ""
        self._sessions: list[list[str]] = []

    @property
    def kept(self) -> list[str]:
        return [view for session in self._sessions for view in session]

    def observe(self, model: ScreenModel, guidance: Guidance | None) -> None:
        """Follow what the screen shows.

        Args:
            model: of the screen.
            guidance: what the guide says at this moment; None while it says nothing.
        """
        progress = model.progress
        if progress is None:
            self._leave()
            return
        if self._person is None:
            number = progress.patient
            self._person = self._persons.get(number) or next(self._newcomers)
            self._persons[number] = self._person
            self._sessions.append([])
        if model.view is not None and model.view.id != self._view:
            self._seat(self._person, model.view)
        said = None if guidance is None else guidance.instruction
        self._scene.hear(said, self._clock())
        views = zip(progress.protocol.views, progress.outcomes, strict=True)
        done = [view.id for view, outcome in views if outcome is Outcome.ACCEPTED]
        session = self._sessions[-1]
        session += [view for view in done if view not in session]

    def _leave(self) -> None:
        if self._person is not None:
            self._person, self._view = None, ""
            self._scene.leave()

    def _seat(self, person: Person, view: View) -> None:
        self._view = view.id
        start = start_near(self._rng, attitude_for(view), Spread())
        # The camera's thread draws from the mind's own chance.
        mind = PatientMind(self._rng.spawn(1)[0], start, self._clock())
        self._scene.sit(person, mind)


class BadgeAtHand:
    """Reads the badge by itself a moment after the station asks for one: nobody has it printed.

    Args:
        station: the running capture process.
        member: whose badge it is.
        follow: is told of each screen too.
    """

    def __init__(
        self, station: Station, member: Member, follow: Callable[[ScreenModel], None]
    ) -> None:
        self._reader, self._member, self._follow = station.codes.reader, member, follow
        self._since: float | None = None

    def observe(self, model: ScreenModel) -> None:
        self._follow(model)
        if model.state is not State.BADGE:
            self._since = None
            return
        now = time.monotonic()
        self._since = self._since or now
        if now - self._since > _HAND_S and isinstance(self._reader, SimulatedReader):
            self._reader.scan(self._member.badge.text())
            self._since = now


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--script", action="store_true")
    parser.add_argument("--member", required=True, help="what the badge says, and the first PIN")
    arguments = parser.parse_args()
    configure_journal("kiosk-demo")
    settings = config_reading.load(arguments.config)
    source = str(arguments.config)
    with (
        StopSignals() as stop,
        opened(settings, source, Service(), stop, swap_allowed=True) as station,
    ):
        member = _member(arguments.member)
        follower = _run(station, settings, stop, arguments, member)
    (arguments.output / KEPT).write_text("\n".join(follower.kept), encoding="utf-8")
    return 0


def _member(path: str) -> Member:
    """Read who signs in from a file that the demo made; no command line ever has it."""
    badge, pin = Path(path).read_text(encoding="ascii").split()
    return Member(parse_badge(badge), pin)


def _run(
    station: Station,
    settings: StationConfig,
    stop: StopSignals,
    arguments: argparse.Namespace,
    member: Member,
) -> Follower:
    if not isinstance(station.camera, SimulatedCamera):
        raise KioskError('The demo plays a scene; expected camera.kind = "simulated".')
    patient, camera = PatientScene(data.load()), station.camera
    scene = Paced(patient, time.monotonic_ns)
    camera.play(scene)
    follower = Follower(patient, scene.now)

    def follow(model: ScreenModel) -> None:
        follower.observe(model, model.guidance)

    if not arguments.script:
        station.app.run(stop, BadgeAtHand(station, member, follow).observe)
        return follower
    box = RecallBox(settings.spool.path, 0)
    manner = Manner(
        arguments.output / SCREENS,
        faults=Faults(station, settings.camera.exposure.settings()),
        guided=True,
        restore=lambda: camera.play(scene),
        clock=scene.now,
        asks=settings.guide.recall,
        answered=lambda: not box.wants(),
    )
    script = Script(station, Visitor(member, DEMO.patient), stop.request, manner)

    def observe(model: ScreenModel) -> None:
        follow(model)
        script.observe(model)

    station.app.run(stop, observe)
    script.require_finished()
    print(script.guided(), flush=True)
    return follower


if __name__ == "__main__":
    sys.exit(guarded(main))
