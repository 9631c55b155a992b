"""What the guide's thread costs for each live picture, and what memory the guide takes.

CPU time with one thread of OpenCV, so that it is that of one core. The head is rendered and moves
at fifteen pictures a second. Not everything is done for each picture, so there are two figures: the
mean over two seconds, and the dearest of them, which is mostly the first, when nothing is known of
where the face is. The peer is what the libraries alone cost: one call of the detector
and of each network that the view needs, on the same picture, without any of the guide.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from kiosk.capture.guiding.looking import Looking
from kiosk.capture.pose.descriptor import read, write
from kiosk.capture.pose.detector import FaceDetector
from kiosk.capture.pose.head import load_head_model
from kiosk.capture.pose.mesh import FaceMesh, first_square
from kiosk.model import Frame, FrameMetadata, PixelLayout, Pixels
from kiosk.records.protocols import load_library
from kiosk.records.views import View
from provisioning.demo.patient import data
from provisioning.demo.patient.head import Head
from provisioning.demo.patient.person import PERSONS
from tests.benchmarks.row import Row
from tests.guided.visit import FRAME_NS, Room

FRAMES, RUNS = 30, 5
AIM_MS, AIM_STILL_MS, AIM_MB = 35.0, 2.0, 150.0
PREVIEW = (960, 1280)
"""Of a station; what is measured has 640 pixels on its longer side."""


@dataclass(frozen=True, slots=True)
class Patient:
    """A view, and a head that moves about its pose."""

    view: View
    pictures: tuple[Pixels, ...]
    descriptor: bytes


def run() -> list[Row]:
    cv2.setNumThreads(1)
    room = Room(load_head_model())
    library, anna = load_library().views, Head.make(data.load(), PERSONS["anna"])
    face = _patient(room, library["frontal_rest"], anna)
    profile = _patient(room, library["profile_left"], anna)
    rows = [
        *_moving(room, "first visit, face", face, follow_up=False),
        *_moving(room, "follow-up, face", face, follow_up=True),
        *_moving(room, "follow-up, profile", profile, follow_up=True),
    ]
    for size in (face.pictures[0].shape[1::-1], PREVIEW):
        frames = [_frame(face.pictures[0], number, size) for number in range(FRAMES + 1)]
        cost = statistics.fmean(_watched(room, face, frames, follow_up=False)[1:])
        name = f"a live picture of {size[0]} x {size[1]} in which nothing moved"
        rows.append(Row(name, cost, None, "", "ms CPU", AIM_STILL_MS))
    return [*rows, _memory(face, profile)]


def _patient(room: Room, view: View, head: Head) -> Patient:
    held = room.target(view)
    way = np.linspace(0.0, 2 * np.pi, FRAMES, endpoint=False)
    pictures = tuple(
        room.picture(
            head,
            replace(held, yaw=held.yaw + 4 * np.sin(at), x=held.x + 0.01 * np.cos(at)),
            seed,
        )
        for seed, at in enumerate(way)
    )
    return Patient(view, pictures, write(room.baseline(view, head, held, 99)))


def _frame(picture: Pixels, number: int, size: tuple[int, ...]) -> Frame:
    """Return a picture as a camera's preview has it, exposed at its time."""
    sized = cv2.resize(picture, (size[0], size[1]))
    planes = np.asarray(cv2.cvtColor(sized, cv2.COLOR_BGR2YUV_I420), np.uint8)
    metadata = FrameMetadata((number + 1) * FRAME_NS, None)
    return Frame(planes, PixelLayout.I420, size[0], size[1], metadata)


def _moving(room: Room, name: str, patient: Patient, *, follow_up: bool) -> list[Row]:
    frames = [_frame(one, n, one.shape[1::-1]) for n, one in enumerate(patient.pictures)]
    detector, mesh = FaceDetector(), FaceMesh()
    ours, bare = [], []
    for _ in range(RUNS):
        ours.append(_watched(room, patient, frames, follow_up=follow_up))
        bare.append([_cpu(partial(_bare, detector, mesh, one)) for one in patient.pictures])
    guide, peer = (statistics.median(map(statistics.fmean, runs)) for runs in (ours, bare))
    # Of each picture the median over the runs: what interrupts one run is not the guide's.
    dearest = max(map(statistics.median, zip(*ours, strict=True)))
    title = f"a live picture of a moving head, {name}"
    return [
        Row(title, guide, None, "", "ms CPU", AIM_MS),
        Row(f"{title}, the dearest of {FRAMES}", dearest, None, "", "ms CPU", AIM_MS),
        Row(f"{title}, against", guide, peer, "the networks alone, once each", "ms CPU", None),
    ]


def _watched(
    room: Room, patient: Patient, frames: Sequence[Frame], *, follow_up: bool
) -> list[float]:
    """CPU milliseconds of each frame, looked at as the thread does from the first one on."""
    looking = Looking(room.optics, room.judges)
    looking.close()
    judge = room.judges.judge(patient.view, read(patient.descriptor) if follow_up else None)
    assert judge is not None
    return [_cpu(partial(looking._seen_now, judge, frame)) for frame in frames]


def _bare(detector: FaceDetector, mesh: FaceMesh, picture: Pixels) -> None:
    mesh.measure(picture, first_square(detector.find(picture)[0]))


def _cpu(work: Callable[[], object]) -> float:
    """CPU milliseconds."""
    begin = time.process_time_ns()
    work()
    return (time.process_time_ns() - begin) / 1e6


def _memory(face: Patient, profile: Patient) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "frames.npz"
        np.savez(
            path,
            face=np.stack(face.pictures),
            profile=np.stack(profile.pictures),
            face_baseline=np.frombuffer(face.descriptor, np.uint8),
            profile_baseline=np.frombuffer(profile.descriptor, np.uint8),
        )
        command = [sys.executable, "-m", "tests.benchmarks.guide_memory", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    name = "memory of the guide above the capture process without it"
    return Row(name, float(done.stdout.split()[-1]), None, "", "MB", AIM_MB)
