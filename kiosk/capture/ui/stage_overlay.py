"""What lies over the live picture: the view's outline, the patient's own baseline, an arrow.

Or a square, where a code is held to the camera.
"""

from __future__ import annotations

import pygame

from kiosk.capture.ui.cue_icons import looks_of
from kiosk.capture.ui.guide_pictures import GuidePictures
from kiosk.capture.ui.layout import Rect
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.orientation import Orientation


def draw_over(
    screen: pygame.Surface,
    place: Rect,
    model: ScreenModel,
    guides: GuidePictures,
    panel: Orientation,
) -> None:
    """Draw what the model asks for over a live picture.

    Args:
        screen: as the panel has it.
        place: where the live picture lies on it, in its pixels.
        model: gives the view, the baseline and the instruction.
        guides: where the pictures are kept.
        panel: from the upright picture to the screen.
    """
    if model.view is None:
        return
    size = panel.size((place.w, place.h))
    faint = model.drawn is not None
    outline = guides.live(model.view, size, panel, faint=faint)
    screen.blit(outline, (place.x, place.y))
    if model.drawn is not None:
        lines = guides.baseline(model.drawn, size, panel, mirror=guides.mirror)
        screen.blit(lines, (place.x, place.y))
    if model.guidance is None:
        return
    instruction = model.guidance.instruction
    looks = looks_of(instruction, mirror=guides.mirror, view_yaw=model.view_yaw)
    for image, upright in guides.arrows(looks, instruction.amount, size, panel):
        there = panel.rect(upright, size)
        screen.blit(image, (place.x + there.x, place.y + there.y))


def draw_square(
    screen: pygame.Surface, place: Rect, guides: GuidePictures, panel: Orientation
) -> None:
    """Draw where a code belongs over a live picture; the arguments are those of ``draw_over``."""
    image, upright = guides.square(panel.size((place.w, place.h)), panel)
    there = panel.rect(upright, panel.size((place.w, place.h)))
    screen.blit(image, (place.x + there.x, place.y + there.y))
