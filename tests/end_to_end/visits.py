"""A capture process under test: two visits of one simulated patient, guided by what it says.

``visits.py CONFIG``, with what `Practice.told` says on the standard input; each visit takes the
first two views of the set.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

from kiosk.capture.hardware.simulated_camera import SimulatedCamera
from kiosk.capture.start import opened
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.workflow import Event, State
from kiosk.config_reading import load
from kiosk.records.badge import parse_badge
from kiosk.records.protocols import View
from kiosk.service import Service, StopSignals, configure_journal, guarded
from provisioning.demo.clinic import Member
from provisioning.demo.pace import Paced
from provisioning.demo.patient import data
from provisioning.demo.patient.behaviour import PatientMind, Spread, start_near
from provisioning.demo.patient.person import Person
from provisioning.demo.patient.scene import PatientScene
from provisioning.demo.patient.seat import attitude_for
from provisioning.demo.script import Manner, Script, Visitor
from provisioning.demo.station import Follower
from provisioning.demo.steps import Step


class Seated(Follower):
    """Seats a patient where an operator would for a profile: near its pose, by eye."""

    def _seat(self, person: Person, view: View) -> None:
        super()._seat(person, view)
        if view.method == "profile":
            near = Spread(yaw=3.0, pitch=3.0, roll=2.0, shift_m=0.005, scale=0.03)
            start = start_near(self._rng, attitude_for(view), near)
            self._scene.sit(person, PatientMind(self._rng.spawn(1)[0], start, self._clock()))


class Visits(Script):
    """Plays two short sessions of one patient.

    What a station tells of a profile that it never saw is too coarse to be waited for: the operator
    takes that one by eye.
    """

    def _session(self, patient: str) -> Iterator[Step]:
        for guided in ((True, False), (True, True)):
            first = not guided[1]
            if first:
                yield from self._people.sign_in()
            yield from self._people.choose(patient)
            if first:
                yield from self._people.consent()
            yield Step(State.CHART_ALLOWED, [self._touch(Event.START)])
            for waits in guided:
                yield Step(State.VIEW, [self._press])
                yield Step(State.AIM, [self._press], guided=waits)
                yield Step(State.REVIEW, [self._press])
            yield Step(State.VIEW, [self._touch(Event.END_SESSION)])
            yield Step(State.CONFIRM_END, [self._touch(Event.CONFIRM)])
            yield Step(State.SUMMARY, [self._touch(Event.FINISH)])
        yield Step(State.DAY, [self._touch(Event.SIGN_OUT)])
        yield Step(State.SIGNED_OUT, [])


def main() -> int:
    path = sys.argv[1]
    badge, pin, own_pin, patient, _ = sys.stdin.readline().split()
    configure_journal("kiosk-test")
    with (
        StopSignals() as stop,
        opened(load(Path(path)), path, Service(), stop, swap_allowed=True) as station,
    ):
        assert isinstance(station.camera, SimulatedCamera)
        patient_seen = PatientScene(data.load())
        scene = Paced(patient_seen, time.monotonic_ns)
        station.camera.play(scene)
        follower = Seated(patient_seen, scene.now)
        camera = station.camera

        def restore() -> None:
            camera.play(scene)

        visitor = Visitor(Member(parse_badge(badge), pin), patient, own_pin)
        manner = Manner(look_s=0.4, guided=True, people_s=0.35, restore=restore, clock=scene.now)
        script = Visits(station, visitor, stop.request, manner)

        def observe(model: ScreenModel) -> None:
            follower.observe(model, model.guidance)
            script.observe(model)

        station.app.run(stop, observe)
        script.require_finished()
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main))
