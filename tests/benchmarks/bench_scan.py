"""Reading codes from live pictures, against the bare call of OpenCV.

Peers, on the same pictures of 1280 x 960: ``QRCodeDetector.detectAndDecode`` for the time of a
picture and for how many QR codes are read of a sweep over ways to hold a card; OpenCV's barcode
detector as it comes for barcodes. Ours looks for both kinds in each picture, and twice where there
is no QR code. The part that is read depends on how hard the sweep is: only the comparison tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np

from kiosk.capture.scanning.codes import CodeFinder
from kiosk.model import Pixels
from tests.benchmarks.row import Row, interleaved
from tests.capture.scanning.cards import BADGE, EAN8, EAN13, Held, ean, frame_of, qr, shown

RUNS = 15
SEEDS = range(4)
PEER = "OpenCV QRCodeDetector alone"

Read = Callable[[Pixels], set[str]]


def ways() -> Iterator[Held]:
    """Yield each way to hold a card, one thing made worse at a time and then all together."""
    yield from (Held(size=size) for size in (75, 90, 120, 200, 300, 500, 700))
    yield from (Held(turn=turn) for turn in (10, 30, 45, 80, 135, 180, 260))
    yield from (Held(tilt=tilt) for tilt in (20, 40, 55))
    yield from (Held(blur=blur) for blur in (1, 2, 3, 4))
    yield from (Held(noise=noise) for noise in (10, 20, 40))
    yield from (Held(light=light, noise=2) for light in (0.3, 0.1, 0.05))
    yield from (Held(contrast=contrast) for contrast in (0.4, 0.15))
    yield Held(glare=200)
    yield from (Held(cover=cover) for cover in (0.1, 0.2, 0.3))
    yield Held(size=200, turn=25, tilt=30, blur=1.2, noise=8, light=0.5)
    yield Held(size=140, turn=70, tilt=35, blur=1, noise=8, light=0.5, contrast=0.6)


def run() -> list[Row]:
    """Measure pictures with and without a code, and how much of the sweep is read."""
    finder, plain, bars = CodeFinder(), cv2.QRCodeDetector(), cv2.barcode.BarcodeDetector()
    pictures = {
        "look at a badge": shown(qr(BADGE), Held()),
        "look at a barcode": shown(ean(EAN13), Held(size=400)),
        "look at a room without a code": shown(np.full((99, 99), 200, np.uint8), Held()),
    }
    rows = []
    for name, picture in pictures.items():
        frame = frame_of(picture)
        ours, peer = interleaved(
            lambda frame=frame: finder.find(frame),  # type: ignore[misc]
            lambda picture=picture: plain.detectAndDecode(picture),  # type: ignore[misc]
            runs=RUNS,
        )
        rows.append(Row(name, ours, peer, PEER, "ms", None))

    def ours_reads(picture: Pixels) -> set[str]:
        return {code.text() for code in finder.find(frame_of(picture))}

    codes = {BADGE: qr(BADGE)}
    rows.append(
        Row(
            "QR codes read of the sweep",
            _part(ours_reads, codes),
            _part(lambda picture: {plain.detectAndDecode(picture)[0]}, codes),
            PEER,
            "%",
            None,
        )
    )
    codes = {EAN13: ean(EAN13), EAN8: ean(EAN8)}
    rows.append(
        Row(
            "barcodes read of the sweep",
            _part(ours_reads, codes),
            _part(lambda picture: set(bars.detectAndDecodeWithType(picture)[1]), codes),
            "OpenCV BarcodeDetector alone",
            "%",
            None,
        )
    )
    return rows


def _part(read: Read, codes: dict[str, Pixels]) -> float:
    """Return how many of the codes are read over all ways to hold them, per cent."""
    hits = [
        text in read(shown(code, held, seed=seed))
        for held in ways()
        for seed in SEEDS
        for text, code in codes.items()
    ]
    return 100 * sum(hits) / len(hits)
