"""Guides and judges face, profile and body; prints the peak memory above the imports, in MB.

A child of ``bench_guide``, so that nothing that draws heads is in this process.
"""

from __future__ import annotations

import ctypes
import gc
import re
import sys
import threading
from pathlib import Path

import cv2
import numpy as np

# All that the capture process has loaded also without a guide: its lack must not count.
import kiosk.capture.start  # noqa: F401
from kiosk.capture.guiding.looking import Looking
from kiosk.capture.guiding.views import Judges, Optics
from kiosk.capture.pose.descriptor import PoseDescriptor, read
from kiosk.capture.pose.geometry import Pinhole
from kiosk.model import Frame, FrameMetadata, PixelLayout, Pixels
from kiosk.records.protocols import load_library
from kiosk.records.views import View

_SOFT_DIRTY_PEAK = "5"
_BODY = Path(__file__).parents[1] / "capture" / "pose" / "bodies" / "front.jpg"
_FRAME_NS = 66_000_000
_DEADLINE_S = 60.0


def main() -> None:
    given = np.load(sys.argv[1])
    views = load_library().views
    body = cv2.resize(cv2.imread(str(_BODY)), (480, 640))  # type: ignore[arg-type]
    work: list[tuple[View, PoseDescriptor | None, list[Frame]]] = [
        (views["frontal_rest"], None, _frames(given["face"])),
        (views["frontal_rest"], read(given["face_baseline"].tobytes()), _frames(given["face"])),
        (
            views["profile_left"],
            read(given["profile_baseline"].tobytes()),
            _frames(given["profile"]),
        ),
        (views["body_front"], None, _frames(np.stack([np.asarray(body, np.uint8)] * 3))),
    ]
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text(_SOFT_DIRTY_PEAK, encoding="ascii")
    before = _status("VmRSS")
    optics = Optics(Pinhole(480, 640, 1653.0), 360.0, 0)
    looking = Looking(optics, Judges(optics))
    for view, baseline, frames in work:
        _visit(looking, view, baseline, frames)
    looking.close()
    print((_status("VmHWM") - before) / 1000)


def _visit(
    looking: Looking, view: View, baseline: PoseDescriptor | None, frames: list[Frame]
) -> None:
    """Aim, look at all frames one after the other, judge the last as a shot."""
    looking.aim(view, baseline)
    pause = threading.Event()
    for frame in frames:
        looking.offer(frame)
        for _ in range(int(_DEADLINE_S * 200)):
            looking.check()
            if looking.drain():
                break
            pause.wait(0.005)
        else:
            raise AssertionError("a look never came")
    assert looking.shot(frames[-1]) is not None


def _frames(pictures: Pixels) -> list[Frame]:
    """As a camera's previews."""
    found = []
    for number, picture in enumerate(pictures):
        planes = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420), np.uint8)
        height, width = picture.shape[:2]
        metadata = FrameMetadata((number + 1) * _FRAME_NS, None)
        found.append(Frame(planes, PixelLayout.I420, width, height, metadata))
    return found


def _status(field: str) -> float:
    """In kB of 1,024 bytes, given as thousands of bytes."""
    text = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(rf"^{field}:\s+(\d+) kB", text, re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1.024


if __name__ == "__main__":
    main()
