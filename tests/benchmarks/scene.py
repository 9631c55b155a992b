"""A 12-megapixel frame and a studio to take it with, for the benchmarks of the whole way."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from kiosk import moment
from kiosk.capture.author import Author
from kiosk.capture.hardware.interfaces import CameraIdentity
from kiosk.capture.hardware.lights import SimulatedLights
from kiosk.capture.picture.jpeg import Encoding
from kiosk.capture.record import ShotOrder
from kiosk.capture.studio import Devices, Look, Studio, Tools
from kiosk.durable import Counter
from kiosk.envelope.recipients import generate_identity
from kiosk.envelope.signatures import SigningKey
from kiosk.model import CameraSettings, Frame, FrameMetadata, PixelLayout, Pixels
from kiosk.records.protocols import load_protocol
from kiosk.records.shot import mint_uid
from kiosk.spool import Spool
from tests.envelope.samples import CONSENT, OPERATOR

WIDTH, HEIGHT = 4056, 3040
ASKED = CameraSettings(20_000, 1.0, (2.0, 1.6))


def picture() -> Pixels:
    """Skin-like gradients with a sensor's noise, BGR; about 6 MB as a JPEG of quality 95."""
    rng = np.random.default_rng(1)
    coarse = rng.integers(40, 220, (95, 127, 3), dtype=np.uint8)
    resized = cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    noise = rng.normal(0, 4, (HEIGHT, WIDTH, 3)).astype(np.float32)
    noisy = np.asarray(resized, dtype=np.float32) + noise
    return np.asarray(np.clip(noisy, 0, 255), dtype=np.uint8)


def planes(bgr: Pixels) -> Pixels:
    """The same as I420, full range, as picamera2 gives it: shape (4560, 4056)."""
    y, cr, cb = cv2.split(cv2.cvtColor(bgr, cv2.COLOR_BGR2YCrCb))
    half = (WIDTH // 2, HEIGHT // 2)
    chroma = [cv2.resize(c, half, interpolation=cv2.INTER_AREA).reshape(-1) for c in (cb, cr)]
    whole = np.concatenate([y.reshape(-1), *chroma])
    return whole.reshape(HEIGHT * 3 // 2, WIDTH).astype(np.uint8)


class FrameInHand:
    """A camera that gives a copy of one frame at once."""

    identity = CameraIdentity("imx477", "", "memory")
    still_size = (WIDTH, HEIGHT)
    still_layout = PixelLayout.I420

    def __init__(self, pixels: Pixels) -> None:
        self._pixels = pixels

    def start(self) -> None: ...
    def restart(self) -> None: ...
    def close(self) -> None: ...
    def apply(self, settings: CameraSettings) -> None: ...

    def preview(self) -> Frame | None:
        return None

    def capture(self, after_ns: int) -> Frame:
        metadata = FrameMetadata(after_ns, ASKED)
        return Frame(self._pixels, PixelLayout.I420, WIDTH, HEIGHT, metadata)


@dataclass(frozen=True, slots=True)
class Scene:
    studio: Studio
    order: ShotOrder
    spool: Spool


def make(root: Path, pixels: Pixels, pool: Executor) -> Scene:
    """Set up a studio that stores below ``root``; taking a picture wipes ``pixels``."""
    (root / "spool").mkdir()
    counter = Counter(root / "sequence")
    counter.create()
    recipients = [generate_identity().recipient() for _ in range(2)]
    author = Author("bench", "Clinic", SigningKey.generate(), recipients, counter)
    look = Look(lambda: ASKED, 1.0, 0, 0, Encoding(95, "4:4:4", 0))
    spool = Spool(root / "spool", 0)
    devices = Devices(FrameInHand(pixels), SimulatedLights(), spool)
    tools = Tools(pool, moment.now, lambda _frame, _view: None)
    studio = Studio(devices, look, author, tools)
    view = load_protocol("face_5").views[0]
    order = ShotOrder(
        patient="4711",
        operator=OPERATOR,
        consent=CONSENT,
        protocol="face_5",
        view=view,
        session_uid=mint_uid(),
        study_uid=mint_uid(),
        image_uid=mint_uid(),
        pressed_ns=0,
    )
    return Scene(studio, order, spool)
