"""Judges and voices that do what a test says, and what they are shown."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import numpy as np

from kiosk.capture.guides.values import Deviation, Sight
from kiosk.capture.guiding.views import Optics
from kiosk.capture.pose.descriptor import PoseDescriptor
from kiosk.capture.pose.geometry import Angles, Array, Pinhole
from kiosk.capture.pose.judge import Judged
from kiosk.capture.pose.mesh import POINTS
from kiosk.model import Frame, FrameMetadata, PixelLayout, Pixels
from kiosk.records.views import View

DEADLINE_S = 20.0
OPTICS = Optics(Pinhole(48, 64, 100.0), None, 0)
MOVING = 0.4


def frame_of(at_ns: int, grey: int, size: tuple[int, int] = (48, 64)) -> Frame:
    """Return a live picture of one grey, exposed at a time."""
    pixels = np.full((size[1], size[0], 3), grey, np.uint8)
    return Frame(pixels, PixelLayout.BGR, *size, FrameMetadata(at_ns, None))


def descriptor_of(points: Array | None = None) -> PoseDescriptor:
    """Return a descriptor of a face whose landmarks are a spiral, or those given."""
    turn = np.linspace(0.0, 40.0, POINTS)
    spiral = np.stack([0.5 + 0.2 * np.cos(turn), 0.5 + 0.2 * np.sin(turn), 0.0 * turn], axis=1)
    return PoseDescriptor(
        method="face",
        aspect=0.75,
        focal=2.0,
        pose=Angles(0.0, 0.0, 0.0),
        coarse=Angles(0.0, 0.0, 0.0),
        origin=(0.4, 0.5, 0.0),
        size=0.003,
        points=spiral if points is None else points,
    )


@dataclass
class ScriptedJudge:
    """Says in ``yaw`` how bright a picture is; can be held up while it looks."""

    name: str
    told: list[tuple[str, str, int]]
    clear: bool = True
    failure: Exception | None = None
    looking: threading.Event = field(default_factory=threading.Event)
    may_look: threading.Event = field(default_factory=threading.Event)
    looked: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    pictures: list[Pixels] = field(default_factory=list)
    shapes: list[tuple[int, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.may_look.set()

    def look(self, picture: Pixels, camera: Pinhole, at_ns: int) -> Deviation:
        assert camera == OPTICS.camera
        self.looking.set()
        assert self.may_look.wait(DEADLINE_S)
        if self.failure is not None:
            raise self.failure
        self.told.append((self.name, "look", at_ns))
        return self._seen(picture, MOVING)

    def shot(self, picture: Pixels, camera: Pinhole) -> Judged:
        assert camera == OPTICS.camera
        self.told.append((self.name, "shot", 0))
        return Judged(self._seen(picture, None))

    def await_looks(self, count: int = 1) -> None:
        for _ in range(count):
            assert self.looked.acquire(timeout=DEADLINE_S)

    def _seen(self, picture: Pixels, motion: float | None) -> Deviation:
        self.pictures.append(picture)
        self.shapes.append(picture.shape)
        self.looked.release()
        if not self.clear:
            return Deviation(Sight.NO_PERSON)
        return Deviation(Sight.CLEAR, yaw=float(picture.mean()), motion=motion)


class ScriptedJudges:
    """Gives the judge that a test prepared for a view, by its id; None for any other."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, int]] = []
        self.by_view: dict[str, ScriptedJudge] = {}
        self.made: list[tuple[str, PoseDescriptor | None]] = []
        self.rests: list[PoseDescriptor | None] = []
        self.making = threading.Semaphore(0)
        self.forgot = threading.Semaphore(0)

    def of(self, view: View) -> ScriptedJudge:
        return self.by_view.setdefault(view.id, ScriptedJudge(view.id, self.told))

    def judge(
        self, view: View, baseline: PoseDescriptor | None, rest: PoseDescriptor | None = None
    ) -> ScriptedJudge | None:
        self.made.append((view.id, baseline))
        self.rests.append(rest)
        self.making.release()
        return self.by_view.get(view.id)

    def forget(self) -> None:
        self.forgot.release()

    def await_forgotten(self, count: int = 1) -> None:
        for _ in range(count):
            assert self.forgot.acquire(timeout=DEADLINE_S)


@dataclass
class RecordingVoice:
    """Remembers what it was asked for, in order."""

    heard: list[str] = field(default_factory=list)
    trouble: str = ""
    attended: int = 0
    talking: bool = False

    def say(self, text: str) -> None:
        self.heard.append(text)

    def speaking(self) -> bool:
        return self.talking

    def silence(self) -> None:
        self.heard.append("(silence)")

    def attend(self) -> None:
        self.attended += 1

    def fault(self) -> str:
        return self.trouble

    def close(self) -> None: ...
