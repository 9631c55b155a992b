"""A capture process under test: a close-up, and the same patient's next one, by script.

``close_ups.py CONFIG FOLDER``, with what `Practice.told` says on the standard input. At the second
visit it goes on once the clinic has answered, writes the pictures that the screen has into FOLDER
(``before.png``, ``now.png``, ``screen.png``) and prints which ways to compare were offered.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import pygame

from kiosk.capture.hardware.simulated_camera import SimulatedCamera
from kiosk.capture.start import opened
from kiosk.capture.ui.comparing import ways
from kiosk.capture.ui.model import Compare, ScreenModel
from kiosk.capture.workflow import Event, State
from kiosk.config_reading import load
from kiosk.records.badge import parse_badge
from kiosk.records.protocols import load_protocol
from kiosk.service import Service, StopSignals, configure_journal, guarded
from kiosk.spool.recall import RecallBox
from provisioning.demo.clinic import Member
from provisioning.demo.script import Manner, Script, Visitor
from provisioning.demo.steps import Act, Step

BEFORE, NOW = "frontal_rest", "oblique_left"
"""What stands before the camera at the first visit and at the second."""

SKIPPED = [view for view in load_protocol("lips").views if view.method != "none"]


def until(true: Callable[[ScreenModel], bool]) -> Act:
    """Return the act of waiting for something; whoever started the process has the patience."""

    def act(model: ScreenModel) -> Act | None:
        return None if true(model) else act

    return act


class CloseUps(Script):
    """Plays two sessions of one patient in which all but the close-up is skipped."""

    answered: Callable[[ScreenModel], bool]
    show: Callable[[str], None]
    folder: Path

    def _session(self, patient: str) -> Iterator[Step]:
        yield from self._people.sign_in()
        yield from self._people.choose(patient)
        yield from self._people.consent()
        yield from self._close_up([])
        self.show(NOW)
        yield from self._people.choose(patient)
        yield from self._close_up(
            [
                until(lambda model: model.comparison is not None),
                self._touch(Compare.BESIDE),
                until(lambda _: self._chosen() is Compare.BESIDE),
                self._tell,
            ]
        )
        yield Step(State.DAY, [self._touch(Event.SIGN_OUT)])
        yield Step(State.SIGNED_OUT, [])

    def _close_up(self, looked_at: list[Act]) -> Iterator[Step]:
        yield Step(State.CHART_ALLOWED, [self._touch(Event.START)])
        for _ in SKIPPED:
            yield Step(State.VIEW, [self._touch(Event.SKIP)])
        yield Step(State.VIEW, [until(self.answered), self._press])
        yield Step(State.AIM, [self._press])
        yield Step(State.REVIEW, [*looked_at, self._touch(Event.ACCEPT)])
        yield Step(State.SUMMARY, [self._touch(Event.FINISH)])

    def _chosen(self) -> Compare | None:
        shown = self._display._shown
        return None if shown is None else shown[0].compare

    def _tell(self, model: ScreenModel) -> None:
        assert model.review is not None
        assert model.comparison is not None
        cv2.imwrite(str(self.folder / "now.png"), model.review.pixels)
        cv2.imwrite(str(self.folder / "before.png"), model.comparison.pixels)
        pygame.image.save(self._display.snapshot(), self.folder / "screen.png")
        print("offered", *(way.name for way in ways(model)), flush=True)


def main() -> int:
    path, folder = sys.argv[1], Path(sys.argv[2])
    badge, pin, own_pin, patient, _ = sys.stdin.readline().split()
    configure_journal("kiosk-test")
    config = load(Path(path))
    with (
        StopSignals() as stop,
        opened(config, path, Service(), stop, swap_allowed=True) as station,
    ):
        camera, box, before = station.camera, RecallBox(config.spool.path, 0), [BEFORE]
        assert isinstance(camera, SimulatedCamera)

        def show(name: str) -> None:
            before[:] = [name]
            camera.show(name)

        CloseUps.folder, CloseUps.show = folder, staticmethod(show)
        CloseUps.answered = staticmethod(lambda _model: not box.wants())
        show(BEFORE)
        visitor = Visitor(Member(parse_badge(badge), pin), patient, own_pin)
        manner = Manner(look_s=0.4, people_s=0.35, restore=lambda: show(before[0]))
        script = CloseUps(station, visitor, stop.request, manner)
        station.app.run(stop, script.observe)
        script.require_finished()
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main))
