"""The lights that the configuration names, and the way to switch them off from outside."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

from kiosk import config
from kiosk.capture.hardware.gpio import PinFactory, translated
from kiosk.capture.hardware.interfaces import Lights
from kiosk.capture.hardware.light_level import require_lamp, whole_percent
from kiosk.errors import LightError


class OwnedLights(Lights, Protocol):
    """Lights in the hands of whoever opened them: dark again at the end of the ``with``."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class SimulatedLights:
    """Lights without lamps; the simulated camera asks them for their level.

    Args:
        names: of the lamps.

    Attributes:
        lamps: level of each.
    """

    def __init__(self, names: tuple[str, ...] = ("lamp",)) -> None:
        self.lamps = dict.fromkeys(names, 0.0)
        self._closed = False
        self._plugged_in = True

    def unplug(self) -> None:
        """Behave as if the cable was pulled: dark, and every ``set`` fails."""
        self._plugged_in = False
        self._set_each(0.0)

    def plug_in(self) -> None:
        self._plugged_in = True

    def set(self, level: float) -> None:
        """Keep ``level``, 0 to 1.

        Raises:
            LightError: closed, unplugged, or no such level.
        """
        level = whole_percent(level)
        self._require()
        self._set_each(level)

    def set_one(self, name: str, level: float) -> None:
        """Light one lamp alone; errors as of ``set``, and where there is no such lamp."""
        level = whole_percent(level)
        self._require()
        require_lamp(name, tuple(self.lamps))
        self._set_each(0.0)
        self.lamps[name] = level

    def level(self) -> float:
        return round(sum(self.lamps.values()) / len(self.lamps), 6)

    def _require(self) -> None:
        if not self._plugged_in:
            raise LightError("The lamps do not answer; check their cable.")
        if self._closed:
            raise LightError("The lights were switched on after they were closed.")

    def _set_each(self, level: float) -> None:
        self.lamps = dict.fromkeys(self.lamps, level)

    def close(self) -> None:
        self._set_each(0.0)
        self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_lights(
    section: config.GpioLights | config.SimulatedLights, pin_factory: PinFactory
) -> OwnedLights:
    """Open the lights of this kind of section, dark; there is no falling back to another.

    Args:
        section: decides by its type alone.
        pin_factory: makes the pins; called for GPIO lights only.

    Raises:
        LightError: the pins cannot be driven.
    """
    match section:
        case config.GpioLights():
            # gpiozero costs 60 ms of a start: loaded only where there are pins.
            with translated(LightError, "The lights need the library gpiozero"):
                from kiosk.capture.hardware.gpio_lights import GpioLights  # noqa: PLC0415

            return GpioLights(section, pin_factory)
        case config.SimulatedLights():
            return SimulatedLights(tuple(channel.name for channel in section.channels))


def switch_off(
    section: config.GpioLights | config.SimulatedLights, pin_factory: PinFactory
) -> None:
    """Make every lamp dark, whatever state a killed process left it in.

    For ``ExecStopPost=``: no process can do this for itself when it is killed with SIGKILL.

    Raises:
        LightError: the pins cannot be driven.
    """
    open_lights(section, pin_factory).close()
