"""One simulated patient guided into one view by the product's own code, in simulated time.

What the camera would see is drawn for each frame; it is measured, directed and said; the patient
hears it and moves. Only the clock is not real: a frame takes as long as it says, not as long as
drawing it takes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from kiosk.capture.guides.director import Director
from kiosk.capture.guides.silhouette import load_silhouette
from kiosk.capture.guides.values import Cue, Guidance
from kiosk.capture.guiding.views import Judges, Optics, aim_of
from kiosk.capture.pose.descriptor import PoseDescriptor, read, write
from kiosk.capture.pose.geometry import Pinhole
from kiosk.capture.pose.head import HeadModel
from kiosk.capture.pose.target import wanted_pose
from kiosk.model import Pixels
from kiosk.records.views import View
from provisioning.demo.patient.behaviour import PatientMind
from provisioning.demo.patient.head import Head
from provisioning.demo.patient.light import Lamps
from provisioning.demo.patient.pose import Attitude
from provisioning.demo.patient.render import Renderer
from provisioning.demo.patient.scene import DISTANCE_M, FIELD_M, camera_of
from tests.guided.truth import Truth

FRAME_NS = 66_000_000
"""Fifteen pictures a second: half of what the guide measures on one core of a server."""

LATENCY_NS = 100_000_000
"""From exposure to what the patient sees and hears of it."""

SIZE = (480, 640)
EXPRESSIONS = {
    "225583004": {"smile": 1.0},
    "brow-raise": {"brows_up": 1.0},
    "eyes-closed-gently": {"eyes_closed": 1.0},
    "eyes-closed-tightly": {"eyes_closed": 1.0},
    "pucker": {"pucker": 1.0},
    "frown": {"frown": 1.0},
    "snarl": {"snarl": 1.0},
}
"""What the demo's patient does, by the value of the code that a view asks for; else it rests."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a visit went.

    Attributes:
        seconds: until the view was held within tolerance for a second; None if never.
        said: the instructions in their order, with the time of each, seconds.
        off: the true deviation from the target at the end: yaw, pitch, roll, degrees.
        wrong: frames in which an instruction asked for a step away from the target, or for a face
            that is made already.
        outside: frames outside tolerance.
        wrongly: how often which instruction was wrong, in frames.
    """

    seconds: float | None
    said: tuple[tuple[float, tuple[Cue, ...]], ...]
    off: tuple[float, float, float]
    wrong: int
    outside: int
    wrongly: Mapping[Cue, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Visit:
    """Who is guided into what.

    Attributes:
        view: that is photographed.
        head: of the patient.
        start: how the patient sits down.
        target: how the head should be held, in truth.
        baseline: of an earlier visit; None at the first.
        rest: how the face rests, from the view at rest that was photographed before.
    """

    view: View
    head: Head
    start: Attitude
    target: Attitude
    baseline: PoseDescriptor | None = None
    rest: PoseDescriptor | None = None


class Room:
    """A station before which patients sit; networks are loaded once."""

    def __init__(self, model: HeadModel) -> None:
        self.model = model
        drawn = camera_of(SIZE)
        self.drawn = drawn
        camera = Pinhole(drawn.width, drawn.height, drawn.focal)
        self.optics = Optics(camera, FIELD_M * 1000, 0)
        self.judges = Judges(self.optics)

    def target(self, view: View) -> Attitude:
        """Return where the view wants a head of mean size, and what its face does."""
        wanted = wanted_pose(
            view, load_silhouette(view.silhouette), self.model, self.optics.field_mm, 0.75
        )
        assert wanted is not None
        x, y = wanted.place[0] * FIELD_M, (0.5 - wanted.place[1]) * FIELD_M
        code = "" if view.expression is None else view.expression.value
        pose = wanted.angles
        face = EXPRESSIONS.get(code, {})
        return Attitude(pose.yaw, pose.pitch, pose.roll, x, y, DISTANCE_M, face)

    def baseline(self, view: View, head: Head, held: Attitude, seed: int) -> PoseDescriptor:
        """Photograph a first visit of which a baseline can be kept."""
        kept = self.remembered(view, head, held, seed)
        assert kept is not None
        return kept

    def remembered(
        self, view: View, head: Head, held: Attitude, seed: int
    ) -> PoseDescriptor | None:
        """Photograph a first visit and return what is kept of it; None where nothing can be."""
        judge = self.judges.judge(view, None)
        assert judge is not None
        judged = judge.shot(self.picture(head, held, seed), self.optics.camera)
        return None if judged.descriptor is None else read(write(judged.descriptor))

    def picture(self, head: Head, held: Attitude, seed: int) -> Pixels:
        return Renderer(head, self.drawn).picture(held, Lamps(), seed)

    def visit(
        self, visit: Visit, *, seed: int, within_s: float, frame_ns: int = FRAME_NS
    ) -> Outcome:
        """Guide a patient until held, or until ``within_s`` have passed.

        Args:
            visit: who is guided into what.
            seed: of the patient's reactions and of the pictures' noise.
            within_s: seconds after which nobody waits any longer.
            frame_ns: between two pictures that are measured, nanoseconds.
        """
        view, head, target = visit.view, visit.head, visit.target
        judge = self.judges.judge(view, visit.baseline, visit.rest)
        assert judge is not None
        director = Director(aim_of(view), shoot_by_itself=True)
        mind = PatientMind(np.random.default_rng(seed), visit.start, 0)
        told: list[tuple[int, Guidance]] = []
        said: list[tuple[float, tuple[Cue, ...]]] = []
        truth = Truth(target, known_place=visit.baseline is not None)
        wrong = outside = 0
        wrongly: Counter[Cue] = Counter()
        now = 0
        while now < within_s * 1e9:
            held = mind.attitude(now)
            deviation = judge.look(
                self.picture(head, held, seed + now // frame_ns), self.optics.camera, now
            )
            guidance = director.see(deviation, now)
            if not said or said[-1][1] != guidance.instruction.cues:
                said.append((now / 1e9, guidance.instruction.cues))
            outside += not guidance.within
            truth.see(held, now)
            amiss = [cue for cue in guidance.instruction.cues if truth.is_wrong(cue)]
            wrong += bool(amiss)
            wrongly.update(amiss)
            told.append((now + LATENCY_NS, guidance))
            now += frame_ns
            while told and told[0][0] <= now:
                at_ns, heard = told.pop(0)
                mind.hear(heard.instruction, at_ns)
            if director.take_shot(now - frame_ns):
                return Outcome(now / 1e9, tuple(said), truth.off, wrong, outside, wrongly)
        return Outcome(None, tuple(said), truth.off, wrong, outside, wrongly)
