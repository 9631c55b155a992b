"""A capture process under test: plays a session by script and ends it in a way of the test's.

``session.py CONFIG ENDING``, with what `Practice.told` says on the standard input, so that no
command line has it; prints ``saved N`` whenever the screen says so.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from kiosk.capture import studio
from kiosk.capture.hardware.simulated_camera import SimulatedCamera
from kiosk.capture.people.tries import Tries
from kiosk.capture.start import Station, opened
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.workflow import State
from kiosk.config_reading import load
from kiosk.envelope.seal import SealingWriter
from kiosk.records.badge import parse_badge
from kiosk.service import Service, StopSignals, configure_journal, guarded
from provisioning.demo.clinic import Member
from provisioning.demo.script import Manner, Script, Visitor
from provisioning.demo.steps import Step


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def terminate() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def crash() -> None:
    os.abort()


EARLY = {
    State.SIGNED_OUT,
    State.PIN,
    State.DAY,
    State.CHART_ALLOWED,
    State.CONSENT_SIGN,
}


class Session(Script):
    """The demo's session of a patient who may have consented before."""

    consented = False

    def _consent(self) -> Iterator[Step]:
        return iter(()) if self.consented else super()._consent()


class Ending:
    """Ends the process at the second view, so that one picture is saved and one is at stake."""

    def __init__(self, name: str, station: Station, patient: str) -> None:
        kind, _, place = name.partition("-")
        self._state = State[place] if place in State.__members__ else None
        self._patient = patient
        acts: dict[str, Callable[[], None]] = {
            "none": lambda: None,
            "kill": kill,
            "term": terminate,
            "crash": crash,
            "fault": self._fault,
        }
        self._act = acts[kind]
        self._place = place
        self._accepted = 0
        self._station = station
        self._plant()

    def observe(self, model: ScreenModel) -> None:
        accepted = model.progress.accepted_count if model.progress else self._accepted
        if accepted != self._accepted:
            self._accepted = accepted
            print(f"saved {accepted}", flush=True)
        form = model.people.consent.form
        filled = {
            State.PIN: model.people.sign_in.pin.complete,
            State.CONSENT_SIGN: form is not None and form.complete,
        }.get(model.state, True)
        if model.state is self._state and filled and (model.state in EARLY or accepted >= 1):
            self._act()

    def _fault(self) -> None:
        """Fail as a fault of the program would, with everything in reach of the traceback."""
        patient = self._patient
        raise KeyError(patient)

    def _plant(self) -> None:
        """Kill a worker once a PIN is counted and not tried, a picture encoded, or half sealed."""
        if self._place == "trying":
            begin = Tries.begin

            def begun(it: Tries, badge: str) -> None:
                begin(it, badge)
                self._act()

            Tries.begin = begun  # type: ignore[method-assign, assignment]
        if self._place == "encoded":
            real = studio.Studio._encoded

            def encoded(it: studio.Studio, *arguments: object) -> object:
                held = real(it, *arguments)  # type: ignore[arg-type]
                if self._accepted:
                    self._act()
                return held

            studio.Studio._encoded = encoded  # type: ignore[method-assign, assignment]
        if self._place == "sealing":
            write = SealingWriter.write

            def sealing(it: SealingWriter, data: bytes) -> int:
                done = write(it, data)
                if self._accepted and done > 100_000:
                    self._act()
                return done

            SealingWriter.write = sealing  # type: ignore[method-assign, assignment]


def main() -> int:
    path, ending = sys.argv[1:3]
    badge, pin, own_pin, patient, yes = sys.stdin.readline().split()
    Session.consented = yes == "consented"
    configure_journal("kiosk-test")
    with (
        StopSignals() as stop,
        opened(load(Path(path)), path, Service(), stop, swap_allowed=True) as station,
    ):
        assert isinstance(station.camera, SimulatedCamera)
        station.camera.show("frontal_rest")
        camera = station.camera

        def restore() -> None:
            camera.show("frontal_rest")

        visitor = Visitor(Member(parse_badge(badge), pin), patient, own_pin)
        manner = Manner(look_s=0.4, people_s=0.35, restore=restore)
        script = Session(station, visitor, stop.request, manner)
        end = Ending(ending, station, patient)

        def observe(model: ScreenModel) -> None:
            end.observe(model)
            script.observe(model)

        station.app.run(stop, observe)
        if ending == "none":
            script.require_finished()
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main))
