"""A throw-away clinic whose station takes small pictures, and sessions played on it."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kiosk import config, config_reading
from kiosk.capture.hardware.simulated_camera import SimulatedCamera
from kiosk.capture.picture import jpeg
from kiosk.capture.picture.jpeg import Encoding
from kiosk.model import Frame
from provisioning.demo.clinic import Cast, Clinic, Sizes, found, hand_over
from provisioning.server import ThrowawayServer
from tests.capture.people.clinic_keys import chosen_pin

ROOT = Path(__file__).parents[2]
SIZES = Sizes(display=(540, 960), still=(1200, 1600), preview=(480, 640))


@dataclass
class Run:
    """What one session left behind: exit code, and how many pictures the screen called saved."""

    code: int
    saved: int
    said: str


@dataclass
class Practice:
    """The clinic, and people whose names and numbers occur nowhere else in the world."""

    clinic: Clinic
    server: ThrowawayServer
    root: Path
    began_ns: int
    cast: Cast
    own_pin: str = field(default_factory=chosen_pin)
    consented: bool = False
    played: int = 0

    @property
    def patient(self) -> str:
        return self.cast.patient

    @property
    def pin(self) -> str:
        """The desk's PIN until it was replaced."""
        return self.own_pin if self.played else self.clinic.member.pin

    def told(self) -> str:
        """What a session is told by its standard input, so that no command line has it."""
        badge, yes = self.clinic.member.badge.text(), "consented" if self.consented else "unasked"
        return f"{badge} {self.pin} {self.own_pin} {self.patient} {yes}"

    def play(self, ending: str) -> Run:
        """Play a session that ends as ``ending`` says; see ``session.py``."""
        log = self.root / f"{ending}.log"
        script = Path(__file__).with_name("session.py")
        with log.open("wb") as output:
            done = subprocess.run(
                [sys.executable, str(script), str(self.clinic.config), ending],
                input=self.told().encode(),
                stdout=output,
                stderr=output,
                cwd=self.root,
                env=self.environment(),
                timeout=100,
                check=False,
            )
        self.played += 1
        self.consented = self.consented or ending == "none"
        said = log.read_text(encoding="utf-8", errors="replace")
        saved = [int(line.split()[1]) for line in said.splitlines() if line.startswith("saved ")]
        return Run(done.returncode, max(saved, default=0), said)

    def frame(self) -> Frame:
        """The very frame that the station's camera takes of the photograph played."""
        section = config_reading.load(self.clinic.config).camera
        assert isinstance(section, config.SimulatedCamera)
        camera = SimulatedCamera(section, light_level=lambda: 1.0)
        camera.show("frontal_rest")
        camera.start()
        try:
            return camera.capture(time.monotonic_ns())
        finally:
            camera.close()

    def jpeg(self, frame: Frame) -> bytes:
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

        with ThreadPoolExecutor(1) as pool:
            return bytes(jpeg.encode(frame, Encoding(95, "4:4:4", 0), pool))

    def environment(self) -> dict[str, str]:
        home = self.root / "home"
        home.mkdir(exist_ok=True)
        return {
            **os.environ,
            "HOME": str(home),
            "TMPDIR": str(home),
            "PYTHONPATH": str(ROOT),
            "PYTHONFAULTHANDLER": "1",  # a library's crash under load was seen once, without a word
            "SDL_VIDEODRIVER": "dummy",
        }


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    began = time.time_ns()
    root = tmp_path_factory.mktemp("practice").resolve()
    with ThrowawayServer(root / "server") as server:
        station = root / "station"
        station.mkdir()
        unique = secrets.token_hex(6)
        cast = Cast(f"Dr. Ada {unique}", f"ZQ{unique.upper()}", f"Maria {unique[::-1]}")
        practice = Practice(found(station, server, SIZES, cast=cast), server, root, began, cast)
        hand_over(practice.clinic)
        make_unique(station / "pictures" / "frontal_rest.png")
        yield practice


def make_unique(photograph: Path) -> None:
    """Grain that no other picture in the world has, so that only this one's traces are found."""
    pixels = np.asarray(Image.open(photograph).convert("RGB")).astype(np.int16)
    grain = np.random.default_rng().integers(-3, 4, pixels.shape, dtype=np.int16)
    Image.fromarray(np.clip(pixels + grain, 0, 255).astype(np.uint8)).save(photograph)
