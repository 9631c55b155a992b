"""The tests that are started by hand, each one a job of the worker's: short, and safe to break off.

A lamp that was lit is dark again when its job ends; a picture that was taken is wiped, but for the
reduced one that is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from kiosk import process
from kiosk.capture.hardware.settings_check import capture_matching
from kiosk.capture.maintenance import helping
from kiosk.capture.maintenance.balancing import Balancing, Darkroom
from kiosk.capture.maintenance.brightness import Light, Pace, sharpness, try_lamp
from kiosk.capture.maintenance.looks import (
    Parts,
    clock_line,
    pedal_line,
    power_line,
    reader_line,
    server_line,
    staff_lines,
    temperature_line,
)
from kiosk.capture.maintenance.machine import machine
from kiosk.capture.maintenance.sending import Sender, Sending
from kiosk.capture.maintenance.staff import staff
from kiosk.capture.ui.service import Item, Line, Mark, Remark
from kiosk.capture.workflow import State
from kiosk.errors import KioskError
from kiosk.model import Frame, Pixels

_MS: Final = 1_000_000

_SAID: Final = {
    Light.SEEN: (Remark.SEEN, Mark.GOOD),
    Light.NOT_SEEN: (Remark.NOT_SEEN, Mark.BAD),
    Light.TOO_BRIGHT: (Remark.TOO_BRIGHT, Mark.UNSURE),
    Light.UNSTEADY: (Remark.UNSTEADY, Mark.UNSURE),
}


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What a test found; ``picture`` is BGR, shape (height, width, 3), to be wiped by its owner."""

    line: Line
    picture: Pixels | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """One test: the line it fills, and how; ``run`` may raise any KioskError."""

    item: Item
    run: Callable[[], Found]
    name: str = ""

    def line(self, remark: Remark) -> Line:
        """Return the line as it is before the test has ended."""
        return Line(self.item, remark, mark=Mark.PENDING, name=self.name)

    def ended(self) -> Found:
        """Run it; an error is what was found."""
        try:
            return self.run()
        except KioskError as error:
            return Found(Line(self.item, text=error.sentence, mark=Mark.BAD, name=self.name))


@dataclass(frozen=True, slots=True)
class Tools:
    """How pictures are looked at.

    Attributes:
        require_room: refuses where no picture could be stored.
        reduced: makes of a frame what the screen shows: BGR, shape (height, width, 3).
        pace: of the lamps and live pictures.
        sender: sends a test object.
        operator: id of who is signed in; None where nobody is.
    """

    require_room: Callable[[], None]
    reduced: Callable[[Frame], Pixels]
    pace: Pace
    sender: Sender
    operator: Callable[[], str | None]


def trials(state: State, parts: Parts, tools: Tools) -> tuple[Trial, ...]:
    """Return the tests of a screen, in their order."""
    made = _OF.get(state)
    return () if made is None else made(parts, tools)


def light_line(name: str, verdict: Light, gain: float, dark: float) -> Line:
    """Return what is said of a lamp; both figures are levels of 255."""
    remark, mark = _SAID[verdict]
    levels = dark if verdict is Light.TOO_BRIGHT else gain
    return Line(Item.LIGHT, remark, (("levels", f"{levels:.0f}"),), mark=mark, name=name)


def camera_line(frame: Frame) -> Line:
    """Return what a frame that was asked for proves of its exposure, and how sharp it is."""
    sharp = ("sharpness", f"{sharpness(frame):.1f}")
    settings = frame.metadata.settings
    if settings is None:
        return Line(Item.CAMERA, Remark.UNPROVEN, (sharp,), mark=Mark.UNSURE)
    exposure = ("exposure", f"{settings.exposure_us} µs")
    gain = ("gain", f"{settings.analogue_gain:.2f}")
    return Line(Item.CAMERA, Remark.PROVEN, (exposure, gain, sharp), mark=Mark.GOOD)


def _support(parts: Parts, tools: Tools) -> tuple[Trial, ...]:
    return (Trial(Item.SUPPORT, lambda: Found(helping.ask(parts, tools.sender))),)


def _all(parts: Parts, tools: Tools) -> tuple[Trial, ...]:
    return (
        *_lamps(parts, tools),
        *_camera(parts, tools),
        Trial(Item.PEDAL, lambda: Found(pedal_line(parts.pedal))),
        Trial(Item.READER, lambda: Found(reader_line(parts.reader))),
        Trial(Item.DISK, lambda: Found(_room(tools))),
        Trial(Item.SWAP, lambda: Found(_swap())),
        Trial(Item.CLOCK, lambda: Found(clock_line(parts.now().clock))),
        Trial(Item.TEMPERATURE, lambda: Found(temperature_line(machine().temperature))),
        Trial(Item.POWER, lambda: Found(power_line(machine().weak_supply))),
        Trial(Item.SERVER, lambda: Found(server_line(parts))),
        Trial(Item.OPERATORS, lambda: Found(_staff(parts))),
        _way(tools),
    )


def _lamps(parts: Parts, tools: Tools) -> tuple[Trial, ...]:
    def lamp(name: str) -> Found:
        level = parts.config.lights.level
        seen = try_lamp(parts.camera, parts.lights, name, level, tools.pace)
        return Found(light_line(name, seen.verdict(), seen.gain, seen.dark))

    names = [channel.name for channel in parts.config.lights.channels]
    return tuple(Trial(Item.LIGHT, partial(lamp, name), name) for name in names)


def _camera(parts: Parts, tools: Tools) -> tuple[Trial, ...]:
    def picture() -> Found:
        try:
            return _taken(parts, tools, camera_line)
        finally:
            parts.lights.set(0.0)

    return (Trial(Item.CAMERA, picture),)


def _scale(parts: Parts, tools: Tools) -> tuple[Trial, ...]:
    """Return what takes the picture that edges are touched in; the lamps are the screen's."""

    def said(_: Frame) -> Line:
        return Line(Item.SCALE, Remark.SCALE_LEFT, mark=Mark.UNSURE)

    return (Trial(Item.SCALE, lambda: _taken(parts, tools, said)),)


def _taken(parts: Parts, tools: Tools, said: Callable[[Frame], Line]) -> Found:
    """Take a picture as a shot is taken, say something of it, and wipe it."""
    parts.lights.set(parts.config.lights.level)
    frame = capture_matching(
        parts.camera,
        parts.calibrated.settings(parts.camera.identity),
        tools.pace.clock() + tools.pace.settle_ns,
        timeout_ns=parts.config.camera.timeout_ms * _MS,
    )
    try:
        return Found(said(frame), tools.reduced(frame))
    finally:
        frame.wipe()


def _balance(parts: Parts, tools: Tools) -> tuple[Trial, ...]:
    """Return what is told of one grey card; the last is asked again while it is pending."""
    config = parts.config
    room = Darkroom(
        parts.calibrated,
        config.lights.level,
        config.camera.timeout_ms * _MS,
        tools.pace,
        tools.sender.note,
        tools.operator,
        parts.now,
    )
    balancing = Balancing(parts.camera, parts.lights, room)
    return (
        Trial(Item.EXPOSURE, lambda: Found(balancing.exposure())),
        Trial(Item.EVENNESS, lambda: Found(balancing.evenness())),
        Trial(Item.BALANCE, lambda: Found(balancing.balance())),
    )


def _way(tools: Tools) -> Trial:
    """Return the one test that may not end at once: it is asked again while it is pending."""
    sending = Sending(tools.sender)
    return Trial(Item.WAY, lambda: Found(sending.look()))


def _room(tools: Tools) -> Line:
    tools.require_room()
    return Line(Item.DISK, Remark.THERE, mark=Mark.GOOD)


def _swap() -> Line:
    process.refuse_swap(required=True)
    return Line(Item.SWAP, Remark.NO_SWAP, mark=Mark.GOOD)


def _staff(parts: Parts) -> Line:
    line = staff_lines(staff(parts.config.station.operators))[0]
    good = line.mark is Mark.PLAIN
    return Line(line.item, line.remark, line.values, line.text, Mark.GOOD if good else line.mark)


_OF: Final[dict[State, Callable[[Parts, Tools], tuple[Trial, ...]]]] = {
    State.SERVICE_LIGHTS: _lamps,
    State.SERVICE_CAMERA: _camera,
    State.SERVICE_SCALE: _scale,
    State.SERVICE_BALANCE: _balance,
    State.SERVICE_TESTS: _all,
    State.SERVICE_SUPPORT: _support,
}
