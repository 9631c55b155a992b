"""One screen with plausible contents."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.capture.ui.model import ScreenModel


@dataclass(frozen=True, slots=True)
class Scene:
    """A screen to look at; ``live`` puts a picture on the stage of a screen that has one."""

    name: str
    model: ScreenModel
    live: bool = False
