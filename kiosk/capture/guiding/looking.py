"""The thread that looks at live pictures: always at the newest, and never in the screen's way."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import Final, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.capture.checked_thread import CheckedThread
from kiosk.capture.guides.values import Deviation, Sight
from kiosk.capture.guiding.views import Optics
from kiosk.capture.picture import planes
from kiosk.capture.pose.descriptor import PoseDescriptor
from kiosk.capture.pose.judge import Judge, Judged
from kiosk.model import Frame, PixelLayout, Pixels
from kiosk.records.views import View

_THUMBNAIL: Final = (48, 64)

_SAME: Final = 0.8
"""Grey levels by which no place of a thumbnail may differ for the picture to count as the same:
noise averages out to a tenth of it, and a turn of a tenth of a degree shows three at some edge."""

_STOP_S: Final = 5.0

Thumbnail = npt.NDArray[np.float32]


class JudgeMaker(Protocol):
    """What looking needs of :class:`kiosk.capture.guiding.views.Judges`."""

    def judge(
        self, view: View, baseline: PoseDescriptor | None, rest: PoseDescriptor | None = None
    ) -> Judge | None:
        """Return who judges a view, None where nobody can; may take a quarter of a second."""
        ...

    def forget(self) -> None:
        """Overwrite and forget the pictures that were seen."""
        ...


@dataclass(frozen=True, slots=True)
class Look:
    """What one live picture showed, and when it was exposed."""

    deviation: Deviation
    at_ns: int


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    """What is to be judged; another one whenever the aim is another."""

    view: View
    baseline: PoseDescriptor | None
    rest: PoseDescriptor | None


class Looking:
    """Looks at frames on a thread of its own until closed.

    A judge belongs to one thread at a time: who has a shot judged waits for the look under way.

    Args:
        optics: how the camera sees.
        judges: makes who judges a view.
    """

    def __init__(self, optics: Optics, judges: JudgeMaker) -> None:
        self._optics = optics
        self._judges = judges
        self._news = threading.Condition()
        self._task: _Task | None = None
        self._frame: Frame | None = None
        self._looks: list[Look] = []
        self._closing = False
        self._judging = threading.Lock()
        self._judge: tuple[_Task, Judge | None] | None = None
        self._seen: tuple[Thumbnail, Deviation] | None = None
        self._motion: float | None = None
        self._thread = CheckedThread(self._run, "looking")
        self._thread.start()

    def aim(
        self, view: View, baseline: PoseDescriptor | None, rest: PoseDescriptor | None = None
    ) -> None:
        """Judge pictures of this view from now on, against baseline and rest where there are."""
        with self._news:
            self._task, self._frame = _Task(view, baseline, rest), None
            self._looks.clear()
            self._news.notify()

    def offer(self, frame: Frame) -> None:
        """Look at a frame, unless a newer one comes before there is time for it."""
        with self._news:
            self._frame = frame
            self._news.notify()

    def drain(self) -> tuple[Look, ...]:
        """Return what was seen since the last call; never waits."""
        with self._news:
            looks, self._looks = tuple(self._looks), []
        return looks

    def shot(self, frame: Frame) -> Judged | None:
        """Judge a shot by the present aim; None where the station cannot.

        Waits for the look under way; not for the screen's thread.
        """
        with self._news:
            task, self._frame = self._task, None
        with self._judging:
            judge = self._judge_for(task)
            judged = None if judge is None else self._judged(judge, frame)
        with self._news:
            # Whoever was forgotten meanwhile has a judge again: the thread puts that right.
            self._news.notify()
        return judged

    def forget(self) -> None:
        """Forget the patient: the aim, and what was seen."""
        with self._news:
            self._task = self._frame = None
            self._looks.clear()
            self._news.notify()

    def check(self) -> None:
        """Raise, on the caller's thread, whatever ended the thread."""
        self._thread.check()

    def close(self) -> None:
        """End the thread; may be called more than once."""
        with self._news:
            self._closing = True
            self._news.notify()
        self._thread.join(_STOP_S)

    def _run(self) -> None:
        while (work := self._next()) is not None:
            self._look(*work)

    def _next(self) -> tuple[_Task | None, Frame | None] | None:
        """Wait for a frame to look at, or for another aim; None: to end."""
        with self._news:
            while not self._closing and self._frame is None and not self._judge_is_another():
                self._news.wait()
            frame, self._frame = self._frame, None
            return None if self._closing else (self._task, frame)

    def _judge_is_another(self) -> bool:
        """Whether the judge at hand is not the present aim's; there may be none of either."""
        return self._task is not (None if self._judge is None else self._judge[0])

    def _look(self, task: _Task | None, frame: Frame | None) -> None:
        with self._judging:
            judge = self._judge_for(task)
            if judge is None or frame is None:
                return
            look = self._seen_now(judge, frame)
        with self._news:
            if self._task is task:
                self._looks.append(look)

    def _judge_for(self, task: _Task | None) -> Judge | None:
        """Return the judge of a task, made when it is another than before."""
        if self._judge is None or self._judge[0] is not task:
            self._judge = self._motion = None
            if self._seen is not None:
                self._seen[0].fill(0.0)
                self._seen = None
            self._judges.forget()
            if task is not None:
                self._judge = task, self._judges.judge(task.view, task.baseline, task.rest)
        return None if self._judge is None else self._judge[1]

    def _seen_now(self, judge: Judge, frame: Frame) -> Look:
        """Look at a frame; one that shows the same as the one measured last is not measured."""
        thumbnail, at_ns = _thumbnail(frame), frame.metadata.exposed_from_ns
        if self._seen is not None and _same(self._seen[0], thumbnail):
            deviation = _moving(self._seen[1], 0.0)
        else:
            picture = self._picture(frame)
            try:
                deviation = judge.look(picture, self._optics.camera, at_ns)
            finally:
                picture.fill(0)
            self._seen = thumbnail, deviation
        self._motion = deviation.motion
        return Look(deviation, at_ns)

    def _judged(self, judge: Judge, frame: Frame) -> Judged:
        """Judge a shot; one picture tells nothing of motion, the live one before it does."""
        picture = self._picture(frame)
        try:
            judged = judge.shot(picture, self._optics.camera)
        finally:
            picture.fill(0)
        return replace(judged, deviation=_moving(judged.deviation, self._motion))

    def _picture(self, frame: Frame) -> Pixels:
        camera = self._optics.camera
        picture = planes.reduced(frame, self._optics.rotation, (camera.width, camera.height))
        size = (camera.width, camera.height)
        if (picture.shape[1], picture.shape[0]) == size:
            return picture
        # A preview smaller than what is measured, or of a slightly other shape.
        resized = cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR)
        picture.fill(0)
        return np.asarray(resized, np.uint8)


def _moving(deviation: Deviation, motion: float | None) -> Deviation:
    return deviation if deviation.sight is not Sight.CLEAR else replace(deviation, motion=motion)


def _same(before: Thumbnail, now: Thumbnail) -> bool:
    return float(np.abs(now - before).max()) <= _SAME


def _thumbnail(frame: Frame) -> Thumbnail:
    """Return a frame's brightness, very small; noise of the sensor averages out in it."""
    luma = frame.pixels[: frame.height]
    if frame.layout is PixelLayout.BGR:
        luma = np.asarray(cv2.cvtColor(luma, cv2.COLOR_BGR2GRAY), np.uint8)
    small = cv2.resize(np.asarray(luma, np.float32), _THUMBNAIL, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)
