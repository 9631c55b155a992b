"""The white balance: colour gains under which a grey card is neutral, proven by a picture of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

import numpy as np

from kiosk.capture.calibrated import Calibrated, Standing
from kiosk.capture.crew import Note
from kiosk.capture.hardware.interfaces import Camera, CameraIdentity, Lights
from kiosk.capture.hardware.settings_check import capture_matching
from kiosk.capture.maintenance.brightness import Pace
from kiosk.capture.maintenance.grey_card import GreyCard, find_card
from kiosk.capture.picture.srgb import Floats
from kiosk.capture.ui.service import Item, Line, Mark, Remark, Values
from kiosk.errors import CameraError
from kiosk.model import CameraSettings, Moment
from kiosk.records.audit import Act
from kiosk.records.calibration import Calibration
from kiosk.records.shot import Instant

NEUTRAL: Final = 1.0
"""Levels between the largest and the smallest colour that count as neutral. Of a middle grey one
level is a colour difference of at most 0.8 (CIE 1976 L*a*b*), less than two pictures side by side
show. A step of the gains by 1 %, which is what cameras keep them to, moves it by half a level."""

PICTURES: Final = 12
"""After so many the search ends. Simulated with colour matrices and tone curves of the Raspberry
Pi's sensors, whose effect it has to find out, it took 5 on average and 12 at worst."""

MIDDLE_GREY: Final = (84.0, 162.0)
"""Levels of a card of 18 % within one stop of its place, 118: sRGB of 9 % and 36 %."""

UNEVEN: Final = 0.2
"""Of the light from corner to corner; proposed. More changes how a face is shaded from one side of
the picture to the other."""

_LEAST, _MOST = 0.1, 32.0
_STEP: Final = float(np.log(1.5))
"""How far one step may go: the slope is known only once a step was made."""

_SINGULAR: Final = 0.1


class GainSearch:
    """Finds the two gains by Broyden's method.

    With u the logarithms of the gains of red and blue, and r those of the card's light in red and
    blue over green, the next u is u - J⁻¹ r. J begins as the identity, which is right for a camera
    that does nothing to a colour but amplify it, and is mended after each step by what the step
    did (C. G. Broyden, Math. Comp. 19, 1965, "good" method): colour matrix and tone curve, which
    lie between gains and picture, need not be known. Grey stays grey in both, so that r = 0 is
    where they want it too.

    Args:
        gains: of red and blue, to begin with.

    Attributes:
        gains: to try next.
    """

    def __init__(self, gains: tuple[float, float]) -> None:
        self.gains = gains
        self._slope: Floats = np.eye(2)
        self._before: tuple[Floats, Floats] | None = None

    def saw(self, ratios: tuple[float, float]) -> None:
        """Take in what ``gains`` made of the card: light of red and blue, each over green."""
        at, found = np.log(self.gains), np.log(ratios)
        if self._before is not None:
            self._mend(at - self._before[0], found - self._before[1])
        self._before = at, found
        step = np.clip(-np.linalg.solve(self._slope, found), -_STEP, _STEP)
        red, blue = np.clip(np.exp(at + step), _LEAST, _MOST)
        self.gains = float(red), float(blue)

    def _mend(self, moved: Floats, changed: Floats) -> None:
        length = float(moved @ moved)
        if length > 0.0:
            self._slope = self._slope + np.outer(changed - self._slope @ moved, moved) / length
        if abs(float(np.linalg.det(self._slope))) < _SINGULAR:
            self._slope = np.eye(2)


@dataclass(frozen=True, slots=True)
class Darkroom:
    """What a picture of the card is taken with, and where what it shows is kept.

    Attributes:
        calibrated: what is asked for, and where a calibration is kept.
        light_level: of the lamps, 0 to 1, as for every shot.
        timeout_ns: how long frames with other settings are passed over.
        pace: of the lamps.
        note: leaves a trail.
        operator: id of who is signed in, None where nobody is.
        now: every clock of the station.
    """

    calibrated: Calibrated
    light_level: float
    timeout_ns: int
    pace: Pace
    note: Note
    operator: Callable[[], str | None]
    now: Callable[[], Moment]


@dataclass(slots=True)
class Balancing:
    """One calibration, a picture at a time; for the worker's thread.

    After each picture the camera is asked again for what shots are taken with, so that it may be
    broken off at any time. The lamps are the screen's, and stay on.
    """

    camera: Camera
    lights: Lights
    room: Darkroom
    _search: GainSearch | None = field(default=None, init=False)
    _first: GreyCard | None = field(default=None, init=False)
    _pictures: int = field(default=0, init=False)

    def exposure(self) -> Line:
        """Take the first picture and say how bright the card is in it.

        Raises:
            CardNotFound: there is no card in the square, or it cannot be measured.
            CameraError, LightError: no picture.
        """
        asked = self.room.calibrated.settings(self.camera.identity)
        self._search = GainSearch(asked.colour_gains)
        self._first, self._pictures = self._picture(asked), 0
        if self._first.tint > NEUTRAL:
            self._search.saw(self._first.ratios)
        green = self._first.levels[1]
        good = MIDDLE_GREY[0] <= green <= MIDDLE_GREY[1]
        remark = Remark.CARD_EXPOSED if good else Remark.CARD_NOT_MIDDLE
        least, most = (f"{level:.0f}" for level in MIDDLE_GREY)
        values = (*_levels(self._first), ("least", least), ("most", most))
        return Line(Item.EXPOSURE, remark, values, mark=Mark.GOOD if good else Mark.UNSURE)

    def evenness(self) -> Line:
        """Say of the first picture how even the light is."""
        if self._first is None:
            return Line(Item.EVENNESS, Remark.UNTRIED, mark=Mark.UNSURE)
        share = self._first.unevenness
        values = (("percent", f"{share * 100:.0f}"),)
        if share > UNEVEN:
            return Line(Item.EVENNESS, Remark.UNEVEN, values, mark=Mark.BAD)
        return Line(Item.EVENNESS, Remark.EVEN, values, mark=Mark.GOOD)

    def balance(self) -> Line:
        """Take one picture under other gains; pending until the card is neutral in it.

        Then the gains are kept, and every picture from now on is taken with them.

        Raises:
            CardNotFound, CameraError, LightError: no picture of the card; nothing is kept.
            StorageError: they could not be noted or kept.
        """
        search = self._search
        if search is None or self._first is None:
            return Line(Item.BALANCE, Remark.UNTRIED, mark=Mark.UNSURE)
        plain = self.room.calibrated.settings(self.camera.identity)
        asked = replace(plain, colour_gains=search.gains)
        card = self._picture(asked)
        self._pictures += 1
        red, blue = asked.colour_gains
        values = (
            ("tint", f"{card.tint:.1f}"),
            ("count", str(self._pictures)),
            ("red", f"{red:.3f}"),
            ("blue", f"{blue:.3f}"),
        )
        if card.tint <= NEUTRAL:
            self._keep(asked, plain, card)
            return Line(Item.BALANCE, Remark.BALANCED, values, mark=Mark.GOOD)
        if self._pictures == PICTURES:
            return Line(Item.BALANCE, Remark.NOT_BALANCED, values, mark=Mark.BAD)
        search.saw(card.ratios)
        return Line(Item.BALANCE, Remark.BALANCING, values, mark=Mark.PENDING)

    def _picture(self, asked: CameraSettings) -> GreyCard:
        room = self.room
        self.lights.set(room.light_level)
        self.camera.apply(asked)
        try:
            after_ns = room.pace.clock() + room.pace.settle_ns
            frame = capture_matching(self.camera, asked, after_ns, timeout_ns=room.timeout_ns)
        finally:
            self.camera.apply(room.calibrated.settings(self.camera.identity))
        try:
            if frame.metadata.settings is None:
                raise CameraError(
                    f"The {self.camera.identity.model} does not tell its settings, so that its "
                    "white balance cannot be calibrated; expected a module of Raspberry Pi's."
                )
            return find_card(frame)
        finally:
            frame.wipe()

    def _keep(self, asked: CameraSettings, before: CameraSettings, card: GreyCard) -> None:
        """Note it first: what cannot be noted is not done."""
        identity = self.camera.identity
        said = [
            f"red {s.colour_gains[0]:.3f} blue {s.colour_gains[1]:.3f}" for s in (asked, before)
        ]
        self.room.note(Act.CALIBRATED, None, " before ".join(said))
        self.room.calibrated.keep(
            Calibration(
                at=Instant.of(self.room.now()),
                operator=self.room.operator(),
                model=identity.model,
                serial=identity.serial,
                colour_gains=asked.colour_gains,
                card=card.levels,
            )
        )
        self.camera.apply(asked)


def standing_line(calibrated: Calibrated, camera: CameraIdentity, now: Moment) -> Line:
    """Return how far the colours of this station's pictures are measured."""
    standing = calibrated.standing(camera, datetime.fromisoformat(now.wall))
    kept = calibrated.kept
    if kept is None:
        if standing is Standing.DAMAGED:
            return Line(Item.BALANCE, text=calibrated.fault, mark=Mark.BAD)
        return Line(Item.BALANCE, Remark.NEVER_BALANCED, mark=Mark.UNSURE)
    remark, mark = _STANDING[standing]
    red, blue = kept.colour_gains
    values = (
        ("day", kept.at.wall[:10]),
        ("red", f"{red:.2f}"),
        ("blue", f"{blue:.2f}"),
        ("model", kept.model),
    )
    return Line(Item.BALANCE, remark, values, mark=mark)


_STANDING: Final = {
    Standing.FRESH: (Remark.BALANCED_ON, Mark.GOOD),
    Standing.OLD: (Remark.BALANCE_OLD, Mark.UNSURE),
    Standing.OTHER_CAMERA: (Remark.BALANCE_OTHER, Mark.BAD),
}


def _levels(card: GreyCard) -> Values:
    red, green, blue = (f"{level:.0f}" for level in card.levels)
    return (("red", red), ("green", green), ("blue", blue))
