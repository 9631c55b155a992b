"""A close-up's way from one visit to the next: to the clinic, back, and beside the new one.

The real capture and upload processes, a real ``sshd`` and the desk's commands; the test carries
files between server and desk.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from provisioning.demo.processes import uploading
from tests.end_to_end.conftest import ROOT, Practice

pytestmark = pytest.mark.timeout(300)

WAIT_S = 120.0


def wait_for(what: Callable[[], bool], station: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not what():
        assert station.poll() is None, "the station ended"
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def desk(command: str, *arguments: object) -> None:
    words = [sys.executable, "-m", "kiosk.cli", "clinic", command, *map(str, arguments)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def asking(practice: Practice) -> None:
    """Have the station ask for earlier pictures, and take those of the lips."""
    path = practice.clinic.config
    text = path.read_text(encoding="utf-8")
    assert '[session]\nprotocol = "face_5"' in text
    assert "\nrecall = true\n" in text
    path.write_text(text.replace('protocol = "face_5"', 'protocol = "lips"'), encoding="utf-8")


def answer(practice: Practice) -> None:
    """Open what has come, and answer what is asked, as the clinic does."""
    clinic, server = practice.clinic, practice.server.path
    opening = ["-i", clinic.keys.archive, "--stations", clinic.stations]
    desk("open", *server.glob("*.age"), *opening, "-o", clinic.opened)
    answers = practice.root / "answers"
    pictures = ["--pictures", clinic.opened, "--for", practice.patient, "-o", answers]
    desk("answer", *server.glob("*.ask"), *opening, *pictures)
    for path in answers.iterdir():
        fresh = server.with_name("out") / f".{path.name}"
        fresh.write_bytes(path.read_bytes())
        fresh.chmod(0o640)
        fresh.rename(fresh.with_name(path.name))


def pixels(path: Path, like: npt.NDArray[np.uint8] | None = None) -> npt.NDArray[np.uint8]:
    found = cv2.imread(str(path))
    assert found is not None
    if like is not None:
        found = cv2.resize(found, (like.shape[1], like.shape[0]), interpolation=cv2.INTER_AREA)
    return np.asarray(found, np.uint8)


def apart(one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8]) -> float:
    return float(np.abs(one.astype(float) - other.astype(float)).mean())


def test_an_earlier_close_up_comes_back_beside_the_new_one(practice: Practice) -> None:
    asking(practice)
    seen = practice.root / "seen"
    seen.mkdir()
    script = Path(__file__).with_name("close_ups.py")
    log = practice.root / "station.log"
    with (
        uploading(practice.clinic.config, practice.root / "upload.log"),
        log.open("w") as output,
        subprocess.Popen(
            [sys.executable, str(script), str(practice.clinic.config), str(seen)],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            text=True,
            cwd=practice.root,
            env=practice.environment(),
        ) as station,
    ):
        try:
            assert station.stdin is not None
            station.stdin.write(practice.told() + "\n")
            station.stdin.close()
            server = practice.server.path
            wait_for(lambda: bool(list(server.glob("*.ask"))), station)
            # The picture is sealed long before it is asked for, but may leave after the request.
            wait_for(lambda: not list(practice.clinic.spool.glob("*.age")), station)
            answer(practice)
            assert station.wait(WAIT_S) == 0, log.read_text()
        finally:
            station.kill()
    said = log.read_text()
    assert practice.patient not in said
    assert "offered SHOT BESIDE\n" in said
    before, now = (pixels(seen / f"{name}.png") for name in ("before", "now"))
    (taken,) = practice.clinic.opened.rglob("*.jpg")
    assert before.shape == now.shape
    assert apart(before, pixels(taken, before)) < 3
    assert apart(before, now) > 10
