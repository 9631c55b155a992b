"""One screen with plausible contents."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.capture.ui.model import ScreenModel


@dataclass(frozen=True, slots=True)
class Scene:
    """A screen to look at.

    Attributes:
        name: of its picture.
        model: what is shown.
        live: whether there is a picture on the stage of a screen that has one.
        held: what the QR code says that is held up in it; empty where none is.
        card: whether a grey card is held up in it.
    """

    name: str
    model: ScreenModel
    live: bool = False
    held: str = ""
    card: bool = False
