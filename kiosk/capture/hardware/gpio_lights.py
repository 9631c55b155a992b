"""Lamps on the station's pins, dark on every way out of the program.

How lgpio drives a pin was read in its source (lgPthTx.c, lgGpio.c) and in gpiozero's lgpio pins:
stopping its PWM leaves the pin as it happened to be, possibly high, and a level given to running
PWM waits for the end of the period. So full power and darkness are driven without PWM, by a write
that takes effect at once, and darkness is always written after PWM was stopped.
"""

from __future__ import annotations

import atexit
import math
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from gpiozero import PWMLED

from kiosk import config
from kiosk.capture.hardware.gpio import PinFactory, translated
from kiosk.capture.hardware.light_level import require_lamp, whole_percent
from kiosk.errors import LightError


class GpioLights:
    """Keeps the contract of :class:`kiosk.capture.hardware.interfaces.Lights`.

    Dark when made; dark again at ``close``, at the end of a ``with`` block and when the
    interpreter ends, whichever comes first. A process that is killed cannot do it: see
    :func:`kiosk.capture.hardware.lights.switch_off`. May be used from several threads.

    Args:
        section: the pins and, for levels between dark and full, the frequency.
        pin_factory: see :data:`kiosk.capture.hardware.gpio.PinFactory`.

    Raises:
        LightError: the pins cannot be driven; those that can are dark.
    """

    def __init__(self, section: config.GpioLights, pin_factory: PinFactory) -> None:
        self._frequency_hz = section.frequency_hz
        self._lamps: list[tuple[config.LightChannel, Any]] = []
        self._level = 0.0
        self._lock = threading.Lock()
        atexit.register(self.close)
        try:
            self._open(section, pin_factory)
        except LightError:
            self.close()
            raise

    def set(self, level: float) -> None:
        """Light all lamps at ``level``, 0 to 1, in steps of a hundredth.

        When one lamp fails, all that can be are made dark.

        Raises:
            LightError: closed, no such level, or the pins cannot be driven.
        """
        level = whole_percent(level)
        with self._lock:
            self._set_each({channel.name: level for channel, _ in self._lamps})

    def set_one(self, name: str, level: float) -> None:
        """Light one lamp at ``level`` and make the others dark; errors as of :meth:`set`."""
        level = whole_percent(level)
        with self._lock:
            levels = {channel.name: 0.0 for channel, _ in self._lamps}
            if levels:
                require_lamp(name, tuple(levels))
            self._set_each({**levels, name: level})

    def level(self) -> float:
        return self._level

    def close(self) -> None:
        """Switch off and release the pins; may be called more than once, from any thread.

        Raises:
            LightError: a lamp could not be switched off; all others were.
        """
        with self._lock:
            lamps, failures = self._lamps, self._darken()
            self._lamps = []
            # Last: an interrupt before this line leaves the interpreter's end to do it again.
            atexit.unregister(self.close)
            for channel, lamp in lamps:
                try:
                    with translated(LightError, f"The light {_name(channel)} cannot be released"):
                        lamp.close()
                except LightError as error:
                    failures.append(error)
        if failures:
            raise failures[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _open(self, section: config.GpioLights, pin_factory: PinFactory) -> None:
        with translated(LightError, "The lights' pins cannot be opened"):
            factory = pin_factory()
        for channel in section.channels:
            with translated(LightError, f"The light {_name(channel)} cannot be opened"):
                # Without a frequency gpiozero starts no PWM: the pin becomes a low output.
                lamp = PWMLED(channel.pin, frequency=None, pin_factory=factory)
            self._lamps.append((channel, lamp))

    def _set_each(self, levels: Mapping[str, float]) -> None:
        if not self._lamps:
            raise LightError("The lights were switched on after they were closed.")
        try:
            for channel, lamp in self._lamps:
                self._drive(channel, lamp, levels[channel.name])
        except LightError:
            self._darken()
            raise
        self._level = round(sum(levels.values()) / len(levels), 6)

    def _drive(self, channel: config.LightChannel, lamp: Any, level: float) -> None:  # noqa: ANN401
        with translated(LightError, f"The light {_name(channel)} cannot be driven"):
            if level in (0.0, 1.0):
                lamp.frequency = None
                lamp.value = level
            else:
                lamp.frequency = self._frequency_hz
                lamp.value = _never_below(level)

    def _darken(self) -> list[LightError]:
        """Make every lamp dark that can be; return what went wrong with the others."""
        failures = []
        for channel, lamp in self._lamps:
            try:
                self._drive(channel, lamp, 0.0)
            except LightError as error:
                failures.append(error)
        self._level = 0.0
        return failures


def _never_below(level: float) -> float:
    """Step up to the next number where gpiozero's ``int(value * 100)`` would lose a hundredth.

    0.29 * 100 is 28.999999999999996: without this the lamps would be given 28 percent.
    """
    return level if int(level * 100) == round(level * 100) else math.nextafter(level, 1.0)


def _name(channel: config.LightChannel) -> str:
    return f"{channel.name} on pin {channel.pin}"
