"""A process that holds lights on and ends in the way that it is told; run by test_lights_exit.py.

Arguments: the way to end, and a file that takes one line for each change of a pin. The pins are
gpiozero's mock ones, which write those lines themselves, so that they are there after any death.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable

from gpiozero import PinInfo
from gpiozero.pins.mock import MockFactory, MockPWMPin

from kiosk import config, service
from kiosk.capture.hardware.lights import open_lights, switch_off

SECTION = config.GpioLights(
    channels=(config.LightChannel(name="left", pin=12), config.LightChannel(name="right", pin=13))
)


class RecordingPin(MockPWMPin):  # type: ignore[misc] # gpiozero has no types
    """A pin that starts as the last process left it and writes down what becomes of it."""

    def __init__(self, factory: MockFactory, info: PinInfo) -> None:
        super().__init__(factory, info)
        self._state = last_states().get(info.name, 0.0)

    def _change_state(self, value: float) -> bool:
        changed: bool = super()._change_state(value)
        with open(sys.argv[2], "ab", buffering=0) as record:  # noqa: PTH123
            record.write(f"{self.info.name} {float(self._state)}\n".encode())
        return changed


def last_states() -> dict[str, float]:
    with open(sys.argv[2], encoding="ascii") as record:  # noqa: PTH123
        return {name: float(state) for name, state in map(str.split, record)}


def pins() -> MockFactory:
    return MockFactory(pin_class=RecordingPin)


def lit() -> None:
    """Tell the parent, through the pipe that is standard output, that the lamps are on."""
    os.write(1, b"lit\n")


def light(level: float) -> None:
    """Light the lamps and keep them from being collected, whatever ends this process.

    gpiozero's devices switch off when they are collected. Nothing may rest on that: a program's
    lights are held by its threads and frames, which are not collected when it ends.
    """
    lights = open_lights(SECTION, pins)
    lights.set(level)
    threading.Thread(target=hold, args=(lights,), daemon=True).start()
    lit()


def hold(_lights: object) -> None:
    threading.Event().wait()


def wait_for_a_signal() -> None:
    while True:
        signal.pause()


def normal_end() -> int:
    light(1.0)
    return 0


def exception() -> int:
    light(0.5)
    raise RuntimeError("planted")


def exception_in_block() -> int:
    with open_lights(SECTION, pins) as lights:
        lights.set(0.5)
        lit()
        raise RuntimeError("planted")


def sys_exit() -> int:
    light(1.0)
    sys.exit(3)


def wait() -> int:
    light(1.0)
    wait_for_a_signal()
    return 0


def stop_signal() -> int:
    with service.StopSignals() as stop, open_lights(SECTION, pins) as lights:
        lights.set(0.3)
        lit()
        stop.wait(60.0)
    return 0


def off_from_outside() -> int:
    switch_off(SECTION, pins)
    return 0


WAYS: dict[str, Callable[[], int]] = {
    way.__name__: way
    for way in (
        normal_end,
        exception,
        exception_in_block,
        sys_exit,
        wait,
        stop_signal,
        off_from_outside,
    )
}

if __name__ == "__main__":
    sys.exit(service.guarded(WAYS[sys.argv[1]]))
