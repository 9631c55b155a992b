"""The capture service may not make memory both writable and executable; networks must run so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import ctypes, mmap, sys
PR_SET_MDWE, REFUSE_EXEC_GAIN = 65, 1
if ctypes.CDLL(None).prctl(PR_SET_MDWE, REFUSE_EXEC_GAIN, 0, 0, 0):
    sys.exit(77)
try:
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
except PermissionError:
    pass
else:
    sys.exit("memory can be both: the protection is not on")
from kiosk.capture.guides.values import Sight
from kiosk.capture.pose.body_observer import BodyObserver
from kiosk.capture.pose.geometry import Pinhole
from kiosk.capture.pose.observer import Observer
from provisioning.demo.patient import data
from provisioning.demo.patient.head import Head
from provisioning.demo.patient.person import PERSONS
from provisioning.demo.patient.pose import Attitude
from provisioning.demo.patient.render import Renderer
from provisioning.demo.patient.scene import camera_of
lens = camera_of((480, 640))
picture = Renderer(Head.make(data.load(), PERSONS["anna"]), lens).picture(Attitude(distance=0.93))
seen = Observer().study(picture, Pinhole(lens.width, lens.height, lens.focal))
assert seen.sight is Sight.CLEAR and seen.movements, seen
BodyObserver()
"""

NOT_HERE = 77


def test_networks_run_where_no_memory_is_writable_and_executable() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
        timeout=100,
        check=False,
    )
    if done.returncode == NOT_HERE:
        pytest.skip("this kernel is older than 6.3 and cannot forbid it to a process")
    assert done.returncode == 0, done.stderr
