"""Colours and type sizes: dark and calm, so that the lamps light the patient and the screen not.

Sizes are in pixels of a panel that is 1080 wide in portrait (or high in landscape); the layout
scales them. Text on its ground keeps a contrast of at least 7:1 (WCAG 2.2, success criterion
1.4.6), which a test checks for every pair in ``TEXT_PAIRS``.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

Colour = tuple[int, int, int]

BACKGROUND: Final[Colour] = (13, 19, 23)
PANEL: Final[Colour] = (24, 33, 39)
RAISED: Final[Colour] = (38, 50, 58)
PRESSED: Final[Colour] = (58, 74, 84)
LINE: Final[Colour] = (62, 78, 88)
TEXT: Final[Colour] = (243, 246, 247)
MUTED: Final[Colour] = (186, 199, 206)
FAINT: Final[Colour] = (112, 128, 138)
ACCENT: Final[Colour] = (97, 214, 196)
ACCENT_PRESSED: Final[Colour] = (150, 232, 219)
ON_ACCENT: Final[Colour] = (4, 32, 29)
GOOD: Final[Colour] = (136, 222, 150)
WARNING: Final[Colour] = (255, 203, 107)
READY: Final[Colour] = (18, 54, 38)
BASELINE: Final[Colour] = (206, 160, 255)

_SRGB_KNEE: Final = 0.04045

TEXT_PAIRS: Final = (
    (TEXT, BACKGROUND),
    (TEXT, PANEL),
    (TEXT, RAISED),
    (TEXT, PRESSED),
    (MUTED, BACKGROUND),
    (MUTED, PANEL),
    (ACCENT, BACKGROUND),
    (GOOD, BACKGROUND),
    (GOOD, PANEL),
    (WARNING, BACKGROUND),
    (WARNING, PANEL),
    (TEXT, READY),
    (GOOD, READY),
    (ON_ACCENT, ACCENT),
    (ON_ACCENT, ACCENT_PRESSED),
    (ACCENT, ON_ACCENT),
    (ACCENT, PANEL),
)


class Weight(enum.Enum):
    """The font files that are shipped; ``literal`` for what is compared letter by letter."""

    REGULAR = "Inter-Regular.otf", False
    LITERAL = "Inter-Regular.otf", True
    SEMIBOLD = "Inter-SemiBold.otf", False
    BOLD = "Inter-Bold.otf", False

    def __init__(self, file: str, literal: bool) -> None:  # noqa: FBT001 - a row of the table above
        self.file = file
        self.literal = literal


@dataclass(frozen=True, slots=True)
class Style:
    """One use of type: weight, size in nominal pixels, colour."""

    weight: Weight
    size: int
    colour: Colour = TEXT


CLOCK: Final = Style(Weight.SEMIBOLD, 220)
DISPLAY: Final = Style(Weight.BOLD, 96)
TITLE: Final = Style(Weight.BOLD, 76)
HEADING: Final = Style(Weight.SEMIBOLD, 56)
LEAD: Final = Style(Weight.REGULAR, 50)
BODY: Final = Style(Weight.REGULAR, 42)
NOTE: Final = Style(Weight.REGULAR, 38, MUTED)
STATUS: Final = Style(Weight.REGULAR, 36, MUTED)
STATUS_STRONG: Final = Style(Weight.SEMIBOLD, 36)
BUTTON: Final = Style(Weight.SEMIBOLD, 46)
BUTTON_QUIET: Final = Style(Weight.SEMIBOLD, 40)
KEY: Final = Style(Weight.SEMIBOLD, 60)
STRIP: Final = Style(Weight.SEMIBOLD, 36)


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Colour) -> float:
    linear = [_linear(channel / 255) for channel in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _linear(value: float) -> float:
    """Undo the sRGB curve (IEC 61966-2-1) of a value from 0 to 1."""
    return value / 12.92 if value <= _SRGB_KNEE else ((value + 0.055) / 1.055) ** 2.4
