"""The window: shows screens and the live picture, and tells what was touched."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pygame

from kiosk.capture.ui.comparing import Comparing
from kiosk.capture.ui.guide_pictures import GuidePictures
from kiosk.capture.ui.inputs import Inputs, Touches
from kiosk.capture.ui.layout import Layout, Rect, make_layout
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.orientation import Orientation
from kiosk.capture.ui.parts import Part
from kiosk.capture.ui.preview import Preview, writable
from kiosk.capture.ui.screens import PADS, PARTS, SCREENS
from kiosk.capture.ui.screens.base import paint
from kiosk.capture.ui.shapes import Shapes
from kiosk.capture.ui.stage_overlay import draw_over, draw_square
from kiosk.capture.ui.text import Type
from kiosk.capture.ui.widgets import Button, Canvas
from kiosk.capture.ui.wordings import Wordings
from kiosk.capture.workflow import State
from kiosk.config import Display as DisplaySection
from kiosk.errors import DisplayError
from kiosk.model import Frame

_NOBODYS: Final = frozenset({State.SIGNED_OUT, State.DAY})
"""On these screens no patient is open."""

_BUFFERS: Final = 3
"""KMS shows one buffer while another is drawn, and may keep a third; each is to be black."""


@dataclass(frozen=True, slots=True)
class Setup:
    """How the window is set up.

    Attributes:
        section: the station's ``[display]``.
        camera_rotation: degrees clockwise by which the camera's pictures are turned.
        keyboard: whether keys stand in for pedal and touch; only with a simulated pedal.
        field_mm: height of what the camera's upright picture shows at the subject plane.
        clock: monotonic nanoseconds; what moves on a screen moves by it.
    """

    section: DisplaySection
    camera_rotation: int = 0
    keyboard: bool = False
    field_mm: float | None = None
    clock: Callable[[], int] = time.monotonic_ns


class Display:
    """One window; all calls from one thread, none of them waits.

    The SDL video driver is the environment's choice (``SDL_VIDEODRIVER``: ``kmsdrm`` on a
    station, ``dummy`` in tests). Where the panel is mounted turned, the finished picture is turned
    here and touches are turned back, because SDL on KMS may turn one and not the other.

    Raises:
        DisplayError: no such video mode, or pixels of another kind than 32 bits.
        ConfigError: the words of its language cannot be read.
    """

    def __init__(self, setup: Setup) -> None:
        section = setup.section
        self._wordings = Wordings(section.language)
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
            surface, make_layout(self._size), self._wordings.station, Type(), Shapes(), guides
        )
        self._touches = Touches(keyboard=setup.keyboard, clock=setup.clock)
        self._comparing = Comparing(setup.clock)
        self._shown: tuple[ScreenModel, Button | None] | None = None
        self._keys: dict[Rect, Hashable] = {}
        self._live = False
        self._dark = False

    @property
    def layout(self) -> Layout:
        """Where things are, in pixels of the upright picture."""
        return self.canvas.layout

    def show(self, model: ScreenModel) -> None:
        """Draw the model's screen, or those parts of it that changed.

        What was drawn before is forgotten where nobody's page is open any more, and while the
        screen is blanked.
        """
        if model.blanked:
            self._darken()
            return
        held = self._touches.held
        model = self._comparing.applied(model)
        if self._shown == (model, held):
            self._renew(self._parts(model))
            return
        self._dark = False
        if model.state in _NOBODYS and self._shown and self._shown[0].state != model.state:
            self.forget()
        self.canvas.words = self._wordings.of(model)
        screen = SCREENS[model.state]
        stays = (screen.frame.live or screen.frame.keeps_stage) and model.review is None
        keep = self._live and stays
        stage = self._stage()
        kept = self._screen.subsurface(stage).copy() if keep else None
        paint(self.canvas, screen, model, held)
        self._keys = {part.rect: part.key for part in self._parts(model)}
        self._turn(Rect(0, 0, *self._size))
        if kept is not None:
            self._screen.blit(kept, (stage.x, stage.y))
            kept.fill((0, 0, 0))
        pygame.display.flip()
        if not keep:
            # A live picture may have been of a badge, whose code is a secret.
            self._preview.wipe()
        self._live = keep
        self._shown = (model, held)

    def show_frame(self, frame: Frame, model: ScreenModel) -> None:
        """Draw one live picture with the view's guide; nothing on a screen that has none.

        Fastest when the frame, once turned, has the size of ``layout.stage``.
        """
        wanted = SCREENS[model.state].frame
        if model.blanked or not wanted.live:
            return
        place = self._preview.draw(self._screen, frame, self._stage())
        if wanted.square:
            draw_square(self._screen, place, self.canvas.guides, self._panel)
        else:
            draw_over(self._screen, place, model, self.canvas.guides, self._panel)
        pygame.display.update(place)
        self._live = True

    def poll(self, model: ScreenModel) -> Inputs:
        """Return what was touched or typed since the last call; never waits.

        On a blanked screen nothing can be touched, and that it was is told all the same.
        """
        if model.blanked:
            inputs = self._touches.read(pygame.event.get(), (), model.state, self._locate)
            return replace(inputs, actions=())
        model = self._comparing.applied(model)
        screen = SCREENS[model.state]
        buttons = screen.buttons(self.layout, self._wordings.of(model), model)
        place = PADS.get(model.state)
        pad = None if place is None else place(self.layout)
        inputs = self._touches.read(pygame.event.get(), buttons, model.state, self._locate, pad)
        self._comparing.touched(inputs.actions)
        return inputs

    def let_go(self) -> None:
        """Forget which button a finger holds; lifting it does nothing then."""
        self._touches.held = None

    def snapshot(self) -> pygame.Surface:
        """Return a copy of what is on the screen, upright."""
        return pygame.transform.rotate(self._screen, 90 * self._panel.turns)

    def forget(self) -> None:
        """Wipe everything kept of a patient: rendered texts, pictures, the screen itself."""
        self.canvas.type.forget()
        self.canvas.guides.forget()
        self.canvas.overflows.clear()
        self._preview.wipe()
        self.canvas.surface.fill((0, 0, 0))
        self._screen.fill((0, 0, 0))
        self._keys = {}
        self._shown = None
        self._live = False
        self.let_go()

    def _darken(self) -> None:
        """Make the screen black once; after that it costs nothing."""
        if self._dark:
            return
        self.forget()
        for _ in range(_BUFFERS):
            pygame.display.flip()
        self._dark = True

    def close(self) -> None:
        """Close the window; may be called more than once."""
        pygame.display.quit()

    def _stage(self) -> Rect:
        return self._panel.rect(self.layout.stage, self._size)

    def _parts(self, model: ScreenModel) -> tuple[Part, ...]:
        parts = PARTS.get(model.state)
        return () if parts is None else parts(self.canvas, model)

    def _renew(self, parts: tuple[Part, ...]) -> None:
        """Draw the parts that look different from what is shown."""
        changed = [part for part in parts if self._keys.get(part.rect) != part.key]
        if not changed:
            return
        for part in changed:
            part.draw(self.canvas)
        self._keys = {part.rect: part.key for part in parts}
        pygame.display.update([self._turn(part.rect) for part in changed])

    def _turn(self, rect: Rect) -> Rect:
        """Bring ``rect`` of the canvas onto the screen; return where it lies there."""
        there = self._panel.rect(rect, self._size)
        if not self._panel.identity:
            source = writable(self.canvas.surface)[rect.y : rect.bottom, rect.x : rect.right]
            target = writable(self._screen)[there.y : there.bottom, there.x : there.right]
            self._panel.apply(np.ascontiguousarray(source), target)
        return there

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
