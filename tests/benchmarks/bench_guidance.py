"""One change of the guide on the aim screen, by parts, against drawing the whole screen anew.

On SDL's dummy driver: guidance as it drifts while somebody moves, and guidance of which nothing
remains as it was. The peer draws the same changes as whole screens.
"""

from __future__ import annotations

import os
import random
import statistics
import time
from collections.abc import Iterator
from dataclasses import replace

import pygame

from kiosk.capture.guides.values import Amount, Cue, Guidance
from kiosk.capture.ui.display import Display, Setup
from kiosk.capture.ui.model import ScreenModel
from kiosk.config import Display as Section
from tests.benchmarks.row import Row
from tests.golden.guided import guidance
from tests.golden.scenes import scenes

CHANGES = 300
AIM_MS = 3.0


def run() -> list[Row]:
    os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
    rows = []
    for name, section in (
        ("upright", Section(size=(1080, 1920), fullscreen=False)),
        ("panel mounted turned", Section(size=(1920, 1080), rotation=90, fullscreen=False)),
    ):
        display = Display(Setup(section))
        model = next(scene.model for scene in scenes() if scene.name == "aim")
        for what, changes in (("drifting", _drifting), ("all of it new", _all_new)):
            models = [replace(model, guidance=value) for value in changes()]
            title = f"a change of the guide, {what}, {name}"
            rows.append(
                Row(title, _median_ms(display, models, whole=False), None, "", "ms", AIM_MS)
            )
            peer = _median_ms(display, models, whole=True)
            rows.append(Row(f"{title}, as a whole screen", peer, None, "", "ms", None))
        display.close()
    pygame.display.quit()
    return rows


def _drifting() -> Iterator[Guidance]:
    rng = random.Random(1)
    shares = [0.5] * 7
    for _ in range(CHANGES):
        shares = [share + rng.gauss(0, 0.2) for share in shares]
        yield guidance(Cue.TURN_LEFT, tuple(shares))


def _all_new() -> Iterator[Guidance]:
    rng = random.Random(2)
    for _ in range(CHANGES):
        shares = tuple(rng.uniform(-4, 4) for _ in range(7))
        yield guidance(rng.choice(list(Cue)), shares, rng.choice(list(Amount)))


def _median_ms(display: Display, models: list[ScreenModel], *, whole: bool) -> float:
    times = []
    for number, model in enumerate(models):
        shown = replace(model, clock=f"{number:05d}") if whole else model
        begin = time.perf_counter_ns()
        display.show(shown)
        times.append((time.perf_counter_ns() - begin) / 1e6)
    return statistics.median(times)
