"""The window: shows screens and the live picture, and tells what was touched."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pygame

from kiosk.capture.ui.guide_pictures import GuidePictures
from kiosk.capture.ui.inputs import Inputs, Touches
from kiosk.capture.ui.layout import Layout, Rect, make_layout
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.orientation import Orientation
from kiosk.capture.ui.preview import Preview, writable
from kiosk.capture.ui.screens import SCREENS
from kiosk.capture.ui.screens.base import paint
from kiosk.capture.ui.shapes import Shapes
from kiosk.capture.ui.text import Type
from kiosk.capture.ui.widgets import Button, Canvas
from kiosk.capture.ui.wording import ENGLISH, Wording
from kiosk.capture.workflow import State
from kiosk.config import Display as DisplaySection
from kiosk.errors import DisplayError
from kiosk.model import Frame


@dataclass(frozen=True, slots=True)
class Setup:
    """How the window is set up.

    Attributes:
        section: the station's ``[display]``.
        camera_rotation: degrees clockwise by which the camera's pictures are turned.
        keyboard: whether keys stand in for pedal and touch; only with a simulated pedal.
        words: the language.
        field_mm: height of what the camera's upright picture shows at the subject plane.
    """

    section: DisplaySection
    camera_rotation: int = 0
    keyboard: bool = False
    words: Wording = ENGLISH
    field_mm: float | None = None


class Display:
    """One window; all calls from one thread, none of them waits.

    The SDL video driver is the environment's choice (``SDL_VIDEODRIVER``: ``kmsdrm`` on a
    station, ``dummy`` in tests). Where the panel is mounted turned, the finished picture is turned
    here and touches are turned back, because SDL on KMS may turn one and not the other.

    Raises:
        DisplayError: no such video mode, or pixels of another kind than 32 bits.
    """

    def __init__(self, setup: Setup) -> None:
        section = setup.section
        self._screen = _open(section.size, fullscreen=section.fullscreen)
        self._panel = Orientation.of(section.rotation)
        self._size = self._panel.size(section.size)
        camera = Orientation.of(setup.camera_rotation, mirror=section.mirror_preview)
        self._preview = Preview(camera.then(self._panel))
        surface = self._screen
        if not self._panel.identity:
            surface = pygame.Surface(self._size, 0, 32)
        guides = GuidePictures(mirror=section.mirror_preview, field_mm=setup.field_mm)
        self.canvas = Canvas(
            surface, make_layout(self._size), setup.words, Type(), Shapes(), guides
        )
        self._touches = Touches(keyboard=setup.keyboard)
        self._shown: tuple[ScreenModel, Button | None] | None = None
        self._live = False

    @property
    def layout(self) -> Layout:
        """Where things are, in pixels of the upright picture."""
        return self.canvas.layout

    def show(self, model: ScreenModel) -> None:
        """Draw the model's screen, if anything on it changed; going to standby forgets."""
        held = self._touches.held
        if self._shown == (model, held):
            return
        if model.state is State.STANDBY and self._shown and self._shown[0].state != model.state:
            self.forget()
        screen = SCREENS[model.state]
        keep = self._live and (screen.frame.live or screen.frame.keeps_stage)
        stage = self._stage()
        kept = self._screen.subsurface(stage).copy() if keep else None
        paint(self.canvas, screen, model, held)
        self._turn_canvas()
        if kept is not None:
            self._screen.blit(kept, (stage.x, stage.y))
            kept.fill((0, 0, 0))
        pygame.display.flip()
        self._live = keep
        self._shown = (model, held)

    def show_frame(self, frame: Frame, model: ScreenModel) -> None:
        """Draw one live picture with the view's guide; nothing on a screen that has none.

        Fastest when the frame, once turned, has the size of ``layout.stage``.
        """
        if not SCREENS[model.state].frame.live:
            return
        place = self._preview.draw(self._screen, frame, self._stage())
        if model.view is not None:
            size = self._panel.size((place.w, place.h))
            guide = self.canvas.guides.live(model.view, size, self._panel)
            self._screen.blit(guide, (place.x, place.y))
        pygame.display.update(place)
        self._live = True

    def poll(self, model: ScreenModel) -> Inputs:
        """Return what was touched or typed since the last call; never waits."""
        screen = SCREENS[model.state]
        buttons = screen.buttons(self.layout, self.canvas.words, model)
        return self._touches.read(pygame.event.get(), buttons, model.state, self._locate)

    def let_go(self) -> None:
        """Forget which button a finger holds; lifting it does nothing then."""
        self._touches.held = None

    def snapshot(self) -> pygame.Surface:
        """Return a copy of what is on the screen, upright."""
        return pygame.transform.rotate(self._screen, 90 * self._panel.turns)

    def forget(self) -> None:
        """Wipe everything kept of a patient: rendered texts, pictures, the screen itself."""
        self.canvas.type.forget()
        self.canvas.overflows.clear()
        self._preview.wipe()
        self.canvas.surface.fill((0, 0, 0))
        self._screen.fill((0, 0, 0))
        self._shown = None
        self._live = False

    def close(self) -> None:
        """Close the window; may be called more than once."""
        pygame.display.quit()

    def _stage(self) -> Rect:
        return self._panel.rect(self.layout.stage, self._size)

    def _turn_canvas(self) -> None:
        if not self._panel.identity:
            source = np.ascontiguousarray(writable(self.canvas.surface))
            self._panel.apply(source, writable(self._screen))

    def _locate(self, x: float, y: float) -> tuple[float, float]:
        """From fractions of the window to pixels of the canvas."""
        width, height = self._screen.get_size()
        return self._panel.back(x * width, y * height, self._size)


def _open(size: tuple[int, int], *, fullscreen: bool) -> pygame.Surface:
    flags = pygame.FULLSCREEN if fullscreen else 0
    try:
        pygame.display.init()
        pygame.display.set_caption("Capture Station")
        screen = pygame.display.set_mode(size, flags, 32)
    except pygame.error as error:
        raise DisplayError(
            f"display.size: the panel cannot show {size[0]} x {size[1]}: {error}; expected a mode "
            "that it has, and the video driver named by SDL_VIDEODRIVER"
        ) from error
    got = screen.get_size()
    if got != tuple(size):
        raise DisplayError(
            f"display.size: asked for {size[0]} x {size[1]} and was given {got[0]} x {got[1]}; "
            "expected the panel's own size"
        )
    writable(screen)
    pygame.mouse.set_visible(not fullscreen)
    return screen
