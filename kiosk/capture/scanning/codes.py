"""Finds QR codes and barcodes in a live picture.

What a code says is only returned; nothing is followed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Final

import cv2
import numpy as np
import zxingcpp

from kiosk.capture.scanning.scanned import Scanned, Source
from kiosk.model import Frame, PixelLayout, Pixels

LONGEST_SIDE: Final = 1280
"""Pixels; larger pictures are reduced, as reading takes time by the pixel."""

_BARS: Final = {
    zxingcpp.BarcodeFormat.EAN13: Source.EAN_13,
    zxingcpp.BarcodeFormat.EAN8: Source.EAN_8,
    zxingcpp.BarcodeFormat.Code128: Source.CODE_128,
    zxingcpp.BarcodeFormat.Code39: Source.CODE_39,
}

_log = logging.getLogger(__name__)

Find = Callable[[Pixels], Iterable[Scanned]]


class CodeFinder:
    """Reads the codes of one picture; belongs to one thread at a time.

    QR codes are looked for in the full picture by the detector that finds their corners as markers,
    which reads small and tilted ones. Where it sees none, the older one looks at half the size,
    where codes out of focus and very dark ones are read. Barcodes are ZXing's: OpenCV's detector
    takes parts of a Code 39 for an EAN-8. It reads along rows and columns, so that a picture
    without any code is turned by half a right angle and read once more.
    """

    def __init__(self) -> None:
        markers, lines = cv2.QRCodeDetectorAruco(), cv2.QRCodeDetector()
        bars = zxingcpp.BarcodeFormats(list(_BARS))
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
            found = zxingcpp.read_barcodes(grey, formats=bars, try_invert=False)
            return [_bars(code.bytes, _BARS[code.format]) for code in found]

        def by_turned_bars(grey: Pixels) -> list[Scanned]:
            turned = _turned(grey)
            try:
                return by_bars(turned)
            finally:
                turned.fill(0)

        self._by_markers: Find = by_markers
        self._by_lines: Find = by_lines
        self._by_bars: Find = by_bars
        self._by_turned_bars: Find = by_turned_bars

    def find(self, frame: Frame) -> tuple[Scanned, ...]:
        """Return each code that the picture shows, once; a turned picture reads as well.

        What is made of the picture in between is overwritten, but for what the libraries make.
        """
        luma = frame.pixels[: frame.height]
        grey = _grey(luma, frame.layout)
        try:
            found = list(self._tried(self._by_markers, grey))
            found = found or list(self._tried(self._by_lines, grey))
            found += self._tried(self._by_bars, grey)
            found = found or list(self._tried(self._by_turned_bars, grey))
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


def _bars(content: bytes, source: Source) -> Scanned:
    """Return a barcode; an EAN-13 that begins with 0 is an UPC-A, which readers type without it."""
    if source is Source.EAN_13 and content.startswith(b"0"):
        return Scanned(content[1:], Source.UPC_A)
    return Scanned(content, source)


def _turned(grey: Pixels) -> Pixels:
    """Return the picture turned by 45 degrees about its centre, whole."""
    height, width = grey.shape
    side = round(np.hypot(height, width))
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 45, 1.0)
    turn[:, 2] += (side - width) / 2, (side - height) / 2
    return np.asarray(cv2.warpAffine(grey, turn, (side, side)), np.uint8)


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
