"""Stands in for the C library lgpio below gpiozero's real LGPIOFactory.

It does to a line what lgpio's source does (lgGpio.c, lgPthTx.c): PWM given to running PWM replaces
what is pending, and stopping PWM leaves the line as it was at that moment. The worst moment is
taken: high, whenever the duty was above nought.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

SET_PULL_NONE, SET_PULL_UP, SET_PULL_DOWN = 128, 32, 64
RISING_EDGE, FALLING_EDGE, BOTH_EDGES = 1, 2, 3
_IS_OUT = 1 << 1


class error(Exception):  # noqa: N801 - lgpio's name
    """What lgpio raises; it has no nearer base than Exception."""


@dataclass
class Line:
    output: bool = False
    level: int = 0
    pull: int = SET_PULL_NONE
    pwm: tuple[float, float] | None = None
    broken: bool = False

    def light(self) -> float:
        """Return how bright a lamp on this line is, 0 to 1; an input drives nothing."""
        if not self.output:
            return 0.0
        return self.level if self.pwm is None else self.pwm[1] / 100


class Callback:
    def __init__(self, line: int, function: Callable[[int, int, int, int], None]) -> None:
        self._line = line
        self._function = function
        callbacks[line] = function

    def cancel(self) -> None:
        callbacks.pop(self._line, None)


lines: dict[int, Line] = {}
callbacks: dict[int, Callable[[int, int, int, int], None]] = {}


def line(gpio: int) -> Line:
    found = lines.setdefault(gpio, Line())
    if found.broken:
        raise error("GPIO not allocated")
    return found


def gpiochip_open(_chip: int) -> int:
    return 7


def gpiochip_close(_handle: int) -> None:
    lines.clear()


def gpio_get_mode(_handle: int, gpio: int) -> int:
    found = line(gpio)
    return (_IS_OUT if found.output else 0) | found.pull


def gpio_claim_input(_handle: int, gpio: int, flags: int = 0) -> None:
    found = line(gpio)
    found.output, found.pwm, found.pull = False, None, flags or found.pull


def gpio_claim_output(_handle: int, gpio: int, level: int = 0) -> None:
    found = line(gpio)
    if not found.output:
        found.output, found.level = True, level


def gpio_free(_handle: int, gpio: int) -> None:
    lines[gpio] = Line(level=lines[gpio].level)


def gpio_read(_handle: int, gpio: int) -> int:
    return line(gpio).level


def gpio_write(_handle: int, gpio: int, level: int) -> None:
    line(gpio).level = int(level)


def tx_pwm(_handle: int, gpio: int, frequency: float, duty: float) -> None:
    found = line(gpio)
    if frequency == 0:
        if found.pwm is not None:
            found.level = int(found.pwm[1] > 0)
        found.pwm = None
    elif not (0.1 <= frequency <= 10_000 and 0 <= duty <= 100):
        raise error("bad PWM frequency or duty")
    else:
        found.pwm = (frequency, duty)


def gpio_set_debounce_micros(_handle: int, _gpio: int, _micros: int) -> None:
    pass


def gpio_claim_alert(_handle: int, gpio: int, _edges: int, flags: int = 0) -> None:
    gpio_claim_input(_handle, gpio, flags)


def callback(
    _handle: int, gpio: int, _edges: int, function: Callable[[int, int, int, int], None]
) -> Callback:
    return Callback(gpio, function)


def drive(gpio: int, level: int, ticks: int) -> None:
    """Change an input from outside, as a pedal's contact does."""
    found = lines[gpio]
    if found.level != level:
        found.level = level
        if gpio in callbacks:
            callbacks[gpio](0, gpio, level, ticks)
