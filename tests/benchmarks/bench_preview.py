"""CPU for each displayed preview frame with its guide, against the plain way with pygame.

The plain way: a camera's RGB picture of 1280 x 960 becomes a surface (``surfarray.make_surface``),
is scaled to the screen (``smoothscale``) and gets the guide as a picture with transparency. Ours:
a full-range I420 picture of the size at which it is displayed. Both fill 1920 x 1080 on SDL's dummy
driver, both end with the display's update, and both are counted in CPU time of all threads.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable

import numpy as np
import pygame

from kiosk.capture.guides.overlay import draw_guide
from kiosk.capture.guides.silhouette import load_silhouette
from kiosk.capture.ui.guide_pictures import GuidePictures
from kiosk.capture.ui.layout import Rect
from kiosk.capture.ui.orientation import Orientation
from kiosk.capture.ui.preview import Preview
from kiosk.model import Frame, FrameMetadata, PixelLayout
from tests.benchmarks.row import Row

RUNS, FRAMES = 9, 12
SIZE = (1920, 1080)
AIM = 0.15


def run() -> list[Row]:
    """Measure the preview as it comes, mirrored, and mirrored from a camera mounted sideways."""
    os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
    pygame.display.init()
    screen = pygame.display.set_mode(SIZE, 0, 32)
    cases = {
        "preview frame": Orientation(),
        "preview frame, mirrored": Orientation(0, mirror=True),
        "preview frame, turned and mirrored": Orientation(1, mirror=True),
    }
    plain = _plain(screen)
    rows = []
    for name, orientation in cases.items():
        ours, peer = _cpu(_ours(screen, orientation), plain)
        rows.append(Row(name, ours, peer, "surfarray + smoothscale + alpha blit", "ms CPU", AIM))
    pygame.display.quit()
    return rows


def _ours(screen: pygame.Surface, orientation: Orientation) -> Callable[[], None]:
    width, height = orientation.size(SIZE)
    pixels = np.random.default_rng(1).integers(0, 256, (height * 3 // 2, width), np.uint8)
    frame = Frame(pixels, PixelLayout.I420, width, height, FrameMetadata(0, None))
    preview, area = Preview(orientation), Rect(0, 0, *SIZE)
    guide = GuidePictures(mirror=False).get("frontal", SIZE)

    def step() -> None:
        place = preview.draw(screen, frame, area)
        screen.blit(guide, (place.x, place.y))
        pygame.display.update(place)

    return step


def _plain(screen: pygame.Surface) -> Callable[[], None]:
    rgb = np.random.default_rng(2).integers(0, 256, (960, 1280, 3), np.uint8)
    rgba = draw_guide(load_silhouette("frontal"), SIZE, mirror=False)
    guide = pygame.image.frombuffer(rgba.tobytes(), SIZE, "RGBA").convert_alpha()

    def step() -> None:
        surface = pygame.surfarray.make_surface(rgb.swapaxes(0, 1))
        screen.blit(pygame.transform.smoothscale(surface, SIZE), (0, 0))
        screen.blit(guide, (0, 0))
        pygame.display.flip()

    return step


def _cpu(ours: Callable[[], None], peer: Callable[[], None]) -> tuple[float, float]:
    """CPU milliseconds for one frame of each, medians over runs that take turns."""
    times: tuple[list[float], list[float]] = ([], [])
    for run_number in range(RUNS + 1):
        for kept, step in zip(times, (ours, peer), strict=True):
            begin = time.process_time_ns()
            for _ in range(FRAMES):
                step()
            if run_number:
                kept.append((time.process_time_ns() - begin) / 1e6 / FRAMES)
    return statistics.median(times[0]), statistics.median(times[1])
