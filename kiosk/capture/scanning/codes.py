"""Finds QR codes and barcodes in a live picture.

OpenCV reads QR codes and, of barcodes, EAN-13, EAN-8 and UPC-A; Code 128 and Code 39 it does not:
clinics whose cards have those use a reader that types. What a code says is only returned.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Final

import cv2
import numpy as np

from kiosk.capture.scanning.scanned import Scanned, Source
from kiosk.model import Frame, PixelLayout, Pixels

LONGEST_SIDE: Final = 1280
"""Pixels; larger pictures are reduced, as reading takes time by the pixel."""

GRADIENT: Final = 16.0
"""Lowest coherence of a barcode's stripes. OpenCV's own 64 loses one in five of those held well."""

_BARCODES: Final = {source.value: source for source in (Source.EAN_13, Source.EAN_8, Source.UPC_A)}

_log = logging.getLogger(__name__)

Find = Callable[[Pixels], Iterable[Scanned]]


class CodeFinder:
    """Reads the codes of one picture; belongs to one thread at a time.

    QR codes are looked for in the full picture by the detector that finds their corners as markers,
    which reads small and tilted ones. Where it sees none, the older one looks at half the size,
    where codes out of focus and very dark ones are read.
    """

    def __init__(self) -> None:
        markers, lines = cv2.QRCodeDetectorAruco(), cv2.QRCodeDetector()
        barcodes = cv2.barcode.BarcodeDetector()
        barcodes.setGradientThreshold(GRADIENT)
        self._complained = False

        def by_markers(grey: Pixels) -> list[Scanned]:
            _, contents, *_ = markers.detectAndDecodeBytesMulti(grey)
            return [Scanned(bytes(content), Source.QR) for content in contents if content]

        def by_lines(grey: Pixels) -> list[Scanned]:
            rows, columns = grey.shape
            half = cv2.resize(grey, (columns // 2, rows // 2), interpolation=cv2.INTER_AREA)
            try:
                content, *_ = lines.detectAndDecodeBytes(half)
            finally:
                half.fill(0)
            return [Scanned(bytes(content), Source.QR)] if content else []

        def by_bars(grey: Pixels) -> list[Scanned]:
            _, texts, kinds, _ = barcodes.detectAndDecodeWithType(grey)
            return [
                Scanned(text.encode("ascii"), _BARCODES[kind])
                for text, kind in zip(texts, kinds, strict=True)
                if kind in _BARCODES
            ]

        self._by_markers: Find = by_markers
        self._by_lines: Find = by_lines
        self._by_bars: Find = by_bars

    def find(self, frame: Frame) -> tuple[Scanned, ...]:
        """Return each code that the picture shows, once; a turned picture reads as well.

        What is made of the picture in between is overwritten, but for what OpenCV itself makes.
        """
        luma = frame.pixels[: frame.height]
        grey = _grey(luma, frame.layout)
        try:
            found = list(self._tried(self._by_markers, grey))
            found = found or list(self._tried(self._by_lines, grey))
            found += self._tried(self._by_bars, grey)
        finally:
            if not np.shares_memory(grey, frame.pixels):
                grey.fill(0)
        return tuple(dict.fromkeys(found))

    def _tried(self, find: Find, grey: Pixels) -> Iterable[Scanned]:
        """Return what a detector finds, nothing where it gives up on a picture."""
        try:
            return find(grey)
        except cv2.error as error:
            # A picture made to upset it must not end the session; one line tells of all of them.
            if not self._complained:
                _log.warning("A picture could not be searched for codes: OpenCV %s", error.code)
            self._complained = True
            return ()


def _grey(luma: Pixels, layout: PixelLayout) -> Pixels:
    """Return brightness, at most ``LONGEST_SIDE`` long; the picture's own pixels where they are."""
    factor = LONGEST_SIDE / max(luma.shape[:2])
    if factor < 1.0:
        size = max(1, round(luma.shape[1] * factor)), max(1, round(luma.shape[0] * factor))
        luma = np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8)
    if layout is PixelLayout.BGR:
        bgr, luma = luma, np.asarray(cv2.cvtColor(luma, cv2.COLOR_BGR2GRAY), np.uint8)
        if factor < 1.0:
            bgr.fill(0)
    return luma
