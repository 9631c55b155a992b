"""The live picture's fast way to the screen.

A frame is turned and mirrored while it is still planes of luma and chroma (1.5 bytes a pixel
instead of 4), and one colour conversion writes it straight into the screen's own memory. A frame
that already has the size of its place on the screen is never scaled; any other is, plane by
plane, which costs about as much again. Over it goes the guide, drawn once per view and
run-length encoded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
import pygame

from kiosk.capture.ui.layout import Rect
from kiosk.capture.ui.orientation import Orientation
from kiosk.errors import DisplayError
from kiosk.model import Frame, PixelLayout, Pixels

_MASKS: Final = (0xFF0000, 0xFF00, 0xFF)
"""Red, green and blue of a 32-bit pixel whose bytes are blue, green, red, unused."""

_BGRA: Final = {
    PixelLayout.I420: cv2.COLOR_YUV2BGRA_I420,
    PixelLayout.NV12: cv2.COLOR_YUV2BGRA_NV12,
    PixelLayout.BGR: cv2.COLOR_BGR2BGRA,
}


_LUMA: Final = (219 / 255, 16.0)
_CHROMA: Final = (224 / 255, 128 - 128 * 224 / 255)
_RANGES: Final = {
    PixelLayout.I420: (_LUMA, _CHROMA, _CHROMA),
    PixelLayout.NV12: (_LUMA, _CHROMA),
    PixelLayout.BGR: (None,),
}
"""Factor and offset of each plane from full range, as frames have it, to the limited range that
OpenCV's conversion expects (ITU-R BT.601-7, 2.5.3); without it the highlights would burn out."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What one kind of frame needs: all planes of ``scratch``, each as a view of it."""

    size: tuple[int, int]
    scratch: Pixels
    planes: tuple[Pixels, ...]


class Preview:
    """Draws frames; keeps one picture's worth of scratch memory.

    Args:
        orientation: from the camera's picture to the screen's memory.
    """

    def __init__(self, orientation: Orientation) -> None:
        self._orientation = orientation
        self._plans: dict[tuple[object, ...], _Plan] = {}

    def place(self, frame: Frame, area: Rect) -> Rect:
        """Return where in ``area`` (screen pixels) the frame goes: whole, centred, even sides.

        A frame that fits and fills at least seven tenths of the area is not scaled.
        """
        width, height = self._orientation.size((frame.width, frame.height))
        factor = min(area.w / width, area.h / height)
        if not 1.0 <= factor <= 1 / 0.7:
            width, height = round(width * factor) & ~1, round(height * factor) & ~1
        return Rect(area.x + (area.w - width) // 2, area.y + (area.h - height) // 2, width, height)

    def draw(self, screen: pygame.Surface, frame: Frame, area: Rect) -> Rect:
        """Write ``frame`` into the screen's memory; return the rectangle that changed.

        Raises:
            DisplayError: the screen's pixels are not 32 bits of blue, green, red, unused.
        """
        place = self.place(frame, area)
        pixels = self._oriented(frame, (place.w, place.h))
        view = writable(screen)[place.y : place.bottom, place.x : place.right]
        cv2.cvtColor(pixels, _BGRA[frame.layout], dst=view)
        return place

    def wipe(self) -> None:
        """Overwrite what is kept of the last frame."""
        for plan in self._plans.values():
            plan.scratch.fill(0)

    def _oriented(self, frame: Frame, size: tuple[int, int]) -> Pixels:
        """Return the frame turned and scaled to ``size``, in its own layout, limited range."""
        if frame.layout is PixelLayout.BGR and self._is_as_shown(frame, size):
            return frame.pixels
        key = (frame.layout, size)
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = _make_plan(frame.layout, size)
        before = self._orientation.size(size)
        sources = _planes(frame.pixels, frame.layout, (frame.width, frame.height))
        for number, (source, target) in enumerate(zip(sources, plan.planes, strict=True)):
            wanted = before if number == 0 else (before[0] // 2, before[1] // 2)
            levels = _RANGES[frame.layout][number]
            if (source.shape[1], source.shape[0]) == wanted:
                self._move(source, target, levels)
                continue
            resized = cv2.resize(source, wanted, interpolation=cv2.INTER_LINEAR)
            scaled = np.asarray(resized, np.uint8)
            self._move(scaled, target, levels)
            scaled.fill(0)
        return plan.scratch

    def _move(self, source: Pixels, target: Pixels, levels: tuple[float, float] | None) -> None:
        """Turn one plane into its place and bring its levels into limited range."""
        if not self._orientation.identity or levels is None:
            self._orientation.apply(source, target)
            source = target
        if levels is not None:
            cv2.convertScaleAbs(source, dst=target, alpha=levels[0], beta=levels[1])

    def _is_as_shown(self, frame: Frame, size: tuple[int, int]) -> bool:
        return self._orientation.identity and size == (frame.width, frame.height)


def writable(screen: pygame.Surface) -> npt.NDArray[np.uint8]:
    """Return the surface's memory as (height, width, 4); drop it before the next blit.

    Raises:
        DisplayError: the surface is not laid out as blue, green, red, unused.
    """
    if screen.get_bytesize() != 4 or tuple(screen.get_masks()[:3]) != _MASKS:  # noqa: PLR2004
        raise DisplayError(
            f"the display gives {screen.get_bitsize()}-bit pixels with masks "
            f"{screen.get_masks()}; expected 32-bit pixels with red in the third byte: "
            "choose another video mode"
        )
    width, height = screen.get_size()
    return np.ndarray(
        (height, width, 4),
        np.uint8,
        # The proxy keeps to the buffer protocol without PEP 688's method.
        buffer=memoryview(screen.get_buffer()),  # type: ignore[arg-type]
        strides=(screen.get_pitch(), 4, 1),
    )


def _make_plan(layout: PixelLayout, size: tuple[int, int]) -> _Plan:
    width, height = size
    shape = (height, width, 3) if layout is PixelLayout.BGR else (height * 3 // 2, width)
    scratch: Pixels = np.zeros(shape, np.uint8)
    return _Plan(size, scratch, _planes(scratch, layout, size))


def _planes(pixels: Pixels, layout: PixelLayout, size: tuple[int, int]) -> tuple[Pixels, ...]:
    """Return views of each plane: luma first, then chroma at half the size."""
    if layout is PixelLayout.BGR:
        return (pixels,)
    width, height = size
    flat = pixels.reshape(-1)
    area, half = width * height, (height // 2, width // 2)
    luma = flat[:area].reshape(height, width)
    if layout is PixelLayout.NV12:
        return luma, flat[area:].reshape(*half, 2)
    quarter = area // 4
    return luma, flat[area : area + quarter].reshape(half), flat[area + quarter :].reshape(half)
