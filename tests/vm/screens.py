"""Tells from a screenshot which screen is shown: draws it here by the product's own code, compares.

Only what does not depend on the moment is compared: buttons, and by screen the title or the strip
of views. The live picture, the clock and the backlog are left out.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")

from kiosk.capture.ui.layout import Layout, Rect, make_layout
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.screens import SCREENS
from kiosk.capture.ui.widgets import Action, Button
from kiosk.capture.ui.wording import Wording
from kiosk.capture.workflow import State
from tests.golden.scene import Scene
from tests.golden.scenes import draw

Grey = npt.NDArray[np.int16]

_TITLED: Final = frozenset(
    {
        *(State.PIN, State.NEW_PIN, State.NEW_PIN_AGAIN, State.DAY),
        State.ENROL_TYPE,
        State.SERVICE_SUPPORT,
        *(State.CONSENT_TEXT, State.CONSENT_CHOICES, State.CONSENT_SIGNER, State.CONSENT_SIGN),
    }
)
_IN_SESSION: Final = frozenset({State.VIEW, State.AIM, State.REVIEW})
"""They show the strip of views."""

_COUNTED: Final = frozenset({State.PIN, State.NEW_PIN, State.NEW_PIN_AGAIN})
"""They count by dots how many digits were typed."""

_DOTS, _EACH = 350, (8, 4)
"""Nominal height of where dots are, below the title, and in how many parts it is compared: one dot
must be a tenth of a part."""

_READ: Final = frozenset({State.ENROL_REFUSED, State.ENROLLED})
"""Each word of them is what somebody has to know: all of it is compared, line by line."""

_TITLE: Final = 124
"""Nominal height of a title."""

_LINE: Final = 40
"""Nominal height of a line of a note, the smallest there is."""

_FAR: Final = 60
"""Levels of 255 by which a pixel is another one; two releases of FreeType differ by less."""

_MOST: Final = 0.012
"""Share of such pixels in a place that is the same: of the words of a title 6 % are ink."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A screen as it should look.

    Attributes:
        model: what it shows.
        buttons: what can be touched on it.
    """

    model: ScreenModel
    layout: Layout
    buttons: tuple[Button, ...]
    picture: Grey

    def button(self, action: Action) -> Rect:
        """Return the place of the button that means this; a KeyError where it has none."""
        places = {one.action: one.rect for one in self.buttons if one.enabled}
        return places[action]

    def difference(self, shown: Grey) -> float:
        """Return the largest share of pixels that are others, over the places compared; 0 to 1."""
        if shown.shape != self.picture.shape:
            return 1.0
        return max(_share(shown, self.picture, place) for place in self._places())

    def is_shown(self, shown: Grey) -> bool:
        return self.difference(shown) <= _MOST

    def _places(self) -> list[Rect]:
        state = self.model.state
        # A line of the day's list is another one every day.
        places = [one.rect for one in self.buttons if not one.cells]
        if state in _TITLED:
            places.append(self.layout.content.top(self.layout.px(_TITLE)))
        if state in _COUNTED:
            below = self.layout.content.below(self.layout.px(_TITLE)).top(self.layout.px(_DOTS))
            places += [
                part
                for column in below.columns((1,) * _EACH[0], 0)
                for part in column.rows(_EACH[1], 0)
            ]
        if state in _IN_SESSION:
            places.append(self.layout.strip)
        if state is State.ENROL:
            places.append(self.layout.panel)
        if state in _READ:
            content = self.layout.content
            places += content.rows(content.h // self.layout.px(_LINE), 0)
        return places


def sheet(model: ScreenModel, size: tuple[int, int]) -> Sheet:
    """Draw a screen of the station's size."""
    canvas = draw(Scene(model.state.name, model), size)
    layout = make_layout(size)
    words: Wording = canvas.words
    buttons = tuple(SCREENS[model.state].buttons(layout, words, model))
    return Sheet(model, layout, buttons, grey_of(canvas.surface))


def grey_of(surface: object) -> Grey:
    import pygame  # noqa: PLC0415 - loaded by what draws

    assert isinstance(surface, pygame.Surface)
    rgb = np.frombuffer(pygame.image.tobytes(surface, "RGB"), np.uint8)
    width, height = surface.get_size()
    return _grey(rgb.reshape(height, width, 3))


def read(path: Path) -> Grey:
    """Return a screenshot."""
    return _grey(np.asarray(Image.open(path).convert("RGB")))


def _grey(rgb: npt.NDArray[np.uint8]) -> Grey:
    return np.asarray(rgb.mean(axis=2), np.int16)


def _share(one: Grey, other: Grey, place: Rect) -> float:
    window = np.s_[place.y : place.y + place.h, place.x : place.x + place.w]
    return float((np.abs(one[window] - other[window]) > _FAR).mean())
