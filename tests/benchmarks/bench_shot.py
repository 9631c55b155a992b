"""From a frame in memory to "saved", stage by stage, against Pillow, pyrage and the same syncs."""

from __future__ import annotations

import io
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyrage
from PIL import Image

from kiosk.model import Pixels
from tests.benchmarks import scene
from tests.benchmarks.row import Row

RUNS = 7


def run() -> list[Row]:
    bgr = scene.picture()
    pixels = scene.planes(bgr)
    rgb = Image.fromarray(bgr[:, :, ::-1])
    with (
        tempfile.TemporaryDirectory(dir=".") as folder,
        ThreadPoolExecutor(os.cpu_count()) as pool,
    ):
        root = Path(folder)
        ours, theirs = _Ours(root, pixels, pool), _Theirs(root, rgb)
        stages: dict[str, list[tuple[float, float]]] = {}
        for turn in range(RUNS + 1):
            mine, peers = ours.stages(), theirs.stages()
            if turn:
                for name, pair in zip(
                    mine, zip(mine.values(), peers.values(), strict=True), strict=True
                ):
                    stages.setdefault(name, []).append(pair)
    rows = [_row(f"shot, {name}", pairs, None) for name, pairs in stages.items()]
    whole = [
        (sum(mine for mine, _ in turn), sum(peer for _, peer in turn))
        for turn in zip(*stages.values(), strict=True)
    ]
    return [*rows, _row("shot, pedal to saved", whole, 0.8)]


def _row(name: str, pairs: list[tuple[float, float]], aim: float | None) -> Row:
    mine = statistics.median(pair[0] for pair in pairs)
    peer = statistics.median(pair[1] for pair in pairs)
    return Row(name, mine, peer, "Pillow + pyrage + same syncs", "ms", aim)


class _Ours:
    """The product's own calls: ``take`` is the JPEG and its record, ``seal`` all the rest."""

    def __init__(self, root: Path, pixels: Pixels, pool: ThreadPoolExecutor) -> None:
        self._pixels = pixels
        place = root / "ours"
        place.mkdir()
        self._scene = scene.make(place, pixels.copy(), pool)

    def stages(self) -> dict[str, float]:
        # take() wipes the frame: refill it outside the time.
        camera = self._scene.studio._camera
        assert isinstance(camera, scene.FrameInHand)
        camera._pixels[:] = self._pixels
        taken = _timed(lambda: self._scene.studio.take(self._scene.order, lambda _frame: None))
        sealed = _timed(self._scene.studio.seal)
        return {"picture (JPEG, record)": taken, "container, seal, syncs": sealed}


class _Theirs:
    """The obvious way with the usual libraries, and the same syncs at its end."""

    def __init__(self, root: Path, picture: Image.Image) -> None:
        self._picture = picture
        self._root = root / "theirs"
        self._root.mkdir()
        self._recipient = pyrage.x25519.Identity.generate().to_public()
        self._number = 0

    def stages(self) -> dict[str, float]:
        data = io.BytesIO()
        encoded = _timed(lambda: self._picture.save(data, "JPEG", quality=95, subsampling=0))
        sealed = _timed(lambda: self._store(pyrage.encrypt(data.getvalue(), [self._recipient])))
        return {"picture": encoded, "seal, syncs": sealed}

    def _store(self, sealed: bytes) -> None:
        self._number += 1
        part, final = self._root / "part", self._root / f"{self._number}.age"
        with part.open("wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        part.rename(final)
        folder = os.open(self._root, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


def _timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter_ns()
    work()
    return (time.perf_counter_ns() - begin) / 1e6
