"""Parts of a screen that change while the rest of it stays: redrawn by themselves."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from kiosk.capture.ui.layout import Rect
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.widgets import Canvas


@dataclass(frozen=True, slots=True)
class Part:
    """One rectangle of a screen.

    Attributes:
        rect: on the canvas; ``draw`` fills all of it and nothing beside it.
        key: two parts of one rectangle with equal keys look the same.
        draw: draws it.
    """

    rect: Rect
    key: Hashable
    draw: Callable[[Canvas], None]


Parts = Callable[[Canvas, ScreenModel], tuple[Part, ...]]
"""The parts of one screen; whatever their number, they always cover the same area."""
